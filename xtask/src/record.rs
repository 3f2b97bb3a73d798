//! `cargo xtask record`: asks Apache Kafka itself what a case does (`tests/oracle/`), writes the answers into the case's
//! file, and plays the case on the simulated cluster, so that one sees at once whether both agree.

use std::path::{Path, PathBuf};

use crate::process::{cargo, find_all, program, run};

/// Runs of a case where nothing else is asked for: what one run says may be chance.
const RUNS: u32 = 3;
/// The oracle's status when it played and a step needs a look (it was unstable, or Kafka never came there).
const STEPS_TO_LOOK_AT: i32 = 1;

/// What is recorded and how.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    cases: Vec<String>,
    runs: u32,
    again: bool,
    kafka: Option<String>,
}

impl Options {
    /// Reads the words after `record`.
    ///
    /// # Errors
    /// An option is not known or lacks its value, or no case is named.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self { cases: Vec::new(), runs: RUNS, again: false, kafka: None };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                "--runs" => {
                    let number = words.next().and_then(|number| number.parse().ok()).filter(|&number| number > 0);
                    options.runs = number.ok_or("--runs needs a number from 1 on")?;
                }
                "--again" => options.again = true,
                "--kafka" => {
                    let version = words.next().ok_or("--kafka needs a version, such as 3.9.1")?;
                    options.kafka = Some((*version).to_owned());
                }
                _ if word.starts_with('-') => return Err(format!("record: {word} is not known")),
                _ => options.cases.push(word.to_owned()),
            }
        }
        if options.cases.is_empty() {
            return Err("record: which case? For example tests/conformance/cases/first/enough-replicas.json".into());
        }
        Ok(options)
    }

    /// What the oracle is told.
    fn of_oracle(&self) -> Vec<String> {
        let mode = if self.again { "--again" } else { "--record" };
        let mut words = vec![mode.to_owned(), self.runs.to_string()];
        if let Some(version) = &self.kafka {
            words.extend(["--kafka".to_owned(), version.clone()]);
        }
        words.extend(self.cases.iter().map(|case| absolute(case).display().to_string()));
        words
    }
}

/// Records the cases, then plays each on the simulation.
///
/// # Errors
/// The machine lacks something, the oracle gave up, or Kafka and the simulation differ.
pub fn run_all(options: &Options) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("record: Kafka's brokers get network namespaces, which only Linux has".into());
    }
    let python = find_all("python3", &[]);
    let python = python.first().ok_or("record: the oracle is a Python program, and there is no python3 on the PATH")?;
    let mut oracle = program(python);
    oracle.arg("tests/oracle/oracle.py").args(options.of_oracle());
    let status = oracle.status().map_err(|error| format!("record: the oracle cannot be started: {error}"))?;
    // The oracle has said on standard error what it lacks.
    if !status.success() && status.code() != Some(STEPS_TO_LOOK_AT) {
        return Err("record: nothing is recorded; tests/oracle/README.md says what the machine needs".into());
    }
    let mut differ = 0;
    for case in &options.cases {
        println!("==> the simulation");
        let mut conformance = cargo();
        conformance.args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "playground-tests",
            "--bin",
            "conformance",
            "--",
        ]);
        differ += u32::from(run("the simulation", conformance.arg(absolute(case))).is_err());
    }
    match (differ, status.success()) {
        (0, true) => Ok(()),
        (0, false) => Err("the simulation agrees, but the steps named above need a look: they may be chance".into()),
        (some, _) => Err(format!("recorded; the simulation differs in {some} of {} cases", options.cases.len())),
    }
}

/// Paths are meant from where the command was given, programs run in the repository.
fn absolute(case: &str) -> PathBuf {
    std::path::absolute(Path::new(case)).unwrap_or_else(|_| PathBuf::from(case))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_runs_are_recorded_unless_told_otherwise() {
        let options = Options::parse(&["/a.json"]);
        assert_eq!(
            options.map(|options| options.of_oracle()),
            Ok(["--record", "3", "/a.json"].map(String::from).into())
        );
        let words = ["--again", "--runs", "2", "--kafka", "3.8.1", "/a.json", "/b.json"];
        let told = ["--again", "2", "--kafka", "3.8.1", "/a.json", "/b.json"];
        assert_eq!(Options::parse(&words).map(|options| options.of_oracle()), Ok(told.map(String::from).into()));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for words in [&[][..], &["--runs", "0", "a"], &["--runs"], &["a", "--kafka"], &["--loud", "a"]] {
            assert!(Options::parse(words).is_err(), "{words:?}");
        }
    }
}
