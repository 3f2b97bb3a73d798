//! The tabs of the narrow layout.

use yew::prelude::*;

use super::Dispatch;
use super::icon::{IconKind, icon};
use crate::model::{Action, Panel};

/// What the bar shows.
pub struct TabBarProps {
    /// The open panel.
    pub panel: Panel,
    /// The lesson's step is decided: it is read there, and goes on there.
    pub decided: bool,
    /// Where actions go.
    pub dispatch: Dispatch,
}

const TABS: [(Panel, IconKind, &str); 8] = [
    (Panel::Lesson, IconKind::Lesson, "Lesson"),
    (Panel::Inspector, IconKind::Inspect, "Inspect"),
    (Panel::Messages, IconKind::Messages, "Messages"),
    (Panel::Charts, IconKind::Charts, "Charts"),
    (Panel::Events, IconKind::Events, "Events"),
    (Panel::Branches, IconKind::Branches, "Branches"),
    (Panel::Terminal, IconKind::Terminal, "Commands"),
    (Panel::State, IconKind::State, "State"),
];

/// One panel at a time below the picture.
pub fn tab_bar(props: &TabBarProps) -> Html {
    let tab = |(panel, kind, label): &(Panel, IconKind, &'static str)| {
        let (dispatch, panel) = (props.dispatch.clone(), *panel);
        let waits = props.decided && panel == Panel::Lesson && props.panel != Panel::Lesson;
        html! {
            <button role="tab" aria-selected={(panel == props.panel).to_string()} data-test={format!("panel-{}", panel.name())}
                onclick={move |_: MouseEvent| dispatch.emit(Action::Panel(panel))}>
                {icon(*kind, 18)}{*label}
                if waits { <span class="waits" data-test="lesson-waits"><span class="unseen">{": decided, go on here"}</span></span> }
            </button>
        }
    };
    html! { <nav class="tabbar" aria-label="Panels"><div role="tablist" aria-label="Panels">{for TABS.iter().map(tab)}</div></nav> }
}
