//! The glossary: what Kafka's words mean, in one sentence or two, and the lesson that explains each first.
//! `assets/lessons/GLOSSARY.md` is read here; where a lesson first uses a term, its text leads to the entry.
//! Leaves out synonyms of the trade that the course does not use.

use super::prose::prose;
use super::{Lesson, LessonError, Prose, Span};
use crate::collections::Order;

/// Words that a definition may have.
pub const DEFINITION_WORDS_MAX: usize = 40;

/// The entries in alphabetical order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Glossary {
    entries: Vec<GlossaryEntry>,
    /// Every form of every term in small letters, the longest first, with its entry.
    forms: Vec<(String, usize)>,
}

/// One term.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GlossaryEntry {
    /// Line of its headline in the file, from 1.
    pub line: u32,
    /// As a heading: `high watermark`.
    pub term: String,
    /// Other forms of it in texts: plurals, short forms.
    pub also: Vec<String>,
    /// The lesson that explains it first.
    pub lesson: String,
    /// At most [`DEFINITION_WORDS_MAX`] words.
    pub definition: Prose,
}

/// A term in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its place among the entries.
    pub entry: usize,
}

impl Glossary {
    /// Reads the file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and what was expected.
    pub fn parse(text: &str) -> Result<Self, LessonError> {
        let mut entries = Vec::new();
        let mut open: Option<Draft<'_>> = None;
        for (index, line) in text.lines().enumerate() {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            if let Some(term) = line.strip_prefix("## ") {
                if let Some(draft) = open.replace(Draft::new(number, term.trim())) {
                    entries.push(draft.finish()?);
                }
            } else if let Some(draft) = &mut open {
                draft.take(number, line)?;
            }
        }
        if let Some(draft) = open {
            entries.push(draft.finish()?);
        }
        Self::of(entries)
    }

    fn of(mut entries: Vec<GlossaryEntry>) -> Result<Self, LessonError> {
        entries.order_by(|a, b| a.term.to_ascii_lowercase().cmp(&b.term.to_ascii_lowercase()));
        let mut forms: Vec<(String, usize)> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            for form in std::iter::once(&entry.term).chain(&entry.also) {
                let form = form.to_ascii_lowercase();
                if forms.iter().any(|(known, _)| *known == form) {
                    return Err(LessonError::new(
                        entry.line,
                        format!("a form of one term only is expected, found {form} again"),
                    ));
                }
                forms.push((form, index));
            }
        }
        forms.order_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        Ok(Self { entries, forms })
    }

    /// In alphabetical order.
    pub fn entries(&self) -> &[GlossaryEntry] {
        &self.entries
    }

    /// The place of the entry of this term or of another form of it.
    pub fn entry_of(&self, term: &str) -> Option<usize> {
        let term = term.to_ascii_lowercase();
        self.forms.iter().find(|(form, _)| *form == term).map(|(_, entry)| *entry)
    }

    /// The first term in a text at or behind `from`; of two that begin together, the longer.
    pub fn find(&self, text: &str, from: usize) -> Option<Found> {
        let begins = text.char_indices().map(|(at, _)| at).filter(|at| *at >= from);
        begins.into_iter().filter(|at| !text.get(..*at).is_some_and(ends_in_word)).find_map(|start| {
            let rest = text.get(start..)?;
            let is_here = |form: &String| {
                let found = rest.get(..form.len())?;
                let ends = !rest.get(form.len()..)?.starts_with(is_of_word);
                (ends && found.eq_ignore_ascii_case(form)).then_some(())
            };
            let (form, entry) = self.forms.iter().find(|(form, _)| is_here(form).is_some())?;
            Some(Found { start, end: start + form.len(), entry: *entry })
        })
    }

    /// Turns the first use of each term in a lesson's texts, in the order of reading, into a way to its entry. Where a
    /// paragraph's neighbours explain the term in bold, that is the use.
    pub fn mark(&self, lesson: &mut Lesson) {
        let mut seen = vec![false; self.entries.len()];
        for step in &mut lesson.steps {
            for prose in std::iter::once(&mut step.prose).chain(&mut step.done) {
                let explained = self.explained(prose);
                for paragraph in &mut prose.paragraphs {
                    let before = std::mem::take(&mut paragraph.spans);
                    paragraph.spans =
                        before.into_iter().flat_map(|span| self.marked(span, &explained, &mut seen)).collect();
                }
            }
        }
    }

    /// Entries of the terms that stand in bold.
    fn explained(&self, prose: &Prose) -> Vec<usize> {
        let spans = prose.paragraphs.iter().flat_map(|paragraph| &paragraph.spans);
        spans
            .filter_map(|span| if let Span::Strong(text) = span { self.find(text, 0) } else { None })
            .map(|found| found.entry)
            .collect()
    }

    fn marked(&self, span: Span, explained: &[usize], seen: &mut [bool]) -> Vec<Span> {
        if matches!(span, Span::Link { .. } | Span::Term { .. }) {
            return vec![span];
        }
        if let Span::Code(code) = &span {
            // A config is a term as a whole, with its value; a part of a name or of a command line is none.
            let entry = code.split('=').next().and_then(|name| self.entry_of(name));
            let is_first = |entry: &usize| seen.get_mut(*entry).is_some_and(|seen| !std::mem::replace(seen, true));
            return match entry.filter(|entry| !explained.contains(entry)).filter(is_first) {
                Some(entry) => vec![Span::Term { shown: Box::new(span), entry }],
                None => vec![span],
            };
        }
        let text = span.text();
        let (mut pieces, mut done, mut from) = (Vec::new(), 0, 0);
        while let Some(found) = self.find(text, from) {
            from = found.end;
            if explained.contains(&found.entry) && !matches!(span, Span::Strong(_)) {
                continue;
            }
            let Some(is_seen) = seen.get_mut(found.entry).filter(|is_seen| !**is_seen) else { continue };
            *is_seen = true;
            let piece = |range: std::ops::Range<usize>| span.with_text(text.get(range).unwrap_or_default());
            if done < found.start {
                pieces.push(piece(done..found.start));
            }
            pieces.push(Span::Term { shown: Box::new(piece(found.start..found.end)), entry: found.entry });
            done = found.end;
        }
        if pieces.is_empty() {
            return vec![span];
        }
        if done < text.len() {
            pieces.push(span.with_text(text.get(done..).unwrap_or_default()));
        }
        pieces
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-'
}

fn ends_in_word(text: &str) -> bool {
    // `log.cleaner` and `/controller` are names of other things.
    text.chars().next_back().is_some_and(|last| is_of_word(last) || matches!(last, '.' | '/'))
}

/// An entry that is being read.
struct Draft<'a> {
    line: u32,
    term: &'a str,
    also: Vec<String>,
    lesson: Option<&'a str>,
    definition: Vec<(u32, &'a str)>,
}

impl<'a> Draft<'a> {
    fn new(line: u32, term: &'a str) -> Self {
        Self { line, term, also: Vec::new(), lesson: None, definition: Vec::new() }
    }

    fn take(&mut self, number: u32, line: &'a str) -> Result<(), LessonError> {
        let line = line.trim();
        if !self.definition.is_empty() || line.is_empty() {
            if !line.is_empty() {
                self.definition.push((number, line));
            }
        } else if let Some(forms) = line.strip_prefix("also:") {
            self.also = forms.split(',').map(|form| form.trim().to_owned()).collect();
            if self.also.iter().any(String::is_empty) {
                return Err(LessonError::new(
                    number,
                    format!("other forms, divided by commas, are expected, found {forms:?}"),
                ));
            }
        } else if let Some(lesson) = line.strip_prefix("lesson:") {
            self.lesson = Some(lesson.trim());
        } else {
            self.definition.push((number, line));
        }
        Ok(())
    }

    fn finish(self) -> Result<GlossaryEntry, LessonError> {
        let missing =
            |what: &str| LessonError::new(self.line, format!("{what} is expected below \"## {}\"", self.term));
        let lesson = self.lesson.filter(|id| !id.is_empty()).ok_or_else(|| missing("lesson: ID"))?;
        let line = self.definition.first().map(|(line, _)| *line).ok_or_else(|| missing("a definition"))?;
        if self.term.is_empty() {
            return Err(LessonError::new(self.line, "## TERM is expected"));
        }
        let text: Vec<&str> = self.definition.iter().map(|(_, text)| *text).collect();
        let definition = prose(&text.join("\n"), line)?;
        let words = definition.words();
        if words > DEFINITION_WORDS_MAX {
            return Err(LessonError::new(
                line,
                format!("a definition of at most {DEFINITION_WORDS_MAX} words is expected, found {words}"),
            ));
        }
        Ok(GlossaryEntry {
            line: self.line,
            term: self.term.into(),
            also: self.also,
            lesson: lesson.into(),
            definition,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Words\n\n## leader\nalso: leaders\nlesson: losing-a-broker\n\nTakes all writes.\n\n## leader epoch\nlesson: losing-a-broker\n\nGrows with each `leader`.\n";

    fn glossary() -> Glossary {
        Glossary::parse(TEXT).expect("it is sound")
    }

    #[test]
    fn the_longer_of_two_terms_is_found_and_parts_of_words_are_not() {
        let glossary = glossary();
        let found = |text: &str| glossary.find(text, 0).map(|found| &text[found.start..found.end]).map(str::to_owned);
        for (text, expected) in [
            ("The Leader epoch grows", Some("Leader epoch")),
            ("two leaders", Some("leaders")),
            ("leadership, misleader", None),
            ("auto.leader.rebalance", None),
            ("Größe: leader", Some("leader")),
            ("leader-epoch-checkpoint", None),
        ] {
            assert_eq!(found(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn the_first_use_in_a_lesson_leads_to_the_entry() {
        let mut lesson = Lesson::parse(
            "---\nid: a\ntitle: A\naim: You can say a.\nchapter: C\n---\n\n## What?\n\nOf leaders one **leader** is here. The leader epoch is 1. Leaders.\n\n```play\nwait 1s\n```\n",
        )
        .expect("it is sound");
        glossary().mark(&mut lesson);
        let shown: Vec<String> = lesson.steps[0].prose.paragraphs[0]
            .spans
            .iter()
            .filter_map(
                |span| if let Span::Term { shown, entry } = span { Some(format!("{entry} {shown:?}")) } else { None },
            )
            .collect();
        assert_eq!(shown, ["0 Strong(\"leader\")", "1 Text(\"leader epoch\")"]);
        assert_eq!(lesson.steps[0].prose.plain(), "Of leaders one leader is here. The leader epoch is 1. Leaders.");
    }

    #[test]
    fn code_is_a_term_as_a_whole_or_not_at_all() {
        let of = |code: &str| {
            let text = format!(
                "---\nid: a\ntitle: A\naim: You can say a.\nchapter: C\n---\n\n## What?\n\nSet `{code}` here.\n\n```play\nwait 1s\n```\n"
            );
            let mut lesson = Lesson::parse(&text).expect("it is sound");
            glossary().mark(&mut lesson);
            let spans = lesson.steps[0].prose.paragraphs[0].spans.iter();
            spans
                .filter_map(
                    |span| if let Span::Term { shown, .. } = span { Some(shown.text().to_owned()) } else { None },
                )
                .collect::<Vec<_>>()
        };
        assert_eq!(of("leader"), ["leader"]);
        assert_eq!(of("leader=101"), ["leader=101"]);
        for code in ["leader.imbalance=1", "kafka-topics.sh --leader 1", "the leader"] {
            assert!(of(code).is_empty(), "{code}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, expected) in [
            (
                TEXT.replace("lesson: losing-a-broker\n\nTakes", "\nTakes"),
                3,
                "lesson: ID is expected below \"## leader\"",
            ),
            (TEXT.replace("Takes all writes.\n", ""), 3, "a definition is expected"),
            (TEXT.replace("## leader epoch", "## leaders"), 9, "found leaders again"),
            (TEXT.replace("also: leaders", "also: leaders,"), 4, "divided by commas"),
            (TEXT.replace("all writes", &"word ".repeat(41)), 7, "at most 40 words is expected, found 43"),
            (TEXT.replace("all writes", "<b>all</b>"), 7, "paragraphs, lists"),
        ] {
            let error = Glossary::parse(&text).expect_err(&text);
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(expected), "{error}");
        }
    }
}
