//! Plays lesson files with every answer and says what is not sound.
//! `cargo run --release -p playground-tests --bin lesson -- FILE…`

use std::process::ExitCode;
use std::rc::Rc;

use playground_core::lesson::{GLOSSARY, Glossary, Lesson};
use playground_tests::lesson_check::{Report, check};
use playground_tests::lesson_terms;

fn report(path: &str) -> Result<Report, String> {
    let text = std::fs::read_to_string(path).map_err(|wrong| wrong.to_string())?;
    let lesson = Lesson::parse(&text).map_err(|wrong| wrong.to_string())?;
    let glossary = Glossary::parse(GLOSSARY).map_err(|wrong| format!("GLOSSARY.md, {wrong}"))?;
    let terms = lesson_terms::problems(&glossary, &lesson, &text);
    let mut report = check(&Rc::new(lesson));
    report.problems.extend(terms);
    Ok(report)
}

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("lesson files are expected: lesson FILE…");
        return ExitCode::FAILURE;
    }
    let mut failed = 0;
    for path in &paths {
        let unread = |wrong| Report { problems: vec![wrong], ..Report::default() };
        let Report { problems, course, .. } = report(path).unwrap_or_else(unread);
        println!("{} {path}", if problems.is_empty() { "sound    " } else { "NOT SOUND" });
        for line in &course {
            println!("  {line}");
        }
        for problem in &problems {
            println!("  {problem}");
        }
        failed += usize::from(!problems.is_empty());
    }
    println!("{} passed, {failed} failed", paths.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
