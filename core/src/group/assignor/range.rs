//! `RangeAssignor`: per topic, consecutive ranges to the members in order; the first ones get one more.

use super::{AssignorMember, GroupSubscription, Shares};
use crate::ids::TopicPartition;

pub(super) fn assign(group: &GroupSubscription) -> Shares {
    let mut shares = Shares::new();
    let members = group.ordered();
    for (topic, count) in group.topics() {
        let subscribed: Vec<&AssignorMember> =
            members.iter().copied().filter(|member| member.subscription.topics.contains(&topic)).collect();
        let consumers = i32::try_from(subscribed.len()).unwrap_or(i32::MAX);
        let each = count.checked_div(consumers).unwrap_or(0);
        let mut extra = count.checked_rem(consumers).unwrap_or(0);
        let mut next = 0;
        for member in subscribed {
            let end = next + each + i32::from(extra > 0);
            extra -= 1;
            let share = (next..end).map(|partition| TopicPartition::new(topic.clone(), partition));
            shares.entry(member.member_id.clone()).or_default().extend(share);
            next = end;
        }
    }
    shares
}
