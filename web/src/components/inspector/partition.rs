//! Topics, partitions, replicas, records.

use playground_core::collections::Order;
use playground_core::ids::{BrokerId, Name, TopicPartition};
use playground_core::view::{ClusterView, PartitionView, ReplicaRole, ReplicaView};
use yew::prelude::*;

use super::Context;
use super::facts::{Facts, configs};
use crate::components::cluster_table::ids;
use crate::scene::Selection;

/// So many leader epochs are listed, the newest ones.
const EPOCHS: usize = 8;

fn find<'a>(view: &'a ClusterView, tp: &TopicPartition) -> Option<&'a PartitionView> {
    view.topics.iter().flat_map(|topic| &topic.partitions).find(|partition| partition.tp == *tp).map(AsRef::as_ref)
}

fn leader_word(leader: Option<BrokerId>) -> String {
    leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string())
}

pub(super) fn topic(name: &Name, context: Context<'_>) -> Html {
    let Some(topic) = context.view.topics.iter().find(|topic| topic.name == *name) else { return html! {} };
    html! {
        <>
            <p class="sub">{{
                let count = topic.partitions.len();
                if count == 1 { "one partition".to_owned() } else { format!("{count} partitions") }
            }}</p>
            <ul class="list">{for topic.partitions.iter().map(|partition| html! {
                <li><button onclick={context.select(Selection::Partition(partition.tp.clone()))}>{format!("partition {}", partition.tp.partition)}
                    <span class="end">{format!("leader {}", leader_word(partition.leader))}</span></button></li>
            })}</ul>
            {configs(&topic.configs)}
        </>
    }
}

pub(super) fn page(tp: &TopicPartition, context: Context<'_>) -> Html {
    let Some(partition) = find(context.view, tp) else { return html! {} };
    let before = context.before.and_then(|before| find(before, tp));
    let facts = Facts::default()
        .compared("Leader", leader_word(partition.leader), before.map(|was| leader_word(was.leader)))
        .compared("Leader epoch", partition.leader_epoch, before.map(|was| was.leader_epoch))
        .compared("Replicas", ids(&partition.assigned), before.map(|was| ids(&was.assigned)))
        .compared("Isr", ids(&partition.isr), before.map(|was| ids(&was.isr)))
        .compared("Partition epoch", partition.partition_epoch, before.map(|was| was.partition_epoch))
        .compared("High watermark", partition.high_watermark, before.map(|was| was.high_watermark))
        // Where an open transaction holds readers of committed records, and what is removed already.
        .some(
            "Last stable offset",
            leads(partition).map(|one| one.last_stable_offset).filter(|at| *at < partition.high_watermark),
        )
        .some("Log begins at", leads(partition).map(|one| one.log_start_offset).filter(|at| *at > 0))
        .plain("min.insync.replicas", partition.min_insync_replicas);
    let facts = match (partition.adding.is_empty(), partition.removing.is_empty()) {
        (true, true) => facts,
        _ => facts
            .plain("Adding replicas", or_none(&partition.adding))
            .plain("Removing replicas", or_none(&partition.removing)),
    };
    // What the leader does not have is what one asks about first.
    let parted = partition.replicas.iter().any(|replica| replica.diverges_at.is_some());
    html! {
        <>
            <p class="sub">{"leadership as its state znode has it, the rest as its brokers do"}</p>
            {facts.done()}
            if parted { {epochs(partition)} }
            {context.whys()}
            <h3>{"Replicas in their order, and their log ends"}</h3>
            <ul class="list" data-test="replica-order">{for partition.replicas.iter().map(|replica| replica_row(replica, partition, context))}</ul>
            if !parted { {epochs(partition)} }
        </>
    }
}

/// The leader's own.
fn leads(partition: &PartitionView) -> Option<&ReplicaView> {
    partition.replicas.iter().find(|replica| Some(replica.broker) == partition.leader)
}

/// The leader-epoch cache of each replica, and where one that has another past will be cut.
fn epochs(partition: &PartitionView) -> Html {
    let known = |replica: &ReplicaView| replica.leader_epochs.iter().map(|(epoch, _)| *epoch).collect::<Vec<i32>>();
    let mut all: Vec<i32> = partition.replicas.iter().flat_map(known).collect();
    all.order();
    all.dedup();
    if all.is_empty() {
        return html! {};
    }
    let start = |replica: &ReplicaView, epoch: i32| {
        replica.leader_epochs.iter().find(|(known, _)| *known == epoch).map(|(_, start)| *start)
    };
    let leader = partition.replicas.iter().find(|replica| replica.role == ReplicaRole::Leader);
    let cell = |replica: &ReplicaView, epoch: i32| {
        let own = start(replica, epoch);
        // One that has no record of an epoch yet is only behind.
        let differs = replica.diverges_at.is_some() && leader.is_some_and(|leader| start(leader, epoch) != own);
        let text = own.map_or_else(|| "none".to_owned(), |start| format!("from {start}"));
        html! { <td class={classes!(differs.then_some("moved"), own.is_none().then_some("none"))}>{text}</td> }
    };
    let row = |epoch: i32| {
        html! { <tr><th scope="row">{format!("epoch {epoch}")}</th>{for partition.replicas.iter().map(|replica| cell(replica, epoch))}</tr> }
    };
    let newest: Vec<i32> = all.iter().copied().rev().take(EPOCHS).collect();
    html! {
        <>
            <h3>{"Leader epochs, as each wrote them down"}</h3>
            <table class="owners" data-test="epochs">
                <thead><tr><td></td>{for partition.replicas.iter().map(|replica| {
                    let leads = partition.leader == Some(replica.broker);
                    html! { <th scope="col" class={leads.then_some("now")}>{if leads { format!("{}, leader", replica.broker) } else { replica.broker.to_string() }}</th> }
                })}</tr></thead>
                <tbody>{for newest.into_iter().rev().map(row)}</tbody>
            </table>
            {for partition.replicas.iter().filter_map(|replica| fork(replica, leader?))}
        </>
    }
}

/// Where the past of `replica` and that of the leader part: the last epoch that both have ends where the shorter of
/// them ends (KIP-101, KIP-279).
fn fork(replica: &ReplicaView, leader: &ReplicaView) -> Option<Html> {
    let cut = replica.diverges_at?;
    let (newest, _) = replica.leader_epochs.last()?;
    let common =
        replica.leader_epochs.iter().rev().find(|one| leader.leader_epochs.iter().any(|other| one.0 == other.0));
    let end = |of: &ReplicaView, epoch: i32| {
        let next = of.leader_epochs.iter().find(|(known, _)| *known > epoch);
        next.map_or(of.log_end_offset, |(_, start)| *start)
    };
    let (own, other) = (replica.broker, leader.broker);
    let why = match common {
        Some((epoch, _)) => {
            let unknown = if epoch == newest { String::new() } else { format!("{other} knows no epoch {newest}. ") };
            let (here, there) = (end(replica, *epoch), end(leader, *epoch));
            format!("{unknown}Epoch {epoch} ends before offset {here} on {own}, before {there} on {other}.")
        }
        None => format!("{own} and {other} have no epoch in common."),
    };
    Some(html! {
        <p class="sub" data-test="fork">{format!("{why} When {own} follows, its log is cut from {} to {cut}.", replica.log_end_offset)}</p>
    })
}

fn or_none(list: &[BrokerId]) -> String {
    if list.is_empty() { "none".to_owned() } else { ids(list) }
}

/// The replica that would lead if the leader were gone: the first that is alive and in the ISR.
fn next_leader(partition: &PartitionView) -> Option<BrokerId> {
    partition.leader?;
    let fit = |replica: &&ReplicaView| replica.role == ReplicaRole::Follower && replica.in_sync;
    partition.replicas.iter().find(fit).map(|replica| replica.broker)
}

fn replica_row(replica: &ReplicaView, partition: &PartitionView, context: Context<'_>) -> Html {
    let role = match role_word(replica, partition) {
        role if next_leader(partition) == Some(replica.broker) => format!("{role}, next to lead"),
        role => role.to_owned(),
    };
    let onclick = context.select(Selection::Replica(replica.broker, partition.tp.clone()));
    html! {
        <li><button {onclick}>{replica.broker}<span class="note">{role}</span><span class="end">{replica.log_end_offset}</span></button></li>
    }
}

fn role_word(replica: &ReplicaView, partition: &PartitionView) -> &'static str {
    match (replica.role, replica.in_sync) {
        (ReplicaRole::Offline, _) => "on a dead broker",
        (ReplicaRole::Leader, _) => "leader",
        (ReplicaRole::Follower, _) if replica.believes_it_leads => "believes that it leads",
        (ReplicaRole::Follower, true) => "in sync",
        (ReplicaRole::Follower, false) if partition.leader.is_none() => "no leader to follow",
        (ReplicaRole::Follower, false) => "out of sync",
    }
}

pub(super) fn replica(broker: BrokerId, tp: &TopicPartition, context: Context<'_>) -> Html {
    let pick = |view| find(view, tp).and_then(|one| one.replicas.iter().find(|replica| replica.broker == broker));
    let (Some(partition), Some(replica)) = (find(context.view, tp), pick(context.view)) else { return html! {} };
    let before = context.before.and_then(pick);
    let epochs: Vec<String> =
        replica.leader_epochs.iter().map(|(epoch, start)| format!("e{epoch} from {start}")).collect();
    let facts = Facts::default()
        .plain("Role", role_word(replica, partition))
        .compared(
            "In Isr",
            if replica.in_sync { "yes" } else { "no" },
            before.map(|was| if was.in_sync { "yes" } else { "no" }),
        )
        .compared("Log start offset", replica.log_start_offset, before.map(|was| was.log_start_offset))
        .compared("Log end offset (LEO)", replica.log_end_offset, before.map(|was| was.log_end_offset))
        .compared("High watermark it knows", replica.high_watermark, before.map(|was| was.high_watermark))
        .compared("Leader epoch it knows", replica.known_leader_epoch, before.map(|was| was.known_leader_epoch))
        .plain(
            "Not in the leader's log",
            replica.diverges_at.map_or_else(|| "nothing".to_owned(), |offset| format!("from {offset} on")),
        )
        .plain("Leader epoch cache", if epochs.is_empty() { "empty".to_owned() } else { epochs.join(", ") });
    html! {
        <>
            <p class="sub">{"as this broker has it on disk"}</p>
            {facts.done()}
            {context.whys()}
            <div class="buttons">
                <button class="button small" onclick={context.select(Selection::Partition(tp.clone()))}>{"All replicas"}</button>
                <button class="button small" onclick={context.select(Selection::Broker(broker))}>{format!("Broker {broker}")}</button>
            </div>
            {records(broker, replica, tp, context)}
        </>
    }
}

fn records(broker: BrokerId, replica: &ReplicaView, tp: &TopicPartition, context: Context<'_>) -> Html {
    if replica.records.is_empty() {
        let said = match replica.log_end_offset {
            0 => "Nothing has been written here yet.".to_owned(),
            end => format!("What was written before offset {end} has been removed."),
        };
        return html! { <p class="dashed">{said}</p> };
    }
    let row = |record: &playground_core::view::RecordView| {
        let key = record.key.as_ref().map_or_else(|| "no key".to_owned(), ToString::to_string);
        let onclick = context.select(Selection::Record(broker, tp.clone(), record.offset));
        html! {
            <li><button {onclick}><span class="mono">{record.offset}</span><span>{key}</span>
                <span class="end">{record.value.as_ref().map_or_else(|| "tombstone".to_owned(), ToString::to_string)}</span></button></li>
        }
    };
    html! { <><h3>{"Newest records"}</h3><ul class="list">{for replica.records.iter().rev().take(16).map(row)}</ul></> }
}

pub(super) fn record(broker: BrokerId, tp: &TopicPartition, offset: i64, context: Context<'_>) -> Html {
    let Some(partition) = find(context.view, tp) else { return html! {} };
    let broker = if broker < 0 { partition.leader.unwrap_or(broker) } else { broker };
    let replica = partition.replicas.iter().find(|replica| replica.broker == broker);
    let record = replica.and_then(|replica| replica.records.iter().find(|record| record.offset == offset));
    let Some(record) = record else {
        return html! { <p class="dashed">{format!("Offset {offset} is not, or no longer, in this log.")}</p> };
    };
    let holders: Vec<BrokerId> = partition
        .replicas
        .iter()
        .filter(|replica| replica.log_start_offset <= offset && offset < replica.log_end_offset)
        .map(|replica| replica.broker)
        .collect();
    let facts = Facts::default()
        .plain("Offset", record.offset)
        .plain("Key", record.key.as_ref().map_or("null", |key| key.as_str()))
        .plain("Value", record.value.as_ref().map_or("null (tombstone)", |value| value.as_str()))
        .plain("Leader epoch", record.leader_epoch)
        .plain("Producer id", record.producer_id)
        .plain("Readable", if offset < partition.high_watermark { "yes, below the high watermark" } else { "not yet" })
        .plain("Logs that reach it", ids(&holders));
    html! {
        <>
            <p class="sub">{format!("as broker {broker} has it")}</p>
            {facts.done()}
            <div class="buttons"><button class="button small" onclick={context.select(Selection::Partition(tp.clone()))}>{tp.to_string()}</button></div>
        </>
    }
}
