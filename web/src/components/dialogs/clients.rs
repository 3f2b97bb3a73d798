//! The forms of `producer` and `consumer`.

use playground_core::view::ClusterView;
use yew::prelude::*;

use super::super::Dispatch;
use super::form::{Form, Values, choice, quoted, text, use_values, value};
use crate::model::Shared;

/// What the forms need.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Why it was refused.
    pub error: Option<(String, String)>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

fn topics(view: &ClusterView) -> Vec<String> {
    view.topics.iter().filter(|topic| !topic.internal).map(|topic| topic.name.to_string()).collect()
}

fn free_name(stem: &str, view: &ClusterView) -> String {
    let taken = |name: &str| {
        view.producers.iter().any(|one| &*one.client == name) || view.consumers.iter().any(|one| &*one.client == name)
    };
    (1..).map(|n| format!("{stem}-{n}")).find(|name| !taken(name)).unwrap_or_default()
}

fn start(pairs: [(&str, String); 2]) -> Values {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

fn with_configs(mut line: String, values: &Values) -> String {
    for config in value(values, "configs").into_iter().flat_map(|configs| configs.split_whitespace()) {
        line.push_str(&format!(" --config {}", quoted(config)));
    }
    line
}

fn option(line: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        line.push_str(&format!(" --{name} {}", quoted(value)));
    }
}

/// Add a producer.
#[component]
pub fn AddProducer(props: &Props) -> Html {
    let known = topics(&props.view);
    let (values, onfield) = use_values(|| {
        start([("client", free_name("producer", &props.view)), ("topic", known.first().cloned().unwrap_or_default())])
    });
    let mut line = format!("producer {}", quoted(value(&values, "client").unwrap_or_default()));
    option(&mut line, "topic", value(&values, "topic"));
    let line = with_configs(line, &values);
    html! {
        <Form {line} error={props.error.clone()} submit="Start it" {onfield} dispatch={props.dispatch.clone()}>
            {text("client", "client.id", "", &values, true)}
            {choice("topic", "Topic", &known, &values)}
            {text("configs", "Producer configs", "For example acks=1 linger.ms=20; all others are Kafka’s defaults.", &values, false)}
        </Form>
    }
}

/// Add a consumer.
#[component]
pub fn AddConsumer(props: &Props) -> Html {
    let known = topics(&props.view);
    let group = props.view.groups.first().map_or_else(|| "readers".to_owned(), |group| group.id.to_string());
    let (values, onfield) = use_values(|| {
        let mut values = start([
            ("client", free_name("consumer", &props.view)),
            ("topic", known.first().cloned().unwrap_or_default()),
        ]);
        values.insert("group".into(), group);
        values
    });
    let mut line = format!("consumer {}", quoted(value(&values, "client").unwrap_or_default()));
    option(&mut line, "topic", value(&values, "topic"));
    option(&mut line, "group", value(&values, "group"));
    let line = with_configs(line, &values);
    html! {
        <Form {line} error={props.error.clone()} submit="Start it" {onfield} dispatch={props.dispatch.clone()}>
            {text("client", "client.id", "", &values, true)}
            {choice("topic", "Topic", &known, &values)}
            {text("group", "group.id", "Without a group it reads all partitions by itself and commits nothing.", &values, false)}
            {text("configs", "Consumer configs", "For example auto.offset.reset=earliest session.timeout.ms=10000.", &values, false)}
        </Form>
    }
}
