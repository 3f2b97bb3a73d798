//! The lessons that come with the page. Their texts are a file beside the program (`assets/js/boot.js` has it there
//! before the program begins): compiled in, they would be a tenth of what has to arrive before anything is drawn.

use std::rc::Rc;
use std::sync::OnceLock;

use playground_core::lesson::{Glossary, Lesson};

/// Stands between two lessons, and before the glossary, as `cargo xtask course` writes it.
const BETWEEN: char = '\u{c}';

/// How the glossary begins.
const HEADLINE: &str = "# ";

/// How a text that core reads begins: its path follows, then the text.
const TEXT: &str = "text ";

/// The built-in lessons' files, in the order of the course.
pub fn texts() -> &'static [&'static str] {
    static TEXTS: OnceLock<Vec<&str>> = OnceLock::new();
    // A lesson begins with its head, the glossary with a headline, a text of core with its path.
    let is_lesson = |piece: &&str| !piece.starts_with(HEADLINE) && !piece.starts_with(TEXT);
    TEXTS.get_or_init(|| found().split(BETWEEN).filter(is_lesson).collect())
}

/// What the words mean; empty if the file has none.
pub fn glossary() -> &'static Glossary {
    static GLOSSARY: OnceLock<Glossary> = OnceLock::new();
    let text = || found().split(BETWEEN).find(|piece| piece.starts_with(HEADLINE)).unwrap_or_default();
    GLOSSARY.get_or_init(|| Glossary::parse(text()).unwrap_or_default())
}

/// Gives core the texts that it reads, before anything runs.
#[cfg(target_arch = "wasm32")]
pub fn give_texts() {
    let given = |piece: &'static str| piece.strip_prefix(TEXT)?.split_once('\n');
    playground_core::beside::give(found().split(BETWEEN).filter_map(given).collect());
}

/// The file, taken from the page once: it is kept here alone.
#[cfg(target_arch = "wasm32")]
fn found() -> &'static str {
    static FOUND: OnceLock<String> = OnceLock::new();
    FOUND.get_or_init(|| {
        let (global, name) = (js_sys::global(), "playgroundCourse".into());
        let text = js_sys::Reflect::get(&global, &name).ok().and_then(|text| text.as_string());
        let _ = js_sys::Reflect::delete_property(&global, &name);
        text.unwrap_or_default()
    })
}

/// Tests of the model have no page around them.
#[cfg(not(target_arch = "wasm32"))]
fn found() -> &'static str {
    use playground_core::lesson::{GLOSSARY, sources};
    static FOUND: OnceLock<String> = OnceLock::new();
    FOUND.get_or_init(|| {
        let texts: Vec<&str> = sources().iter().map(|(_, text)| *text).chain([GLOSSARY]).collect();
        texts.join(&BETWEEN.to_string())
    })
}

/// The built-in lessons without their steps: what a list of them shows.
pub fn heads() -> Rc<Vec<Lesson>> {
    thread_local! {
        static HEADS: Rc<Vec<Lesson>> = Rc::new(texts().iter().filter_map(|text| Lesson::parse_head(text).ok()).collect());
    }
    HEADS.with(Rc::clone)
}

/// The built-in lesson at a place of the list, from 0, without its steps.
pub fn head(number: usize) -> Option<Lesson> {
    texts().get(number).and_then(|text| Lesson::parse_head(text).ok())
}

/// A built-in lesson with its place in the list, from 0.
pub fn named(id: &str) -> Option<(usize, Lesson)> {
    let is_it = |text: &&str| Lesson::parse_head(text).is_ok_and(|lesson| &*lesson.id == id);
    let (number, text) = texts().iter().enumerate().find(|(_, text)| is_it(text))?;
    let mut lesson = Lesson::parse(text).ok()?;
    glossary().mark(&mut lesson);
    Some((number, lesson))
}
