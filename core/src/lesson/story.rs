//! What a lesson asked and what came true, as remarks on the run: a script that is taken home says it between its lines.

use super::prose::plain;
use super::{LessonRun, Prose};
use crate::take_home::Remark;
use crate::timeline::{Position, Timeline};

/// A line of a remark has at most so many letters.
const WIDTH: usize = 110;

impl LessonRun {
    /// Remarks in the order of the run: each step's question with its goals, then what came true.
    pub fn story(&self, timeline: &Timeline) -> Vec<Remark> {
        let mut remarks = Vec::new();
        // A step's own commands lie before the moment at which it stands.
        let mut begins = Position { at: timeline.start(), steps: 0, commands: 0 };
        for (step, progress) in self.lesson().steps.iter().zip(&self.steps) {
            let mut say = |at: Position, text: &str, is_heading: bool| {
                for line in wrapped(text) {
                    remarks.push(Remark { at, text: line, is_heading });
                }
            };
            say(begins, &step.headline, true);
            for goal in &step.goals {
                say(begins, &format!("Goal: {}", plain(&goal.text)), false);
            }
            let Some((mark, truth)) = progress.decided.last().filter(|(mark, _)| mark.is_past(timeline)) else { break };
            begins = mark.position;
            let option = step.ask.as_ref().zip(*truth).and_then(|(ask, truth)| ask.options.get(truth));
            if let Some(option) = option {
                say(begins, &format!("It came true: {}", plain(&option.label)), false);
                say(begins, &one_line(&option.comment), false);
            }
            if let Some(done) = &step.done {
                say(begins, &one_line(done), false);
            }
        }
        remarks
    }
}

fn one_line(prose: &Prose) -> String {
    prose.plain().replace('\n', " ")
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(word.to_owned());
                continue;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
