//! The form of `send`.

use playground_core::ids::Name;
use playground_core::view::ClusterView;
use yew::prelude::*;

use super::super::Dispatch;
use super::form::{Form, Values, choice, quoted, text, use_values, value};
use crate::model::Shared;

/// What the form needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The producer, if it is known already.
    pub client: Option<Name>,
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Why it was refused.
    pub error: Option<(String, String)>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

fn line(values: &Values) -> String {
    let mut line = format!("send {}", quoted(value(values, "client").unwrap_or_default()));
    for name in ["key", "partition"] {
        if let Some(value) = value(values, name) {
            line.push_str(&format!(" --{name} {}", quoted(value)));
        }
    }
    if let Some(count) = value(values, "count").filter(|count| *count != "1") {
        line.push_str(&format!(" --count {}", quoted(count)));
    }
    format!("{line} {}", quoted(value(values, "value").unwrap_or_default()))
}

/// Send records.
#[component]
pub fn Send(props: &Props) -> Html {
    let known: Vec<String> = props.view.producers.iter().map(|producer| producer.client.to_string()).collect();
    let (values, onfield) = use_values(|| {
        let client = props.client.as_ref().map(ToString::to_string).or_else(|| known.first().cloned());
        [("client", client.unwrap_or_default()), ("value", "hello".into()), ("count", "1".into())]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    });
    html! {
        <Form line={line(&values)} error={props.error.clone()} submit="Send" {onfield} dispatch={props.dispatch.clone()}>
            if known.is_empty() { <p class="dashed">{"There is no producer yet. Add one first."}</p> }
            {choice("client", "Producer", &known, &values)}
            <div class="fields">
                {text("key", "Key", "Records of one key stay in one partition.", &values, true)}
                {text("value", "Value", "With a count: VALUE0, VALUE1, …", &values, false)}
                {text("count", "Count", "", &values, false)}
                {text("partition", "Partition, by hand", "Leave it to the partitioner otherwise.", &values, false)}
            </div>
        </Form>
    }
}
