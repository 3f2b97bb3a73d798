//! What retries do to a log, side by side with and without `enable.idempotence`: a record that lies twice, a record
//! behind one that was sent after it; the ledger names the retry that caused it.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::machine::Observation;
use playground_core::sim::Genesis;
use playground_core::time::SimTime;
use playground_core::timeline::{Event, Timeline};
use playground_core::view::{LedgerEntry, RemarkKind};

/// One partition on two brokers, led by 102; the lines of the drill follow.
fn play(producer: &str, lines: &str) -> Timeline {
    let config = vec![
        ("zookeeper.session.timeout.ms".into(), "6000".into()),
        ("auto.leader.rebalance.enable".into(), "false".into()),
        ("group.initial.rebalance.delay.ms".into(), "0".into()),
    ];
    let mut timeline = Timeline::new(Genesis { config, ..Genesis::default() }).expect("the cluster stands");
    let lines = format!(
        "kafka-topics.sh --create --topic orders --replica-assignment 102:103 --config min.insync.replicas=2
         wait 2s
         producer shop --topic orders --config acks=all --config delivery.timeout.ms=120000 {producer}
         consumer reader --topic orders --group billing --config auto.offset.reset=earliest
         wait 4s
         send shop zero
         wait 2s
         {lines}"
    );
    for line in lines.lines().map(str::trim) {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        timeline.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    timeline
}

/// Value, offset that it was acknowledged at, places in the log, what the ledger names.
type Row = (String, Option<i64>, Vec<i64>, Vec<RemarkKind>);

fn rows(timeline: &Timeline) -> Vec<Row> {
    let row = |entry: &Rc<LedgerEntry>| {
        let named = entry.remarks.iter().map(|remark| remark.kind).collect();
        (entry.value.to_string(), entry.offset, entry.places.clone(), named)
    };
    timeline.view().ledger.iter().map(row).collect()
}

/// When the producer sent something again, and after which error.
fn retries(timeline: &Timeline) -> Vec<(SimTime, String)> {
    let retried = |event: Event<'_>| match event.observation {
        Observation::ProduceRetried { error, .. } => Some((event.at, error.to_string())),
        _ => None,
    };
    timeline.events().iter().filter_map(retried).collect()
}

/// The remark of this kind on this record is the retry, word for word.
fn is_blamed_on_retry(timeline: &Timeline, value: &str, kind: RemarkKind) {
    let view = timeline.view();
    let entry = view.ledger.iter().find(|entry| &*entry.value == value).expect("it was sent");
    let remark = entry.remarks.iter().find(|remark| remark.kind == kind).expect("it is named");
    let known = retries(timeline);
    let (at, error) = known.first().expect("there was a retry");
    println!("{value}: {kind:?} because {}", remark.because);
    assert_eq!(remark.at, Some(*at));
    assert!(remark.because.starts_with(&format!("sent again at {at} after {error}")), "{}", remark.because);
    assert!((entry.sent_at..).contains(at), "sent at {}, again at {at}", entry.sent_at);
}

/// The answer to `first` is lost after the append; the request times out and is sent again.
const ANSWER_LOST: &str = "cut shop 102 one-way
    send shop first
    wait 4s
    heal
    wait 30s";

#[test]
fn a_retry_after_a_lost_answer_lies_twice_in_the_log() {
    let timeline = play("--config request.timeout.ms=3000 --config enable.idempotence=false", ANSWER_LOST);
    let twice = vec![RemarkKind::Duplicated, RemarkKind::Repeated];
    let expected = [("zero".to_owned(), Some(0), vec![0], vec![]), ("first".to_owned(), Some(2), vec![1, 2], twice)];
    assert_eq!(rows(&timeline), expected);
    is_blamed_on_retry(&timeline, "first", RemarkKind::Duplicated);
    // Its group has processed each place once: the retry is to blame, not a reader.
    is_blamed_on_retry(&timeline, "first", RemarkKind::Repeated);
}

#[test]
fn an_idempotent_producer_sends_again_and_it_lies_there_once() {
    let timeline = play("--config request.timeout.ms=3000", ANSWER_LOST);
    assert!(!retries(&timeline).is_empty(), "it did send again");
    let expected = [("zero".to_owned(), Some(0), vec![0], vec![]), ("first".to_owned(), Some(1), vec![1], vec![])];
    assert_eq!(rows(&timeline), expected);
}

/// `first` is refused while one replica is in sync; the refusal is slow to arrive, and `second` comes before its
/// retry.
const REFUSED_BUT_THE_NEXT_IS_NOT: &str = "kill 103
    wait 10s
    delay shop 102 15s
    send shop first
    wait 15500ms
    start 103
    wait 12s
    send shop second
    wait 60s
    heal
    wait 30s";

#[test]
fn a_retry_comes_behind_what_was_sent_after_it() {
    let producer = "--config max.in.flight.requests.per.connection=5 --config request.timeout.ms=60000";
    let timeline = play(&format!("{producer} --config enable.idempotence=false"), REFUSED_BUT_THE_NEXT_IS_NOT);
    let expected = [
        ("zero".to_owned(), Some(0), vec![0], vec![]),
        ("first".to_owned(), Some(2), vec![2], vec![RemarkKind::Reordered]),
        ("second".to_owned(), Some(1), vec![1], vec![]),
    ];
    assert_eq!(rows(&timeline), expected);
    is_blamed_on_retry(&timeline, "first", RemarkKind::Reordered);
}

#[test]
fn an_idempotent_producer_keeps_the_order_of_what_it_sends_again() {
    let producer = "--config max.in.flight.requests.per.connection=5 --config request.timeout.ms=60000";
    let timeline = play(producer, REFUSED_BUT_THE_NEXT_IS_NOT);
    let expected = [
        ("zero".to_owned(), Some(0), vec![0], vec![]),
        ("first".to_owned(), Some(1), vec![1], vec![]),
        ("second".to_owned(), Some(2), vec![2], vec![]),
    ];
    assert_eq!(rows(&timeline), expected);
}
