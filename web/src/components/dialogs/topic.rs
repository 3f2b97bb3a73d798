//! The form of `kafka-topics.sh --create`.

use playground_core::view::ClusterView;
use yew::prelude::*;

use super::super::Dispatch;
use super::form::{Form, Values, quoted, text, use_values, value};
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

fn line(values: &Values) -> String {
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
    for config in value(values, "configs").into_iter().flat_map(|configs| configs.split_whitespace()) {
        option("config", Some(config));
    }
    line
}

/// Create a topic.
#[component]
pub fn CreateTopic(props: &Props) -> Html {
    let free = (1..).map(|n| if n == 1 { "orders".to_owned() } else { format!("orders-{n}") });
    let name = free.into_iter().find(|name| !props.view.topics.iter().any(|topic| *topic.name == **name));
    let factor = props.view.brokers.len().clamp(1, 3).to_string();
    let (values, onfield) = use_values(|| {
        [("topic", name.unwrap_or_default()), ("partitions", "3".into()), ("replication-factor", factor)]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    });
    html! {
        <Form line={line(&values)} error={props.error.clone()} submit="Create it" {onfield} dispatch={props.dispatch.clone()}>
            {text("topic", "Topic", "Letters, digits, dot, underscore and dash; at most 249 of them.", &values, true)}
            <div class="fields">
                {text("partitions", "Partitions", "", &values, false)}
                {text("replication-factor", "Replication factor", "", &values, false)}
            </div>
            {text("assignment", "Replica assignment, by hand", "Instead of the two above: 101:102,102:103 gives two partitions of two replicas.", &values, false)}
            {text("configs", "Topic configs", "For example min.insync.replicas=2; several with spaces between.", &values, false)}
        </Form>
    }
}
