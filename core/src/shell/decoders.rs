//! The decoders of internal topics in `kafka-dump-log.sh` (`DumpLogSegments.OffsetsMessageParser`,
//! `TransactionLogMessageParser`). Leaves out the decoders of KRaft's, tiered storage's and share groups' topics: they
//! print what is there.
//!
//! Simplified: what an assignor wants to remember is kept as text, and printed so.

use super::options::Options;
use super::script::Flow;
use super::thrown::Thrown;
use crate::group::{GroupMetadataValue, MemberValue, OffsetsTopicRecord, decode as decode_offsets};
use crate::ids::{Name, TopicPartition};
use crate::json::quoted;
use crate::log::Record;
use crate::transaction::decode as decode_transaction;

/// Key and payload in words.
pub(super) type Decoded = (Option<String>, Option<String>);

/// What a line of the dump makes of a record's bytes.
#[derive(Clone, Copy)]
pub(super) enum Decoder {
    /// As text.
    Text,
    Offsets,
    Transactions,
}

impl Decoder {
    pub fn of(options: &Options) -> Self {
        match (options.has("offsets-decoder"), options.has("transaction-log-decoder")) {
            (true, _) => Self::Offsets,
            (false, true) => Self::Transactions,
            (false, false) => Self::Text,
        }
    }

    /// A record that is no control record.
    pub fn decode(self, record: &Record, offset: i64) -> Flow<Decoded> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let what = match self {
            Self::Text => return Ok((record.key.as_deref().map(text), record.value.as_deref().map(text))),
            Self::Offsets => "offset topic",
            Self::Transactions => "transaction log",
        };
        let Some(key) = record.key.as_deref() else {
            let message =
                format!("Failed to decode message at offset {offset} using {what} decoder (message had a missing key)");
            return Err(Thrown::new("java.lang.RuntimeException", message).into());
        };
        let value = record.value.as_deref();
        let decoded = match self {
            Self::Transactions => transaction(key, value),
            _ => decode_offsets(key, value).map(offsets),
        };
        Ok(decoded.unwrap_or_else(|| (Some(text(key)), value.map(text))))
    }
}

fn or_null(text: Option<&Name>) -> String {
    text.map_or_else(|| "null".to_owned(), |text| quoted(text))
}

fn offsets(record: OffsetsTopicRecord) -> Decoded {
    let (key_type, key, value) = match record {
        OffsetsTopicRecord::Offset { group, tp, value } => {
            let value = value.map(|value| {
                format!(
                    "\"offset\":{},\"leaderEpoch\":{},\"metadata\":{},\"commitTimestamp\":{}",
                    value.committed.offset,
                    value.committed.leader_epoch,
                    quoted(&value.committed.metadata),
                    value.commit_timestamp_ms
                )
            });
            let (topic, partition) = (quoted(&tp.topic), tp.partition);
            (1, format!("\"group\":{},\"topic\":{topic},\"partition\":{partition}", quoted(&group)), value)
        }
        OffsetsTopicRecord::Group { group, value } => {
            (2, format!("\"group\":{}", quoted(&group)), value.as_ref().map(group_metadata))
        }
    };
    let payload = value.map(|data| format!("{{\"version\":\"3\",\"data\":{{{data}}}}}"));
    let key = format!("{{\"type\":\"{key_type}\",\"data\":{{{key}}}}}");
    (Some(key), Some(payload.unwrap_or_else(|| "<DELETE>".to_owned())))
}

fn group_metadata(value: &GroupMetadataValue) -> String {
    let members: Vec<String> = value.members.iter().map(member).collect();
    format!(
        "\"protocolType\":{},\"generation\":{},\"protocol\":{},\"leader\":{},\"currentStateTimestamp\":{},\"members\":[{}]",
        quoted(&value.protocol_type),
        value.generation,
        or_null(value.protocol.as_ref()),
        or_null(value.leader.as_ref()),
        value.current_state_timestamp_ms,
        members.join(",")
    )
}

fn member(member: &MemberValue) -> String {
    let (subscription, assignment) = (&member.subscription, &member.assignment);
    let topics: Vec<String> = subscription.topics.iter().map(|topic| quoted(topic)).collect();
    let subscription = format!(
        "{{\"topics\":[{}],\"userData\":{},\"ownedPartitions\":{},\"generationId\":{},\"rackId\":{}}}",
        topics.join(","),
        or_null(subscription.user_data.as_ref()),
        by_topic(&subscription.owned_partitions),
        subscription.generation_id,
        or_null(subscription.rack_id.as_ref())
    );
    let share = by_topic(&assignment.partitions);
    let assignment =
        format!("{{\"assignedPartitions\":{share},\"userData\":{}}}", or_null(assignment.user_data.as_ref()));
    format!(
        "{{\"memberId\":{},\"groupInstanceId\":{},\"clientId\":{},\"clientHost\":{},\"rebalanceTimeout\":{},\
         \"sessionTimeout\":{},\"subscription\":{subscription},\"assignment\":{assignment}}}",
        quoted(&member.member_id),
        or_null(member.group_instance_id.as_ref()),
        quoted(&member.client_id),
        quoted(&member.client_host),
        member.rebalance_timeout_ms,
        member.session_timeout_ms
    )
}

/// Topics in the order in which they come first, each with its partitions.
fn by_topic(partitions: &[TopicPartition]) -> String {
    let mut topics: Vec<(&Name, Vec<String>)> = Vec::new();
    for tp in partitions {
        match topics.iter_mut().find(|(topic, _)| *topic == &tp.topic) {
            Some((_, known)) => known.push(tp.partition.to_string()),
            None => topics.push((&tp.topic, vec![tp.partition.to_string()])),
        }
    }
    let topics: Vec<String> = topics
        .into_iter()
        .map(|(topic, of)| format!("{{\"topic\":{},\"partitions\":[{}]}}", quoted(topic), of.join(",")))
        .collect();
    format!("[{}]", topics.join(","))
}

fn transaction(key: &[u8], value: Option<&[u8]>) -> Option<Decoded> {
    let record = decode_transaction(key, value)?;
    let payload = record.value.map_or_else(
        || "<DELETE>".to_owned(),
        |value| {
            let partitions: Vec<String> = value.partitions.iter().map(ToString::to_string).collect();
            format!(
                "producerId:{},producerEpoch:{},state={},partitions=[{}],txnLastUpdateTimestamp={},txnTimeoutMs={}",
                value.producer_id,
                value.producer_epoch,
                value.state.name(),
                partitions.join(","),
                value.last_update_timestamp_ms,
                value.timeout_ms
            )
        },
    );
    Some((Some(format!("transaction_metadata::transactionalId={}", record.transactional_id)), Some(payload)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::group::{Assignment, Subscription};

    /// As recorded of a group with one member and of the same group without.
    #[test]
    fn group_metadata_is_printed_as_json() {
        let tps = |numbers: &[i32]| numbers.iter().map(|number| TopicPartition::new("t", *number)).collect::<Vec<_>>();
        let member = MemberValue {
            member_id: "c-1".into(),
            group_instance_id: None,
            client_id: "c".into(),
            client_host: "/client".into(),
            rebalance_timeout_ms: 300_000,
            session_timeout_ms: 45_000,
            subscription: Subscription { topics: vec!["t".into()], generation_id: -1, ..Subscription::default() },
            assignment: Assignment { partitions: tps(&[0, 1]), user_data: None },
        };
        let empty = GroupMetadataValue {
            protocol_type: "consumer".into(),
            generation: 2,
            protocol: None,
            leader: None,
            current_state_timestamp_ms: 7,
            members: Vec::new(),
        };
        let (protocol, leader) = (Some("range".into()), Some("c-1".into()));
        let stable = GroupMetadataValue { generation: 1, protocol, leader, members: vec![member], ..empty.clone() };
        let told = |value| offsets(OffsetsTopicRecord::Group { group: "g".into(), value });
        let key = Some(r#"{"type":"2","data":{"group":"g"}}"#.to_owned());
        let wanted = r#"{"version":"3","data":{"protocolType":"consumer","generation":1,"protocol":"range","leader":"c-1","currentStateTimestamp":7,"members":[{"memberId":"c-1","groupInstanceId":null,"clientId":"c","clientHost":"/client","rebalanceTimeout":300000,"sessionTimeout":45000,"subscription":{"topics":["t"],"userData":null,"ownedPartitions":[],"generationId":-1,"rackId":null},"assignment":{"assignedPartitions":[{"topic":"t","partitions":[0,1]}],"userData":null}}]}}"#;
        assert_eq!(told(Some(stable)), (key.clone(), Some(wanted.to_owned())));
        let wanted = r#"{"version":"3","data":{"protocolType":"consumer","generation":2,"protocol":null,"leader":null,"currentStateTimestamp":7,"members":[]}}"#;
        assert_eq!(told(Some(empty)), (key.clone(), Some(wanted.to_owned())));
        assert_eq!(told(None), (key, Some("<DELETE>".to_owned())));
    }
}
