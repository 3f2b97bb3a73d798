//! Positions that a person moved, readers that are tools, and what lay there before a group began.

use super::*;

const CREATE: (u64, &str) = (3_000, ONE);
const PRODUCER: (u64, &str) = (1_000, P);
const RESET: &str = "kafka-consumer-groups.sh --reset-offsets --group g --topic t --execute";
/// A group that has stopped with three records ahead.
const BEHIND: [(u64, &str); 6] =
    [CREATE, PRODUCER, (8_000, C), (6_000, "send p v"), (3_000, "stop c"), (1_000, "send p --count 3 w")];
const DELETE_3: (u64, &str) = (3_000, "kafka-delete-records.sh --topic t --partition 0 --offset 3");
const C2: (u64, &str) = (10_000, "consumer c2 --topic t --group g --config auto.offset.reset=earliest");
const CONSOLE: &str = "kafka-console-consumer.sh --topic t --group g --from-beginning --timeout-ms 5000";

/// Of each record: what it says, its fate, how often groups have processed it, and what went wrong, as it is told.
fn groups(world: &World) -> Vec<(String, RecordFate, String, String)> {
    let of = |entry: &Rc<LedgerEntry>| {
        let work: Vec<String> = entry.work.iter().map(|one| format!("{} {}", one.group, one.times)).collect();
        let remarks: Vec<String> = entry
            .remarks
            .iter()
            .map(|one| format!("{:?}{} {}", one.kind, if one.at.is_some() { "" } else { " at None" }, one.because))
            .collect();
        (entry.value.to_string(), entry.fate, work.join(", "), remarks.join(", "))
    };
    ledger_of(world).iter().map(of).collect()
}

#[test]
fn what_a_console_consumer_printed_is_processed() {
    let told =
        groups(&played(&Genesis::default(), &[CREATE, PRODUCER, (1_000, "send p --count 3 v"), (20_000, CONSOLE)]));
    let wanted = |value: &str| (value.to_owned(), RecordFate::Read, "g 1".to_owned(), String::new());
    assert_eq!(told, ["v0", "v1", "v2"].map(wanted));
}

#[test]
fn a_console_consumer_has_processed_what_it_printed_and_no_more() {
    let most = format!("{CONSOLE} --max-messages 2");
    let told =
        groups(&played(&Genesis::default(), &[CREATE, PRODUCER, (1_000, "send p --count 3 v"), (20_000, &most)]));
    let work: Vec<&str> = told.iter().map(|(_, _, work, _)| work.as_str()).collect();
    assert_eq!(work, ["g 1", "g 1", ""]);
    assert!(told.iter().all(|(.., remarks)| remarks.is_empty()), "{told:?}");
}

#[test]
fn what_a_person_has_read_again_was_committed() {
    let reset = format!("{RESET} --to-earliest");
    let lines =
        [CREATE, PRODUCER, (8_000, C), (10_000, "send p --count 2 v"), (10_000, "seek c t-0 0"), (3_000, "stop c")];
    let world = played(&Genesis::default(), &lines);
    for (.., remarks) in groups(&world) {
        assert!(remarks.starts_with("Repeated c was taken to t-0 offset 0 by seek at 26."), "{remarks}");
    }
    let lines =
        [CREATE, PRODUCER, (1_000, "send p --count 2 v"), (20_000, CONSOLE), (3_000, &reset), (20_000, CONSOLE)];
    for (.., remarks) in groups(&played(&Genesis::default(), &lines)) {
        assert!(remarks.starts_with("Repeated g was taken to t-0 offset 0 by --reset-offsets at 29."), "{remarks}");
    }
}

#[test]
fn what_a_reset_took_a_group_beyond_is_left_out_until_it_reads_it() {
    let reset = format!("{RESET} --to-latest");
    let lines = [&BEHIND[..], &[(3_000, &reset), DELETE_3, C2]].concat();
    for count in [7, 8, 9] {
        let told = groups(&played(&Genesis::default(), &lines[..count]));
        assert_eq!(told[0].3, "");
        for (.., remarks) in &told[1..] {
            assert!(remarks.starts_with("LeftOut g was taken to t-0 offset 4 by --reset-offsets at "), "{remarks}");
        }
    }
}

#[test]
fn what_was_removed_before_a_group_came_to_it_is_left_out() {
    let lines = [&BEHIND[..], &[DELETE_3, C2]].concat();
    let told = groups(&played(&Genesis::default(), &lines));
    let remarks: Vec<&str> = told.iter().map(|(.., remarks)| remarks.as_str()).collect();
    assert!(remarks[1].starts_with("LeftOut it was removed at ") && remarks[1] == remarks[2], "{remarks:?}");
    assert_eq!((remarks[0], remarks[3]), ("", ""));
}

#[test]
fn what_lay_there_before_a_group_began_is_not_left_out() {
    let lines = [
        CREATE,
        PRODUCER,
        (2_000, "send p --count 2 v"),
        (12_000, "consumer d --topic t --group h --config auto.offset.reset=latest"),
        (10_000, "send p w"),
    ];
    let told = groups(&played(&Genesis::default(), &lines));
    assert!(told.iter().all(|(.., remarks)| remarks.is_empty()), "{told:?}");
    let work: Vec<&str> = told.iter().map(|(_, _, work, _)| work.as_str()).collect();
    assert_eq!(work, ["h 0", "h 0", "h 1"]);
}

#[test]
fn a_consumer_without_a_group_is_not_the_group_of_its_name() {
    let alone = "consumer g --topic t --config auto.offset.reset=earliest";
    let lines = [CREATE, PRODUCER, (1_000, alone), (8_000, C), (8_000, "send p v")];
    let told = groups(&played(&Genesis::default(), &lines));
    assert_eq!(told, [("v".to_owned(), RecordFate::Read, "g 1, g (no group) 1".to_owned(), String::new())]);
}

#[test]
fn what_an_operator_aborted_and_its_producer_committed_is_left_out() {
    let reader = format!("{C} --config isolation.level=read_committed --config auto.commit.interval.ms=1000");
    let lines = [
        CREATE,
        (1_000, "producer p --topic t --config transactional.id=tx"),
        (1_000, "init-transactions p"),
        (100, "begin-transaction p"),
        (2_000, "send p a"),
        (6_000, &reader),
        (2_000, "kafka-transactions.sh abort --topic t --partition 0 --start-offset 0"),
    ];
    let ends = [(8_000, "commit-transaction p"), (8_000, "abort-transaction p")];
    for (end, wanted) in ends.into_iter().zip(["LeftOut kafka-transactions.sh aborted its transaction in t-0 at ", ""])
    {
        let told = groups(&played(&Genesis::default(), &[lines.as_slice(), &[end]].concat()));
        assert_eq!(told.len(), 1);
        assert!(told[0].3.starts_with(wanted) && told[0].3.is_empty() == wanted.is_empty(), "{told:?}");
    }
}
