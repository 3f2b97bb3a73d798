//! The forms of `producer` and `consumer`.

use playground_core::ids::Name;
use playground_core::view::{ClusterView, ConfigKind};
use yew::prelude::*;

use super::super::Dispatch;
use super::config_fields::{ConfigRows, Pairs, config_fields, options};
use super::form::{Form, Values, choice, quoted, text, use_values, value};
use crate::model::Shared;
use crate::model::menu::free_name;

/// What the forms need.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// The group to join.
    #[prop_or_default]
    pub group: Option<Name>,
    /// Why it was refused.
    pub error: Option<(String, String)>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

const OF_PRODUCERS: &[&str] = &["acks", "enable.idempotence", "linger.ms", "retries", "transactional.id"];
const OF_CONSUMERS: &[&str] = &[
    "auto.offset.reset",
    "enable.auto.commit",
    "session.timeout.ms",
    "max.poll.interval.ms",
    "isolation.level",
    "partition.assignment.strategy",
    "group.instance.id",
];
/// The first choices of the lists of `--commit` and `--sink`: what happens anyway needs no option.
const ANYWAY: [&str; 2] = ["as enable.auto.commit says", "appends a row"];

fn topics(view: &ClusterView) -> Vec<String> {
    view.topics.iter().filter(|topic| !topic.internal).map(|topic| topic.name.to_string()).collect()
}

fn start(pairs: [(&str, String); 2]) -> Values {
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
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
    let configs = use_state(Pairs::new);
    let onconfigs = {
        let configs = configs.setter();
        Callback::from(move |pairs| configs.set(pairs))
    };
    let mut line = format!("producer {}", quoted(value(&values, "client").unwrap_or_default()));
    option(&mut line, "topic", value(&values, "topic"));
    line.push_str(&options("config", &configs));
    html! {
        <Form {line} error={props.error.clone()} submit="Start it" {onfield} dispatch={props.dispatch.clone()}>
            {text("client", "client.id", "", &values, true)}
            {choice("topic", "Topic", &known, &values)}
            {config_fields(&ConfigRows { kind: ConfigKind::Producer, name: "producer", common: OF_PRODUCERS, pairs: (*configs).clone(), onchange: onconfigs })}
        </Form>
    }
}

/// Add a consumer.
#[component]
pub fn AddConsumer(props: &Props) -> Html {
    let known = topics(&props.view);
    let group = props.group.as_ref().or_else(|| props.view.groups.first().map(|group| &group.id));
    let group = group.map_or_else(|| "readers".to_owned(), ToString::to_string);
    let (values, onfield) = use_values(|| {
        let mut values = start([
            ("client", free_name("consumer", &props.view)),
            ("topic", known.first().cloned().unwrap_or_default()),
        ]);
        values.insert("group".into(), group);
        values
    });
    let configs = use_state(Pairs::new);
    let onconfigs = {
        let configs = configs.setter();
        Callback::from(move |pairs| configs.set(pairs))
    };
    let mut line = format!("consumer {}", quoted(value(&values, "client").unwrap_or_default()));
    for name in ["topic", "group", "processing", "commit", "sink"] {
        option(&mut line, name, value(&values, name).filter(|text| !ANYWAY.contains(text)));
    }
    line.push_str(&options("config", &configs));
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    html! {
        <Form {line} error={props.error.clone()} submit="Start it" {onfield} dispatch={props.dispatch.clone()}>
            {text("client", "client.id", "", &values, true)}
            {choice("topic", "Topic", &known, &values)}
            {text("group", "group.id", "Without a group it reads all partitions by itself and commits nothing.", &values, false)}
            {config_fields(&ConfigRows { kind: ConfigKind::Consumer, name: "consumer", common: OF_CONSUMERS, pairs: (*configs).clone(), onchange: onconfigs })}
            <div class="fields">
                {text("processing", "Each record takes its application", "For example 200ms. With 10m it is stuck: it does not poll meanwhile.", &values, false)}
                {choice("commit", "It commits", &words(&[ANYWAY[0], "before", "after"]), &values)}
                {choice("sink", "Its store", &words(&[ANYWAY[1], "idempotent"]), &values)}
            </div>
        </Form>
    }
}
