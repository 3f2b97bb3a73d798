//! Plays lesson files with every answer and says what is not sound.
//! `cargo run --release -p playground-tests --bin lesson -- FILE…`

use std::process::ExitCode;
use std::rc::Rc;

use playground_core::lesson::Lesson;
use playground_tests::lesson_check::check;

fn problems(path: &str) -> Vec<String> {
    match std::fs::read_to_string(path) {
        Err(wrong) => vec![wrong.to_string()],
        Ok(text) => match Lesson::parse(&text) {
            Err(wrong) => vec![wrong.to_string()],
            Ok(lesson) => check(&Rc::new(lesson)),
        },
    }
}

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("lesson files are expected: lesson FILE…");
        return ExitCode::FAILURE;
    }
    let mut failed = 0;
    for path in &paths {
        let problems = problems(path);
        println!("{} {path}", if problems.is_empty() { "sound    " } else { "NOT SOUND" });
        for problem in &problems {
            println!("  {problem}");
        }
        failed += usize::from(!problems.is_empty());
    }
    println!("{} passed, {failed} failed", paths.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
