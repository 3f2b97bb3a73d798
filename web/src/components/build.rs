//! The sandbox's panel: what can be added, which topic the picture shows, faults in force.

use playground_core::command::Command;
use playground_core::ids::Name;
use playground_core::view::{FaultView, ProcessState, TopicView};
use yew::prelude::*;

use super::Dispatch;
use super::inspector::facts::who_knows;
use crate::model::{Action, Dialog, Origin, Shared, Snapshot};

/// What the panel shows.
pub struct BuildProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// The topic in the picture.
    pub topic: Option<Name>,
    /// The squares show keys.
    pub key_letters: bool,
    /// Where actions go.
    pub dispatch: Dispatch,
}

fn act(dispatch: &Dispatch, action: Action) -> Callback<MouseEvent> {
    let dispatch = dispatch.clone();
    Callback::from(move |_| dispatch.emit(action.clone()))
}

/// What can be built.
pub fn build(props: &BuildProps) -> Html {
    let open = |test: &'static str, label: &'static str, dialog: Dialog| {
        html! {
            <button class="button" data-test={test} onclick={act(&props.dispatch, Action::Dialog(Some(dialog)))}>{label}</button>
        }
    };
    let view = &props.snapshot.view;
    let dead = view.brokers.iter().filter(|broker| broker.state == ProcessState::Dead).map(|broker| broker.id);
    let topics = view.topics.iter();
    let shown =
        props.topic.clone().or_else(|| topics.clone().find(|topic| !topic.internal).map(|topic| topic.name.clone()));
    html! {
        <div class="build">
            <div class="adds">
                {open("add-topic", "Create a topic…", Dialog::CreateTopic)}
                {open("add-producer", "Add a producer…", Dialog::AddProducer)}
                {open("add-consumer", "Add a consumer…", Dialog::AddConsumer(None))}
                {open("add-records", "Send records…", Dialog::Send(None))}
            </div>
            {for dead.take(2).map(|id| who_knows(
                html! { <h2 class="section">{format!("Who knows that {id} is dead")}</h2> }, id, view, props.snapshot.before.as_deref(), props.snapshot.past()))}
            if topics.len() > 0 {
                <h2 class="section">{"Topic in the picture"}</h2>
                <div class="row" role="radiogroup" aria-label="Topic in the picture">
                    {for topics.map(|topic| choice(topic, shown.as_ref() == Some(&topic.name), &props.dispatch))}
                </div>
                <h2 class="section">{"Its squares show"}</h2>
                {squares(props)}
            }
            if !view.faults.is_empty() {
                <h2 class="section">{"Faults"}</h2>
                <ul class="list">{for view.faults.iter().map(|fault| fault_row(fault, &props.dispatch))}</ul>
            }
            <p class="note">{"Press a broker, a client or a ZooKeeper server in the picture for what can be done with it: kill, \
                stop, freeze, cut off. The command line below takes everything else; type "}<code>{"help"}</code>{" there."}</p>
        </div>
    }
}

/// Offsets or keys on the squares.
fn squares(props: &BuildProps) -> Html {
    let choice = |keys: bool, test: &'static str, label: &'static str| {
        html! {
            <button class="button small" role="radio" aria-checked={(props.key_letters == keys).to_string()} data-test={test}
                onclick={act(&props.dispatch, Action::KeyLetters(keys))}>{label}</button>
        }
    };
    html! {
        <div class="row" role="radiogroup" aria-label="The squares show">
            {choice(false, "squares-offsets", "Offsets")}{choice(true, "squares-keys", "Keys")}
        </div>
    }
}

fn choice(topic: &TopicView, shown: bool, dispatch: &Dispatch) -> Html {
    html! {
        <button class="button small" role="radio" aria-checked={shown.to_string()}
            data-test={format!("topic-{}", topic.name)} onclick={act(dispatch, Action::Topic(Some(topic.name.clone())))}>{topic.name.to_string()}</button>
    }
}

fn fault_row(fault: &FaultView, dispatch: &Dispatch) -> Html {
    let heal = Action::Do(Command::Heal(Some(fault.id)), Origin::Menu);
    html! {
        <li><span>{fault.text.to_string()}
            <button class="link end" data-test={format!("heal-{}", fault.id)} onclick={act(dispatch, heal)}>{"Heal"}</button></span></li>
    }
}
