//! "Why?" with the event that last changed the value: the view's answers, and a walk over what happened.

use super::chain::chain;
use super::{Event, Position, Timeline};
use crate::time::SimTime;
use crate::view::{About, Change, NextView, Question, WhyView, next, questions};

/// The event that last changed a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// The event's place in the branch's list.
    pub seq: u64,
    /// Where it leads back to.
    pub position: Position,
    /// When.
    pub at: SimTime,
    /// What happened.
    pub text: String,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Because {
    /// Inputs and rule.
    pub why: WhyView,
    /// The event; `None` if it has been so since the cluster began.
    pub cause: Option<Cause>,
    /// What led to that event, the first cause first, the event itself last; empty where nothing is known to.
    pub chain: Vec<Cause>,
}

impl Cause {
    fn of(event: Event<'_>) -> Self {
        Self { seq: event.seq, position: event.position, at: event.at, text: event.text() }
    }
}

/// What is known of the questions that were asked last, so that a running cluster is not walked over
/// from its beginning again.
#[derive(Clone, Debug, Default)]
pub struct Reasons {
    branch: usize,
    about: Option<About>,
    seen: usize,
    last: Option<Position>,
    known: Vec<Known>,
}

/// What is known of a question.
#[derive(Clone, Debug)]
struct Known {
    question: Question,
    /// What the value was made last, if that was told.
    value: Option<i64>,
    /// The event that did it.
    found: Option<usize>,
    /// An event since that may have made it another.
    perhaps: Option<usize>,
}

impl Known {
    fn of(question: Question) -> Self {
        Self { question, value: None, found: None, perhaps: None }
    }

    fn take(&mut self, change: Change, at: usize) {
        let value = match change {
            // What may have become another since is told anew.
            Change::To(now) if self.value != Some(now) || self.perhaps.is_some() => Some(now),
            Change::AtLeast(now) if self.value.is_none_or(|value| value < now) => Some(now),
            Change::Any => self.value,
            Change::Anew => None,
            Change::Perhaps => return self.perhaps = Some(at),
            Change::To(_) | Change::AtLeast(_) => return,
        };
        (self.value, self.found, self.perhaps) = (value, Some(at), None);
    }

    /// The event that made it what it is.
    fn cause(&self, now: &str) -> Option<usize> {
        let is_another = self.value.is_some_and(|value| now.parse() != Ok(value));
        self.perhaps.filter(|_| is_another).or(self.found)
    }
}

impl Reasons {
    fn forget(&mut self, branch: usize, about: &About) {
        *self = Self { branch, about: Some(about.clone()), ..Self::default() };
    }
}

impl Timeline {
    /// Why the values of a thing are as they are.
    pub fn whys(&self, about: &About, reasons: &mut Reasons) -> Vec<Because> {
        let view = self.view();
        let here = self.position();
        let events = self.events();
        let happened = events.partition_point(|event| event.position <= here);
        let went_back = reasons.last.is_some_and(|last| here < last) || happened < reasons.seen;
        if reasons.branch != self.active_branch() || reasons.about.as_ref() != Some(about) || went_back {
            reasons.forget(self.active_branch(), about);
        }
        let asked = questions(about, &view);
        if !asked.iter().eq(reasons.known.iter().map(|known| &known.question)) {
            reasons.forget(self.active_branch(), about);
            reasons.known = asked.into_iter().map(Known::of).collect();
        }
        for (at, event) in events.iter().enumerate().take(happened).skip(reasons.seen) {
            for known in &mut reasons.known {
                if let Some(change) = known.question.changed_by(event.observation) {
                    known.take(change, at);
                }
            }
        }
        (reasons.seen, reasons.last) = (happened, Some(here));
        let answer = |known: &Known| {
            let why = known.question.answer(self.world(), &view)?;
            let found = known.cause(&why.value);
            let cause = found.and_then(|at| events.get(at)).map(Cause::of);
            let links = found.map_or_else(Vec::new, |at| chain(events, at));
            let links = if links.len() > 1 { links.as_slice() } else { &[] };
            let chain = links.iter().filter_map(|at| events.get(*at)).map(Cause::of).collect();
            Some(Because { why, cause, chain })
        };
        reasons.known.iter().filter_map(answer).collect()
    }

    /// What will be decided for a thing, and when.
    pub fn next(&self, about: &About) -> Vec<NextView> {
        next(self.world(), &self.view(), about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::ids::TopicPartition;
    use crate::sim::Genesis;

    fn played(lines: &str) -> Timeline {
        let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
        for line in lines.lines().map(str::trim) {
            timeline.act(Command::parse(line).expect("a command")).expect("is taken");
        }
        timeline
    }

    #[test]
    fn the_high_watermark_names_its_inputs_and_the_event_that_moved_it() {
        let mut timeline = played(
            "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3
            wait 2s
            producer p --topic t
            send p --count 3 v
            wait 2s",
        );
        let about = About::Partition(TopicPartition::new("t", 0));
        let mut reasons = Reasons::default();
        let find = |all: &[Because], field: &str| all.iter().find(|one| one.why.field.as_str() == field).cloned();
        let all = timeline.whys(&about, &mut reasons);
        let moved = find(&all, "High watermark").expect("it is asked about");
        assert_eq!(moved.why.value.as_str(), "3");
        let least = moved.why.inputs.iter().find(|(name, _)| name.starts_with("min(3, 3, 3) over ISR"));
        assert_eq!(least.map(|(_, value)| value.as_str()), Some("3"), "{moved:?}");
        let cause = moved.cause.expect("something moved it");
        assert!(cause.text.contains("to 3"), "{cause:?}");
        let elected = find(&all, "Leader").and_then(|one| one.cause).expect("it was elected");
        assert!(elected.at < cause.at);
        // Where the event leads, it has just happened.
        timeline.go_to(cause.position);
        let there = find(&timeline.whys(&about, &mut reasons), "High watermark").expect("it is asked about");
        assert_eq!(there.why.value.as_str(), "3");
        timeline.go_to(elected.position);
        let there = find(&timeline.whys(&about, &mut reasons), "High watermark").expect("it is asked about");
        let cause = there.cause.map(|cause| cause.text).unwrap_or_default();
        assert_eq!((there.why.value.as_str(), cause.starts_with("topic t is created")), ("0", true), "{cause}");
        // Asked step by step or at once, the answer is the same.
        timeline.go_to(timeline.end_position());
        assert_eq!(timeline.whys(&about, &mut reasons), timeline.whys(&about, &mut Reasons::default()));
    }

    #[test]
    fn who_lags_is_told_when_it_will_be_taken_out() {
        let timeline = played(
            "kafka-topics.sh --create --topic t --replica-assignment 101:102:103
            wait 2s
            producer p --topic t --config acks=1
            wait 1s
            pause 103
            send p v
            wait 5s",
        );
        let tp = TopicPartition::new("t", 0);
        let next = timeline.next(&About::Partition(tp.clone()));
        assert!(
            next.iter().any(|one| one.who.as_str() == "103" && one.what.contains("replica.lag.time.max.ms")),
            "{next:?}"
        );
        assert!(next.windows(2).all(|pair| pair[0].at <= pair[1].at));
        let whys = timeline.whys(&About::Replica(103, tp), &mut Reasons::default());
        assert!(whys[0].why.rule.contains("It is behind"), "{whys:?}");
    }

    #[test]
    fn a_leader_epoch_names_what_raised_it() {
        // What is played after the topic is there, the epoch then, and what raised it.
        let cases = [
            ("kill 103\nwait 25s", "1", "ISR of t-0 is now 102,101"),
            ("kill 102\nwait 25s", "1", "101 is elected leader of t-0, epoch 1"),
            ("cut 102 103\nsend p v\nwait 60s", "0", "102 is elected leader of t-0, epoch 0"),
        ];
        for (lines, epoch, cause) in cases {
            let before = "kafka-topics.sh --create --topic t --replica-assignment 102:101:103
                wait 2s
                producer p --topic t
                wait 1s\n";
            let timeline = played(&format!("{before}{lines}"));
            let whys = timeline.whys(&About::Partition(TopicPartition::new("t", 0)), &mut Reasons::default());
            let why = whys.iter().find(|one| one.why.field.as_str() == "Leader epoch").expect("it is asked about");
            assert_eq!(why.why.value.as_str(), epoch, "{lines}");
            let found = why.cause.as_ref().map_or("nothing", |cause| &cause.text);
            assert!(found.starts_with(cause), "{lines}: {found}");
        }
    }

    #[test]
    fn what_was_before_of_the_same_name_is_no_cause() {
        let t = |topic: &str| About::Partition(TopicPartition::new(topic, 0));
        let unclean = "kafka-topics.sh --create --topic t --replica-assignment 101:102 --config unclean.leader.election.enable=true
            producer p --topic t --config acks=1
            send p --count 2 v
            wait 10s
            kill 102
            wait 30s
            send p --count 5 v
            wait 2s
            kill 101
            wait 30s
            start 102
            wait 10s";
        let again = "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3
            wait 1s
            producer p --topic t
            consumer c --topic t --group g --config auto.offset.reset=earliest --config auto.commit.interval.ms=1000
            send p --count 3 v
            wait 5s
            stop c
            stop p
            wait 1s
            kafka-topics.sh --delete --topic t
            wait 5s
            kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3
            wait 2s";
        let read_again = format!(
            "{again}
            producer q --topic t
            consumer d --topic t --group g --config auto.offset.reset=earliest --config auto.commit.interval.ms=1000
            send q --count 3 w
            wait 15s"
        );
        let joined_again = "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3
            wait 1s
            consumer c --topic t --group g
            wait 10s
            stop c
            wait 1s
            kafka-consumer-groups.sh --delete --group g
            wait 1s
            consumer d --topic t --group g
            wait 10s";
        for (lines, about, field, value, cause) in [
            (unclean, t("t"), "High watermark", "2", "102 is elected leader of t-0, epoch"),
            (again, t("t"), "High watermark", "0", "topic t is created"),
            (again, t("t"), "103 in Isr", "yes", "10"),
            (&read_again, t("t"), "High watermark", "3", "high watermark of t-0 advances"),
            (&read_again, About::Group("g".into()), "LAG of g in t-0", "0", "g commits t-0 at 3"),
            (joined_again, About::Group("g".into()), "Assignment", "generation 1", "group g is stable in generation 1"),
            (
                "kill 101\nwait 2s\nkill 102\nkill 103\nwait 40s",
                About::Broker(101),
                "Controller",
                "none",
                "/controller",
            ),
        ] {
            let timeline = played(lines);
            let whys = timeline.whys(&about, &mut Reasons::default());
            let Some(why) = whys.iter().find(|one| one.why.field.as_str() == field) else {
                panic!("{field}: {:?}", whys.iter().map(|one| (&one.why.field, &one.why.value)).collect::<Vec<_>>())
            };
            let found = why.cause.as_ref().map_or("nothing", |cause| &cause.text);
            assert!(why.why.value.as_str() == value && found.contains(cause), "{field}: {} by {found}", why.why.value);
            let deleted = timeline.events().iter().find(|event| event.text() == "topic t is deleted");
            let at = why.cause.as_ref().map(|cause| cause.at);
            assert!(deleted.is_none_or(|deleted| at > Some(deleted.at)), "{field}: {found} at {at:?}");
        }
    }

    #[test]
    fn a_commit_of_the_same_offset_changes_no_lag() {
        let timeline = played(
            "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3
            wait 2s
            producer p --topic t
            consumer c --topic t --group g --config auto.offset.reset=earliest --config auto.commit.interval.ms=1000
            wait 5s
            send p --count 3 v
            wait 30s",
        );
        let about = About::Group("g".into());
        let whys = timeline.whys(&about, &mut Reasons::default());
        let lag = whys.iter().find(|one| one.why.field.contains("LAG")).expect("it is asked about");
        let cause = lag.cause.as_ref().expect("something changed it");
        assert!(cause.text.contains("commits t-0 at 3"), "{cause:?}");
        assert!(cause.at < SimTime(timeline.now().0 - 25_000_000), "{cause:?} though nothing has changed since");
    }
}
