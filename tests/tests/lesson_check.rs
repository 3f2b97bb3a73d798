//! The check that authors run on their lessons: what it accepts and what it finds.

use std::rc::Rc;

use playground_core::lesson::Lesson;
use playground_tests::lesson_check::check;

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
