//! Free exploration never breaks a lesson: what a learner does beside it is told, and there is a way back.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::lesson::{AskState, Lesson, LessonRun, NextKind, Pick, Status, Verdict, library};
use playground_core::time::SimDuration;
use playground_core::timeline::Timeline;
use playground_tests::lesson_check::{attempt, explain, is_decided};

/// A lesson opened at a step, the ones before it solved.
fn at_step(id: &str, number: usize) -> (LessonRun, Timeline, Rc<Lesson>) {
    let lesson = Rc::new(library().into_iter().find(|lesson| &*lesson.id == id).expect(id));
    let (mut run, mut timeline) = LessonRun::open(lesson.clone()).unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
    for step in lesson.steps.iter().take(number) {
        attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution).expect("the solution");
        assert_eq!(run.next(&mut timeline), Ok(true), "{}", explain(&run, &timeline));
    }
    (run, timeline, lesson)
}

fn status(run: &LessonRun, timeline: &Timeline) -> Status {
    run.status(timeline, &timeline.view())
}

fn give(run: &mut LessonRun, timeline: &mut Timeline, line: &str) {
    let command = Command::parse(line).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
    run.act(timeline, command).unwrap_or_else(|wrong| panic!("{line}: {wrong}"));
}

/// How often a command was given on the line that is shown.
fn times_given(timeline: &Timeline, line: &str) -> usize {
    timeline.journal().filter(|(_, command)| command.to_string() == line).count()
}

fn play_on(run: &mut LessonRun, timeline: &mut Timeline) {
    let until = timeline.now() + SimDuration::from_ms(60_000);
    run.run_to(timeline, until, u64::MAX);
}

#[test]
fn what_the_learner_does_by_hand_is_not_done_twice() {
    let (mut run, mut timeline, _) = at_step("losing-a-broker", 2);
    run.pick(Pick::Option(1));
    run.lock();
    give(&mut run, &mut timeline, "start 102");
    play_on(&mut run, &mut timeline);
    assert!(is_decided(&run, &timeline), "{}", explain(&run, &timeline));
    assert_eq!(times_given(&timeline, "start 102"), 1);
    let status = status(&run, &timeline);
    assert!(matches!(status.ask, AskState::Graded { verdict: Verdict::Right, .. }), "{:?}", status.ask);
    assert_eq!(status.differs, None);
}

#[test]
fn a_command_that_has_become_impossible_is_told_and_does_not_stop_the_lesson() {
    let (mut run, mut timeline, _) = at_step("losing-a-broker", 1);
    run.pick(Pick::Option(1));
    run.lock();
    // A truck that is gone reports nothing, so the watermark stays where the wrong answer has it.
    give(&mut run, &mut timeline, "kill truck-C");
    play_on(&mut run, &mut timeline);
    let after = status(&run, &timeline);
    let differs = after.differs.expect("it is told");
    assert!(differs.sentence.contains("The lesson would now do send truck-C"), "{}", differs.sentence);
    assert_eq!(differs.commands, [Command::parse("kill truck-C").expect("kill")]);
    assert!(is_decided(&run, &timeline), "{}", explain(&run, &timeline));
    assert_eq!(after.ask, AskState::Graded { pick: Pick::Option(1), verdict: Verdict::Unclear, truth: None });

    run.reset(&mut timeline);
    run.pick(Pick::Option(0));
    run.lock();
    play_on(&mut run, &mut timeline);
    let again = status(&run, &timeline);
    assert!(matches!(again.ask, AskState::Graded { verdict: Verdict::Right, .. }), "{}", explain(&run, &timeline));
    assert_eq!(again.differs, None);
}

#[test]
fn leaving_before_the_step_began_shows_the_way_back() {
    let (mut run, mut timeline, lesson) = at_step("losing-a-broker", 0);
    let (begin, hash) = (timeline.position(), timeline.state_hash());
    run.pick(Pick::Option(1));
    run.lock();
    timeline.seek(timeline.start());
    timeline.act(Command::parse("kill 103").expect("kill")).expect("another history");
    let away = status(&run, &timeline);
    assert_eq!((away.next.kind, away.next.enabled), (NextKind::BackToStep, true));
    assert!(away.differs.is_some_and(|differs| differs.sentence.contains("before this step began")));
    // Time may pass there; the lesson keeps its hands off.
    play_on(&mut run, &mut timeline);
    assert!(!is_decided(&run, &timeline));
    assert_eq!(times_given(&timeline, "kill 102"), 0);

    run.reset(&mut timeline);
    assert_eq!((timeline.position(), timeline.state_hash()), (begin, hash));
    attempt(&mut run, &mut timeline, &lesson.steps[0], Pick::Option(1), &lesson.steps[0].solution)
        .expect("the solution");
    assert!(is_decided(&run, &timeline), "{}", explain(&run, &timeline));
}

#[test]
fn the_next_step_begins_where_this_one_was_decided() {
    let (mut run, mut timeline, lesson) = at_step("losing-a-broker", 0);
    let solution = &lesson.steps[0].solution;
    attempt(&mut run, &mut timeline, &lesson.steps[0], Pick::Option(1), solution).expect("the solution");
    let (mut straight, mut line) = (run.clone(), timeline.clone());
    straight.next(&mut line).expect("the next step");
    // Another learner looks around first, and breaks everything.
    for command in ["start 102", "kill 103", "kill 101", "wait 20s"] {
        give(&mut run, &mut timeline, command);
    }
    run.next(&mut timeline).expect("the next step");
    assert_eq!(timeline.state_hash(), line.state_hash());
    assert_eq!(run.step_number(), 1);
    assert_eq!(status(&run, &timeline).differs, None);
}

#[test]
fn one_can_go_back_a_step_and_take_back_a_command() {
    let (mut run, mut timeline, lesson) = at_step("losing-a-broker", 1);
    assert!(run.previous(&mut timeline));
    assert!(!run.previous(&mut timeline), "there is none before the first");
    let before = status(&run, &timeline);
    assert!(before.is_decided, "it is shown as it was decided");
    assert_eq!(before.next.kind, NextKind::Next);
    assert_eq!(run.next(&mut timeline), Ok(true));
    assert!(!is_decided(&run, &timeline));

    let (mut run, mut timeline, _) = at_step("losing-a-broker", 3);
    assert_eq!(run.undo(&mut timeline), None, "nothing has been done in this step");
    let hash = timeline.state_hash();
    give(&mut run, &mut timeline, "kill 101");
    give(&mut run, &mut timeline, "wait 3s");
    assert_eq!(run.undo(&mut timeline).map(|command| command.to_string()), Some("kill 101".to_owned()));
    assert_eq!(timeline.state_hash(), hash);
    assert!(timeline.is_at_end(), "nothing lies ahead");
    let solution = &lesson.steps[3].solution;
    attempt(&mut run, &mut timeline, &lesson.steps[3], Pick::DontKnow, solution).expect("the solution");
    assert!(is_decided(&run, &timeline), "{}", explain(&run, &timeline));
}

#[test]
fn hints_come_one_by_one_and_stay() {
    let (mut run, mut timeline, lesson) = at_step("where-a-record-goes", 0);
    assert_eq!(status(&run, &timeline).hints, 0);
    for depth in [1, 2, 3, 3] {
        run.show_hint();
        assert_eq!(status(&run, &timeline).hints, depth);
    }
    assert_eq!(lesson.steps[0].hints.len(), 3);
    run.reset(&mut timeline);
    assert_eq!(status(&run, &timeline).hints, 3);
}

#[test]
fn an_unmet_goal_says_what_is_true_instead() {
    let (run, timeline, _) = at_step("losing-a-broker", 3);
    let goals = status(&run, &timeline).goals;
    let said: Vec<Option<&str>> = goals.iter().map(|goal| goal.instead.as_deref()).collect();
    assert_eq!(said, [Some("leader(trucks_gps-1) = 103"), None, None]);
}
