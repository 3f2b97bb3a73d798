//! Prose of a lesson, ready to be drawn: the page needs no Markdown parser.

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use super::LessonError;

/// Paragraphs in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prose {
    /// In order.
    pub paragraphs: Vec<Paragraph>,
}

/// A paragraph or an item of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Paragraph {
    /// It is an item of a list.
    pub is_item: bool,
    /// Its pieces in order.
    pub spans: Vec<Span>,
}

/// A piece of text in one style.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Span {
    /// Plain.
    Text(String),
    /// `**bold**`: a term when it is introduced, the belief in a comment.
    Strong(String),
    /// `*slanted*`
    Emphasis(String),
    /// `` `code` ``: a name as Kafka writes it.
    Code(String),
    /// `[text](https://…)`
    Link {
        /// What is shown.
        text: String,
        /// Where it leads; begins with `https://`.
        url: String,
    },
    /// The first use of a term in a lesson; see [`super::Glossary::mark`].
    Term {
        /// As it was written.
        shown: Box<Span>,
        /// Its place among the glossary's entries.
        entry: usize,
    },
}

impl Span {
    /// What is read.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Strong(text) | Self::Emphasis(text) | Self::Code(text) => text,
            Self::Link { text, .. } => text,
            Self::Term { shown, .. } => shown.text(),
        }
    }

    /// Another text in the same style.
    pub(super) fn with_text(&self, text: &str) -> Self {
        let text = text.to_owned();
        match self {
            Self::Text(_) => Self::Text(text),
            Self::Strong(_) => Self::Strong(text),
            Self::Emphasis(_) => Self::Emphasis(text),
            Self::Code(_) => Self::Code(text),
            Self::Link { url, .. } => Self::Link { text, url: url.clone() },
            Self::Term { shown, entry } => Self::Term { shown: Box::new(shown.with_text(&text)), entry: *entry },
        }
    }
}

impl Prose {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        self.paragraphs.is_empty()
    }

    /// Words that a reader has to read.
    pub fn words(&self) -> usize {
        self.paragraphs.iter().map(|paragraph| plain(&paragraph.spans).split_whitespace().count()).sum()
    }

    /// Without styles, paragraphs divided by a line break: for a screen reader.
    pub fn plain(&self) -> String {
        self.paragraphs.iter().map(|paragraph| plain(&paragraph.spans)).collect::<Vec<_>>().join("\n")
    }
}

/// Spans without styles.
pub(super) fn plain(spans: &[Span]) -> String {
    spans.iter().map(Span::text).collect()
}

/// Takes events of Markdown and builds prose; knows which pieces a lesson may have.
#[derive(Debug, Default)]
pub(super) struct ProseBuilder {
    prose: Prose,
    current: Paragraph,
    strong: u32,
    emphasis: u32,
    link: Option<String>,
    item: bool,
}

impl ProseBuilder {
    /// Takes one event that stands in line `line`.
    pub(super) fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), LessonError> {
        match event {
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph | TagEnd::Item) => self.break_paragraph(),
            Event::Start(Tag::List(_)) => self.break_paragraph(),
            Event::End(TagEnd::List(_)) => {
                self.break_paragraph();
                self.item = false;
            }
            Event::Start(Tag::Item) => {
                self.break_paragraph();
                self.item = true;
            }
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Emphasis) => self.emphasis += 1,
            Event::End(TagEnd::Emphasis) => self.emphasis = self.emphasis.saturating_sub(1),
            Event::Start(Tag::Link { link_type: LinkType::Inline | LinkType::Autolink, dest_url, .. }) => {
                if !dest_url.starts_with("https://") {
                    return Err(LessonError::new(
                        line,
                        format!("a link that begins with https:// is expected, found {dest_url}"),
                    ));
                }
                self.link = Some(dest_url.into_string());
            }
            Event::End(TagEnd::Link) => self.link = None,
            Event::Text(text) => self.push(&text),
            Event::Code(text) => self.spans().push(Span::Code(text.into_string())),
            Event::SoftBreak | Event::HardBreak => self.push(" "),
            _ => {
                return Err(LessonError::new(
                    line,
                    "paragraphs, lists, **bold**, *slanted*, `code` and https:// links are expected",
                ));
            }
        }
        Ok(())
    }

    fn spans(&mut self) -> &mut Vec<Span> {
        self.current.is_item = self.item;
        &mut self.current.spans
    }

    fn push(&mut self, text: &str) {
        let strong = self.strong > 0;
        let emphasis = self.emphasis > 0;
        let link = self.link.clone();
        let spans = self.spans();
        // Markdown hands text over in pieces; neighbours of one style are one span.
        match (spans.last_mut(), &link) {
            (Some(Span::Link { text: before, url }), Some(same)) if url == same => before.push_str(text),
            (Some(Span::Strong(before)), None) if strong => before.push_str(text),
            (Some(Span::Emphasis(before)), None) if emphasis && !strong => before.push_str(text),
            (Some(Span::Text(before)), None) if !strong && !emphasis => before.push_str(text),
            (_, Some(url)) => spans.push(Span::Link { text: text.into(), url: url.clone() }),
            (_, None) if strong => spans.push(Span::Strong(text.into())),
            (_, None) if emphasis => spans.push(Span::Emphasis(text.into())),
            (_, None) => spans.push(Span::Text(text.into())),
        }
    }

    fn break_paragraph(&mut self) {
        let done = std::mem::take(&mut self.current);
        if !plain(&done.spans).trim().is_empty() {
            self.prose.paragraphs.push(done);
        }
    }

    /// What was built since the last time.
    pub(super) fn finish(&mut self) -> Prose {
        self.break_paragraph();
        std::mem::take(self).prose
    }
}

/// Prose of a text that begins in line `line`.
pub(super) fn prose(text: &str, line: u32) -> Result<Prose, LessonError> {
    let mut builder = ProseBuilder::default();
    for (event, range) in Parser::new(text).into_offset_iter() {
        builder.take(event, line + line_breaks(text.get(..range.start).unwrap_or("")))?;
    }
    Ok(builder.finish())
}

/// One line of prose.
pub(super) fn one_line(text: &str, line: u32) -> Result<Vec<Span>, LessonError> {
    let prose = prose(text, line)?;
    match <[Paragraph; 1]>::try_from(prose.paragraphs) {
        Ok([paragraph]) if !paragraph.is_item => Ok(paragraph.spans),
        _ => Err(LessonError::new(line, format!("one paragraph of text is expected, found {text:?}"))),
    }
}

/// How many line breaks a text has.
pub(super) fn line_breaks(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}
