//! Plays recorded cases of Apache Kafka on the simulated cluster and compares, step by step.

mod bench;
mod case;
mod compare;
mod play;
mod steps;

use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use case::Case;
pub use steps::plain;

/// What became of a case.
pub struct Report {
    /// The case's id, or the file's path where it has none.
    pub id: String,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Why a case failed.
pub struct Failure {
    /// The step, counted from 1, and its text.
    pub step: Option<(usize, String)>,
    /// What was expected.
    pub expected: Option<String>,
    /// What was found, or what is wrong with the case.
    pub found: String,
}

impl Failure {
    fn of_case(found: impl Into<String>) -> Self {
        Self { step: None, expected: None, found: found.into() }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(failure) = &self.failure else { return write!(f, "passed {}", self.id) };
        write!(f, "FAILED {}", self.id)?;
        if let Some((number, text)) = &failure.step {
            write!(f, "\n    step {number}: {text}")?;
        }
        if let Some(expected) = &failure.expected {
            write!(f, "\n    expected: {expected}")?;
        }
        write!(f, "\n    found:    {}", failure.found)
    }
}

/// Every case file below `place` (or `place` itself), in the order of paths.
///
/// # Errors
/// The place cannot be read.
pub fn case_files(place: &Path) -> Result<Vec<PathBuf>, String> {
    let complain = |error| format!("{}: {error}", place.display());
    if fs::metadata(place).map_err(complain)?.is_file() {
        return Ok(vec![place.to_path_buf()]);
    }
    let (mut found, mut open) = (Vec::new(), vec![place.to_path_buf()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
            let path = entry.map_err(complain)?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Plays one case file with the chance of `seed`. With `verbose`, every step is printed with the simulated time.
pub fn play_file(path: &Path, seed: u64, verbose: bool) -> Report {
    let unnamed = |failure| Report { id: path.display().to_string(), failure: Some(failure) };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return unnamed(Failure::of_case(error.to_string())),
    };
    let mut case = match Case::parse(&text) {
        Ok(case) => case,
        Err(error) => return unnamed(Failure::of_case(error)),
    };
    case.genesis.seed = seed;
    let played = catch_unwind(AssertUnwindSafe(|| play::play(&case, verbose)));
    let failure = match played {
        Ok(outcome) => outcome.err(),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message");
            Some(Failure::of_case(format!("panicked: {said}")))
        }
    };
    Report { id: case.id, failure }
}
