//! The controller on whole simulated clusters where no case is recorded: cases in the format of the
//! recorded ones, with the results that the rules of Kafka's controller give.

use std::path::Path;

use playground_tests::conformance::{case_files, play_file};

#[test]
fn the_rules_of_the_controller_hold() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/controller");
    let files = case_files(&place).expect("the cases are there");
    assert!(!files.is_empty());
    for file in files {
        let report = play_file(&file, 1, false);
        assert!(report.failure.is_none(), "{report}");
    }
}
