//! Why a client met the error that it met last: what Kafka's clients make of it.

use super::super::ClusterView;
use super::{Answer, WhyView};
use crate::ids::Name;

pub(super) fn last_error(view: &ClusterView, client: &Name) -> Option<WhyView> {
    let producer = view.producers.iter().find(|one| one.client == *client);
    let consumer = view.consumers.iter().find(|one| one.client == *client);
    let error = match (producer, consumer) {
        (Some(one), _) => one.last_error.clone(),
        (None, Some(one)) => one.last_error.clone(),
        (None, None) => return None,
    }?;
    let mut answer = Answer::new("Last error", &error);
    if let Some(one) = producer {
        answer = answer
            .input("Sent, not answered", one.in_flight)
            .input("Acknowledged", one.acked)
            .input("Failed for good", one.failed)
            .input("Producer id, epoch", format!("{}, {}", one.producer_id, one.producer_epoch));
    } else if let Some(one) = consumer {
        answer = answer
            .input("Phase", &one.phase)
            .input("Generation", one.generation)
            .input("Member id", if one.member_id.is_empty() { "none".to_owned() } else { one.member_id.to_string() });
    }
    let (rule, source) = meaning(&error);
    answer.because(rule, source)
}

/// What it means, what the client does then, and where that is written.
fn meaning(error: &str) -> (&'static str, &'static str) {
    match error {
        "NOT_LEADER_OR_FOLLOWER" | "LEADER_NOT_AVAILABLE" => (
            "It asked a broker that does not lead the partition (any more). It asks for metadata and tries again.",
            "Errors, retriable; metadata refresh",
        ),
        "FENCED_LEADER_EPOCH" | "UNKNOWN_LEADER_EPOCH" => (
            "Client and broker know different leader epochs. It asks for metadata and tries again.",
            "KIP-320, retriable",
        ),
        "NOT_ENOUGH_REPLICAS" => (
            "acks=all, and fewer replicas in sync than min.insync.replicas: nothing was written. It tries again until \
             delivery.timeout.ms.",
            "Partition.appendRecordsToLeader, retriable",
        ),
        "NOT_ENOUGH_REPLICAS_AFTER_APPEND" => (
            "The leader wrote it, then the ISR fell below min.insync.replicas. It tries again until delivery.timeout.ms; \
             idempotence keeps it from being there twice.",
            "DelayedProduce, retriable",
        ),
        "REQUEST_TIMED_OUT" => (
            "The broker could not finish in the time of the request (for acks=all: not all of the ISR copied it). It \
             tries again.",
            "DelayedProduce, request.timeout.ms, retriable",
        ),
        "TimeoutException" | "TIMEOUT" => (
            "The time of the call ran out: delivery.timeout.ms of a record, max.block.ms or default.api.timeout.ms.",
            "TimeoutException",
        ),
        "UNKNOWN_TOPIC_OR_PARTITION" => {
            ("The broker does not know the partition (yet). It asks for metadata and tries again.", "Errors, retriable")
        }
        "COORDINATOR_NOT_AVAILABLE" | "NOT_COORDINATOR" | "COORDINATOR_LOAD_IN_PROGRESS" => (
            "The coordinator moved, or still loads its partition of the internal topic. It looks for it again.",
            "AbstractCoordinator, retriable",
        ),
        "REBALANCE_IN_PROGRESS" => ("The group rebalances: it joins again.", "ConsumerCoordinator"),
        "ILLEGAL_GENERATION" => (
            "The group has a newer generation: it missed a rebalance, and what it wanted to commit is not committed.",
            "GroupCoordinator.validateCurrentMember",
        ),
        "UNKNOWN_MEMBER_ID" => (
            "The coordinator has put it out: its session ended, or it did not poll for max.poll.interval.ms. It joins anew \
             without a member id.",
            "GroupCoordinator.validateCurrentMember",
        ),
        "MEMBER_ID_REQUIRED" => ("A first join is answered with a member id; it joins again with it.", "KIP-394"),
        "FENCED_INSTANCE_ID" => ("Another member came with the same group.instance.id.", "KIP-345"),
        "OFFSET_OUT_OF_RANGE" => (
            "Its position is not in the log (any more): auto.offset.reset decides where it goes on.",
            "Fetcher, auto.offset.reset",
        ),
        "INVALID_PRODUCER_EPOCH" | "PRODUCER_FENCED" | "ProducerFencedException" => (
            "Another producer with the same transactional.id has begun, or the coordinator aborted its transaction: its \
             epoch is over.",
            "KIP-98, KIP-360",
        ),
        "OUT_OF_ORDER_SEQUENCE_NUMBER" => (
            "The broker waits for another sequence number: a batch before it is missing. It tries again, in order.",
            "ProducerStateManager, enable.idempotence",
        ),
        "KAFKA_STORAGE_ERROR" => {
            ("The log directory of the partition is offline at that broker.", "LogDirFailureChannel")
        }
        "UNSTABLE_OFFSET_COMMIT" => (
            "An open transaction holds offsets of the group: it asks again until that is decided.",
            "KIP-447, retriable",
        ),
        "CONCURRENT_TRANSACTIONS" => {
            ("The last transaction is still being completed. It asks again.", "TransactionCoordinator, retriable")
        }
        "DISCONNECTED" | "NETWORK_EXCEPTION" | "DisconnectException" => (
            "The connection broke, or no answer came in request.timeout.ms. It connects again after reconnect.backoff.ms.",
            "NetworkClient, retriable",
        ),
        _ => ("What the broker or the client library said last.", "Errors.java"),
    }
}
