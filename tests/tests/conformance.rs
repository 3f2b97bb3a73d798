//! The recorded cases of the first kinds, each played on the simulated cluster.

use std::path::Path;

use playground_tests::conformance::{case_files, play_file};

#[test]
fn recorded_cases_are_played_as_kafka_played_them() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases");
    let files = case_files(&place).expect("the cases are part of the repository");
    assert!(files.len() >= 140, "only {} cases in {}", files.len(), place.display());
    let reports = files.iter().map(|file| play_file(file, 1, false));
    let failed: Vec<String> = reports.filter(|report| report.failure.is_some()).map(|r| r.to_string()).collect();
    assert!(failed.is_empty(), "{} of {} cases failed\n{}", failed.len(), files.len(), failed.join("\n"));
}
