//! Open transactions in a column: where readers of committed records stop, and which records wait for
//! their transaction's end.

use playground_core::view::{ClusterView, PartitionView};

use super::geometry::Rect;
use super::level_of_detail::Window;
use super::tape::{Tape, TapeRole};

/// The last stable offset of a partition, where it is below the high watermark.
#[derive(Clone, PartialEq, Debug)]
pub struct Stable {
    /// The offset.
    pub offset: i64,
    /// Where its line is drawn.
    pub x: f64,
    /// Cells on the leader's tape that belong to a transaction that is not decided.
    pub open: Vec<Rect>,
}

/// The stable offset of `partition`, if a transaction is open in it and the window shows it.
pub(super) fn stable(view: &ClusterView, partition: &PartitionView, window: &Window, tapes: &[Tape]) -> Option<Stable> {
    let leader = partition.replicas.iter().find(|replica| Some(replica.broker) == partition.leader)?;
    let offset = leader.last_stable_offset;
    let tape = tapes.iter().find(|tape| tape.role == TapeRole::Leader)?;
    // A marker may be on its way to the followers: what it decided is not stable before they have it.
    let held = offset < partition.high_watermark;
    let undecided = |producer: i64| {
        view.transactions.iter().any(|one| {
            one.producer_id == producer && one.partitions.contains(&partition.tp) && one.state.as_str() != "Empty"
        })
    };
    let is_open = |at: i64| {
        let record = leader.records.iter().find(|record| record.offset == at);
        record.is_some_and(|record| !record.is_control && undecided(record.producer_id))
    };
    let open: Vec<Rect> =
        tape.cells.iter().filter(|cell| cell.offset >= offset && is_open(cell.offset)).map(|cell| cell.area).collect();
    if (!held && open.is_empty()) || !window.holds(offset) {
        return None;
    }
    Some(Stable { offset, x: window.x(offset), open })
}
