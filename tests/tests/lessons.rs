//! Every built-in lesson is sound: its solution solves it, it is not solved before, wrong answers are
//! wrong and answered by their own "If …", a wrong way does not solve it, what is beside the point does
//! not stop it, and going back takes back what was reached.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::lesson::{
    AskState, Lesson, LessonRun, NextKind, Paragraph, Pick, Prose, Span, Step, Verdict, WORDS_MAX, library, sandbox,
    sources,
};
use playground_core::time::{SimDuration, SimTime};
use playground_core::timeline::Timeline;

/// More than any step needs.
const FAR: SimDuration = SimDuration::from_ms(300_000);

fn lessons() -> Vec<Rc<Lesson>> {
    let lessons: Vec<Rc<Lesson>> = library().into_iter().map(Rc::new).collect();
    assert_eq!(lessons.len(), sources().len(), "every built-in lesson is read");
    lessons
}

fn open(lesson: &Rc<Lesson>) -> (LessonRun, Timeline) {
    LessonRun::open(lesson.clone()).unwrap_or_else(|wrong| panic!("{}: {wrong}", lesson.id))
}

fn commands(text: &str) -> Vec<Command> {
    text.split("; ").map(|line| Command::parse(line).unwrap_or_else(|wrong| panic!("{line}: {wrong}"))).collect()
}

/// Locks `pick` if the step asks, plays what it plays, then gives `own`.
fn attempt(run: &mut LessonRun, timeline: &mut Timeline, step: &Step, pick: Pick, own: &[Command]) {
    if step.ask.is_some() {
        run.pick(pick);
        assert!(run.lock(), "{}: an answer can be locked", step.headline);
    }
    let until = timeline.now() + FAR;
    while run.status(timeline, &timeline.view()).next.kind == NextKind::Play {
        let ran = run.run_to(timeline, until, u64::MAX);
        assert!(ran.settled || timeline.now() < until, "{}: its play ends", step.headline);
        if run.status(timeline, &timeline.view()).next.kind == NextKind::Play {
            // The last command has been given; its time has passed, a goal has not been reached.
            assert!(!step.goals.is_empty(), "{}: played, but not decided", step.headline);
            break;
        }
    }
    for command in own {
        // After its decision a step needs no more.
        if !is_decided(run, timeline) {
            run.act(timeline, command.clone()).unwrap_or_else(|wrong| panic!("{}: {command}: {wrong}", step.headline));
        }
    }
}

fn is_decided(run: &LessonRun, timeline: &Timeline) -> bool {
    run.status(timeline, &timeline.view()).is_decided
}

fn explain(run: &LessonRun, timeline: &Timeline, step: &Step) -> String {
    let view = timeline.view();
    let told: Vec<String> =
        timeline.events().iter().rev().take(25).map(|event| format!("{} {}", event.at, event.text())).collect();
    format!(
        "step \"{}\" at {}\n{:#?}\nassignments {:?}\nnewest events:\n{}",
        step.headline,
        timeline.now(),
        run.status(timeline, &view),
        view.consumers.iter().map(|c| (c.client.clone(), c.assignment.clone())).collect::<Vec<_>>(),
        told.join("\n")
    )
}

/// Plays a lesson by its solutions; `at_step` sees each step before it is played.
fn walk(lesson: &Rc<Lesson>, mut at_step: impl FnMut(&Step, &LessonRun, &Timeline)) {
    let (mut run, mut timeline) = open(lesson);
    for (number, step) in lesson.steps.iter().enumerate() {
        assert_eq!(run.step_number(), number);
        at_step(step, &run, &timeline);
        attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution);
        assert!(is_decided(&run, &timeline), "{}: not solved: {}", lesson.id, explain(&run, &timeline, step));
        let is_last = number + 1 == lesson.steps.len();
        let opened = run.next(&mut timeline).unwrap_or_else(|wrong| panic!("{}: {wrong}", lesson.id));
        assert_eq!(opened, !is_last);
    }
    let status = run.status(&timeline, &timeline.view());
    assert_eq!(status.next.kind, NextKind::Finish);
}

#[test]
fn solutions_solve_and_nothing_is_solved_before() {
    for lesson in lessons() {
        walk(&lesson, |step, run, timeline| {
            let status = run.status(timeline, &timeline.view());
            assert!(!status.is_decided, "{}: decided at its start", step.headline);
            assert!(status.differs.is_none(), "{}: {:?}", step.headline, status.differs);
            let open = status.goals.iter().any(|goal| !goal.met);
            assert!(open || step.goals.is_empty(), "{}: all goals are met at its start", step.headline);
            assert_eq!(status.may_advance, step.ask.is_none());
        });
    }
}

#[test]
fn each_answer_is_graded_and_one_is_right() {
    for lesson in lessons() {
        walk(&lesson, |step, run, timeline| {
            let Some(ask) = &step.ask else { return };
            let mut truths = Vec::new();
            for number in 0..ask.options.len() {
                let (mut run, mut timeline) = (run.clone(), timeline.clone());
                attempt(&mut run, &mut timeline, step, Pick::Option(number), &step.solution);
                match run.status(&timeline, &timeline.view()).ask {
                    AskState::Graded { verdict, truth: Some(truth), .. } => {
                        let wanted = if truth == number { Verdict::Right } else { Verdict::Wrong };
                        assert_eq!(verdict, wanted, "{}: option {number}", step.headline);
                        truths.push(truth);
                    }
                    other => panic!("{}: {other:?}: {}", lesson.id, explain(&run, &timeline, step)),
                }
            }
            truths.dedup();
            let [truth] = truths.as_slice() else { panic!("{}: {truths:?} are right", step.headline) };
            for (number, option) in ask.options.iter().enumerate().filter(|(number, _)| number != truth) {
                let belief = option.comment.paragraphs.first().and_then(|paragraph| paragraph.spans.first());
                let follows = matches!(belief, Some(Span::Strong(text)) if text.starts_with("If "));
                assert!(follows, "{}: the comment of wrong option {number} begins with **If …**", step.headline);
            }
        });
    }
}

#[test]
fn what_is_beside_the_point_does_not_stop_a_lesson() {
    let stray = commands("kafka-topics.sh --create --topic stray --partitions 1 --replication-factor 1");
    for lesson in lessons() {
        let (mut run, mut timeline) = open(&lesson);
        for (number, step) in lesson.steps.iter().enumerate() {
            if number == 0 && step.ask.is_some() {
                run.pick(Pick::DontKnow);
                run.lock();
                run.act(&mut timeline, stray[0].clone()).expect("a topic");
                let status = run.status(&timeline, &timeline.view());
                assert!(status.differs.is_some_and(|differs| differs.commands == stray), "{}: it is told", lesson.id);
            }
            attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution);
            assert!(is_decided(&run, &timeline), "{}: {}", lesson.id, explain(&run, &timeline, step));
            run.next(&mut timeline).expect("the next step");
        }
    }
}

#[test]
fn a_wrong_way_does_not_solve() {
    for (id, number, wrong) in [
        ("where-a-record-goes", 4, "send truck-E --key truck-B B-0; wait 5s"),
        ("where-a-record-goes", 4, "send truck-E --key truck-D D-9; send truck-E --key truck-E E-9; wait 5s"),
        ("where-a-record-goes", 4, "wait 60s"),
        ("losing-a-broker", 0, "kill 103; wait 20s"),
        ("losing-a-broker", 0, "kill 102; wait 2s"),
        ("losing-a-broker", 3, "wait 60s"),
        (
            "losing-a-broker",
            3,
            "kafka-leader-election.sh --election-type preferred --topic trucks_gps --partition 0; wait 5s",
        ),
        ("losing-a-broker", 3, "kill 103; wait 20s"),
        ("sharing-the-work", 4, "kill dash-4; wait 20s"),
        ("sharing-the-work", 4, "stop dash-3; stop dash-4; wait 20s"),
    ] {
        let lesson = lessons().into_iter().find(|lesson| &*lesson.id == id).expect(id);
        let (mut run, mut timeline) = open(&lesson);
        for step in lesson.steps.iter().take(number) {
            attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution);
            assert_eq!(run.next(&mut timeline), Ok(true), "{id}: {}", step.headline);
        }
        let step = &lesson.steps[number];
        attempt(&mut run, &mut timeline, step, Pick::DontKnow, &commands(wrong));
        assert!(!is_decided(&run, &timeline), "{id}: {wrong} solves \"{}\"", step.headline);
        assert_eq!(run.next(&mut timeline), Ok(false));
    }
}

#[test]
fn going_back_takes_back_and_resetting_begins_again() {
    for lesson in lessons() {
        let (mut run, mut timeline) = open(&lesson);
        for step in &lesson.steps {
            let (start, hash) = (timeline.position(), timeline.state_hash());
            attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution);
            let end = timeline.position();
            timeline.go_to(start);
            assert_eq!(timeline.state_hash(), hash, "{}", step.headline);
            let status = run.status(&timeline, &timeline.view());
            let unmet = status.goals.iter().any(|goal| !goal.met);
            assert!(unmet || step.goals.is_empty(), "{}: goals are taken back", step.headline);
            assert!(status.is_decided, "{}: what was learnt stays", step.headline);
            timeline.go_to(end);
            let status = run.status(&timeline, &timeline.view());
            assert!(status.goals.iter().all(|goal| goal.met), "{}: and are there again", step.headline);

            let (mut other, mut again) = (run.clone(), timeline.clone());
            other.reset(&mut again);
            assert_eq!(again.state_hash(), hash, "{}: the start again", step.headline);
            assert!(again.is_at_end(), "{}: with nothing ahead", step.headline);
            assert!(!is_decided(&other, &again));
            attempt(&mut other, &mut again, step, Pick::DontKnow, &step.solution);
            assert!(is_decided(&other, &again), "{}: {}", lesson.id, explain(&other, &again, step));
            run.next(&mut timeline).expect("the next step");
        }
    }
}

#[test]
fn a_question_locks_time_and_commands() {
    for lesson in lessons() {
        let (mut run, mut timeline) = open(&lesson);
        assert!(lesson.steps[0].ask.is_some(), "{}: begins with a question", lesson.id);
        let hash = timeline.state_hash();
        let later = timeline.now() + SimDuration::from_ms(1000);
        assert!(run.run_to(&mut timeline, later, 1000).blocked);
        assert!(run.step(&mut timeline).blocked);
        assert!(!run.lock(), "nothing is picked");
        let refused = run.act(&mut timeline, Command::Heal(None)).expect_err("refused");
        assert!(refused.message.contains("lock in an answer"), "{refused}");
        assert_eq!(timeline.state_hash(), hash);
        run.pick(Pick::Option(99));
        assert!(!run.lock(), "there is no such option");
        run.pick(Pick::Option(1));
        run.pick(Pick::Option(0));
        assert!(run.lock());
        run.pick(Pick::Option(1));
        let status = run.status(&timeline, &timeline.view());
        assert_eq!(status.ask, AskState::Locked(Pick::Option(0)));
        assert!(!run.run_to(&mut timeline, later, 1000).blocked);
        assert!(timeline.now() > SimTime::ZERO);
    }
}

#[test]
fn single_steps_reach_the_same_end() {
    let lesson = lessons().into_iter().find(|lesson| &*lesson.id == "losing-a-broker").expect("the source's example");
    let (mut run, mut timeline) = open(&lesson);
    run.pick(Pick::Option(1));
    run.lock();
    run.act(&mut timeline, Command::parse("kill 102").expect("kill")).expect("kill 102");
    let mut steps = 0;
    while !is_decided(&run, &timeline) && steps < 500 {
        run.step(&mut timeline);
        steps += 1;
    }
    assert!(is_decided(&run, &timeline), "after {steps} steps: {}", explain(&run, &timeline, &lesson.steps[0]));
    let view = timeline.view();
    let leaders: Vec<Option<i32>> = view.topics[0].partitions.iter().map(|partition| partition.leader).collect();
    assert_eq!(leaders, [Some(101), Some(103)]);
}

fn texts(step: &Step) -> Vec<&Prose> {
    let options = step.ask.iter().flat_map(|ask| ask.options.iter().map(|option| &option.comment).chain(&ask.unsure));
    std::iter::once(&step.prose).chain(options).chain(&step.hints).chain(&step.done).collect()
}

#[test]
fn texts_are_short_and_their_commands_are_commands() {
    for lesson in lessons() {
        assert!(lesson.steps.iter().any(|step| step.ask.is_some() && !step.hints.is_empty()), "{}", lesson.id);
        assert!(lesson.steps.iter().any(|step| !step.goals.is_empty() && !step.solution.is_empty()), "{}", lesson.id);
        for step in &lesson.steps {
            assert!(step.prose.words() <= WORDS_MAX);
            let spans =
                texts(step).into_iter().flat_map(|prose| &prose.paragraphs).flat_map(|Paragraph { spans, .. }| spans);
            for code in spans.filter_map(|span| if let Span::Code(code) = span { Some(code) } else { None }) {
                let is_command = code.contains(' ') && !code.starts_with("truck-");
                assert!(!is_command || Command::parse(code).is_ok(), "{}: `{code}` is no command", step.headline);
            }
        }
    }
}

#[test]
fn the_sandbox_stands() {
    let lesson = Rc::new(sandbox().unwrap_or_else(|wrong| panic!("{wrong}")));
    let (run, timeline) = open(&lesson);
    let view = timeline.view();
    assert!(run.status(&timeline, &view).may_advance);
    assert!(view.topics.iter().any(|topic| &*topic.name == "trucks_gps" && topic.partitions.len() == 3));
}
