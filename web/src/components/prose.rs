//! Prose of a lesson. The first use of a term leads to its entry in the glossary.

use playground_core::lesson::{Prose, Span};
use yew::prelude::*;

use super::Dispatch;
use crate::model::{Action, Dialog};

/// Pieces of text in their styles.
pub fn spans(pieces: &[Span]) -> Html {
    pieces.iter().map(|piece| span(piece, None)).collect()
}

fn span(piece: &Span, terms: Option<&Dispatch>) -> Html {
    match piece {
        Span::Text(text) => html! { {text} },
        Span::Strong(text) => html! { <strong>{text}</strong> },
        Span::Emphasis(text) => html! { <em>{text}</em> },
        Span::Code(text) => html! { <code>{text}</code> },
        Span::Link { text, url } => {
            html! { <a href={url.clone()} target="_blank" rel="noreferrer">{text}</a> }
        }
        Span::Term { shown, entry } => match terms.cloned() {
            Some(dispatch) => {
                let entry = *entry;
                let onclick = Callback::from(move |_: MouseEvent| {
                    dispatch.emit(Action::Dialog(Some(Dialog::Glossary(Some(entry)))));
                });
                html! { <button class="term" title="What it means" {onclick}>{span(shown, None)}</button> }
            }
            None => span(shown, None),
        },
    }
}

/// Paragraphs and lists; terms lead to the glossary.
pub fn prose_with_terms(text: &Prose, dispatch: &Dispatch) -> Html {
    paragraphs(text, Some(dispatch))
}

/// Paragraphs and lists.
pub fn prose(text: &Prose) -> Html {
    paragraphs(text, None)
}

fn paragraphs(prose: &Prose, terms: Option<&Dispatch>) -> Html {
    let spans = |pieces: &[Span]| -> Html { pieces.iter().map(|piece| span(piece, terms)).collect() };
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
