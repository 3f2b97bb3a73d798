//! The cluster as a real table: for screen readers, and the hooks of browser tests.

use std::rc::Rc;

use playground_core::ids::BrokerId;
use playground_core::view::{BrokerView, ClusterView, PartitionView};
use yew::prelude::*;

use crate::model::{Shared, Subject};
use crate::scene::Selection;

/// Brokers and partitions in words, out of sight.
pub fn cluster_table(view: &ClusterView, selected: Option<&Subject>) -> Html {
    let partitions = view.topics.iter().filter(|topic| !topic.internal).flat_map(|topic| &topic.partitions);
    html! {
        <div class="unseen" data-test="cluster-table">
            <table>
                <caption>{"Brokers"}</caption>
                <thead><tr><th>{"Broker"}</th><th>{"State"}</th><th>{"Controller"}</th></tr></thead>
                <tbody>{for view.brokers.iter().map(|one| broker(one, selected))}</tbody>
            </table>
            <table>
                <caption>{"Partitions"}</caption>
                <thead><tr><th>{"Partition"}</th><th>{"Leader"}</th><th>{"Leader epoch"}</th><th>{"Replicas"}</th><th>{"Isr"}</th>
                    <th>{"High watermark"}</th></tr></thead>
                <tbody>{for partitions.map(|one| row(one, selected))}</tbody>
            </table>
        </div>
    }
}

/// `101,103`
pub fn ids(list: &[BrokerId]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn broker(broker: &BrokerView, selected: Option<&Subject>) -> Html {
    let selected = selected.filter(|one| one.thing() == Some(&Selection::Broker(broker.id))).map(Subject::key);
    html! {
        <tr data-selected={selected}>
            <th scope="row">{broker.id}</th>
            <td data-test={format!("broker-state-{}", broker.id)}>{broker.state.word()}</td>
            <td>{if broker.is_controller { "controller" } else { "" }}</td>
        </tr>
    }
}

/// A partition's row is drawn anew only when something of the partition has changed.
fn row(partition: &Rc<PartitionView>, selected: Option<&Subject>) -> Html {
    let is_selected =
        |one: &Subject| matches!(one.thing(), Some(Selection::Partition(thing)) if *thing == partition.tp);
    html! { <PartitionRow partition={Shared::from(partition.clone())} selected={selected.is_some_and(is_selected)} /> }
}

#[derive(Properties, PartialEq)]
struct RowProps {
    partition: Shared<PartitionView>,
    selected: bool,
}

#[component]
fn PartitionRow(props: &RowProps) -> Html {
    let partition = &*props.partition;
    let name = &partition.tp;
    let selected = props.selected.then(|| Subject::Thing(Selection::Partition(name.clone())).key());
    let leader = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
    html! {
        <tr data-selected={selected}>
            <th scope="row">{name.to_string()}</th>
            <td data-test={format!("leader-{name}")}>{leader}</td>
            <td data-test={format!("epoch-{name}")}>{partition.leader_epoch}</td>
            <td data-test={format!("replicas-{name}")}>{ids(&partition.assigned)}</td>
            <td data-test={format!("isr-{name}")}>{ids(&partition.isr)}</td>
            <td data-test={format!("hw-{name}")}>{partition.high_watermark}</td>
        </tr>
    }
}
