//! Small facts about groups; whole exchanges are tested on simulated clusters.

use super::*;

#[test]
fn a_group_belongs_to_the_partition_of_its_java_hash() {
    let cases = [("group1", 40), ("my-group", 12), ("payments", 13), ("g", 3), ("polygenelubricants", 0)];
    for (group, partition) in cases {
        assert_eq!(partition_for(group, 50), partition, "{group}");
    }
    assert_eq!(partition_for("g", 0), 0);
}
