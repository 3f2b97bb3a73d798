//! Links: the timeline's own text, and the lesson's parts after it (`lesson`, `step`, `from`, `pick`); what
//! the page shows comes last (`model/page_part.rs`). A lesson alone is `#lesson=ID`, the sandbox
//! `#lesson=sandbox`.

use playground_core::time::SimTime;
use playground_core::timeline::Position;

/// The page's parts of a link.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Parts {
    /// The lesson that is open.
    pub lesson: Option<String>,
    /// Its step, from 0.
    pub step: usize,
    /// Where the step began.
    pub from: Option<Position>,
    /// The answer that was locked in: an option's number, or `?`.
    pub pick: Option<String>,
    /// The link holds a moment, not only a lesson.
    pub has_moment: bool,
}

impl Parts {
    /// Reads what follows `#`. Never fails: what is not understood is left to the timeline's reader.
    pub fn parse(fragment: &str) -> Self {
        let mut parts =
            Self { has_moment: !fragment.is_empty() && !fragment.starts_with("lesson="), ..Self::default() };
        for (key, value) in fragment.split('&').filter_map(|part| part.split_once('=')) {
            match key {
                "lesson" => parts.lesson = Some(value.to_owned()),
                "step" => parts.step = value.parse().unwrap_or(0),
                "from" => parts.from = position(value),
                "pick" => parts.pick = Some(value.to_owned()),
                _ => {}
            }
        }
        parts
    }

    /// The text to be put behind the timeline's own.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if let Some(lesson) = &self.lesson {
            text.push_str(&format!("&lesson={lesson}&step={}", self.step));
        }
        if let Some(from) = &self.from {
            text.push_str(&format!("&from={}~{}~{}", from.at.0, from.steps, from.commands));
        }
        if let Some(pick) = &self.pick {
            text.push_str(&format!("&pick={pick}"));
        }
        text
    }
}

fn position(text: &str) -> Option<Position> {
    let mut numbers = text.split('~');
    let at = SimTime(numbers.next()?.parse().ok()?);
    let steps = numbers.next()?.parse().ok()?;
    let commands = numbers.next()?.parse().ok()?;
    Some(Position { at, steps, commands })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_survive_their_text() {
        let parts = Parts {
            lesson: Some("losing-a-broker".into()),
            step: 2,
            from: Some(Position { at: SimTime(5_000_000), steps: 900, commands: 4 }),
            pick: Some("1".into()),
            has_moment: true,
        };
        assert_eq!(Parts::parse(&format!("k1&seed=1{}", parts.to_text())), parts);
    }

    #[test]
    fn damage_is_survived() {
        for text in ["", "k1&&&", "lesson", "step=x&from=1~2", "k1&from=~~&pick="] {
            let _ = Parts::parse(text);
        }
        assert_eq!(Parts::parse("lesson=a").lesson.as_deref(), Some("a"));
        assert!(!Parts::parse("lesson=a").has_moment);
    }
}
