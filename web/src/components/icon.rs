//! Icons: one path each, in the colour of the text.

use yew::prelude::*;

use crate::model::events::EventKind;

/// Which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are the pictures")]
pub enum IconKind {
    Start,
    Back,
    Play,
    Pause,
    Next,
    Skip,
    Lock,
    Menu,
    Theme,
    Find,
    Link,
    Close,
    Tick,
    Circle,
    CrossRing,
    TickDisc,
    Lesson,
    Inspect,
    Events,
    Branches,
    Terminal,
    State,
    Messages,
    Charts,
}

/// An icon, `size` px wide and high; says nothing to screen readers.
pub fn icon(kind: IconKind, size: u32) -> Html {
    let (fill, stroke) = paths(kind);
    let size = size.to_string();
    html! {
        <svg width={size.clone()} height={size} viewBox="0 0 16 16" aria-hidden="true">
            if !fill.is_empty() { <path d={fill} fill="currentColor" fill-rule="evenodd" /> }
            if !stroke.is_empty() {
                <path d={stroke} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
            }
        </svg>
    }
}

fn paths(kind: IconKind) -> (&'static str, &'static str) {
    match kind {
        IconKind::Start => ("M14 3L8 8L14 13ZM8 3L2 8L8 13Z", ""),
        IconKind::Back => ("M11 3L4 8L11 13Z", "M13.2 3.6V12.4"),
        IconKind::Play => ("M3.5 2L13.5 8L3.5 14Z", ""),
        IconKind::Pause => ("M4 2.5H6.6V13.5H4ZM9.4 2.5H12V13.5H9.4Z", ""),
        IconKind::Next => ("M5 3L12 8L5 13Z", "M2.8 3.6V12.4"),
        IconKind::Skip => ("M2 3L8 8L2 13ZM8 3L13 8L8 13Z", "M14 3.6V12.4"),
        IconKind::Lock => ("M3 7H13V14H3Z", "M5 7V5A3 3 0 0 1 11 5V7"),
        IconKind::Menu => ("", "M2 4H14M2 8H14M2 12H14"),
        IconKind::Theme => ("M8 2.4A5.6 5.6 0 0 1 8 13.6Z", "M8 2.4A5.6 5.6 0 1 1 7.9 2.4Z"),
        IconKind::Find => ("", "M7 2.2A4.8 4.8 0 1 1 6.9 2.2ZM10.6 10.6L14 14"),
        IconKind::Link => {
            ("", "M6.5 9.5L9.5 6.5M7 4.6L8.6 3A3 3 0 0 1 13 7.4L11.4 9M9 11.4L7.4 13A3 3 0 0 1 3 8.6L4.6 7")
        }
        IconKind::Close => ("", "M4 4L12 12M12 4L4 12"),
        IconKind::Tick => ("", "M3 8.5L6.5 12L13 4.5"),
        IconKind::Circle => ("", "M8 2A6 6 0 1 1 7.9 2Z"),
        IconKind::CrossRing => ("", "M8 1.8A6.2 6.2 0 1 1 7.9 1.8ZM5.8 5.8L10.2 10.2M10.2 5.8L5.8 10.2"),
        IconKind::TickDisc => ("M8 1A7 7 0 1 1 7.9 1ZM6.9 11.4L12.4 5.6L11.2 4.5L6.9 9L4.9 7L3.8 8.2Z", ""),
        IconKind::Lesson => ("", "M3 3h10v11H3zM5.5 6h5M5.5 9h5"),
        IconKind::Inspect => ("", "M7 2a5 5 0 1 0 .01 0M10.6 10.6L14 14"),
        IconKind::Events => ("", "M5 4h9M5 8h9M5 12h9M2 4h.1M2 8h.1M2 12h.1"),
        IconKind::Branches => ("", "M2 5h12M6 5C8 5 7 11 9 11H14"),
        IconKind::Terminal => ("", "M2 3h12v10H2zM4 6l2 2-2 2M8 10h3"),
        IconKind::Messages => ("", "M2 4h12M2 12h12M4 4l7 8"),
        IconKind::Charts => ("", "M2 14V2M2 14h12M4 11l3-4 3 2 4-6"),
        IconKind::State => ("", "M2 3h12v10H2zM2 6.5h12M2 9.8h12M6.5 6.5V13"),
    }
}

/// The glyph of an event on the time axis and in the log, in the hue of the partition it is about: shape first, hue
/// second.
pub fn glyph(kind: EventKind, partition: Option<i32>) -> Html {
    let hue = match partition {
        Some(number @ 0..=5) => format!("var(--p{number})"),
        _ => "var(--ink)".to_owned(),
    };
    let ink = "var(--ink)";
    let red = "var(--red)";
    let none = "none".to_owned();
    let (path, stroke, fill, width) = match kind {
        EventKind::Fault => ("M3.6 3.6L12.4 12.4M12.4 3.6L3.6 12.4", red, none, "2.3"),
        EventKind::Session => ("M5 15V2L13 4.6L5 7.2", red, red.to_owned(), "1.5"),
        EventKind::Leader => ("M4 15V2L14 5.2L4 8.4", ink, hue, "1.5"),
        EventKind::Controller => {
            ("M8 1.6L9.9 6L14.6 6.3L11 9.3L12.2 13.9L8 11.4L3.8 13.9L5 9.3L1.4 6.3L6.1 6Z", "none", ink.to_owned(), "1")
        }
        EventKind::Group => ("M12.6 5.4A5.3 5.3 0 1 0 13.2 9.6M13.8 2L13.2 6.2L9.2 5.2", ink, none, "1.6"),
        EventKind::Truncation => ("M3 3H13V13H3ZM4 12L12 4", ink, none, "1.4"),
        EventKind::Isr => {
            ("M6 2.5C4 2.5 5 7 3 8C5 9 4 13.5 6 13.5M10 2.5C12 2.5 11 7 13 8C11 9 12 13.5 10 13.5", ink, none, "1.6")
        }
        EventKind::Recovery => ("M5 15V2L13 4.6L5 7.2", ink, "var(--row)".to_owned(), "1.5"),
        EventKind::Topic => ("M2 5H14V11H2ZM6 5V11M10 5V11", ink, none, "1.3"),
        EventKind::Error => ("M8 2.5V9.5M8 12.6V13.2", ink, none, "2"),
        EventKind::Record => ("M4.5 4.5H11.5V11.5H4.5Z", ink, hue, "1.2"),
        EventKind::Other => ("M8 7A1 1 0 1 1 7.9 7Z", ink, ink.to_owned(), "1"),
    };
    html! {
        <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
            <path d={path} {stroke} {fill} stroke-width={width} stroke-linejoin="round" stroke-linecap="round" />
        </svg>
    }
}

/// Three logs and the watermark through them.
pub fn logo() -> Html {
    html! {
        <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M1 2.5H16V7.5H1Z" fill="var(--ink)" />
            <path d="M1.8 10.3H11.2V13.7H1.8ZM1.8 17.3H11.2V20.7H1.8Z" fill="none" stroke="var(--ink)" stroke-width="1.6" />
            <path d="M13 0V24" stroke="var(--ink)" stroke-width="2.2" />
            <path d="M17.2 2.5H22.8V7.5H17.2Z" fill="var(--act)" stroke="var(--ink)" stroke-width="1.1" />
        </svg>
    }
}
