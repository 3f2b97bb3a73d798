//! The lessons that come with the page. Their texts are a file beside the program (`assets/js/boot.js` has it there
//! before the program begins): compiled in, they would be a tenth of what has to arrive before anything is drawn.

use std::sync::OnceLock;

use playground_core::lesson::{Glossary, Lesson};

/// Stands between two lessons, and before the glossary, as `cargo xtask course` writes it.
const BETWEEN: char = '\u{c}';

/// How a text that core reads begins: its path follows, then the text.
const TEXT: &str = "text ";

/// The built-in lessons' files, in the order of the course.
pub fn texts() -> &'static [String] {
    static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
    TEXTS.get_or_init(|| pieces().0)
}

/// What the words mean; empty if the file has none.
pub fn glossary() -> &'static Glossary {
    static GLOSSARY: OnceLock<Glossary> = OnceLock::new();
    GLOSSARY.get_or_init(|| Glossary::parse(&pieces().1).unwrap_or_default())
}

/// The lessons, and the glossary behind them.
fn pieces() -> (Vec<String>, String) {
    let (mut lessons, mut glossary) = (Vec::new(), String::new());
    // A lesson begins with its head, the glossary with a headline, a text of core with its path.
    for piece in found().split(BETWEEN).map(str::to_owned) {
        if piece.starts_with("# ") {
            glossary = piece;
        } else if !piece.starts_with(TEXT) {
            lessons.push(piece);
        }
    }
    (lessons, glossary)
}

/// Gives core the texts that it reads, before anything runs.
#[cfg(target_arch = "wasm32")]
pub fn give_texts() {
    let text = found();
    let given = |piece: &str| {
        let (name, text) = piece.strip_prefix(TEXT)?.split_once('\n')?;
        Some((name.to_owned(), text.to_owned()))
    };
    playground_core::beside::give(text.split(BETWEEN).filter_map(given).collect());
}

#[cfg(target_arch = "wasm32")]
fn found() -> String {
    let global = js_sys::global();
    js_sys::Reflect::get(&global, &"playgroundCourse".into()).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Tests of the model have no page around them.
#[cfg(not(target_arch = "wasm32"))]
fn found() -> String {
    use playground_core::lesson::{GLOSSARY, sources};
    let texts: Vec<&str> = sources().iter().map(|(_, text)| *text).chain([GLOSSARY]).collect();
    texts.join(&BETWEEN.to_string())
}

/// The built-in lessons without their steps: what a list of them shows.
pub fn heads() -> Vec<Lesson> {
    texts().iter().filter_map(|text| Lesson::parse_head(text).ok()).collect()
}

/// The built-in lesson at a place of the list, from 0, without its steps.
pub fn head(number: usize) -> Option<Lesson> {
    texts().get(number).and_then(|text| Lesson::parse_head(text).ok())
}

/// A built-in lesson with its place in the list, from 0.
pub fn named(id: &str) -> Option<(usize, Lesson)> {
    let is_it = |text: &String| Lesson::parse_head(text).is_ok_and(|lesson| &*lesson.id == id);
    let (number, text) = texts().iter().enumerate().find(|(_, text)| is_it(text))?;
    let mut lesson = Lesson::parse(text).ok()?;
    glossary().mark(&mut lesson);
    Some((number, lesson))
}
