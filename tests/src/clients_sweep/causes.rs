//! Whether the event that the ledger blames can be the cause: it is one that happened, to this partition, this
//! producer or this group, at a time when it could do that to this record.

use playground_core::consumer::Consumer;
use playground_core::ids::{Name, NodeId};
use playground_core::sim::ProcState;
use playground_core::time::{SimDuration, SimTime};
use playground_core::view::{Remark, RemarkKind};

use super::ledger::{Books, Pair};
use super::run::Run;
use super::witness::LogEventKind;

impl Run {
    /// The first cause that cannot be.
    pub fn causes(&self, pair: &Pair<'_>, books: &Books) -> Result<(), String> {
        for remark in &pair.entry.remarks {
            let holds = match remark.kind {
                RemarkKind::Lost => self.can_be_lost_by(pair, books, remark),
                RemarkKind::Duplicated | RemarkKind::Reordered => self.was_sent_again(pair, remark),
                RemarkKind::Repeated => self.was_begun_again(pair, remark),
                RemarkKind::LeftOut => self.was_left(pair, remark),
            };
            if let Err(why) = holds {
                return Err(format!("{why}: it is {:?} because {} ({:?})", remark.kind, remark.because, remark.at));
            }
        }
        Ok(())
    }

    fn can_be_lost_by(&self, pair: &Pair<'_>, books: &Books, remark: &Remark) -> Result<(), &'static str> {
        let tp = &pair.entry.tp;
        let since = |at: SimTime| at >= pair.sent.sent_at;
        let mut events = self.witness.log_events(tp).iter().filter(|event| since(event.at));
        match (remark.at, pair.entry.offset) {
            // The controller has written who leads, and nobody has told of it yet.
            (None, Some(_)) if !books.begun.contains(tp) => Ok(()),
            (None, Some(_)) => Err("no event that lost it"),
            (None, None) if events.next().is_some() => Err("an event that is not named"),
            (None, None) => Err("no event that kept it from arriving"),
            // Or a leader of the past acknowledged it after the last one had begun.
            (Some(at), Some(_)) if self.is_last_leader(pair, at) => Ok(()),
            (Some(at), Some(offset)) => events
                .find(|event| event.at == at && event.takes(offset))
                .map(|_| ())
                .ok_or("an event that takes nothing there"),
            // With acks=0 it may never have arrived.
            (Some(at), None) if events.all(|event| event.at != at) => {
                let near = pair.sent.sent_at + SimDuration::from_ms(1_000);
                let led = self.witness.log_events(tp).iter().any(|event| event.at == at);
                let disturbed = at <= near && (led || self.witness.was_disturbed(at, at));
                if disturbed { Ok(()) } else { Err("nothing happened then") }
            }
            (Some(_), None) => Ok(()),
        }
    }

    /// The last leader began at that time, before the record was acknowledged.
    fn is_last_leader(&self, pair: &Pair<'_>, at: SimTime) -> bool {
        let mut events = self.witness.log_events(&pair.entry.tp).iter();
        let last = events.rfind(|event| matches!(event.kind, LogEventKind::Led { .. }));
        last.is_some_and(|last| last.at == at) && pair.sent.completed_at.is_some_and(|acked_at| at <= acked_at)
    }

    fn was_sent_again(&self, pair: &Pair<'_>, remark: &Remark) -> Result<(), &'static str> {
        let Some(at) = remark.at else { return Err("no retry") };
        let until = pair.sent.completed_at.unwrap_or(SimTime::NEVER);
        let is_retry = self.witness.retries(&pair.entry.producer, &pair.entry.tp).contains(&at);
        match (is_retry, (pair.sent.sent_at..=until).contains(&at)) {
            (false, _) => Err("its producer sent nothing again then"),
            (true, false) => Err("a retry before it was sent or after it was answered"),
            (true, true) => Ok(()),
        }
    }

    /// In how many places it lies or has been given to a consumer.
    fn copies(&self, pair: &Pair<'_>) -> usize {
        let given = self.witness.places(&pair.entry.tp, pair.identity);
        given.filter(|place| !pair.entry.places.contains(place)).count() + pair.entry.places.len()
    }

    /// Given to a member of the group before the event, and again from it on.
    fn was_begun_again(&self, pair: &Pair<'_>, remark: &Remark) -> Result<(), &'static str> {
        let Some(at) = remark.at else { return Err("no reader that began again") };
        let tp = &pair.entry.tp;
        if self.witness.retries(&pair.entry.producer, tp).contains(&at) && self.copies(pair) > 1 {
            return Ok(());
        }
        let twice = self.witness.places(tp, pair.identity).any(|place| {
            let of_it = || self.witness.deliveries(tp, place, pair.value());
            let before = of_it().any(|delivery| delivery.at <= at);
            let named = |consumer: &Name| remark.because.contains(consumer.as_str());
            before
                && of_it().filter(|delivery| delivery.at >= at && named(&delivery.consumer)).count() > 0
                && of_it().count() > 1
        });
        if twice { Ok(()) } else { Err("nobody was given it before and after") }
    }

    /// A client that was given it, and ended; or it is at work on it.
    fn was_left(&self, pair: &Pair<'_>, remark: &Remark) -> Result<(), &'static str> {
        let all = |place: &i64| self.witness.deliveries(&pair.entry.tp, *place, pair.value());
        let Some(at) = remark.at else {
            let node = |consumer: &Name| NodeId::Client(consumer.clone());
            let may_come = |consumer: &Name| {
                let slot = self.world.slot(&node(consumer)).filter(|slot| slot.state != ProcState::Dead);
                slot.and_then(|slot| slot.process.consumer()).is_some_and(Consumer::is_working)
            };
            let at_work = pair.entry.places.iter().flat_map(all).any(|delivery| may_come(&delivery.consumer));
            return if at_work { Ok(()) } else { Err("nobody is at work on it, and nobody ended") };
        };
        let ended = pair.entry.places.iter().any(|place| {
            all(place).any(|delivery| delivery.at <= at && self.witness.ended(&delivery.consumer).contains(&at))
        });
        let moved = pair
            .entry
            .places
            .iter()
            .any(|place| at >= pair.sent.sent_at && self.witness.was_taken_beyond(&pair.entry.tp, *place, at));
        // An offset that was passed may be taken again by another record.
        let mut events = self.witness.log_events(&pair.entry.tp).iter();
        let cut = pair.entry.places.first().and_then(|place| {
            events.find(|event| event.at == at && matches!(event.kind, LogEventKind::Cut { .. }) && event.takes(*place))
        });
        if ended || moved || cut.is_some() { Ok(()) } else { Err("nobody who had it ended then") }
    }
}
