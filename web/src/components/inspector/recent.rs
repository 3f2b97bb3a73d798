//! What happened last to the selected thing, as a way back to those moments.

use std::rc::Rc;

use yew::prelude::*;

use crate::components::Dispatch;
use crate::components::icon::glyph;
use crate::model::events::{EventKind, EventRow, names};
use crate::model::{Action, Snapshot, Subject};
use crate::scene::Selection;

/// So many are listed.
const SHOWN: usize = 4;

/// The newest events that tell why the thing is as it is; a press goes there.
pub(super) fn recent(subject: &Subject, shot: &Snapshot, dispatch: &Dispatch) -> Html {
    let happened = shot.past().iter().rev();
    let rows: Vec<&Rc<EventRow>> = happened.filter(|event| is_about(event, subject)).take(SHOWN).collect();
    if rows.is_empty() {
        return html! {};
    }
    let row = |event: &&Rc<EventRow>| {
        let (dispatch, position) = (dispatch.clone(), event.position);
        html! {
            <li><button title="Go to this moment" onclick={move |_: MouseEvent| dispatch.emit(Action::GoTo(position))}>
                {glyph(event.kind, event.partition)}
                <span>{&event.text}</span><span class="end">{event.at.to_string()}</span></button></li>
        }
    };
    html! { <><h3>{"What happened last"}</h3><ul class="list recent" data-test="recent">{for rows.iter().map(row)}</ul></> }
}

fn is_about(event: &EventRow, subject: &Subject) -> bool {
    let told = event.kind != EventKind::Record && event.kind != EventKind::Other;
    let Subject::Thing(thing) = subject else { return false };
    match thing {
        Selection::Broker(id) => told && event.partition.is_none() && names(&event.text, &id.to_string()),
        Selection::Partition(tp) | Selection::Replica(_, tp) | Selection::Record(_, tp, _) => {
            told && event.subject == Some(Subject::Thing(Selection::Partition(tp.clone())))
        }
        Selection::Producer(client) | Selection::Consumer(client) => {
            event.node == **client || (told && names(&event.text, client))
        }
        Selection::Group(group) => told && event.kind == EventKind::Group && names(&event.text, group),
        Selection::ZooKeeper(id) => told && event.node == format!("zk{id}"),
        Selection::Session(_) | Selection::Message(_) | Selection::Fault(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_found_as_a_whole_word_only() {
        assert!(names("broker 102 registers /brokers/ids/102, broker epoch 45", "102"));
        assert!(names("102 is killed", "102"));
        assert!(!names("broker 1023 starts", "102"));
        assert!(!names("dash-12 joins group g", "dash-1"));
        assert!(names("session of dash-1: it expires", "dash-1"));
    }
}
