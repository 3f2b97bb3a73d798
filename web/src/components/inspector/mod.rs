//! The inspector: what the selected thing knows, in Kafka's names; a legend while nothing is selected.

mod broker;
mod clients;
pub(super) mod facts;
mod group;
mod health;
mod legend;
mod message;
mod partition;
mod recent;
mod why;
mod zookeeper;

use std::rc::Rc;

use playground_core::ids::Name;
use playground_core::view::{ClusterView, Traffic};
use yew::prelude::*;

use super::Dispatch;
use super::icon::{IconKind, icon};
use super::menu::{groups, is_at_hand};
use crate::model::events::EventRow;
use crate::model::inquiry::Answers;
use crate::model::menu::entries;
use crate::model::{Action, Shared, Snapshot, Subject};
use crate::scene::Selection;

/// More brokers than this are a large cluster.
const LARGE: usize = 12;

/// What the inspector shows.
#[derive(Properties, PartialEq)]
pub struct InspectorProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// The question that is open.
    pub why: Option<Name>,
    /// Why its values are as they are, and what happens next.
    pub answers: Shared<Answers>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// What every page of the inspector is given.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub view: &'a ClusterView,
    pub before: Option<&'a ClusterView>,
    /// What has happened, oldest first.
    pub events: &'a [Rc<EventRow>],
    pub traffic: Option<&'a Traffic>,
    pub answers: &'a Answers,
    /// The question that is open.
    pub why: Option<&'a Name>,
    pub dispatch: &'a Dispatch,
}

impl Context<'_> {
    /// Why the values of the subject are as they are.
    pub fn whys(&self) -> Html {
        why::whys(self.answers, self.why, self.dispatch)
    }

    /// A callback that selects `subject`.
    pub fn select(&self, subject: impl Into<Subject>) -> Callback<MouseEvent> {
        let (dispatch, subject) = (self.dispatch.clone(), subject.into());
        Callback::from(move |_| dispatch.emit(Action::Select(Some(subject.clone()))))
    }
}

/// The inspector.
#[component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let shot = &props.snapshot;
    let context = Context {
        view: &shot.view,
        before: shot.before.as_deref(),
        events: shot.past(),
        traffic: props.answers.traffic.as_deref(),
        answers: &props.answers,
        why: props.why.as_ref(),
        dispatch: &props.dispatch,
    };
    let Some(subject) = &props.selected else {
        // Where brokers are tiles the picture cannot show what a hole in an ISR comes from.
        let large = shot.view.brokers.len() > LARGE;
        return html! {
            <aside class="inspector is-legend" aria-label="How to read the picture" data-test="inspector" tabindex="0">
                if large { {health::by_cause(None, context)} }
                {legend::legend()}
            </aside>
        };
    };
    let close = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Select(None)))
    };
    html! {
        <aside class="inspector" aria-label="Inspector" data-test="inspector" data-subject={subject.key()} data-selected={subject.key()}>
            <div class="inspector-head">
                <h2 class="title">{subject.name()}</h2>
                <button class="button quiet square small" aria-label="Back to the legend" data-test="inspector-close" onclick={close}>
                    {icon(IconKind::Close, 14)}</button>
            </div>
            {page(subject, context)}
            if !explains_itself(subject) { {context.whys()} }
            {why::next(&props.answers.next, shot.now())}
            {recent::recent(subject, shot, &props.dispatch)}
            {actions(subject, context)}
        </aside>
    }
}

/// Its page has the "Why?" between its facts and its lists.
fn explains_itself(subject: &Subject) -> bool {
    let Subject::Thing(thing) = subject else { return false };
    matches!(thing, Selection::Partition(_) | Selection::Replica(..) | Selection::Group(_))
}

fn page(subject: &Subject, context: Context<'_>) -> Html {
    match subject {
        Subject::Thing(thing) => match thing {
            Selection::Broker(id) => broker::page(*id, context),
            Selection::Partition(tp) => partition::page(tp, context),
            Selection::Replica(broker, tp) => partition::replica(*broker, tp, context),
            Selection::Record(broker, tp, offset) => partition::record(*broker, tp, *offset, context),
            Selection::Producer(client) => clients::producer(client, context),
            Selection::Consumer(client) => clients::consumer(client, context),
            Selection::Group(group) => group::page(group, context),
            Selection::ZooKeeper(id) => zookeeper::server(*id, context),
            Selection::Session(id) => zookeeper::session(*id, context),
            Selection::Message(id) => message::page(*id, context),
            Selection::Fault(id) => message::fault(*id, context),
        },
        Subject::Znode(path) => zookeeper::znode(path, context),
        Subject::Topic(topic) => partition::topic(topic, context),
        Subject::Ground => html! {},
    }
}

fn actions(subject: &Subject, context: Context<'_>) -> Html {
    let all: Vec<_> = entries(subject, context.view).into_iter().filter(|entry| entry.disabled.is_none()).collect();
    if all.is_empty() {
        return html! {};
    }
    let (first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(is_at_hand);
    html! {
        <>
            <h3>{"Actions"}</h3>
            <div class="actions">{groups(&first, "button", context.dispatch)}</div>
            if !rest.is_empty() {
                <details class="more-actions" data-test="inspect-more">
                    <summary>{format!("{} more: network, disks, clock, administration", rest.len())}</summary>
                    <div class="actions">{groups(&rest, "button", context.dispatch)}</div>
                </details>
            }
        </>
    }
}
