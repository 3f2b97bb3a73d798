//! The controller's znodes: paths, and data in Kafka's JSON with its order of keys (`ZkData.scala`).

use crate::collections::BTreeMap;

use super::assignment::ReplicaAssignment;
use super::context::{LeaderAndIsr, Leadership};
use crate::ids::{BrokerId, Name, TopicPartition, Uuid};
use crate::json::{Json, quoted};

/// Who is controller; ephemeral.
pub const CONTROLLER: &str = "/controller";
/// How often there was a new one; its version guards the controller's writes.
pub const CONTROLLER_EPOCH: &str = "/controller_epoch";
/// Registered brokers.
pub const BROKER_IDS: &str = "/brokers/ids";
/// Topics.
pub const TOPICS: &str = "/brokers/topics";
/// Wishes to delete topics.
pub const DELETE_TOPICS: &str = "/admin/delete_topics";
/// Brokers that lost a log directory say so here.
pub const LOG_DIR_EVENTS: &str = "/log_dir_event_notification";
/// The newest block of producer ids.
pub const PRODUCER_IDS: &str = "/latest_producer_id_block";
/// Finalized features.
pub const FEATURE: &str = "/feature";

/// `/brokers/ids/N`.
pub fn broker_path(id: BrokerId) -> Name {
    format!("{BROKER_IDS}/{id}").into()
}

/// `/brokers/topics/T`.
pub fn topic_path(topic: &str) -> Name {
    format!("{TOPICS}/{topic}").into()
}

/// `/brokers/topics/T/partitions`.
pub fn partitions_path(topic: &str) -> Name {
    format!("{TOPICS}/{topic}/partitions").into()
}

/// `/brokers/topics/T/partitions/P`.
pub fn partition_path(tp: &TopicPartition) -> Name {
    format!("{TOPICS}/{}/partitions/{}", tp.topic, tp.partition).into()
}

/// `/brokers/topics/T/partitions/P/state`.
pub fn state_path(tp: &TopicPartition) -> Name {
    format!("{TOPICS}/{}/partitions/{}/state", tp.topic, tp.partition).into()
}

/// `/config/topics/T`.
pub fn config_path(topic: &str) -> Name {
    format!("/config/topics/{topic}").into()
}

/// `/admin/delete_topics/T`.
pub fn delete_topic_path(topic: &str) -> Name {
    format!("{DELETE_TOPICS}/{topic}").into()
}

/// The topic in `/brokers/topics/T`.
pub fn topic_of_path(path: &str) -> Option<&str> {
    path.strip_prefix("/brokers/topics/").filter(|topic| !topic.contains('/'))
}

fn list(ids: &[BrokerId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Data of `/controller`.
pub fn controller_data(id: BrokerId, now_ms: i64) -> Name {
    format!("{{\"version\":2,\"brokerid\":{id},\"timestamp\":\"{now_ms}\",\"kraftControllerEpoch\":-1}}").into()
}

/// The broker in `/controller`.
pub fn parse_controller(data: &str) -> Option<BrokerId> {
    Json::parse(data)?.get("brokerid")?.int()
}

/// The rack in `/brokers/ids/N`.
pub fn parse_rack(data: &str) -> Option<Name> {
    Json::parse(data)?.get("rack")?.text().map(Name::from)
}

/// Data of `/brokers/topics/T`. Kafka's order of partitions is that of a Scala map; here it is by number.
pub fn topic_data(id: Uuid, assignments: &BTreeMap<i32, ReplicaAssignment>) -> Name {
    let part = |pick: fn(&ReplicaAssignment) -> &Vec<BrokerId>, all: bool| {
        let shown = assignments.iter().filter(|(_, assignment)| all || !pick(assignment).is_empty());
        let fields = shown.map(|(partition, assignment)| format!("\"{partition}\":[{}]", list(pick(assignment))));
        fields.collect::<Vec<_>>().join(",")
    };
    format!(
        "{{\"partitions\":{{{}}},\"topic_id\":\"{id}\",\"adding_replicas\":{{{}}},\"removing_replicas\":{{{}}},\"version\":3}}",
        part(|a| &a.replicas, true),
        part(|a| &a.adding, false),
        part(|a| &a.removing, false),
    )
    .into()
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    let mut value: u128 = 0;
    if text.len() != 22 {
        return None;
    }
    for (index, c) in text.bytes().enumerate() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        // 21 characters hold six bits each, the last one the two that are left.
        value = if index < 21 { value << 6 | u128::from(six) } else { value << 2 | u128::from(six >> 4) };
    }
    Some(Uuid(value))
}

/// The id and the assignments in `/brokers/topics/T`.
pub fn parse_topic(data: &str) -> Option<(Uuid, BTreeMap<i32, ReplicaAssignment>)> {
    let json = Json::parse(data)?;
    let ids = |of: &str, partition: &str| -> Vec<BrokerId> {
        let found = json.get(of).and_then(|map| map.get(partition));
        found.map(|ids| ids.items().iter().filter_map(Json::int).collect()).unwrap_or_default()
    };
    let mut assignments = BTreeMap::new();
    for (partition, _) in json.get("partitions")?.fields() {
        let assignment = ReplicaAssignment {
            replicas: ids("partitions", partition),
            adding: ids("adding_replicas", partition),
            removing: ids("removing_replicas", partition),
        };
        assignments.insert(partition.parse().ok()?, assignment);
    }
    let id = json.get("topic_id").and_then(Json::text).and_then(parse_uuid).unwrap_or_default();
    Some((id, assignments))
}

/// Data of a partition's `state`.
pub fn state_data(state: &LeaderAndIsr, controller_epoch: i32) -> Name {
    let recovering = if state.recovering { ",\"leader_recovery_state\":1" } else { "" };
    format!(
        "{{\"controller_epoch\":{controller_epoch},\"leader\":{},\"version\":1,\"leader_epoch\":{},\"isr\":[{}]{recovering}}}",
        state.leader,
        state.leader_epoch,
        list(&state.isr),
    )
    .into()
}

/// The state in a `state` znode of this version.
pub fn parse_state(data: &str, version: i32) -> Option<Leadership> {
    let json = Json::parse(data)?;
    let state = LeaderAndIsr {
        leader: json.get("leader")?.int()?,
        leader_epoch: json.get("leader_epoch")?.int()?,
        isr: json.get("isr")?.items().iter().filter_map(Json::int).collect(),
        recovering: json.get("leader_recovery_state").and_then(Json::int) == Some(1),
        partition_epoch: version,
    };
    Some(Leadership { state, controller_epoch: json.get("controller_epoch")?.int()? })
}

/// Data of `/config/topics/T`.
pub fn config_data(pairs: &[(Name, Name)]) -> Name {
    let fields: Vec<String> = pairs.iter().map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
    format!("{{\"version\":1,\"config\":{{{}}}}}", fields.join(",")).into()
}

/// The pairs in `/config/topics/T`.
pub fn parse_config(data: &str) -> Vec<(Name, Name)> {
    let Some(json) = Json::parse(data) else { return Vec::new() };
    let fields = json.get("config").map(Json::fields).unwrap_or_default();
    fields.iter().filter_map(|(key, value)| Some((Name::from(key.as_str()), Name::from(value.text()?)))).collect()
}

/// Data of `/latest_producer_id_block`.
pub fn producer_ids_data(broker: BrokerId, start: i64, end: i64) -> Name {
    format!("{{\"version\":1,\"broker\":{broker},\"block_start\":\"{start}\",\"block_end\":\"{end}\"}}").into()
}

/// The last id of the newest block.
pub fn parse_producer_ids(data: &str) -> Option<i64> {
    Json::parse(data)?.get("block_end")?.number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_reads_as_kafka_writes_it() {
        let id = Uuid(0x0123_4567_89ab_cdef_0fed_cba9_8765_4321);
        let moving = ReplicaAssignment { replicas: vec![102, 103, 101], adding: vec![103], removing: vec![101] };
        let assignments = BTreeMap::from([(0, moving), (1, ReplicaAssignment::of(vec![102, 103]))]);
        let data = topic_data(id, &assignments);
        let expected = format!(
            r#"{{"partitions":{{"0":[102,103,101],"1":[102,103]}},"topic_id":"{id}","adding_replicas":{{"0":[103]}},"removing_replicas":{{"0":[101]}},"version":3}}"#
        );
        assert_eq!(&*data, expected);
        assert_eq!(parse_topic(&data), Some((id, assignments)));
    }

    #[test]
    fn a_state_reads_as_kafka_writes_it() {
        let text = r#"{"controller_epoch":1,"leader":101,"version":1,"leader_epoch":0,"isr":[101,102]}"#;
        let read = parse_state(text, 7);
        assert_eq!(read.as_ref().map(|read| read.state.partition_epoch), Some(7));
        assert_eq!(read.map(|read| state_data(&read.state, read.controller_epoch)), Some(text.into()));
    }

    #[test]
    fn small_znodes() {
        assert_eq!(&*controller_data(1, 5), r#"{"version":2,"brokerid":1,"timestamp":"5","kraftControllerEpoch":-1}"#);
        assert_eq!(parse_controller(&controller_data(1, 5)), Some(1));
        let pairs = vec![("retention.ms".into(), "1000000".into())];
        assert_eq!(&*config_data(&pairs), r#"{"version":1,"config":{"retention.ms":"1000000"}}"#);
        assert_eq!(parse_config(&config_data(&pairs)), pairs);
        assert_eq!(parse_producer_ids(&producer_ids_data(1, 0, 999)), Some(999));
        assert_eq!(parse_rack(r#"{"endpoints":["x"],"rack":"r1","port":1}"#), Some("r1".into()));
    }
}
