//! The assignors that come with Kafka's clients (`ConsumerPartitionAssignor`; `kafka/07` §7.6): the
//! group's leader turns subscriptions, partition counts and racks into everybody's share.

mod claims;
mod constrained;
mod general;
mod hash_order;
mod movements;
mod racks;
mod range;
mod round_robin;
mod sticky;

pub use sticky::sticky_user_data;

use crate::collections::BTreeMap;
use crate::collections::Order;

pub use hash_order::hash_order;

use crate::ids::{Name, TopicPartition};
use crate::protocol::group::{Assignment, Subscription};

/// A member as an assignor sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AssignorMember {
    /// `member.id`
    pub member_id: Name,
    /// `group.instance.id`
    pub instance_id: Option<Name>,
    /// What it subscribes to, and what it owns.
    pub subscription: Subscription,
}

/// Everything that an assignor goes by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupSubscription {
    /// Members, in the order of the leader's JoinGroup answer.
    pub members: Vec<AssignorMember>,
    /// Number of partitions of each topic that exists.
    pub partitions: BTreeMap<Name, i32>,
    /// `broker.rack` of each partition's replicas that are up, each rack once, in order; empty if no broker has one.
    pub racks: Vec<(Name, Vec<Vec<Name>>)>,
}

impl AssignorMember {
    /// `client.rack`
    fn rack(&self) -> Option<&Name> {
        self.subscription.rack_id.as_ref().filter(|rack| !rack.is_empty())
    }
}

/// Whether members give everything up before a rebalance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RebalanceProtocol {
    /// All partitions are revoked before the join.
    Eager,
    /// Members keep what they have; only what moves is revoked, after the sync (KIP-429).
    Cooperative,
}

/// An assignor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Assignor {
    /// `RangeAssignor`
    Range,
    /// `RoundRobinAssignor`
    RoundRobin,
    /// `StickyAssignor`
    Sticky,
    /// `CooperativeStickyAssignor`
    CooperativeSticky,
}

impl Assignor {
    /// All that come with Kafka.
    pub const ALL: [Self; 4] = [Self::Range, Self::RoundRobin, Self::Sticky, Self::CooperativeSticky];

    /// The assignor with this name in the protocol, such as `range`.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// The assignor that a class in `partition.assignment.strategy` stands for.
    pub fn by_class(class: &str) -> Option<Self> {
        match class.rsplit(['.', ' ']).next()? {
            "RangeAssignor" => Some(Self::Range),
            "RoundRobinAssignor" => Some(Self::RoundRobin),
            "StickyAssignor" => Some(Self::Sticky),
            "CooperativeStickyAssignor" => Some(Self::CooperativeSticky),
            _ => None,
        }
    }

    /// Its name in the protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// How its members rebalance.
    pub const fn protocol(self) -> RebalanceProtocol {
        match self {
            Self::Range | Self::RoundRobin | Self::Sticky => RebalanceProtocol::Eager,
            Self::CooperativeSticky => RebalanceProtocol::Cooperative,
        }
    }

    /// Everybody's share, in the order of the members.
    pub fn assign(self, group: &GroupSubscription) -> Vec<(Name, Assignment)> {
        let shares = match self {
            Self::Range => range::assign(group),
            Self::RoundRobin => round_robin::assign(group),
            Self::Sticky => sticky::assign(group),
            Self::CooperativeSticky => sticky::assign_cooperatively(group),
        };
        let share = |member: &AssignorMember| {
            let partitions = shares.get(&member.member_id).cloned().unwrap_or_default();
            (member.member_id.clone(), Assignment { partitions: as_it_travels(partitions), user_data: None })
        };
        group.members.iter().map(share).collect()
    }
}

/// An assignment is written topic by topic (`ConsumerProtocol.serializeAssignment`): topics in the
/// order of their first partition.
fn as_it_travels(partitions: Vec<TopicPartition>) -> Vec<TopicPartition> {
    let mut topics: Vec<Name> = Vec::new();
    for tp in &partitions {
        if !topics.contains(&tp.topic) {
            topics.push(tp.topic.clone());
        }
    }
    let of_topic = |topic: Name| partitions.iter().filter(move |tp| tp.topic == topic).cloned();
    topics.into_iter().flat_map(of_topic).collect()
}

/// Shares by member id.
type Shares = BTreeMap<Name, Vec<TopicPartition>>;

impl GroupSubscription {
    /// Members in the order in which assignors deal: those with an instance id first, by it, then
    /// the others by member id (`AbstractPartitionAssignor.MemberInfo.compareTo`).
    fn ordered(&self) -> Vec<&AssignorMember> {
        let mut members: Vec<&AssignorMember> = self.members.iter().collect();
        members.order_by_key(|member| {
            (member.instance_id.is_none(), member.instance_id.clone(), member.member_id.clone())
        });
        members
    }

    /// Topics that somebody subscribes to and that exist, with their partition counts, in the order
    /// in which Java walks through them (`AbstractPartitionAssignor.assign`).
    fn topics(&self) -> Vec<(Name, i32)> {
        let members = hash_order(self.members.iter().map(|member| member.member_id.clone()));
        let subscribed = members
            .iter()
            .filter_map(|id| self.members.iter().find(|member| member.member_id == *id))
            .flat_map(|member| member.subscription.topics.iter().cloned());
        let existing = |topic: Name| self.partitions.get(&topic).map(|count| (topic, *count)).filter(|(_, n)| *n > 0);
        let topics = hash_order(subscribed);
        hash_order(topics).into_iter().filter_map(existing).collect()
    }
}
