//! The records of `__consumer_offsets` in Kafka's own layout: OffsetCommitKey (v1) and Value (v3),
//! GroupMetadataKey (v2) and Value (v3), and inside of them ConsumerProtocolSubscription (v3) and
//! ConsumerProtocolAssignment (v3).

use std::rc::Rc;

use super::metadata::{CommittedOffset, Group};
use crate::ids::{Name, TopicPartition};
use crate::protocol::bytes::{Reader, Writer};
use crate::protocol::group::{Assignment, OffsetAndMetadata, Subscription};

pub(super) type Bytes = Rc<[u8]>;
pub(super) type KeyValue = (Option<Bytes>, Option<Bytes>);

/// A record of `__consumer_offsets`, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OffsetsTopicRecord {
    /// A committed offset; without value it was deleted.
    Offset {
        /// The group.
        group: Name,
        /// The partition.
        tp: TopicPartition,
        /// What was committed.
        value: Option<CommittedOffset>,
    },
    /// A group's generation; without value the group was deleted.
    Group {
        /// The group.
        group: Name,
        /// The generation.
        value: Option<GroupMetadataValue>,
    },
}

/// A generation as it is written (`GroupMetadataValue`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupMetadataValue {
    /// `consumer`
    pub protocol_type: Name,
    /// The generation.
    pub generation: i32,
    /// The assignor, `None` for an empty group.
    pub protocol: Option<Name>,
    /// The leader's member id.
    pub leader: Option<Name>,
    /// Since when the group is in its state, ms since 1970.
    pub current_state_timestamp_ms: i64,
    /// Members.
    pub members: Vec<MemberValue>,
}

/// A member as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberValue {
    /// Its id.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
    /// Its `client.id`.
    pub client_id: Name,
    /// Its host.
    pub client_host: Name,
    /// ms
    pub rebalance_timeout_ms: i32,
    /// ms
    pub session_timeout_ms: i32,
    /// What it subscribes to.
    pub subscription: Subscription,
    /// Its share.
    pub assignment: Assignment,
}

impl OffsetsTopicRecord {
    /// The key in words: `offset GROUP TOPIC-P` or `group GROUP`.
    pub fn key(&self) -> String {
        match self {
            Self::Offset { group, tp, .. } => format!("offset {group} {tp}"),
            Self::Group { group, .. } => format!("group {group}"),
        }
    }
}

/// Reads a record of `__consumer_offsets`; `None` if it is none.
pub fn decode(key: &[u8], value: Option<&[u8]>) -> Option<OffsetsTopicRecord> {
    let mut key = Reader(key);
    match key.i16()? {
        0 | 1 => {
            let group = key.string()?.into();
            let tp = TopicPartition::new(key.string()?, key.i32()?);
            let value = match value {
                Some(value) => Some(decode_offset(value)?),
                None => None,
            };
            Some(OffsetsTopicRecord::Offset { group, tp, value })
        }
        2 => {
            let group = key.string()?.into();
            let value = match value {
                Some(value) => Some(decode_group(value)?),
                None => None,
            };
            Some(OffsetsTopicRecord::Group { group, value })
        }
        _ => None,
    }
}

fn decode_offset(value: &[u8]) -> Option<CommittedOffset> {
    let mut value = Reader(value);
    let _version = value.i16()?;
    let (offset, leader_epoch, metadata) = (value.i64()?, value.i32()?, value.string()?.into());
    let committed = OffsetAndMetadata { offset, leader_epoch, metadata };
    Some(CommittedOffset { committed, commit_timestamp_ms: value.i64()? })
}

fn decode_group(value: &[u8]) -> Option<GroupMetadataValue> {
    let mut value = Reader(value);
    let _version = value.i16()?;
    Some(GroupMetadataValue {
        protocol_type: value.string()?.into(),
        generation: value.i32()?,
        protocol: value.nullable()?.map(Name::from),
        leader: value.nullable()?.map(Name::from),
        current_state_timestamp_ms: value.i64()?,
        members: value.array(decode_member)?,
    })
}

fn decode_member(value: &mut Reader<'_>) -> Option<MemberValue> {
    Some(MemberValue {
        member_id: value.string()?.into(),
        group_instance_id: value.nullable()?.map(Name::from),
        client_id: value.string()?.into(),
        client_host: value.string()?.into(),
        rebalance_timeout_ms: value.i32()?,
        session_timeout_ms: value.i32()?,
        subscription: decode_subscription(value.nullable_bytes()??)?,
        assignment: decode_assignment(value.nullable_bytes()??)?,
    })
}

fn user_data(bytes: Option<&[u8]>) -> Option<Name> {
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned().into())
}

fn decode_subscription(bytes: &[u8]) -> Option<Subscription> {
    let mut value = Reader(bytes);
    let _version = value.i16()?;
    Some(Subscription {
        topics: value.array(|value| value.string().map(Name::from))?,
        user_data: user_data(value.nullable_bytes()?),
        owned_partitions: partitions(&mut value)?,
        generation_id: value.i32()?,
        rack_id: value.nullable()?.map(Name::from),
    })
}

fn decode_assignment(bytes: &[u8]) -> Option<Assignment> {
    if bytes.is_empty() {
        return Some(Assignment::default());
    }
    let mut value = Reader(bytes);
    let _version = value.i16()?;
    Some(Assignment { partitions: partitions(&mut value)?, user_data: user_data(value.nullable_bytes()?) })
}

fn partitions(value: &mut Reader<'_>) -> Option<Vec<TopicPartition>> {
    let topics = value.array(|value| {
        let topic = Name::from(value.string()?);
        let numbers = value.array(Reader::i32)?;
        Some(numbers.into_iter().map(|number| TopicPartition::new(topic.clone(), number)).collect::<Vec<_>>())
    })?;
    Some(topics.into_iter().flatten().collect())
}

/// Topics in the order of their first partition, each with its partitions.
fn by_topic(partitions: &[TopicPartition]) -> Vec<(Name, Vec<i32>)> {
    let mut topics: Vec<(Name, Vec<i32>)> = Vec::new();
    for tp in partitions {
        match topics.iter_mut().find(|(topic, _)| topic == &tp.topic) {
            Some((_, numbers)) => numbers.push(tp.partition),
            None => topics.push((tp.topic.clone(), vec![tp.partition])),
        }
    }
    topics
}

fn write_partitions(writer: Writer, partitions: &[TopicPartition]) -> Writer {
    writer.array(&by_topic(partitions), |writer, (topic, numbers)| {
        writer.string(topic).array(numbers, |writer, number| writer.i32(*number))
    })
}

fn encode_subscription(subscription: &Subscription) -> Vec<u8> {
    let writer = Writer::default()
        .i16(3)
        .array(&subscription.topics, |writer, topic| writer.string(topic))
        .nullable_bytes(subscription.user_data.as_ref().map(|data| data.as_bytes()));
    write_partitions(writer, &subscription.owned_partitions)
        .i32(subscription.generation_id)
        .nullable(subscription.rack_id.as_deref())
        .end()
}

fn encode_assignment(assignment: &Assignment) -> Vec<u8> {
    write_partitions(Writer::default().i16(3), &assignment.partitions)
        .nullable_bytes(assignment.user_data.as_ref().map(|data| data.as_bytes()))
        .end()
}

fn offset_key(group: &str, tp: &TopicPartition) -> Bytes {
    Writer::default().i16(1).string(group).string(&tp.topic).i32(tp.partition).end().into()
}

/// The record of a commit.
pub(super) fn offset_record(group: &str, tp: &TopicPartition, value: &CommittedOffset) -> KeyValue {
    let OffsetAndMetadata { offset, leader_epoch, metadata } = &value.committed;
    let written =
        Writer::default().i16(3).i64(*offset).i32(*leader_epoch).string(metadata).i64(value.commit_timestamp_ms).end();
    (Some(offset_key(group, tp)), Some(written.into()))
}

/// The record that deletes a commit.
pub(super) fn offset_tombstone(group: &str, tp: &TopicPartition) -> KeyValue {
    (Some(offset_key(group, tp)), None)
}

fn group_key(group: &str) -> Bytes {
    Writer::default().i16(2).string(group).end().into()
}

/// The record that deletes a group.
pub(super) fn group_tombstone(group: &str) -> KeyValue {
    (Some(group_key(group)), None)
}

/// The record of a group's generation, with these assignments.
pub(super) fn group_record(group: &Group, assignments: &[(Name, Assignment)]) -> KeyValue {
    let protocol = group.protocol.clone();
    let members: Vec<_> = group.members.values().collect();
    let written = Writer::default()
        .i16(3)
        .string(group.protocol_type.as_deref().unwrap_or(""))
        .i32(group.generation)
        .nullable(protocol.as_deref())
        .nullable(group.leader.as_deref())
        .i64(group.state_since_ms)
        .array(&members, |writer, member| {
            let share = assignments.iter().find(|(id, _)| id == &member.id).map(|(_, share)| share);
            writer
                .string(&member.id)
                .nullable(member.instance_id.as_deref())
                .string(&member.client_id)
                .string(&member.client_host)
                .i32(i32::try_from(member.rebalance_timeout_ms).unwrap_or(i32::MAX))
                .i32(i32::try_from(member.session_timeout_ms).unwrap_or(i32::MAX))
                .bytes(&encode_subscription(&member.subscription(protocol.as_deref().unwrap_or(""))))
                .bytes(&share.map_or_else(Vec::new, encode_assignment))
        })
        .end();
    (Some(group_key(&group.id)), Some(written.into()))
}
