//! Writes what a lesson's run exports, and the same as a case for the oracle, into a folder.
//! `cargo run --release -p playground-tests --bin take-home -- LESSON FOLDER`

use std::path::Path;
use std::process::ExitCode;

use playground_tests::take_home::{case, exported, played, replayed};

fn write(id: &str, folder: &Path) -> Result<(), String> {
    let (files, genesis) = exported(id)?;
    let put = |name: String, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    put(format!("{id}.run.sh"), &files.script)?;
    put(format!("{id}.docker-compose.yml"), &files.compose)?;
    let (run, _) = played(id)?;
    let steps = replayed(&files.script, &genesis)?;
    let case = case(id, &run.lesson().title, &genesis, &steps);
    put(format!("{id}.json"), &format!("{case:#}\n"))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [id, folder] = &arguments[..] else {
        eprintln!("a lesson and a folder are expected: take-home LESSON FOLDER");
        return ExitCode::FAILURE;
    };
    match write(id, Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{id}: {wrong}");
            ExitCode::FAILURE
        }
    }
}
