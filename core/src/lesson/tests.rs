use proptest::prelude::*;

use std::rc::Rc;

use super::{AskKind, Layer, Lesson, LessonRun, Pick, Target, WORDS_MAX, library, sandbox, sources};
use crate::command::Command;
use crate::time::SimDuration;

/// A small lesson that uses every block.
const SMALL: &str = "\
---
id: small
title: A small lesson
aim: You can say something.
minutes: 2
chapter: Trying
brokers: 1, 2
config: min.insync.replicas=2, a.b=c
seed: 9
show: producers, isr
tick-ms: 3000
topic: t
select: partition t-0
---

## Who leads?

Two **brokers**, and
one `topic`. See [Kafka](https://kafka.apache.org/).

- one
- two

```run
# a comment
kafka-topics.sh --create --topic t --partitions 1 --replication-factor 2
wait 2s
```

```ask
kind: broker
unsure: Look at
  the picture.
- Broker 1
  at: 1
  when: leader(t-0) = 1
  comment: **If 1 led**, it would
    be so: yes.
- Broker 2
  at: 2
  when: leader(t-0) = 2
  comment: No.
```

```play
kill 1
wait 9s
```

```goal
- Broker 1 is dead
  when: broker(1) is dead
  keep: yes
```

```hint
- A nudge
- Nearly
```

```solution
kill 1
```

```look
broker 1: the controller
layer zookeeper
```

```done
It was so.
```

## And now?

Nothing is asked.
";

#[test]
fn a_lesson_is_read() {
    let lesson = Lesson::parse(SMALL).expect("the small lesson");
    assert_eq!((&*lesson.id, lesson.title.as_str(), lesson.minutes), ("small", "A small lesson", 2));
    assert_eq!(lesson.genesis.brokers, [1, 2]);
    assert_eq!(lesson.genesis.seed, 9);
    assert_eq!(lesson.genesis.config[1], ("a.b".into(), "c".into()));
    assert!(matches!(&lesson.select, Some(Target::Partition(tp)) if tp.to_string() == "t-0"));
    assert_eq!(lesson.layers(0), [Layer::Producers, Layer::Isr, Layer::ZooKeeper]);
    assert_eq!(lesson.steps.len(), 2);
    let step = &lesson.steps[0];
    assert_eq!((step.line, step.headline.as_str()), (16, "Who leads?"));
    assert_eq!(step.prose.plain(), "Two brokers, and one topic. See Kafka.\none\ntwo");
    assert_eq!(step.prose.words(), 9);
    assert_eq!(step.run[1], Command::Wait(SimDuration::from_ms(2000)));
    let ask = step.ask.as_ref().expect("a question");
    assert_eq!(ask.kind, AskKind::Broker);
    assert_eq!(ask.options[1].place, Some(Target::Broker(2)));
    assert_eq!(ask.options[0].comment.plain(), "If 1 led, it would be so: yes.");
    assert_eq!(ask.unsure.as_ref().map(super::Prose::plain).as_deref(), Some("Look at the picture."));
    assert!(step.goals[0].keep);
    assert_eq!(step.hints.len(), 2);
    assert_eq!(step.look[0].caption.as_deref(), Some("the controller"));
    assert_eq!(step.done.as_ref().map(super::Prose::plain).as_deref(), Some("It was so."));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let mut different = Vec::new();
    for (from, to, line, message) in [
        ("---\nid", "id", 1, "--- is expected in the first line, found id: small"),
        ("id: small\n", "", 13, "id: is expected in the head of the lesson"),
        ("id: small", "id: Small", 2, "an id of small letters, digits and - is expected, found Small"),
        ("id: small", "ident: small", 2, "topic, select is expected, found ident"),
        ("minutes: 2", "minutes: two", 5, "a number from 1 to 120 is expected after minutes:, found two"),
        ("brokers: 1, 2", "brokers: 1, x", 7, "the id of a broker is expected in brokers:, found \"x\""),
        ("brokers: 1, 2", "brokers: 1, 1", 7, "at most 200 different ids are expected in brokers:"),
        ("a.b=c", "a.b", 8, "CONFIG=VALUE is expected in config:, found \"a.b\""),
        ("seed: 9", "seed 9", 9, "name: value is expected, found seed 9"),
        (
            "producers, isr",
            "producers, all",
            10,
            "committed-offsets, internal-topics, ledger is expected in show:, found \"all\"",
        ),
        (
            "select: partition t-0",
            "select: shard 0",
            13,
            "znode PATH or layer NAME is expected after select:, found shard 0",
        ),
        ("seed: 9", "minutes: 9", 9, "minutes: once is expected"),
        ("## Who leads?\n", "", 17, "## and the question of the first step is expected"),
        ("## Who leads?", "##", 16, "a question is expected after ##"),
        ("## Who leads?", "# Who leads?", 16, "a headline with two marks is expected: ## The question of the step"),
        ("kill 1\nwait 9s", "kick 1\nwait 9s", 46, "command, kick: a command is expected, one of kafka-"),
        ("wait 2s", "wait two", 27, "command, two: a duration with its unit is expected, such as 5s"),
        ("kind: broker", "kind: pot", 31, "kind: options, partition, broker or record is expected, found pot"),
        ("  at: 2\n", "", 39, "a line \"  at: …\" is expected under \"- Broker 2\""),
        ("at: 2", "at: two", 40, "the id of a broker is expected after at:, found two"),
        ("when: leader(t-0) = 2", "when: leader(t) = 2", 41, "TOPIC-PARTITION is expected, found t"),
        (
            "when: leader(t-0) = 2\n  comment: No.",
            "when: leader(t-0) = 2",
            39,
            "a line \"  comment: …\" is expected under \"- Broker 2\"",
        ),
        ("- Broker 2", "Broker 2", 39, "items that begin with \"- \" are expected, found Broker 2"),
        ("- Broker 2", "- Broker 1", 16, "different options are expected, found \"Broker 1\" twice"),
        ("keep: yes", "keep: sure", 53, "keep: yes or keep: no is expected, found sure"),
        ("- Nearly", "- b\n- c\n- d", 57, "one to three hints are expected, found 4"),
        ("broker 1: the controller", "brokers 1", 66, "znode PATH or layer NAME is expected, found brokers 1"),
        ("layer zookeeper", "layer zoo", 67, "layer NAME is expected, found layer zoo"),
        ("```done", "```dome", 70, "solution, alternative, wrong, look, covers or done is expected, found \"dome\""),
        (
            "```done\nIt was so.",
            "```look\nbroker 1",
            70,
            "one block of kind look in a step is expected, this is the second",
        ),
        ("```done\nIt was so.", "```covers\nT5, p6", 71, "such as T5, P6, are expected, found \"p6\""),
        ("Nothing is asked.", "```covers\nT5\n```", 74, "an ask or a goal block is expected where a step covers rows"),
        ("](https:", "](javascript:", 19, "a link that begins with https:// is expected"),
        (
            "one `topic`",
            "![x](y)",
            19,
            "paragraphs, lists, **bold**, *slanted*, `code` and https:// links are expected",
        ),
        ("- two", "<b>", 22, "paragraphs, lists, **bold**, *slanted*, `code` and https:// links are expected"),
    ] {
        assert!(message.contains("expected"), "{from}: the row has to hold what was expected");
        let text = SMALL.replacen(from, to, 1);
        assert_ne!(text, SMALL, "{from}");
        let found = Lesson::parse(&text).map_err(|wrong| wrong.to_string());
        match &found {
            Err(wrong) if wrong.contains(message) && wrong.starts_with(&format!("line {line}: ")) => {}
            _ => different.push(format!("{from} → {to}: line {line} …{message}… is wanted, found {:?}", found.err())),
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn a_step_of_too_many_words_is_refused() {
    let text = SMALL.replace("Nothing is asked.", &"word ".repeat(WORDS_MAX + 1));
    let wrong = Lesson::parse(&text).expect_err("too long").to_string();
    assert!(wrong.contains("at most 60 words") && wrong.contains("And now?"), "{wrong}");
}

#[test]
fn a_question_that_nothing_decides_is_refused() {
    let cut =
        SMALL.find("```play").zip(SMALL.find("```hint")).map(|(from, to)| SMALL[..from].to_owned() + &SMALL[to..]);
    let wrong = Lesson::parse(&cut.expect("both blocks")).expect_err("undecided");
    assert!(wrong.message.contains("nothing decides"), "{wrong}");
}

#[test]
fn built_in_lessons_are_read() {
    for (id, text) in sources() {
        let lesson = Lesson::parse(text).unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
        assert_eq!(&*lesson.id, *id);
    }
    sandbox().unwrap_or_else(|wrong| panic!("sandbox: {wrong}"));
}

/// A built-in lesson with a few lines lost, doubled, cut or swapped.
fn damaged() -> impl Strategy<Value = String> {
    (0..sources().len(), proptest::collection::vec((any::<prop::sample::Index>(), 0..5u8, ".{0,12}"), 1..6)).prop_map(
        |(number, wounds)| {
            let mut lines: Vec<String> = sources()[number].1.lines().map(str::to_owned).collect();
            for (place, kind, noise) in wounds {
                let at = place.index(lines.len());
                match kind {
                    0 => drop(lines.remove(at)),
                    1 => lines.insert(at, noise),
                    2 => {
                        let half = lines[at].chars().count() / 2;
                        lines[at] = lines[at].chars().take(half).collect();
                    }
                    3 => lines.insert(at, lines[at].clone()),
                    _ => lines[at].push_str(&noise),
                }
            }
            lines.join("\n")
        },
    )
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(---\n)?(\\PC|\n){0,200}") {
        let _ = Lesson::parse(&text);
    }

    #[test]
    fn a_damaged_lesson_is_read_or_refused_at_a_line_of_it(text in damaged()) {
        if let Err(wrong) = Lesson::parse(&text) {
            prop_assert!(wrong.line >= 1 && wrong.line as usize <= text.lines().count() + 1, "{}", wrong);
            prop_assert!(wrong.message.contains("expected") || wrong.message.starts_with("command, "), "{}", wrong);
        }
    }
}

#[test]
fn stepping_back_passes_through_the_states_of_stepping_forward() {
    for lesson in library() {
        let (mut run, mut timeline) = LessonRun::open(Rc::new(lesson.clone())).expect("it opens");
        run.pick(Pick::DontKnow);
        run.lock();
        let mut seen = vec![timeline.world().fingerprint()];
        for _ in 0..40 {
            let before = timeline.position();
            run.step(&mut timeline);
            if timeline.position() == before {
                break;
            }
            seen.push(timeline.world().fingerprint());
        }
        assert!(seen.len() > 10, "{}: {} steps", lesson.id, seen.len());
        for (number, state) in seen.iter().enumerate().rev().skip(1) {
            assert!(run.step_back(&mut timeline));
            assert_eq!(timeline.world().fingerprint(), *state, "{}: stop {number}", lesson.id);
        }
    }
}
