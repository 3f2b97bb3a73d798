//! `RoundRobinAssignor`: all partitions in order, dealt to the members in turn; who does not
//! subscribe to the topic is skipped.

use super::{GroupSubscription, Shares};
use crate::collections::Order;
use crate::ids::TopicPartition;

pub(super) fn assign(group: &GroupSubscription) -> Shares {
    let mut shares = Shares::new();
    let mut turn = group.ordered().into_iter().cycle();
    let mut topics = group.topics();
    topics.order();
    for (topic, count) in topics {
        for partition in 0..count {
            // Ends: some member subscribes to every topic of the list.
            let Some(member) = turn.find(|member| member.subscription.topics.contains(&topic)) else { break };
            let share = shares.entry(member.member_id.clone()).or_default();
            share.push(TopicPartition::new(topic.clone(), partition));
        }
    }
    shares
}
