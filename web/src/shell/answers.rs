//! Answers what the open panels ask, once a moment.

use playground_core::timeline::{Position, Reasons, Timeline};

use crate::model::Shared;
use crate::model::inquiry::{Answers, Inquiry, StatePanel};

/// Where in which branch.
type Place = (Position, usize);

/// The last answers, with the moment and the questions that they belong to.
#[derive(Debug, Default)]
pub struct Desk {
    last: Option<(Place, Inquiry, Shared<Answers>)>,
    reasons: Reasons,
}

impl Desk {
    /// The answers of this moment.
    pub fn answer(&mut self, timeline: &Timeline, inquiry: &Inquiry) -> Shared<Answers> {
        let place = (timeline.position(), timeline.active_branch());
        if let Some((of, asked, answers)) = &self.last
            && (of, asked) == (&place, inquiry)
        {
            return answers.clone();
        }
        let answers = self.work_out(timeline, inquiry);
        let same = self.last.as_ref().map(|(_, _, last)| last).filter(|last| ***last == answers).cloned();
        let answers = same.unwrap_or_else(|| Shared::new(answers));
        self.last = Some((place, inquiry.clone(), answers.clone()));
        answers
    }

    fn work_out(&mut self, timeline: &Timeline, inquiry: &Inquiry) -> Answers {
        let mut answers = Answers::default();
        if let Some(about) = &inquiry.about {
            answers.whys = timeline.whys(about, &mut self.reasons);
            answers.next = timeline.next(about);
        }
        match inquiry.panel {
            Some(StatePanel::Promises) => answers.promises = Some(timeline.promises()),
            Some(StatePanel::Znodes) => answers.watches = timeline.watches(),
            Some(StatePanel::Ledger | StatePanel::Configs | StatePanel::Internal) | None => {}
        }
        if let Some(owner) = &inquiry.configs {
            answers.configs = timeline.configs(owner);
        }
        if let Some(tp) = &inquiry.internal {
            answers.internal = timeline.internal_records(tp);
        }
        answers
    }
}
