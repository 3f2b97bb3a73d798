//! Where a replica's log stops being a part of its leader's (KIP-101): from there on the two hold
//! other records at the same offsets, and the replica will have to cut its own when it follows.
//!
//! Leaves out what the leader no longer has: below its log start nothing can be compared.

use crate::log::Log;

/// The epochs of a log as (leader epoch, first offset, end), oldest first.
fn ranges(log: &Log) -> Vec<(i32, i64, i64)> {
    let entries = log.leader_epochs().entries();
    let end_of = |index: usize| entries.get(index + 1).map_or(log.log_end_offset(), |next| next.start_offset);
    entries.iter().enumerate().map(|(index, entry)| (entry.epoch, entry.start_offset, end_of(index))).collect()
}

/// The first offset of `log` whose record `leader` does not have; `None` where all of it is the
/// leader's too.
pub(super) fn diverges_at(log: &Log, leader: &Log) -> Option<i64> {
    let (mine, theirs) = (ranges(log), ranges(leader));
    first_difference(&mine, &theirs, leader.log_start_offset()).filter(|offset| *offset < log.log_end_offset())
}

fn first_difference(mine: &[(i32, i64, i64)], theirs: &[(i32, i64, i64)], comparable_from: i64) -> Option<i64> {
    for (epoch, start, end) in mine {
        let start = (*start).max(comparable_from);
        if start >= *end {
            continue;
        }
        match theirs.iter().find(|(other, ..)| other == epoch) {
            Some((_, from, to)) if *from <= start && *to >= *end => {}
            Some((_, from, to)) if *from <= start => return Some((*to).max(start)),
            _ => return Some(start),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_fork_is_where_the_leader_s_epoch_ends() {
        let leader = [(0, 0, 4), (1, 4, 7)];
        for (log, start, fork) in [
            (vec![(0, 0, 4)], 0, None),
            (vec![(0, 0, 4), (1, 4, 6)], 0, None),
            (vec![(0, 0, 5)], 0, Some(4)),
            (vec![(0, 0, 3), (2, 3, 5)], 0, Some(3)),
            (vec![(0, 0, 4), (1, 4, 9)], 0, Some(7)),
            (vec![(0, 0, 2)], 3, None),
            (vec![(0, 0, 5)], 3, Some(4)),
            (vec![], 0, None),
        ] {
            assert_eq!(first_difference(&log, &leader, start), fork, "{log:?}");
        }
    }
}
