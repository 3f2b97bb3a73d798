//! The forms of `kafka-topics.sh`: create a topic, give one more partitions.

use playground_core::ids::Name;
use playground_core::view::{ClusterView, ConfigKind};
use yew::prelude::*;

use super::super::Dispatch;
use super::config_fields::{ConfigRows, Pairs, config_fields, options};
use super::form::{Form, Values, number, quoted, text, use_values, value};
use crate::model::Shared;

/// What the form needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Why it was refused.
    pub error: Option<(String, String)>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

const COMMON: &[&str] =
    &["min.insync.replicas", "unclean.leader.election.enable", "cleanup.policy", "retention.ms", "segment.bytes"];

fn line(values: &Values, configs: &Pairs) -> String {
    let mut line = "kafka-topics.sh --create".to_owned();
    let mut option = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            line.push_str(&format!(" --{name} {}", quoted(value)));
        }
    };
    option("topic", value(values, "topic"));
    let by_hand = value(values, "assignment");
    if by_hand.is_none() {
        option("partitions", value(values, "partitions"));
        option("replication-factor", value(values, "replication-factor"));
    }
    option("replica-assignment", by_hand);
    format!("{line}{}", options("config", configs))
}

/// Create a topic.
#[component]
pub fn CreateTopic(props: &Props) -> Html {
    let free = (1..).map(|n| if n == 1 { "orders".to_owned() } else { format!("orders-{n}") });
    let name = free.into_iter().find(|name| !props.view.topics.iter().any(|topic| *topic.name == **name));
    let brokers = props.view.brokers.len();
    let factor = brokers.clamp(1, 3).to_string();
    let (values, onfield) = use_values(|| {
        [("topic", name.unwrap_or_default()), ("partitions", "3".into()), ("replication-factor", factor)]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    });
    let configs = use_state(Pairs::new);
    let onconfigs = {
        let configs = configs.setter();
        Callback::from(move |pairs| configs.set(pairs))
    };
    html! {
        <Form line={line(&values, &configs)} error={props.error.clone()} submit="Create it" {onfield} dispatch={props.dispatch.clone()}>
            {text("topic", "Topic", "Letters, digits, dot, underscore and dash; at most 249 of them.", &values, true)}
            <div class="fields">
                {number("partitions", "Partitions", "INT, [1,...]", (1, None), &values)}
                {number("replication-factor", "Replication factor", "SHORT, at most as many as there are brokers.", (1, i32::try_from(brokers).ok()), &values)}
            </div>
            {text("assignment", "Replica assignment, by hand", "Instead of the two above: 101:102,102:103 gives two partitions of two replicas.", &values, false)}
            {config_fields(&ConfigRows { kind: ConfigKind::Topic, name: "topic", common: COMMON, pairs: (*configs).clone(), onchange: onconfigs })}
        </Form>
    }
}

/// What the form of `--alter --partitions` needs.
#[derive(Properties, PartialEq)]
pub struct GrowProps {
    /// Which topic.
    pub topic: Name,
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Why it was refused.
    pub error: Option<(String, String)>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Give a topic more partitions.
#[component]
pub fn AddPartitions(props: &GrowProps) -> Html {
    let found = props.view.topics.iter().find(|topic| topic.name == props.topic);
    let count = found.map_or(1, |topic| i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX - 1));
    let (values, onfield) = use_values(|| [("partitions".to_owned(), (count + 1).to_string())].into());
    let mut line = format!("kafka-topics.sh --alter --topic {}", quoted(&props.topic));
    for name in ["partitions", "replica-assignment"] {
        if let Some(value) = value(&values, name) {
            line.push_str(&format!(" --{name} {}", quoted(value)));
        }
    }
    html! {
        <Form {line} error={props.error.clone()} submit="Add them" {onfield} dispatch={props.dispatch.clone()}>
            <p class="note">{format!("{} has {count} partitions. There can only be more, never fewer; records of a key may go to another partition from then on.", props.topic)}</p>
            {number("partitions", "Partitions in all", "INT", (count + 1, None), &values)}
            {text("replica-assignment", "Replicas of the new ones, by hand", "For example 101:102, for each new partition; empty: Kafka spreads them.", &values, false)}
        </Form>
    }
}
