//! From a file to a lesson: the head, then steps. A step begins with `## its question`; text is
//! prose, fenced blocks carry meaning.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use super::blocks::{self, Block};
use super::front_matter::front_matter;
use super::prose::{ProseBuilder, line_breaks, plain};
use super::{Lesson, LessonError, Prose, Step, WORDS_MAX};

const BLOCKS: &str = "run, play, ask, goal, hint, solution, alternative, wrong, look, covers or done";
/// More text than a lesson needs: a file of this size is something else.
const BYTES_MAX: usize = 200_000;

pub(super) fn lesson(text: &str) -> Result<Lesson, LessonError> {
    if text.len() > BYTES_MAX {
        return Err(LessonError::new(
            1,
            format!("a file of at most {BYTES_MAX} bytes is expected, found {}", text.len()),
        ));
    }
    let (mut lesson, from, first_line) = front_matter(text)?;
    let body = text.get(from..).unwrap_or("");
    let mut reader = Reader::default();
    let breaks: Vec<usize> = body.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    for (event, range) in Parser::new(body).into_offset_iter() {
        let before = breaks.partition_point(|at| *at < range.start);
        reader.take(event, first_line + u32::try_from(before).unwrap_or(u32::MAX))?;
    }
    lesson.steps = reader.finish(first_line + line_breaks(body))?;
    Ok(lesson)
}

/// Where the reader is.
#[derive(Default)]
struct Reader {
    steps: Vec<Step>,
    prose: ProseBuilder,
    heading: Option<(u32, String)>,
    fence: Option<(String, Block)>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), LessonError> {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                self.close_prose()?;
                self.heading = Some((line, String::new()));
            }
            Event::Start(Tag::Heading { .. }) => {
                return Err(LessonError::new(
                    line,
                    "a headline with two marks is expected: ## The question of the step",
                ));
            }
            Event::End(TagEnd::Heading(_)) => self.begin_step(line)?,
            Event::Start(Tag::CodeBlock(kind)) => {
                if self.steps.is_empty() {
                    return Err(LessonError::new(line, "## and a question is expected before the first block"));
                }
                let CodeBlockKind::Fenced(info) = kind else {
                    return Err(LessonError::new(
                        line,
                        format!("text that is not indented, or a block between ``` of kind {BLOCKS} is expected"),
                    ));
                };
                self.fence = Some((info.trim().to_owned(), Block { line: line + 1, text: String::new() }));
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((kind, block)) = self.fence.take() {
                    self.close_fence(&kind, &block, line)?;
                }
            }
            event => self.text(event, line)?,
        }
        Ok(())
    }

    fn text(&mut self, event: Event<'_>, line: u32) -> Result<(), LessonError> {
        if let Some((_, block)) = &mut self.fence {
            if let Event::Text(text) = event {
                block.text.push_str(&text);
            }
            return Ok(());
        }
        if let Some((_, headline)) = &mut self.heading {
            match event {
                Event::Text(text) | Event::Code(text) => headline.push_str(&text),
                Event::SoftBreak | Event::HardBreak => headline.push(' '),
                Event::Start(Tag::Emphasis | Tag::Strong) | Event::End(TagEnd::Emphasis | TagEnd::Strong) => {}
                _ => return Err(LessonError::new(line, "a headline of plain text is expected")),
            }
            return Ok(());
        }
        if self.steps.is_empty() {
            return Err(LessonError::new(line, "## and the question of the first step is expected"));
        }
        self.prose.take(event, line)
    }

    fn begin_step(&mut self, line: u32) -> Result<(), LessonError> {
        let (line, headline) = self.heading.take().unwrap_or((line, String::new()));
        let headline = headline.trim().to_owned();
        if headline.is_empty() {
            return Err(LessonError::new(line, "a question is expected after ##"));
        }
        self.steps.push(Step {
            line,
            headline,
            prose: Prose::default(),
            run: Vec::new(),
            play: Vec::new(),
            ask: None,
            goals: Vec::new(),
            hints: Vec::new(),
            solution: Vec::new(),
            alternatives: Vec::new(),
            wrong_ways: Vec::new(),
            covers: Vec::new(),
            look: Vec::new(),
            done: None,
        });
        Ok(())
    }

    /// Text between blocks belongs to its step.
    fn close_prose(&mut self) -> Result<(), LessonError> {
        let prose = self.prose.finish();
        let Some(step) = self.steps.last_mut() else { return Ok(()) };
        step.prose.paragraphs.extend(prose.paragraphs);
        let words = step.prose.words();
        if words > WORDS_MAX {
            return Err(LessonError::new(
                step.line,
                format!("at most {WORDS_MAX} words in a step are expected, found {words} in \"{}\"", step.headline),
            ));
        }
        Ok(())
    }

    fn close_fence(&mut self, kind: &str, block: &Block, line: u32) -> Result<(), LessonError> {
        self.close_prose()?;
        let Some(step) = self.steps.last_mut() else { return Ok(()) };
        let is_second = match kind {
            "run" => !std::mem::replace(&mut step.run, blocks::commands(block)?).is_empty(),
            "play" => !std::mem::replace(&mut step.play, blocks::commands(block)?).is_empty(),
            "solution" => !std::mem::replace(&mut step.solution, blocks::commands(block)?).is_empty(),
            "alternative" => {
                step.alternatives.push(blocks::commands(block)?);
                false
            }
            "wrong" => {
                step.wrong_ways.push(blocks::commands(block)?);
                false
            }
            "covers" => !std::mem::replace(&mut step.covers, blocks::rows(block)?).is_empty(),
            "ask" => step.ask.replace(blocks::ask(block)?).is_some(),
            "goal" => !std::mem::replace(&mut step.goals, blocks::goals(block)?).is_empty(),
            "hint" => !std::mem::replace(&mut step.hints, blocks::hints(block)?).is_empty(),
            "look" => !std::mem::replace(&mut step.look, blocks::looks(block)?).is_empty(),
            "done" => step.done.replace(blocks::text(block)?).is_some(),
            other => {
                return Err(LessonError::new(line, format!("a block of kind {BLOCKS} is expected, found {other:?}")));
            }
        };
        if is_second {
            return Err(LessonError::new(
                line,
                format!("one block of kind {kind} in a step is expected, this is the second"),
            ));
        }
        Ok(())
    }

    fn finish(mut self, line: u32) -> Result<Vec<Step>, LessonError> {
        self.close_prose()?;
        if self.steps.is_empty() {
            return Err(LessonError::new(line, "at least one step is expected: ## The question of the step"));
        }
        for step in &self.steps {
            if step.ask.is_some() && step.play.is_empty() && step.goals.is_empty() {
                return Err(LessonError::new(
                    step.line,
                    format!("a play or a goal block is expected: nothing decides the question \"{}\"", step.headline),
                ));
            }
            if !step.covers.is_empty() && step.ask.is_none() && step.goals.is_empty() {
                let message =
                    "an ask or a goal block is expected where a step covers rows: prose alone teaches nothing";
                return Err(LessonError::new(step.line, message));
            }
            let labels: Vec<String> = step.ask.iter().flat_map(|ask| &ask.options).map(|o| plain(&o.label)).collect();
            if let Some(twice) = labels.iter().enumerate().find(|(at, label)| labels[..*at].contains(label)) {
                return Err(LessonError::new(
                    step.line,
                    format!("different options are expected, found {:?} twice", twice.1),
                ));
            }
        }
        Ok(self.steps)
    }
}
