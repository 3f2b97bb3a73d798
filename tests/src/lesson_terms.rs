//! Whether a lesson uses a term before it is introduced. The glossary says which lesson of the course introduces a term;
//! a term is explained where it stands in **bold**. Reads the file as text, since a finding names its line.
//! Leaves out what stands between backquotes: names of Kafka, which are no terms.

use playground_core::lesson::{Glossary, GlossaryEntry, Lesson, sources};

/// Blocks that a learner reads; of `look`, what is said beside a thing.
const READ: [&str; 5] = ["ask", "goal", "hint", "look", "done"];
/// Fields of items that nobody reads.
const UNREAD: [&str; 4] = ["kind:", "when:", "at:", "keep:"];
/// Fields of items with text.
const FIELDS: [&str; 2] = ["comment:", "unsure:"];

/// Text that is read in one go: a headline, a paragraph, an item, a field.
#[derive(Default)]
struct Passage {
    /// Which step, from 0.
    step: usize,
    /// Its lines in one.
    text: String,
    /// Where each line begins in `text`, with its number.
    lines: Vec<(usize, u32)>,
    /// Its first word says what the learner is to do: "Watch …".
    is_request: bool,
}

impl Passage {
    fn push(&mut self, line: u32, text: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.lines.push((self.text.len(), line));
        self.text.push_str(text);
    }

    fn line_of(&self, at: usize) -> u32 {
        let before = self.lines.partition_point(|(start, _)| *start <= at);
        before.checked_sub(1).and_then(|last| self.lines.get(last)).map_or(1, |(_, line)| *line)
    }
}

/// The passages of a lesson file in their order.
fn passages(file: &str) -> Vec<Passage> {
    let mut all: Vec<Passage> = Vec::new();
    let (mut heads, mut steps, mut block) = (0, 0, None::<&str>);
    let (mut open, mut skips) = (false, false);
    for (number, raw) in (1..).zip(file.lines()) {
        if heads < 2 {
            heads += usize::from(raw.trim() == "---");
            continue;
        }
        if let Some(kind) = raw.strip_prefix("```") {
            block = block.map_or(Some(kind.trim()), |_| None);
            (open, skips) = (false, false);
            continue;
        }
        if block.is_some_and(|kind| !READ.contains(&kind)) {
            continue;
        }
        let mut text = raw.trim();
        let is_field = |names: &[&str]| names.iter().any(|name| text.starts_with(name));
        if let Some(headline) = raw.strip_prefix("## ") {
            (steps, open, text) = (steps + 1, false, headline);
        } else if block.is_some() && is_field(&UNREAD) {
            (skips, open) = (true, false);
            continue;
        } else if text.is_empty() {
            open = false;
            continue;
        }
        let is_request = text.starts_with("unsure:");
        if block == Some("look") {
            text = text.split_once(':').map_or("", |(_, caption)| caption.trim());
            open = false;
        } else if let Some(item) = text.strip_prefix("- ") {
            (text, open) = (item, false);
        } else if let Some(field) = FIELDS.iter().find_map(|name| text.strip_prefix(name)) {
            (text, open) = (field.trim(), false);
        } else if skips && block.is_some() {
            continue;
        }
        if !open {
            all.push(Passage { step: steps.max(1) - 1, is_request, ..Passage::default() });
        }
        if let Some(passage) = all.last_mut() {
            passage.push(number, text);
        }
        open = !raw.starts_with("## ") && block != Some("look");
        skips = false;
    }
    all
}

/// A term in a passage.
struct Use {
    entry: usize,
    step: usize,
    line: u32,
    /// It stands in bold, alone: here it is explained.
    is_bold: bool,
}

/// The terms of a passage. What is code is blanked out, so that the places stay.
fn uses(glossary: &Glossary, passage: &Passage) -> Vec<Use> {
    let mut plain = String::with_capacity(passage.text.len());
    let (mut code, mut bold, mut bolds) = (false, None::<usize>, Vec::new());
    let mut rest = passage.text.as_str();
    while let Some(letter) = rest.chars().next() {
        let mut width = letter.len_utf8();
        if letter == '`' {
            code = !code;
            plain.push('\u{1}');
        } else if !code && rest.starts_with("**") {
            width = 2;
            plain.push_str("\u{1}\u{1}");
            match bold.take() {
                Some(start) => bolds.push((start, plain.len() - 2)),
                None => bold = Some(plain.len()),
            }
        } else if code {
            plain.extend(std::iter::repeat_n('\u{1}', width));
        } else {
            plain.push(letter);
        }
        rest = rest.get(width..).unwrap_or_default();
    }
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(here) = glossary.find(&plain, from) {
        from = here.end;
        let is_config = plain.get(here.end..).is_some_and(|behind| {
            behind.starts_with(['=', '.']) && {
                behind.chars().nth(1).is_some_and(|next| next.is_alphanumeric() || next == '-')
            }
        });
        if is_config || (passage.is_request && here.start == 0) {
            continue;
        }
        found.push(Use {
            entry: here.entry,
            step: passage.step,
            line: passage.line_of(here.start),
            is_bold: bolds.contains(&(here.start, here.end)),
        });
    }
    found
}

/// Up to which lesson of the course the readers of a lesson have got, as its place in the list: a lesson of the course
/// itself, one of one's own by its `after:`, or else by its chapter; without either it stands behind the course.
fn place(lesson: &Lesson) -> Result<usize, String> {
    let course: Vec<Lesson> = sources().iter().filter_map(|(_, text)| Lesson::parse_head(text).ok()).collect();
    if let Some(own) = course.iter().position(|one| one.id == lesson.id) {
        return Ok(own);
    }
    match &lesson.after {
        Some(after) => course
            .iter()
            .position(|one| one.id == *after)
            .map(|at| at + 1)
            .ok_or_else(|| format!("the id of a lesson of the course is expected after after:, found {after}")),
        None => {
            let of_chapter = course.iter().rposition(|one| one.chapter == lesson.chapter);
            Ok(of_chapter.map_or(course.len(), |at| at + 1))
        }
    }
}

/// Where a lesson uses a term that its readers have not met: each term once, with the line.
pub fn problems(glossary: &Glossary, lesson: &Lesson, file: &str) -> Vec<String> {
    let here = match place(lesson) {
        Ok(here) => here,
        Err(wrong) => return vec![wrong],
    };
    let introduced = |entry: &GlossaryEntry| sources().iter().position(|(id, _)| *id == &*entry.lesson);
    let uses: Vec<Use> = passages(file).iter().flat_map(|passage| uses(glossary, passage)).collect();
    let mut problems = Vec::new();
    for (number, entry) in glossary.entries().iter().enumerate() {
        let Some(first) = uses.iter().find(|one| one.entry == number) else { continue };
        if introduced(entry).is_none_or(|at| at < here) {
            continue;
        }
        let GlossaryEntry { term, lesson: by, .. } = entry;
        let explained = uses.iter().find(|one| one.entry == number && one.is_bold);
        let is_its_own = **by == *lesson.id;
        match explained {
            Some(explained) if explained.step <= first.step => {}
            Some(explained) => problems.push(format!(
                "line {}: \"{term}\" is used before it is explained, in line {}",
                first.line, explained.line
            )),
            None if is_its_own => problems.push(format!(
                "line {}: **{term}** is expected where it is explained: the glossary names this lesson for it",
                first.line
            )),
            None => problems.push(format!(
                "line {}: \"{term}\" is used before the lesson {by} introduces it; explain it here, in **bold**, or do without",
                first.line
            )),
        }
    }
    problems
}
