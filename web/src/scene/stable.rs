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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use playground_core::view::TransactionView;

    use crate::scene::{SceneOptions, layout, sample};

    #[test]
    fn a_transaction_that_is_open_holds_readers_back() {
        let mut view = sample::cluster(3, 1, 5);
        let opts = SceneOptions::default();
        assert_eq!(layout(&view, &opts, 900.0, 600.0).columns[0].stable, None);
        let partition = Rc::make_mut(&mut view.topics[0].partitions[0]);
        partition.high_watermark = 5;
        let (tp, leader) = (partition.tp.clone(), partition.leader);
        for replica in &mut partition.replicas {
            let mut records = replica.records.to_vec();
            records.iter_mut().filter(|record| record.offset >= 3).for_each(|record| record.producer_id = 7);
            replica.records = Rc::from(records);
            if Some(replica.broker) == leader {
                replica.last_stable_offset = 3;
            }
        }
        view.transactions.push(TransactionView {
            id: "tx".into(),
            coordinator: 101,
            state: "Ongoing".into(),
            producer_id: 7,
            producer_epoch: 0,
            partitions: vec![tp],
            start_timestamp_ms: 0,
            timeout_ms: 60_000,
        });
        let made = layout(&view, &opts, 900.0, 600.0);
        let stable = made.columns[0].stable.as_ref().expect("a transaction is open");
        assert_eq!((stable.offset, stable.open.len()), (3, 2));
        assert!(stable.x < made.columns[0].watermark_x.expect("the watermark is shown"));
    }
}
