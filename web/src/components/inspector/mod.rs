//! The inspector: what the selected thing knows, in Kafka's names; a legend while nothing is selected.

mod broker;
mod clients;
mod facts;
mod group;
mod legend;
mod message;
mod partition;
mod recent;
mod why;
mod zookeeper;

use playground_core::view::ClusterView;
use yew::prelude::*;

use super::Dispatch;
use super::icon::{Icon, IconKind};
use super::menu::action_of;
use crate::model::inquiry::Answers;
use crate::model::menu::entries;
use crate::model::{Action, Shared, Snapshot, Subject};
use crate::scene::Selection;

/// What the inspector shows.
#[derive(Properties, PartialEq)]
pub struct InspectorProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// What is selected.
    pub selected: Option<Subject>,
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
    pub dispatch: &'a Dispatch,
}

impl Context<'_> {
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
    let context = Context { view: &shot.view, before: shot.before.as_deref(), dispatch: &props.dispatch };
    let Some(subject) = &props.selected else {
        return html! {
            <aside class="inspector is-legend" aria-label="How to read the picture" data-test="inspector"><legend::Legend /></aside>
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
                    <Icon kind={IconKind::Close} size={14} /></button>
            </div>
            {page(subject, context)}
            {why::whys(&props.answers.whys, &props.dispatch)}
            {why::next(&props.answers.next, shot.now())}
            {recent::recent(subject, shot, &props.dispatch)}
            {actions(subject, context)}
        </aside>
    }
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
    }
}

fn actions(subject: &Subject, context: Context<'_>) -> Html {
    let all = entries(subject, context.view);
    if all.is_empty() {
        return html! {};
    }
    let button = |entry: &crate::model::menu::Entry| {
        let (dispatch, action, off) = (context.dispatch.clone(), action_of(entry), entry.disabled.is_some());
        let onclick = move |_: MouseEvent| {
            if !off {
                dispatch.emit(action.clone());
            }
        };
        html! {
            <button class="button" data-test={entry.id.replacen("menu-", "inspect-", 1)} {onclick} aria-disabled={off.to_string()}
                title={entry.disabled.clone().or_else(|| entry.line())}>{&entry.label}</button>
        }
    };
    html! {
        <>
            <h3>{"Actions"}</h3>
            <div class="buttons">{for all.iter().filter(|entry| entry.disabled.is_none()).map(button)}</div>
        </>
    }
}
