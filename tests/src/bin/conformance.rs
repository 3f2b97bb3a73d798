//! `conformance DIR [--only WORD] [--seed N] [--verbose]`: plays recorded cases of Apache Kafka on the simulated
//! cluster.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use playground_tests::conformance;

const USAGE: &str = "usage: conformance DIR [--only WORD] [--seed N] [--verbose]
  DIR         a folder of case files, looked through with its subfolders, or one file
  --only WORD only cases of this kind (their folder), or if there is no such kind those whose path contains WORD
  --seed N    draw chance from another seed than 1: what Kafka answered holds for all
  --verbose   print every step with the simulated time and what was found, also after one that differs";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, String> {
    let (mut place, mut only, mut seed, mut verbose) = (None, None, 1, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--only" => only = Some(words.next().ok_or_else(|| format!("--only needs a word\n{USAGE}"))?),
            "--seed" => {
                let number = words.next().and_then(|word| word.parse().ok());
                seed = number.ok_or_else(|| format!("--seed needs a number\n{USAGE}"))?;
            }
            "--verbose" => verbose = true,
            _ if word.starts_with('-') => return Err(format!("unknown option {word}\n{USAGE}")),
            _ if place.is_none() => place = Some(word),
            _ => return Err(format!("{word}: there is a folder already\n{USAGE}")),
        }
    }
    let place = place.ok_or(USAGE)?;
    let mut files = conformance::case_files(Path::new(&place))?;
    if let Some(only) = &only {
        let of_kind =
            |file: &PathBuf| file.parent().and_then(Path::file_name).is_some_and(|kind| kind == only.as_str());
        if files.iter().any(of_kind) {
            files.retain(of_kind);
        } else {
            files.retain(|file| file.display().to_string().contains(only.as_str()));
        }
    }
    let (mut passed, mut failed) = (0, 0);
    for file in &files {
        let report = conformance::play_file(file, seed, verbose);
        println!("{report}");
        *(if report.failure.is_none() { &mut passed } else { &mut failed }) += 1;
    }
    println!("{passed} passed, {failed} failed");
    if files.is_empty() {
        return Err(format!("{place}: no case to play"));
    }
    Ok(failed == 0)
}
