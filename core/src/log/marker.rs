//! The marker that ends a transaction in a partition: a control batch of one record
//! (`ControlRecordType`, `EndTransactionMarker`; KIP-98). It occupies one offset and is never given to
//! applications. Leaves out the control records of KRaft.

use std::rc::Rc;

use super::{Record, RecordBatch};

/// How a transaction ended, and who says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndTransactionMarker {
    /// COMMIT; otherwise ABORT.
    pub commit: bool,
    /// Leader epoch of the coordinator's partition of `__transaction_state`.
    pub coordinator_epoch: i32,
}

impl EndTransactionMarker {
    /// `COMMIT` or `ABORT`.
    pub const fn name(self) -> &'static str {
        if self.commit { "COMMIT" } else { "ABORT" }
    }

    /// The control batch that holds this marker.
    pub fn to_batch(self, producer_id: i64, producer_epoch: i16, now_ms: i64) -> RecordBatch {
        // Version 0, then the type: ABORT is 0, COMMIT is 1.
        let key = [0, 0, 0, u8::from(self.commit)];
        let [a, b, c, d] = self.coordinator_epoch.to_be_bytes();
        let value = [0, 0, a, b, c, d];
        RecordBatch {
            producer_id,
            producer_epoch,
            is_transactional: true,
            is_control: true,
            ..RecordBatch::new(vec![(Some(Rc::from(&key[..])), Some(Rc::from(&value[..])), now_ms)])
        }
    }

    /// The marker of a control batch; `None` for any other batch.
    pub fn of_batch(batch: &RecordBatch) -> Option<Self> {
        let [Record { key: Some(key), value: Some(value), .. }] = &batch.records[..] else { return None };
        let [_, _, 0, kind @ (0 | 1)] = key[..] else { return None };
        let [_, _, a, b, c, d] = value[..] else { return None };
        batch.is_control.then(|| Self { commit: kind == 1, coordinator_epoch: i32::from_be_bytes([a, b, c, d]) })
    }
}
