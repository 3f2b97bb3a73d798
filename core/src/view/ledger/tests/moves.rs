//! Positions that a person moved, readers that are tools, and what lay there before a group began.

use super::*;

const CREATE: (u64, &str) = (3_000, ONE);
const PRODUCER: (u64, &str) = (1_000, P);
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
fn a_consumer_without_a_group_is_not_the_group_of_its_name() {
    let alone = "consumer g --topic t --config auto.offset.reset=earliest";
    let lines = [CREATE, PRODUCER, (1_000, alone), (8_000, C), (8_000, "send p v")];
    let told = groups(&played(&Genesis::default(), &lines));
    assert_eq!(told, [("v".to_owned(), RecordFate::Read, "g 1, g (no group) 1".to_owned(), String::new())]);
}
