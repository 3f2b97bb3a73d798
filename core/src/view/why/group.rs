//! Why the members of a group own what they own, and why it lags.

use super::super::{ClusterView, GroupView};
use super::{Answer, WhyView, list};
use crate::ids::{Name, TopicPartition};

/// How an assignor divides, in a sentence, and its class.
fn assignor(name: &str) -> (&'static str, &'static str) {
    match name {
        "range" => (
            "Of each topic by itself: partitions in order, members in the order of their ids; each gets an equal run, the \
             first ones one more.",
            "RangeAssignor",
        ),
        "roundrobin" => (
            "All partitions of all topics in order are dealt out, one a member, round and round.",
            "RoundRobinAssignor",
        ),
        "sticky" => ("As even as can be, and as much as possible stays where it was.", "StickyAssignor, KIP-54"),
        "cooperative-sticky" => (
            "As even as can be, and what stays with its member is never given up: only what moves is revoked, in a second \
             rebalance.",
            "CooperativeStickyAssignor, KIP-429",
        ),
        _ => ("No assignor is in use.", "ConsumerPartitionAssignor"),
    }
}

fn find<'a>(view: &'a ClusterView, id: &Name) -> Option<&'a GroupView> {
    view.groups.iter().find(|group| group.id == *id)
}

pub(super) fn assignment(view: &ClusterView, id: &Name) -> Option<WhyView> {
    let group = find(view, id)?;
    let mut answer = Answer::new("Assignment", format!("generation {}", group.generation))
        .input("Group state", &group.state)
        .input("Chosen by all members (partition.assignment.strategy)", or_none(&group.protocol))
        .input("Members", group.members.len());
    let leader = group.members.iter().find(|(id, ..)| *id == group.leader).map(|(_, client, ..)| client.to_string());
    if let Some(leader) = leader {
        answer = answer.input("The leader among them works it out", leader);
    }
    for (_, client, share, _) in &group.members {
        answer = answer.input(format!("{client} owns"), if share.is_empty() { "nothing".into() } else { list(share) });
    }
    let (rule, source) = match group.state.as_str() {
        "PreparingRebalance" => (
            "The coordinator waits for all members to join, at most for their max.poll.interval.ms; then the leader among \
             them divides anew.",
            "GroupCoordinator.prepareRebalance",
        ),
        "CompletingRebalance" => {
            ("All have joined: the leader divides and hands it in with SyncGroup.", "GroupCoordinator.doSyncGroup")
        }
        "Empty" | "Dead" => ("Nobody is in it, so nobody owns anything.", "GroupCoordinator"),
        _ => assignor(&group.protocol),
    };
    answer.because(rule, source)
}

fn or_none(name: &Name) -> String {
    if name.is_empty() { "none".into() } else { name.to_string() }
}

pub(super) fn lag(view: &ClusterView, id: &Name, tp: &TopicPartition) -> Option<WhyView> {
    let group = find(view, id)?;
    let (_, committed, lag) = group.committed.iter().find(|(at, ..)| at == tp)?;
    let end = super::partition::find(view, tp).map_or(0, |partition| partition.high_watermark);
    let owner = group.members.iter().find(|(_, _, share, _)| share.contains(tp)).map(|(_, client, ..)| client);
    let reader = owner.and_then(|client| view.consumers.iter().find(|one| one.client == *client));
    let position = reader.and_then(|one| one.assignment.iter().find(|(at, _)| at == tp)).and_then(|(_, at)| *at);
    let mut answer = Answer::new(format!("LAG of {id} in {tp}").as_str(), lag)
        .input("LOG-END-OFFSET (the high watermark)", end)
        .input("CURRENT-OFFSET (committed)", committed)
        .input("Owner", owner.map_or_else(|| "nobody".to_owned(), ToString::to_string));
    if let Some(position) = position {
        answer = answer.input("Position of the owner", position);
    }
    let partition = super::partition::find(view, tp);
    let leader = partition.and_then(|one| one.replicas.iter().find(|replica| Some(replica.broker) == one.leader));
    let (start, stable) = leader.map_or((0, end), |leader| (leader.log_start_offset, leader.last_stable_offset));
    if start > *committed {
        answer = answer.input("First offset of the log", start);
    }
    if stable < end {
        answer = answer.input("Last stable offset", stable);
    }
    let rule = match (owner, position) {
        _ if start > *committed => {
            "LOG-END-OFFSET minus CURRENT-OFFSET, also where the log does not reach back so far any more: what was removed \
             counts, and nobody will read it."
        }
        (_, Some(position)) if stable < end && position >= stable => {
            "LOG-END-OFFSET minus CURRENT-OFFSET. An open transaction holds the last stable offset: who reads with \
             isolation.level=read_committed is given nothing from there on until it ends."
        }
        (None, _) => "LOG-END-OFFSET minus CURRENT-OFFSET. Nobody owns the partition, so it grows with every record.",
        (_, Some(position)) if position > *committed => {
            "LOG-END-OFFSET minus CURRENT-OFFSET: what the owner has read and not committed yet still counts."
        }
        _ => "LOG-END-OFFSET minus CURRENT-OFFSET.",
    };
    answer.because(rule, "ConsumerGroupCommand, auto.commit.interval.ms")
}
