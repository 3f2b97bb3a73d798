//! Crash drills side by side, as a teacher shows them: the same cluster, the same seed, the same steps and
//! the same crash; only one setting differs, and the ledger shows what it is worth.

use std::collections::BTreeMap;
use std::rc::Rc;

use playground_core::command::Command;
use playground_core::timeline::Timeline;
use playground_core::view::{ClusterView, RecordFate, RemarkKind};

fn play(lines: &str) -> Timeline {
    let genesis = playground_core::sim::Genesis {
        config: vec![
            ("zookeeper.session.timeout.ms".into(), "6000".into()),
            ("auto.leader.rebalance.enable".into(), "false".into()),
            ("group.initial.rebalance.delay.ms".into(), "0".into()),
        ],
        ..playground_core::sim::Genesis::default()
    };
    let mut timeline = Timeline::new(genesis).expect("the cluster stands");
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        timeline.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    timeline
}

/// The leader dies before its followers have copied the second ten records.
fn leader_crash(producer: &str, before: &str, after: &str) -> Rc<ClusterView> {
    let timeline = play(&format!(
        "kafka-topics.sh --create --topic orders --replica-assignment 102:103:101 --config min.insync.replicas=2
         wait 2s
         producer shop --topic orders {producer} --config request.timeout.ms=3000 --config delivery.timeout.ms=60000
         {before}
         wait 1s
         send shop --count 10 first-
         wait 2s
         cut 102 103
         cut 102 101
         send shop --count 10 second-
         wait 200ms
         kill 102
         send shop --count 10 third-
         wait 30s
         {after}
         heal
         start 102
         wait 30s"
    ));
    timeline.view()
}

/// Acknowledged, lost, twice there, in the log.
fn sums(view: &ClusterView) -> [usize; 4] {
    let entries = || view.ledger.iter().filter(|entry| &*entry.tp.topic == "orders");
    let acked = entries().filter(|entry| !matches!(entry.fate, RecordFate::Sent | RecordFate::Failed)).count();
    let lost = entries().filter(|entry| entry.fate == RecordFate::Lost).count();
    let there = entries().map(|entry| entry.places.len()).sum();
    [acked, lost, entries().filter(|entry| entry.duplicated).count(), there]
}

fn because(view: &ClusterView, kind: RemarkKind) -> Vec<String> {
    let remarks = view.ledger.iter().flat_map(|entry| &entry.remarks);
    let remarks = remarks.filter(|remark| remark.kind == kind && remark.at.is_some());
    let mut found: Vec<String> = remarks.map(|remark| remark.because.to_string()).collect();
    found.dedup();
    found
}

#[test]
fn the_same_crash_with_acks_0_1_all_and_in_a_transaction() {
    let drills = [
        // setting, [acknowledged, lost, twice there, in the log]
        ("--config acks=0", "", "", None),
        ("--config acks=1 --config enable.idempotence=false", "", "", Some([30, 10, 0, 20])),
        ("--config acks=all", "", "", Some([30, 0, 0, 30])),
        (
            "--config acks=all --config transactional.id=shop --config transaction.timeout.ms=60000",
            "init-transactions shop\nwait 1s\nbegin-transaction shop",
            "commit-transaction shop\nwait 5s",
            Some([30, 0, 0, 30]),
        ),
    ];
    println!("{:<40} {:>6} {:>5} {:>6} {:>6}", "setting", "acked", "lost", "twice", "there");
    for (setting, before, after, promised) in drills {
        let view = leader_crash(setting, before, after);
        let [acked, lost, twice, there] = sums(&view);
        println!("{:<40} {acked:>6} {lost:>5} {twice:>6} {there:>6}", &setting[..setting.len().min(40)]);
        let named = view.ledger.iter().flat_map(|entry| &entry.remarks);
        let named = named.filter(|remark| remark.kind == RemarkKind::Lost && remark.at.is_some()).count();
        assert_eq!(named, lost, "{setting}: each loss has its event");
        for why in because(&view, RemarkKind::Lost).iter().take(1) {
            println!("    lost: {why}");
            assert!(why.contains("103 began to lead orders-0") || why.contains("101 began to lead orders-0"), "{why}");
        }
        match promised {
            Some(promised) => assert_eq!([acked, lost, twice, there], promised, "{setting}"),
            // Nobody tells a producer with acks=0: it takes all for sent, and more is lost than with acks=1.
            None => {
                assert_eq!((acked, twice, lost + there), (30, 0, 30), "{setting}");
                assert!(lost >= 10, "{setting}: only {lost} are lost");
            }
        }
        if promised == Some([30, 0, 0, 30]) {
            assert_eq!(view.transactions.iter().filter(|one| &*one.state == "Ongoing").count(), 0);
        }
    }
}

/// A reader dies half way through ten records; a second one takes over.
fn reader_crash(work: &str) -> Timeline {
    let reader = |name: &str| {
        format!(
            "consumer {name} --topic orders --group billing --config auto.offset.reset=earliest \
             --config isolation.level=read_committed --config session.timeout.ms=6000 --config heartbeat.interval.ms=1000 \
             --processing 100ms {work}"
        )
    };
    play(&format!(
        "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 3
         kafka-topics.sh --create --topic bills --partitions 1 --replication-factor 3
         wait 2s
         producer shop --topic orders
         send shop --count 10 order-
         wait 2s
         {}
         wait 1000ms
         kill reader-1
         {}
         wait 60s
         consumer auditor --topic bills --config auto.offset.reset=earliest --config isolation.level=read_committed
         wait 10s",
        reader("reader-1"),
        reader("reader-2"),
    ))
}

/// What `bills` holds as a reader of committed records is given it: value and how often, sorted.
fn bills(timeline: &Timeline) -> Vec<(String, usize)> {
    let auditor = timeline.world().consumer("auditor").expect("it was added");
    let mut bills: BTreeMap<String, usize> = BTreeMap::new();
    for record in auditor.received().iter() {
        let value = String::from_utf8_lossy(record.value().expect("a value")).into_owned();
        *bills.entry(value).or_default() += 1;
    }
    bills.into_iter().collect()
}

/// How many records were processed never, once, twice by the group, and rows in its store.
fn work(view: &ClusterView) -> [usize; 4] {
    let entries: Vec<_> = view.ledger.iter().filter(|entry| &*entry.tp.topic == "orders").collect();
    let of = |times: u32| {
        let done = |entry: &&&std::rc::Rc<playground_core::view::LedgerEntry>| {
            entry.work.iter().find(|work| &*work.group == "billing").map_or(0, |work| work.times) == times
        };
        entries.iter().filter(done).count()
    };
    let rows: u32 = entries.iter().flat_map(|entry| entry.work.iter()).map(|work| work.rows).sum();
    [of(0), of(1), of(2), rows as usize]
}

#[test]
fn the_same_crash_with_the_commit_before_after_and_in_a_transaction() {
    // setting, [never, once, twice], rows; how many the first reader was through with depends on when its
    // group let it begin, which is the same in every drill.
    let settings = [
        "--commit before",
        "--commit after",
        "--commit after --sink idempotent",
        "--commit transaction --to bills --producer-property transactional.id=billing",
    ];
    println!("{:<50} {:>5} {:>5} {:>5} {:>5}", "setting", "never", "once", "twice", "rows");
    for setting in settings {
        let timeline = reader_crash(setting);
        let view = timeline.view();
        let [never, once, twice, rows] = work(&view);
        println!("{:<50} {never:>5} {once:>5} {twice:>5} {rows:>5}", &setting[..setting.len().min(50)]);
        for kind in [RemarkKind::LeftOut, RemarkKind::Repeated] {
            for why in because(&view, kind).iter().take(1) {
                println!("    {kind:?}: {why}");
            }
        }
        assert_eq!(never + once + twice, 10, "{setting}");
        match setting {
            "--commit before" => {
                assert!(never > 0 && twice == 0 && rows == once, "at most once: {never} never, {twice} twice");
                assert!(because(&view, RemarkKind::LeftOut)[0].contains("reader-1 had committed it and was killed"));
            }
            "--commit after" => {
                assert!(never == 0 && twice > 0 && rows == 10 + twice, "at least once: {never} never, {twice} twice");
                assert!(because(&view, RemarkKind::Repeated)[0].contains("reader-2 began orders-0 at 0"));
            }
            "--commit after --sink idempotent" => {
                assert!(never == 0 && twice > 0 && rows == 10, "an idempotent store has each once: {rows} rows");
            }
            _ => {
                assert_eq!([never, once, twice, rows], [0, 10, 0, 10], "exactly once");
                let promised: Vec<(String, usize)> = (0..10).map(|number| (format!("order-{number}"), 1)).collect();
                let found = bills(&timeline);
                assert_eq!(found, promised, "one bill for each order");
                // The ledger has the results of both applications; those of the one that died were aborted.
                let results = view.ledger.iter().filter(|entry| &*entry.tp.topic == "bills");
                let held: usize = results.clone().map(|entry| entry.places.len()).sum();
                println!("    bills: {} sent, {held} in the log, {} committed", results.clone().count(), found.len());
                assert!(results.clone().any(|entry| &*entry.producer == "reader-1") && held > 10, "{held} in the log");
                assert!(results.clone().all(|entry| entry.remarks.is_empty()));
            }
        }
    }
}
