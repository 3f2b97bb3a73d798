//! The check that authors run on their lessons: what it accepts and what it finds.

use std::rc::Rc;

use playground_core::lesson::{Glossary, Lesson};
use playground_tests::lesson_check::check;
use playground_tests::lesson_terms;

/// A lesson of one step on one broker, with these blocks.
fn lesson(blocks: &str) -> Lesson {
    let text = format!(
        "---\nid: mine\ntitle: Mine\naim: You can say it.\nchapter: Mine\nbrokers: 101\n---\n\n\
         ## What happens?\n\n\
         ```run\nkafka-topics.sh --create --topic t --partitions 1 --replication-factor 1\nproducer p --topic t\nwait 1s\n```\n\n\
         {blocks}"
    );
    Lesson::parse(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"))
}

fn problems(blocks: &str) -> Vec<String> {
    check(&Rc::new(lesson(blocks))).problems
}

#[test]
fn a_goal_may_be_left_to_the_learner_once_the_play_is_over() {
    let blocks = |play: &str| {
        format!(
            "```play\n{play}\n```\n\n\
             ```goal\n- Two records lie there\n  when: log_end(t-0) = 2\n```\n\n\
             ```solution\nsend p second\nwait 1s\n```\n"
        )
    };
    for play in ["send p first\nwait 1s", "send p first"] {
        assert_eq!(problems(&blocks(play)), Vec::<String>::new(), "{play}");
    }
}

#[test]
fn a_goal_that_neither_play_nor_solution_reaches_is_found() {
    let found = problems(
        "```play\nsend p first\nwait 1s\n```\n\n```goal\n- Two records lie there\n  when: log_end(t-0) = 2\n```\n\n\
         ```solution\nwait 1s\n```\n",
    );
    assert!(matches!(found.as_slice(), [one] if one.contains("its solution does not solve it")), "{found:?}");
}

#[test]
fn a_goal_that_is_met_when_its_step_opens_is_found_though_another_is_not() {
    let blocks = |keep: &str| {
        format!(
            "```goal\n- It leads\n  when: leader(t-0) = 101\n{keep}- A record lies there\n  when: log_end(t-0) = 1\n```\n\n\
             ```solution\nsend p first\nwait 1s\n```\n"
        )
    };
    let found = problems(&blocks(""));
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert!(one.starts_with("line 18, \"It leads\": the goal is met when its step opens"), "{one}");
    assert_eq!(problems(&blocks("  keep: yes\n")), Vec::<String>::new(), "it has to last");
}

#[test]
fn goals_that_only_have_to_last_are_found_where_there_is_nothing_else_to_do() {
    let found =
        problems("```goal\n- It leads\n  when: leader(t-0) = 101\n  keep: yes\n```\n\n```solution\nwait 1s\n```\n");
    assert!(found.iter().any(|one| one.contains("all its goals are met when it opens")), "{found:?}");
}

/// What the check of terms says of a lesson with this head and these steps. Its glossary has a term of an early
/// lesson of the course, one of a late one, and one that is a verb too.
fn terms(head: &str, steps: &str) -> Vec<String> {
    let entry =
        |term: &str, also: &str, lesson: &str| format!("## {term}\nalso: {also}\nlesson: {lesson}\n\nA word.\n\n");
    let glossary = [
        entry("offset", "offsets", "where-a-record-goes"),
        entry("leader epoch", "leader epochs", "losing-a-broker"),
        entry("watch", "watches", "what-zookeeper-knows"),
    ];
    let glossary = Glossary::parse(&glossary.concat()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let text = format!("---\nid: mine\ntitle: Mine\naim: You can say it.\n{head}\n---\n{steps}");
    let lesson = Lesson::parse(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    lesson_terms::problems(&glossary, &lesson, &text)
}

#[test]
fn a_term_is_looked_for_in_all_that_is_read() {
    const EARLY: &str = "chapter: Mine\nafter: how-long-it-is-kept";
    const ASK: &str = "\n```goal\n- It leads\n  when: leader(t-0) = 101\n```\n";
    let cases: &[(&str, &[u32])] = &[
        ("## The leader epoch?\n", &[8]),
        ("## What?\n\nThe offset is known.\nThe leader\nepoch is not.\n", &[11]),
        ("## What?\n\nA **leader epoch** is a number. Leader epochs grow.\n", &[]),
        ("## A leader epoch?\n\nA **leader epoch** is a number.\n", &[]),
        ("## What?\n\nThe leader epoch grows.\n\n## And?\n\nA **leader epoch** is a number.\n", &[10]),
        ("## What?\n\n**If the leader epoch** grew, it would be one more.\n", &[10]),
        ("## What?\n\nThe file is `leader epoch`.\n", &[]),
        ("## What?\n\n```look\nbroker 101: its leader epoch\n```\n", &[11]),
        ("## What?\n\n```look\nclient watch\n```\n", &[]),
        ("## What?\n\n```hint\n- One.\n- The leader epoch.\n```\n", &[12]),
        ("## What?\n\n```done\nThe leader epoch.\n```\n", &[11]),
        ("## What?\n\nIt has watch=true.\n", &[]),
        ("## What?\n\nSomebody watches it, a watch.\n", &[10]),
    ];
    for (steps, lines) in cases {
        let steps = format!("{steps}{ASK}");
        let found = terms(EARLY, &steps);
        let expected: Vec<String> = lines.iter().map(|line| format!("line {line}: ")).collect();
        assert_eq!(found.len(), expected.len(), "{steps}\n{found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.starts_with(expected), "{steps}\n{found}");
        }
    }
}

#[test]
fn a_question_has_terms_in_its_options_and_comments_and_asks_to_watch() {
    let steps = "## What?\n\n```ask\nkind: options\nunsure: Watch it, and watch it\n  well.\n- The leader epoch\n  when: leader(t-0) = 1\n  comment: Yes.\n\
                 - Nothing\n  when: leader(t-0) = 2\n  comment: **If so**, then\n    a watch fires.\n```\n\n```play\nwait 1s\n```\n";
    let found = terms("chapter: Mine\nafter: how-long-it-is-kept", steps);
    let [epoch, watch] = found.as_slice() else { panic!("{found:?}") };
    assert!(
        epoch.starts_with("line 14: \"leader epoch\" is used before the lesson losing-a-broker introduces it"),
        "{epoch}"
    );
    // The second one in the request is the first that counts.
    assert!(watch.starts_with("line 12: \"watch\""), "{watch}");
}

#[test]
fn what_the_readers_of_an_own_lesson_know_is_told_by_after_or_by_its_chapter() {
    const STEPS: &str =
        "## What?\n\nOffset, leader epoch, a watch.\n\n```goal\n- It leads\n  when: leader(t-0) = 101\n```\n";
    let cases = [
        ("chapter: Mine", 0),
        ("chapter: Topics and partitions", 2),
        ("chapter: Replication", 1),
        ("chapter: Mine\nafter: where-a-record-goes", 2),
        ("chapter: Mine\nafter: how-copies-follow", 1),
        ("chapter: Brokers\nafter: the-night-shift", 0),
    ];
    for (head, count) in cases {
        let found = terms(head, STEPS);
        assert_eq!(found.len(), count, "{head}: {found:?}");
    }
    let wrong = terms("chapter: Mine\nafter: no-such-lesson", STEPS);
    assert_eq!(wrong, ["the id of a lesson of the course is expected after after:, found no-such-lesson"]);
}
