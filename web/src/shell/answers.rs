//! Answers what the open panels ask, once a moment.

use playground_core::time::SimTime;
use playground_core::timeline::{Film, Position, Reasons, Timeline};
use playground_core::view::{Gauges, gauges};

use super::comparing::Comparing;
use super::document;
use crate::charts::Numbers;
use crate::model::Shared;
use crate::model::inquiry::{Answers, Inquiry, StatePanel};
use crate::model::pins::pins;
use crate::model::watching::{AHEAD, Charting, Watch, window};

/// So long a film may take in each frame until it is complete, in ms: at once when it is asked for, since a press is
/// answered in the frame that follows it.
const FILMED_A_FRAME_MS: f64 = 8.0;
/// So many events are replayed between two looks at the clock.
const FILMED_TOGETHER: u64 = 250;

/// Where in which branch.
type Place = (Position, usize);

/// The last answers, with the moment and the questions that they belong to.
#[derive(Debug, Default)]
pub struct Desk {
    last: Option<(Place, Inquiry, Shared<Answers>)>,
    reasons: Reasons,
    film: Option<Film>,
    /// The film is not complete yet.
    filming: bool,
    /// The film has gone on since the last answer.
    stale: bool,
    comparing: Comparing,
}

impl Desk {
    /// The answers of this moment.
    pub fn answer(&mut self, timeline: &Timeline, inquiry: &Inquiry) -> Shared<Answers> {
        let place = (timeline.position(), timeline.active_branch());
        if let Some((of, asked, answers)) = &self.last
            && (of, asked) == (&place, inquiry)
            && !self.filming
            && !self.stale
        {
            return answers.clone();
        }
        self.stale = false;
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
            let open = answers.whys.iter().find(|one| inquiry.why.as_ref() == Some(&one.why.field));
            answers.pins = open.map_or_else(Vec::new, |one| pins(one, timeline.events(), &timeline.view()));
        }
        match inquiry.compare {
            Some(branch) => answers.comparison = self.comparing.compare(timeline, branch).map(Shared::new),
            None => self.comparing.forget(),
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
        self.watch(timeline, inquiry.watch, &mut answers);
        answers
    }

    /// A film that was asked for is longer than can be replayed at once.
    pub fn is_filming(&self) -> bool {
        self.filming
    }

    /// Goes on with the film, a frame's share of it.
    pub fn film_on(&mut self, timeline: &Timeline, inquiry: &Inquiry) {
        self.film(timeline, inquiry.watch, FILMED_A_FRAME_MS);
        // What was answered of the film that lacked something is no answer any more.
        self.stale = true;
    }

    /// Films what an open diagram or chart shows, for `budget_ms` at most: from when until when that is.
    fn film(&mut self, timeline: &Timeline, watch: Option<Watch>, budget_ms: f64) -> (SimTime, SimTime) {
        let (now, start, end) = (timeline.now(), timeline.start(), timeline.end());
        let (from, until, every) = match watch {
            None => {
                (self.film, self.filming) = (None, false);
                return (now, now);
            }
            Some(Watch::Messages(length)) => {
                let (from, until) = window(length, 8, AHEAD, now, start, end);
                (from, until, None)
            }
            Some(Watch::Numbers(length)) => {
                let (from, until) = window(length, 9, length, now, start, end);
                (from, until, Some(Charting::every(length)))
            }
        };
        let first = if every.is_some() { earlier(from) } else { from };
        let began = document::clock_ms();
        let together = if budget_ms > 0.0 { FILMED_TOGETHER } else { 0 };
        let mut go_on = || Film::follow(&mut self.film, timeline, first, until, every, together);
        self.filming = loop {
            let complete = go_on();
            if complete || document::clock_ms() - began >= budget_ms {
                break !complete;
            }
        };
        (from, until)
    }

    /// Answers what an open diagram or chart shows.
    fn watch(&mut self, timeline: &Timeline, watch: Option<Watch>, answers: &mut Answers) {
        let budget_ms = if self.filming { 0.0 } else { FILMED_A_FRAME_MS };
        let (from, until) = self.film(timeline, watch, budget_ms);
        match watch {
            None => {}
            Some(Watch::Messages(_)) => {
                answers.traffic = self.film.as_ref().map(|film| Shared::new(film.traffic(from, until)));
            }
            Some(Watch::Numbers(_)) => {
                let now = timeline.now();
                answers.numbers = self.film.as_ref().map(|film| {
                    let samples = film.samples(earlier(from), until);
                    let counted = samples.iter().rev().find(|sample| sample.at <= now);
                    let requests = counted.map_or([0; 6], |sample| sample.requests);
                    let now: Gauges = gauges(timeline.world(), requests);
                    Shared::new(Numbers { from, until, samples, now })
                });
            }
        }
    }
}

/// Of numbers the requests of the second before count too.
fn earlier(from: SimTime) -> SimTime {
    SimTime(from.0.saturating_sub(1_000_000))
}
