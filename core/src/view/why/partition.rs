//! Why a partition has this leader, epoch, high watermark and ISR.

use super::super::{ClusterView, PartitionView, ProcessState};
use super::{Answer, WhyView, list};
use crate::broker::Partition;
use crate::ids::{BrokerId, TopicPartition};
use crate::sim::World;
use crate::time::{SimDuration, SimTime};

pub(super) fn find<'a>(view: &'a ClusterView, tp: &TopicPartition) -> Option<&'a PartitionView> {
    view.topics.iter().flat_map(|topic| &topic.partitions).find(|partition| partition.tp == *tp).map(AsRef::as_ref)
}

/// The partition as its leader has it.
fn led<'a>(world: &'a World, partition: &PartitionView) -> Option<&'a Partition> {
    let hosted = world.broker(partition.leader?)?.partitions().get(&partition.tp)?;
    hosted.is_leader.then_some(hosted)
}

fn ago(at: SimTime, now: SimTime) -> String {
    let ms = now.since(at.min(now)).as_ms();
    format!("{}.{} s ago", ms / 1000, ms / 100 % 10)
}

pub(super) fn high_watermark(world: &World, view: &ClusterView, tp: &TopicPartition) -> Option<WhyView> {
    let partition = find(view, tp)?;
    let answer = Answer::new("High watermark", partition.high_watermark);
    let Some(led) = led(world, partition) else {
        let ends = |answer: Answer, replica: &super::super::ReplicaView| {
            answer.input(format!("{} last knew", replica.broker), replica.high_watermark)
        };
        let answer = partition.replicas.iter().fold(answer, ends);
        return answer
            .because("Without a leader nobody moves it: it stays where the last one had it.", "Partition.scala");
    };
    let leader = led.leader;
    let maximal = led.maximal_isr();
    let leader_end = led.log.log_end_offset();
    let mut counted = vec![leader_end];
    let mut answer = answer.input(format!("Log end of {leader}, the leader"), leader_end);
    for (id, remote) in &led.remotes {
        let end = remote.log_end_offset.map_or_else(|| "not told in this epoch".to_owned(), |end| end.to_string());
        if maximal.contains(id) {
            counted.extend(remote.log_end_offset);
            answer = answer.input(format!("{id} in its last fetch, {}", ago(remote.last_fetch_at, view.now)), end);
        } else {
            answer = answer.input(format!("{id}, not in the ISR: does not count"), end);
        }
    }
    let min = led.effective_min_isr();
    if led.is_under_min_isr() {
        return answer.input("In-sync replicas", list(&led.isr)).input("min.insync.replicas", min).because(
            format!(
                "It stands still: {} in sync, and min.insync.replicas asks for {min}. What the leader writes \
                     meanwhile is not committed.",
                led.isr.len()
            ),
            "Partition.maybeIncrementLeaderHW, KAFKA-15583",
        );
    }
    let smallest = counted.iter().min().copied().unwrap_or(leader_end);
    let answer = answer.input(format!("min({}) over ISR {{{}}}", list(&counted), list(&maximal)), smallest);
    let rule = if smallest > partition.high_watermark {
        "The smallest log end in the ISR; the leader has not worked it out anew yet."
    } else if smallest < partition.high_watermark {
        "The smallest log end in the ISR, but it never falls within an epoch: it waits until that passes it."
    } else {
        "The smallest log end offset of the replicas in the ISR, as they told the leader when they last fetched. \
         Followers learn it with the answer, one fetch later."
    };
    answer.because(rule, "Partition.maybeIncrementLeaderHW, KIP-497")
}

pub(super) fn leader(world: &World, view: &ClusterView, tp: &TopicPartition) -> Option<WhyView> {
    let partition = find(view, tp)?;
    let alive = |id: &BrokerId| view.brokers.iter().any(|broker| broker.id == *id && broker.registered);
    let live: Vec<BrokerId> = partition.assigned.iter().copied().filter(alive).collect();
    let eligible = live.iter().copied().find(|id| partition.isr.contains(id));
    let topic = view.topics.iter().find(|topic| topic.name == tp.topic);
    let own = topic.iter().flat_map(|topic| &topic.configs);
    let own = own.filter(|(name, _)| name.as_str() == "unclean.leader.election.enable").map(|(_, value)| value).next();
    let of_broker = || {
        let brokers = view.brokers.iter().filter_map(|broker| world.broker(broker.id));
        brokers.into_iter().next().is_some_and(|broker| broker.config().unclean_leader_election_enable)
    };
    let unclean = own.map_or_else(of_broker, |value| value.as_str() == "true");
    let value = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
    let answer = Answer::new("Leader", value)
        .input("Replicas, in order", list(&partition.assigned))
        .input("ISR", list(&partition.isr))
        .input("Registered in /brokers/ids", if live.is_empty() { "none".to_owned() } else { list(&live) })
        .input("unclean.leader.election.enable", unclean);
    let dead = partition
        .leader
        .filter(|leader| view.brokers.iter().any(|broker| broker.id == *leader && broker.state == ProcessState::Dead));
    let rule = match (partition.leader, eligible) {
        (Some(leader), _) if dead.is_some() => format!(
            "{leader} does not run, but the controller does not know it yet: it hears of it when the broker's ZooKeeper \
             session ends."
        ),
        (Some(leader), Some(first)) if first == leader => {
            format!("{leader} is the first of the assigned replicas that is registered and in the ISR.")
        }
        (Some(leader), Some(first)) => format!(
            "{leader} was the first that was registered and in the ISR when it was elected. {first} comes before it now; \
             only a preferred election (auto.leader.rebalance.enable) gives it back."
        ),
        (Some(leader), None) => format!("{leader} was elected while it was registered and in the ISR."),
        (None, _) if unclean => "No assigned replica is registered.".to_owned(),
        (None, _) => "No replica of the ISR is registered, and unclean elections are not allowed: the partition waits \
                      for one of them."
            .to_owned(),
    };
    answer.because(rule, "PartitionLeaderElectionAlgorithms")
}

pub(super) fn leader_epoch(view: &ClusterView, tp: &TopicPartition) -> Option<WhyView> {
    let partition = find(view, tp)?;
    Answer::new("Leader epoch", partition.leader_epoch)
        .input("Controller epoch that wrote it", partition.controller_epoch)
        .input("Partition epoch (version of the state znode)", partition.partition_epoch)
        .because(
            "The controller raises it by one at every election, when a partition loses its leader, when it takes a dead \
             follower out of the ISR, and with each step of a move of replicas. What the leader itself changes of the \
             ISR (AlterPartition) raises only the partition epoch. Requests of an older epoch are refused with \
             FENCED_LEADER_EPOCH.",
            "LeaderAndIsr, ReplicaStateMachine.removeReplicasFromIsr, KIP-101, KIP-320",
        )
}

pub(super) fn in_sync(world: &World, view: &ClusterView, tp: &TopicPartition, id: BrokerId) -> Option<WhyView> {
    let partition = find(view, tp)?;
    let is_in = partition.isr.contains(&id);
    let answer = Answer::new(format!("{id} in Isr").as_str(), if is_in { "yes" } else { "no" });
    let answer = answer.input("ISR in its state znode", list(&partition.isr));
    let Some(led) = led(world, partition) else {
        let rule = "Without a leader the ISR stays as the last one left it: who was in it has all committed records.";
        return answer.because(rule, "Partition, KIP-497");
    };
    if led.leader == id {
        return answer.because("It leads: a leader is always in its own ISR.", "Partition.makeLeader");
    }
    let lag_ms = world.broker(led.leader).map_or(30_000, |broker| broker.config().replica_lag_time_max_ms);
    let Some(remote) = led.remotes.get(&id) else {
        return answer.because("The leader does not count it among the replicas.", "Partition.updateAssignmentAndIsr");
    };
    let leader_end = led.log.log_end_offset();
    let end = remote.log_end_offset.map_or_else(|| "not told".to_owned(), |end| end.to_string());
    let caught = remote.last_caught_up_at.map_or_else(|| "never in this epoch".to_owned(), |at| ago(at, view.now));
    let fetched =
        if remote.log_end_offset.is_some() { ago(remote.last_fetch_at, view.now) } else { "never".to_owned() };
    let mut answer = answer
        .input(format!("Log end of {}, the leader", led.leader), leader_end)
        .input(format!("Log end of {id} in its last fetch"), end)
        .input("It fetched last", fetched)
        .input("It had caught up", caught)
        .input("replica.lag.time.max.ms", lag_ms);
    if let Some(pending) = &led.pending_isr {
        answer = answer.input("The leader has asked for ISR", list(&pending.isr));
    }
    let falls_at = remote.last_caught_up_at.map(|at| at + SimDuration::from_ms(lag_ms));
    let (rule, source) = match (is_in, remote.log_end_offset == Some(leader_end)) {
        (true, true) => (
            "It has everything that the leader has; it stays while it fetches.".to_owned(),
            "Partition.maybeShrinkIsr, replica.lag.time.max.ms",
        ),
        (true, false) => (
            match falls_at {
                Some(at) if at > view.now => {
                    format!(
                        "It is behind, and may be until {at}: so long it is since it had caught up. Then the leader \
                             asks the controller to take it out, at its next look."
                    )
                }
                _ => "It has been behind for too long: the leader takes it out at its next look, every half of \
                      replica.lag.time.max.ms."
                    .to_owned(),
            },
            "Partition.maybeShrinkIsr, replica.lag.time.max.ms",
        ),
        (false, _) => (
            format!(
                "It comes back with the fetch that reaches the high watermark ({}) and the start of this leader epoch \
                 ({}), if its broker is registered.",
                led.log.high_watermark(),
                led.leader_epoch_start_offset
            ),
            "Partition.maybeExpandIsr, AlterPartition (KIP-497, KIP-841)",
        ),
    };
    answer.because(rule, source)
}
