//! Functions of the log, of names and numbers against recorded answers of Kafka's own code (`tests/vectors/`).

use playground_core::group::{hash_order, partition_hash};
use playground_core::ids::{Name, TopicPartition};
use playground_core::log::{
    EndTransactionMarker, LeaderEpochCache, RecordBatch, crc32c, log_dir_name, parse_log_dir_name, segment_file,
    varint_bytes, write_unsigned_varlong, write_varlong,
};
use playground_core::protocol::{API_KEYS, ErrorCode};
use serde_json::{Value, json};

fn cases(text: &str) -> Vec<(Value, Value)> {
    let all: Value = serde_json::from_str(text).expect("a vector is JSON");
    let cases = all["cases"].as_array().expect("it lists cases").iter();
    let cases: Vec<_> = cases.map(|case| (case["in"].clone(), case["out"].clone())).collect();
    assert!(!cases.is_empty());
    cases
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a number is expected, found {value}"))
}

fn small<T: TryFrom<i64>>(value: &Value) -> T {
    T::try_from(number(value)).ok().unwrap_or_else(|| panic!("{value} is too large"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text is expected, found {value}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key or a value: text, null, or so many times `filler`.
fn field(value: &Value, filler: u8) -> Option<std::rc::Rc<[u8]>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.as_bytes().into()),
        other => Some(vec![filler; small(&other["bytes"])].into()),
    }
}

/// Records are [timestamp, key, value, [header, value]…].
fn batch(records: &Value) -> RecordBatch {
    let listed = records.as_array().expect("a list of records");
    let plain = |one: &Value| (field(&one[1], b'k'), field(&one[2], b'x'), number(&one[0]));
    let mut batch = RecordBatch::new(listed.iter().map(plain).collect());
    for (record, one) in batch.records.iter_mut().zip(listed) {
        let headers = one.as_array().expect("a record").iter().skip(3);
        record.headers = headers.map(|header| (text(&header[0]).into(), field(&header[1], b'x'))).collect();
    }
    batch
}

#[test]
fn batches_are_written_as_recorded() {
    for (given, out) in cases(include_str!("../vectors/batch-bytes.json")) {
        let (producer_id, producer_epoch) = (number(&given["producer_id"]), small(&given["producer_epoch"]));
        let batch = match given["control"].as_str() {
            Some(kind) => {
                let coordinator_epoch = small(&given["coordinator_epoch"]);
                let marker = EndTransactionMarker { commit: kind == "COMMIT", coordinator_epoch };
                marker.to_batch(producer_id, producer_epoch, number(&given["timestamp"]))
            }
            None => RecordBatch {
                producer_id,
                producer_epoch,
                base_sequence: small(&given["sequence"]),
                is_transactional: given["transactional"] == json!(true),
                ..batch(&given["records"])
            },
        };
        let (base_offset, partition_leader_epoch) = (number(&given["base_offset"]), small(&given["leader_epoch"]));
        let batch = RecordBatch { base_offset, partition_leader_epoch, ..batch };
        let bytes = batch.to_bytes();
        assert_eq!(hex(&bytes), text(&out["hex"]), "{given}");
        assert_eq!(json!(crc32c(&bytes[21..])), out["crc"], "{given}");
        let found = json!([batch.size_in_bytes(), batch.last_offset(), batch.last_sequence(), batch.max_timestamp_ms]);
        assert_eq!(
            found,
            json!([out["bytes"], out["last_offset"], out["last_sequence"], out["max_timestamp"]]),
            "{given}"
        );
    }
}

#[test]
fn batches_with_headers_are_as_large_as_recorded() {
    for (given, out) in cases(include_str!("../vectors/batch-size.json")) {
        if given["records"].is_array() {
            let batch = batch(&given["records"]);
            assert_eq!(json!(batch.size_in_bytes()), out["batch_bytes"], "{given}");
            let base_ms = batch.base_timestamp_ms();
            let sizes: Vec<u64> = batch.records.iter().map(|record| record.size_in_bytes(base_ms)).collect();
            if out["record_bytes"].is_array() {
                assert_eq!(json!(sizes), out["record_bytes"], "{given}");
            }
        }
    }
}

#[test]
fn varints_are_written_as_recorded() {
    for (given, out) in cases(include_str!("../vectors/varint.json")) {
        let value = number(&given);
        let mut zigzag = Vec::new();
        write_varlong(&mut zigzag, value);
        for name in ["varlong", "varint"] {
            if let Some(expected) = out.get(name) {
                assert_eq!(hex(&zigzag), text(expected), "{name} of {value}");
            }
        }
        assert_eq!(json!(varint_bytes(value)), out["varlong_size"], "{value}");
        if let Some(expected) = out.get("unsigned") {
            let mut plain = Vec::new();
            write_unsigned_varlong(&mut plain, value.cast_unsigned());
            assert_eq!(hex(&plain), text(expected), "unsigned {value}");
        }
    }
}

fn cache(entries: &Value) -> LeaderEpochCache {
    let mut cache = LeaderEpochCache::default();
    for entry in entries.as_array().expect("a list of entries") {
        cache.assign(small(&entry[0]), number(&entry[1]));
    }
    cache
}

fn listed(cache: &LeaderEpochCache) -> Value {
    cache.entries().iter().map(|entry| json!([entry.epoch, entry.start_offset])).collect()
}

#[test]
fn leader_epochs_are_kept_as_recorded() {
    for (given, out) in cases(include_str!("../vectors/leader-epoch-assign.json")) {
        if out.get("error").is_some() {
            let last = given.as_array().and_then(|entries| entries.last()).expect("an entry");
            assert!(!LeaderEpochCache::default().assign(small(&last[0]), number(&last[1])), "{given} is refused");
        } else {
            assert_eq!(listed(&cache(&given)), out, "{given}");
        }
    }
    for (given, out) in cases(include_str!("../vectors/leader-epoch-end-offset.json")) {
        let (epoch, end) = cache(&given["entries"]).end_offset_for(small(&given["epoch"]), number(&given["log_end"]));
        assert_eq!(json!([epoch, end]), out, "{given}");
    }
    for (given, out) in cases(include_str!("../vectors/leader-epoch-truncate.json")) {
        let (all, offset) = (cache(&given["entries"]), number(&given["offset"]));
        let (mut end, mut start) = (all.clone(), all.clone());
        end.truncate_from_end(offset);
        start.truncate_from_start(offset);
        assert_eq!(listed(&end), out["from_end"], "{given}");
        assert_eq!(listed(&start), out["from_start"], "{given}");
        assert_eq!(json!(all.epoch_for_offset(offset)), out["epoch_for_offset"], "{given}");
    }
}

#[test]
fn folders_and_files_are_named_as_recorded() {
    for (given, out) in cases(include_str!("../vectors/log-folder-names.json")) {
        if let Some(folder) = given.as_str() {
            let found = match parse_log_dir_name(&format!("/d/{folder}")) {
                Ok(tp) => json!([&*tp.topic, tp.partition]),
                Err(message) => json!({"error": "KafkaException", "message": message}),
            };
            assert_eq!(found, out, "{folder}");
        } else {
            assert_eq!(json!(log_dir_name(&TopicPartition::new(text(&given[0]), small(&given[1])))), out, "{given}");
        }
    }
    for (given, out) in cases(include_str!("../vectors/segment-file-names.json")) {
        for (name, expected) in out.as_object().expect("names of files") {
            let content = match name.as_str() {
                "deleted_log" => "log.deleted",
                other => other,
            };
            let found = segment_file(number(&given), content);
            let found = if content == "prefix" { found.trim_end_matches(".prefix") } else { &found };
            assert_eq!(found, text(expected), "{name} at {given}");
        }
    }
}

#[test]
fn errors_have_their_numbers_names_and_consequences() {
    let recorded = cases(include_str!("../vectors/error-codes.json"));
    assert_eq!(recorded.len(), ErrorCode::ALL.len());
    for (given, out) in recorded {
        let code = ErrorCode::ALL.iter().find(|code| json!(code.code()) == given);
        let code = code.unwrap_or_else(|| panic!("there is no error {given}"));
        let exception = Some(code.exception()).filter(|name| !name.is_empty());
        assert_eq!(json!(code.name()), out["name"], "{given}");
        assert_eq!(json!(exception), out["exception"], "{given}");
        assert_eq!(json!(code.is_retriable()), out["retriable"], "{given}");
        assert_eq!(json!(code.refreshes_metadata()), out["refreshes_metadata"], "{given}");
        assert_eq!(json!(code.message()), out["message"], "{given}");
    }
}

#[test]
fn requests_have_their_numbers() {
    let recorded = cases(include_str!("../vectors/api-keys.json"));
    for (key, name) in API_KEYS {
        let (_, out) = recorded.iter().find(|(given, _)| *given == json!(key)).expect("a recorded key");
        assert_eq!(json!(name), out["name"], "{key}");
        assert!(!out["zk_broker"].is_null(), "a broker with ZooKeeper serves {name}");
    }
}

#[test]
fn hashes_of_partitions_and_the_order_of_hash_maps_are_as_recorded() {
    for (given, out) in cases(include_str!("../vectors/topic-partition-hash.json")) {
        let tp = TopicPartition::new(text(&given[0]), small(&given[1]));
        assert_eq!(json!(partition_hash(&tp)), out, "{tp}");
    }
    let mut compared = 0;
    for (given, out) in cases(include_str!("../vectors/java-hash-map-order.json")) {
        let keys = given["keys"].as_array().expect("keys");
        // Only maps of texts of the standard size decide anything here: the assignors' ones.
        if given["capacity"].is_null() && keys.iter().all(Value::is_string) {
            let order = hash_order(keys.iter().map(|key| Name::from(text(key))));
            assert_eq!(order.iter().map(|key| json!(&**key)).collect::<Value>(), out, "{given}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared} cases");
}
