//! A broker.

use playground_core::view::{BrokerView, ProcessState, ReplicaRole};
use yew::prelude::*;

use super::Context;
use super::facts::{Facts, configs, until, who_knows};
use super::health;
use crate::scene::Selection;

pub(super) fn page(id: i32, context: Context<'_>) -> Html {
    let view = context.view;
    let Some(broker) = view.brokers.iter().find(|broker| broker.id == id) else { return html! {} };
    let before = context.before.and_then(|before| before.brokers.iter().find(|broker| broker.id == id));
    let partitions = || view.topics.iter().flat_map(|topic| &topic.partitions);
    let leads = partitions().filter(|partition| partition.leader == Some(id)).count();
    let believes =
        partitions().filter(|partition| partition.leader != Some(id)).flat_map(|partition| &partition.replicas);
    let believes = believes.filter(|replica| replica.broker == id && replica.believes_it_leads).count();
    let known = broker.known_brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let holds = partitions().filter(|partition| partition.assigned.contains(&id)).count();
    let facts = Facts::default()
        .compared("Process", broker.state.word(), before.map(|was| was.state.word()))
        .compared("Registered", yes(broker.registered), before.map(|was| yes(was.registered)))
        .compared("Controller", yes(broker.is_controller), before.map(|was| yes(was.is_controller)))
        .compared("Broker epoch", broker.broker_epoch, before.map(|was| was.broker_epoch))
        .plain("Leads", format!("{leads} of its {holds}"))
        .some("Believes that it leads, too", (believes > 0).then_some(believes))
        .some("Coordinates", Some(broker.coordinates.join_names()).filter(|names| !names.is_empty()))
        .some("Live brokers it knows", Some(known).filter(|known| !known.is_empty()));
    html! {
        <>
            <p class="sub">{subtitle(broker)}</p>
            {facts.done()}
            if broker.state == ProcessState::Dead {
                {who_knows(html! { <h3>{"Who knows that it is dead"}</h3> }, id, view, context.before, context.events)}
            }
            {health::by_cause(Some(id), context)}
            {session(broker, context)}
            {replicas(id, context)}
            {configs(&broker.configs)}
        </>
    }
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

trait JoinNames {
    fn join_names(&self) -> String;
}

impl JoinNames for Vec<playground_core::ids::Name> {
    fn join_names(&self) -> String {
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

fn subtitle(broker: &BrokerView) -> Html {
    match broker.state {
        ProcessState::Dead if broker.registered => html! {
            <><span class="crossed">{"✕ dead. "}</span>{"ZooKeeper does not know it yet: its session still stands."}</>
        },
        ProcessState::Dead => html! { <><span class="crossed">{"✕ dead. "}</span>{"What is on its disk stays."}</> },
        ProcessState::Paused => html! { {"frozen: its connections stand, it says nothing"} },
        ProcessState::Starting => html! { {"it loads its logs and registers"} },
        ProcessState::Stopping => html! { {"controlled shutdown: it hands its partitions over first"} },
        ProcessState::Running => html! { {"as its process and ZooKeeper have it"} },
    }
}

fn session(broker: &BrokerView, context: Context<'_>) -> Html {
    let Some(session) = &broker.session else { return html! {} };
    let facts = Facts::default().plain("zookeeper.session.timeout.ms", session.timeout_ms).plain(
        "Session expires",
        match context.view.has_quorum() {
            true => until(session.expires_at, context.view.now),
            false => "not without a quorum of ZooKeeper".to_owned(),
        },
    );
    html! {
        <>
            <h3>{"ZooKeeper session"}</h3>
            {facts.done()}
            <ul class="list">{for session.ephemerals.iter().map(|path| html! {
                <li><button onclick={context.select(crate::model::Subject::Znode(path.clone()))}>{path.to_string()}</button></li>
            })}</ul>
        </>
    }
}

fn replicas(id: i32, context: Context<'_>) -> Html {
    let partitions = context.view.topics.iter().filter(|topic| !topic.internal).flat_map(|topic| &topic.partitions);
    let rows: Vec<Html> = partitions
        .filter_map(|partition| {
            let replica = partition.replicas.iter().find(|replica| replica.broker == id)?;
            let role = if replica.role == ReplicaRole::Offline {
                "offline, on disk"
            } else if partition.leader == Some(id) {
                "leader"
            } else if replica.believes_it_leads {
                "believes that it leads"
            } else if replica.in_sync {
                "in sync"
            } else {
                "out of sync"
            };
            let onclick = context.select(Selection::Replica(id, partition.tp.clone()));
            Some(html! {
                <li><button {onclick}>{partition.tp.to_string()}<span class="note">{role}</span>
                    <span class="end">{format!("0..{}", replica.log_end_offset)}</span></button></li>
            })
        })
        .collect();
    if rows.is_empty() {
        return html! {};
    }
    html! { <><h3>{"Replicas on its disk"}</h3><ul class="list">{for rows}</ul></> }
}
