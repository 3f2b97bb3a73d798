//! In which order a broker looks at the partitions of a consumer's fetch session (`FetchSessionHandler`,
//! `FetchSession`, KIP-227): the first request lays the order down, what is new comes to the end, and so does
//! what had records, lest it starve the others of `fetch.max.bytes`.
//!
//! Leaves out the sessions themselves: every request names all its partitions.

use crate::collections::SortedMap;
use crate::ids::{BrokerId, TopicPartition};
use crate::protocol::fetch::{FetchPartition, FetchPartitionResponse};

/// The order at one broker.
#[derive(Clone, Debug, Default)]
struct FetchSession {
    order: Vec<TopicPartition>,
    /// The first answer has come, which moves nothing yet.
    established: bool,
}

/// The orders by broker.
#[derive(Clone, Debug, Default)]
pub struct FetchSessions {
    by_broker: SortedMap<BrokerId, FetchSession>,
}

impl FetchSessions {
    /// Puts the partitions of the next request into the session's order; what it leaves out leaves the session.
    pub fn arrange(&mut self, broker: BrokerId, mut next: Vec<FetchPartition>) -> Vec<FetchPartition> {
        let session = self.by_broker.get_or_insert_with(broker, FetchSession::default);
        let mut arranged = Vec::with_capacity(next.len());
        session.order.retain(|tp| {
            let at = next.iter().position(|partition| partition.tp == *tp);
            arranged.extend(at.map(|at| next.remove(at)));
            at.is_some()
        });
        session.order.extend(next.iter().map(|partition| partition.tp.clone()));
        arranged.append(&mut next);
        arranged
    }

    /// What the broker does to its order when it answers.
    pub fn answered(&mut self, broker: BrokerId, answer: &[FetchPartitionResponse]) {
        let Some(session) = self.by_broker.get_mut(&broker) else { return };
        if !std::mem::replace(&mut session.established, true) || session.order.len() < 2 {
            return;
        }
        for read in answer.iter().filter(|read| !read.batches.is_empty()) {
            if let Some(at) = session.order.iter().position(|tp| *tp == read.tp) {
                session.order[at..].rotate_left(1);
            }
        }
    }

    /// A request was lost: the next one opens another session.
    pub fn lost(&mut self, broker: BrokerId) {
        self.by_broker.remove(&broker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::RecordBatch;
    use crate::protocol::ErrorCode;
    use std::rc::Rc;

    fn asked(partitions: &[i32]) -> Vec<FetchPartition> {
        let asked = |partition: &i32| FetchPartition {
            tp: TopicPartition::new("t", *partition),
            fetch_offset: 0,
            log_start_offset: -1,
            current_leader_epoch: 0,
            last_fetched_epoch: -1,
            max_bytes: 1,
        };
        partitions.iter().map(asked).collect()
    }

    fn with_records(partition: i32) -> FetchPartitionResponse {
        FetchPartitionResponse {
            tp: TopicPartition::new("t", partition),
            error: ErrorCode::None,
            high_watermark: 1,
            last_stable_offset: 1,
            log_start_offset: 0,
            diverging_epoch: None,
            current_leader: None,
            preferred_read_replica: -1,
            aborted_transactions: Vec::new(),
            batches: vec![Rc::new(RecordBatch::new(vec![(None, None, 0)]))],
        }
    }

    #[test]
    fn who_had_records_comes_last_but_not_by_the_first_answer() {
        let mut sessions = FetchSessions::default();
        let mut next = |partitions: &[i32], records: &[i32]| {
            let order: Vec<i32> =
                sessions.arrange(101, asked(partitions)).into_iter().map(|partition| partition.tp.partition).collect();
            sessions.answered(101, &records.iter().copied().map(with_records).collect::<Vec<_>>());
            order
        };
        assert_eq!(next(&[2, 1, 0], &[2]), [2, 1, 0]);
        assert_eq!(next(&[1, 0, 2], &[2, 1]), [2, 1, 0], "the first answer moves nothing");
        assert_eq!(next(&[0, 2, 1], &[]), [0, 2, 1]);
        assert_eq!(next(&[0, 1], &[]), [0, 1], "what is not asked for leaves the session");
        assert_eq!(next(&[0, 2, 1], &[]), [0, 1, 2], "and comes back at its end");
    }
}
