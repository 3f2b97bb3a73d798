//! The producer's single functions against recorded answers of Kafka's own code (`tests/vectors/`).

use playground_core::client::Backoff;
use playground_core::ids::{Name, TopicPartition};
use playground_core::log::RecordBatch;
use playground_core::producer::{
    BatchRecord, ProducerBatch, add_sequence, murmur2, partition_for_key, size_upper_bound,
};
use playground_core::time::SimTime;
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).expect("a vector is JSON");
    let cases = all["cases"].as_array().expect("it lists cases").clone();
    assert!(!cases.is_empty());
    cases
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("a number is expected, found {value}"))
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex")).collect()
}

#[test]
fn keys_hash_and_choose_partitions_as_recorded() {
    for case in cases(include_str!("../vectors/murmur2.json")) {
        let key = unhex(case["in"]["hex"].as_str().expect("the key's bytes"));
        assert_eq!(i64::from(murmur2(&key)), number(&case["out"]["murmur2"]), "{}", case["in"]);
        for (count, partition) in case["out"]["partition"].as_object().expect("by number of partitions") {
            let chosen = partition_for_key(&key, count.parse().expect("a count"));
            assert_eq!(i64::from(chosen), number(partition), "{} among {count}", case["in"]);
        }
    }
}

/// A key or a value: text, null, or so many bytes.
fn field(value: &Value) -> Option<Name> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.as_str().into()),
        other => Some("x".repeat(usize::try_from(number(&other["bytes"])).expect("a length")).into()),
    }
}

/// The records of a case; `None` where they have headers, which this producer leaves out.
fn records(value: &Value) -> Option<Vec<(Option<Name>, Option<Name>, i64)>> {
    if let Some(text) = value.as_str() {
        let count: i64 = text.split(' ').next()?.parse().ok()?;
        let numbered = |i: i64| (Some(format!("key-{i}").into()), Some(format!("v{i}").into()), 1_700_000_000_000 + i);
        return Some((0..count).map(numbered).collect());
    }
    let listed = value.as_array()?.iter();
    listed.map(|one| (one.as_array()?.len() == 3).then(|| (field(&one[1]), field(&one[2]), number(&one[0])))).collect()
}

#[test]
fn batches_are_as_large_as_recorded() {
    let mut compared = 0;
    for case in cases(include_str!("../vectors/batch-size.json")) {
        let Some(records) = records(&case["in"]["records"]) else { continue };
        let bytes = |text: &Option<Name>| text.as_ref().map(|text| std::rc::Rc::from(text.as_bytes()));
        let batch = RecordBatch::new(records.iter().map(|(key, value, at)| (bytes(key), bytes(value), *at)).collect());
        assert_eq!(batch.size_in_bytes() as i64, number(&case["out"]["batch_bytes"]), "{}", case["in"]);
        let (key, value, _) = &records[0];
        let bound = size_upper_bound(key.as_ref(), value.as_ref(), &Vec::new());
        assert_eq!(bound as i64, number(&case["out"]["upper_bound"]), "{}", case["in"]);
        if let Some(sizes) = case["out"]["record_bytes"].as_array() {
            for (record, size) in batch.records.iter().zip(sizes) {
                assert_eq!(record.size_in_bytes(records[0].2) as i64, number(size), "{}", case["in"]);
            }
        }
        compared += 1;
    }
    assert!(compared > 30, "{compared} cases");
}

#[test]
fn as_many_records_fit_a_batch_as_recorded() {
    for case in cases(include_str!("../vectors/records-per-batch.json")) {
        let given = |name: &str| number(&case["in"][name]);
        let text = |bytes: i64| usize::try_from(bytes).ok().map(|bytes| Name::from("x".repeat(bytes)));
        let (key, value) = (text(given("key_bytes")), text(given("value_bytes")));
        let allocated = size_upper_bound(key.as_ref(), value.as_ref(), &Vec::new()).max(given("batch.size") as u64);
        let mut batch = ProducerBatch::new(0, TopicPartition::new("t", 0), SimTime::ZERO, allocated);
        let record =
            BatchRecord { ticket: 0, origin: 0, timestamp_ms: 1_700_000_000_000, key, value, headers: Vec::new() };
        while batch.try_append(record.clone()).is_ok() {}
        assert_eq!(i64::from(batch.record_count()), number(&case["out"]["records"]), "{}", case["in"]);
        assert_eq!(batch.size_in_bytes() as i64, number(&case["out"]["batch_bytes"]), "{}", case["in"]);
        assert_eq!(batch.allocated_bytes() as i64, number(&case["out"]["allocated"]), "{}", case["in"]);
        assert_eq!(Some(batch.is_full()), case["out"]["full"].as_bool(), "{}", case["in"]);
        assert_eq!(batch.to_record_batch().size_in_bytes(), batch.size_in_bytes(), "{}", case["in"]);
    }
}

#[test]
fn waits_double_as_recorded() {
    let mut compared = 0;
    for case in cases(include_str!("../vectors/exponential-backoff.json")) {
        let given = |name: &str| number(&case["in"][name]) as u64;
        // No client of Kafka's triples its waits or keeps them equal.
        if given("multiplier") != 2 {
            continue;
        }
        let backoff = Backoff { initial_ms: given("initial"), max_ms: given("max") };
        for (attempts, recorded) in case["out"].as_array().expect("waits").iter().enumerate() {
            let (ours, recorded) = (backoff.plain_ms(attempts as u32), number(recorded) as u64);
            // Java computes the greatest wait with floating point and may come out 1 ms lower.
            let rounded = ours == backoff.max_ms && recorded + 1 == ours;
            assert!(ours == recorded || rounded, "{} attempt {attempts}: {ours}, recorded {recorded}", case["in"]);
        }
        compared += 1;
    }
    assert!(compared > 6, "{compared} cases");
}

#[test]
fn sequences_wrap_as_recorded() {
    for case in cases(include_str!("../vectors/sequence-arithmetic.json")) {
        let (from, by) = (number(&case["in"][0]) as i32, number(&case["in"][1]) as i32);
        assert_eq!(i64::from(add_sequence(from, by)), number(&case["out"]["up"]), "{}", case["in"]);
    }
}
