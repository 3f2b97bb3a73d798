//! Prose of a lesson.

use playground_core::lesson::{Prose, Span};
use yew::prelude::*;

/// Pieces of text in their styles.
pub fn spans(pieces: &[Span]) -> Html {
    pieces
        .iter()
        .map(|piece| match piece {
            Span::Text(text) => html! { {text} },
            Span::Strong(text) => html! { <strong>{text}</strong> },
            Span::Emphasis(text) => html! { <em>{text}</em> },
            Span::Code(text) => html! { <code>{text}</code> },
            Span::Link { text, url } => {
                html! { <a href={url.clone()} target="_blank" rel="noreferrer">{text}</a> }
            }
        })
        .collect()
}

/// Paragraphs and lists.
pub fn prose(prose: &Prose) -> Html {
    let mut out: Vec<Html> = Vec::new();
    let mut items: Vec<Html> = Vec::new();
    let close = |items: &mut Vec<Html>, out: &mut Vec<Html>| {
        if !items.is_empty() {
            let list = std::mem::take(items);
            out.push(html! { <ul>{for list}</ul> });
        }
    };
    for paragraph in &prose.paragraphs {
        if paragraph.is_item {
            items.push(html! { <li>{spans(&paragraph.spans)}</li> });
        } else {
            close(&mut items, &mut out);
            out.push(html! { <p>{spans(&paragraph.spans)}</p> });
        }
    }
    close(&mut items, &mut out);
    out.into_iter().collect()
}
