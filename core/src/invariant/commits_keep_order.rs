//! Offsets of a group are committed by members of its generation only: once a generation has
//! committed, none before it does (`GroupCoordinator.validateOffsetCommit`, ILLEGAL_GENERATION).

use crate::collections::BTreeMap;

use super::{Found, Promise};
use crate::ids::{BrokerId, Name};
use crate::machine::Observation;

/// The generation that last committed in each group.
#[derive(Clone, Debug, Default)]
pub struct CommitsKeepOrder {
    newest: BTreeMap<Name, (i32, Option<BrokerId>)>,
}

impl CommitsKeepOrder {
    /// The coordinator reported. One that was deposed may report late what stands before all that its
    /// successor wrote.
    pub fn observe(&mut self, broker: Option<BrokerId>, observation: &Observation, found: &mut Found) {
        match observation {
            // A tool or an application without group management commits without a generation.
            Observation::OffsetCommitted { group, tp, offset, generation } if *generation >= 0 => {
                let (newest, by) = self.newest.entry(group.clone()).or_insert((*generation, broker));
                if *generation < *newest && *by != broker {
                    return;
                }
                if *generation < *newest {
                    let evidence = format!(
                        "group {group}: generation {generation} commits {tp} at {offset} after generation {newest}"
                    );
                    found.push((Promise::CommitsKeepOrder, evidence));
                } else {
                    (*newest, *by) = (*generation, broker);
                }
            }
            // A group whose records are lost begins anew.
            Observation::PageCacheLost { tp, .. } if &*tp.topic == "__consumer_offsets" => self.newest.clear(),
            // A group that was forgotten counts from the beginning.
            Observation::GroupStable { group, generation, .. }
                if self.newest.get(group).is_some_and(|(newest, _)| generation < newest) =>
            {
                self.newest.remove(group);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TopicPartition;

    fn commit(generation: i32) -> Observation {
        let tp = TopicPartition::new("t", 0);
        Observation::OffsetCommitted { group: "g".into(), tp, offset: 5, generation }
    }

    fn broken(all: &[Observation]) -> usize {
        let (mut checker, mut found) = (CommitsKeepOrder::default(), Vec::new());
        for observation in all {
            checker.observe(Some(101), observation, &mut found);
        }
        found.len()
    }

    #[test]
    fn a_generation_commits_only_before_the_next_one_does() {
        assert_eq!(broken(&[commit(1), commit(1), commit(2), commit(-1), commit(2)]), 0);
        assert_eq!(broken(&[commit(2), commit(1)]), 1);
    }

    #[test]
    fn a_group_that_begins_anew_counts_from_the_beginning() {
        let stable = Observation::GroupStable { group: "g".into(), generation: 1, members: 1 };
        assert_eq!(broken(&[commit(7), stable, commit(1)]), 0);
    }
}
