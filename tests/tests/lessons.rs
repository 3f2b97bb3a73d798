//! Every built-in lesson is sound: its solution solves it, it is not solved before, wrong answers are
//! wrong and answered by their own "If …", a wrong way does not solve it, what is beside the point does
//! not stop it, and going back takes back what was reached.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::lesson::{
    AskState, GLOSSARY, Glossary, Lesson, LessonRun, NextKind, Paragraph, Pick, Prose, Span, Step, Verdict, WORDS_MAX,
    library, sandbox, sources,
};
use playground_core::time::SimDuration;
use playground_core::timeline::Timeline;
use playground_tests::lesson_check::{attempt, check, explain, is_decided};
use playground_tests::lesson_terms;

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

/// As [`attempt`], where nothing may be refused.
fn go(run: &mut LessonRun, timeline: &mut Timeline, step: &Step, own: &[Command]) {
    attempt(run, timeline, step, Pick::DontKnow, own).unwrap_or_else(|wrong| panic!("{}: {wrong}", step.headline));
}

fn label(spans: &[Span]) -> String {
    spans.iter().map(Span::text).collect()
}

/// The option that somebody takes who only compares words: that of which the longest pieces stand in the hint. A piece
/// that several options have says little.
fn chosen_by_words(labels: &[String], hint: &str) -> usize {
    const LONGEST: usize = 4;
    let pieces = |text: &str| {
        let text = text.to_lowercase();
        let words: Vec<&str> = text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .map(|word| word.trim_matches('-'))
            .filter(|word| !word.is_empty())
            .collect();
        let all = (1..=LONGEST).flat_map(|length| words.windows(length).map(|piece| piece.join(" ")));
        all.collect::<std::collections::BTreeSet<String>>()
    };
    let said = pieces(hint);
    let options: Vec<_> = labels.iter().map(|label| pieces(label)).collect();
    let worth = |piece: &String| {
        let length = piece.split(' ').count();
        12 * length * length / options.iter().filter(|option| option.contains(piece)).count().max(1)
    };
    let score = |option: usize| options[option].intersection(&said).map(worth).sum::<usize>();
    // The first one of the best.
    (0..options.len()).rev().max_by_key(|option| score(*option)).unwrap_or(0)
}

#[test]
fn lessons_are_sound_and_it_is_the_deepest_hint_that_tells_the_answer_not_where_it_stands() {
    let mut right_places = Vec::new();
    let mut misled = Vec::new();
    for lesson in lessons() {
        let report = check(&lesson);
        assert!(report.problems.is_empty(), "{}:\n{}", lesson.id, report.problems.join("\n"));
        right_places.extend(report.right_places);
        for (number, right) in report.right {
            let step = &lesson.steps[number];
            let (Some(ask), Some(hint)) = (&step.ask, step.hints.last()) else { continue };
            let labels: Vec<String> = ask.options.iter().map(|option| label(&option.label)).collect();
            if chosen_by_words(&labels, &hint.plain()) != right {
                misled.push(format!(
                    "{}, line {}: {} leads not to {}",
                    lesson.id,
                    step.line,
                    hint.plain(),
                    labels[right]
                ));
            }
        }
    }
    assert!(misled.is_empty(), "the deepest hint nearly says it:\n{}", misled.join("\n"));
    for place in 0..3 {
        let here = right_places.iter().filter(|right| **right == place).count();
        let all = right_places.len();
        assert!(here * 4 >= all && here * 2 <= all, "{here} of {all} right answers stand at place {}", place + 1);
    }
}

#[test]
fn what_was_not_said_is_shown() {
    let lesson = lessons().into_iter().next().expect("a lesson");
    let (mut run, mut timeline) = open(&lesson);
    go(&mut run, &mut timeline, &lesson.steps[0], &[]);
    let status = run.status(&timeline, &timeline.view());
    assert_eq!(status.ask, AskState::Graded { pick: Pick::DontKnow, verdict: Verdict::NotSaid, truth: Some(1) });
    assert_eq!(status.next.kind, NextKind::Next);
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
            go(&mut run, &mut timeline, step, &step.solution);
            assert!(is_decided(&run, &timeline), "{}: {}", lesson.id, explain(&run, &timeline));
            run.next(&mut timeline).expect("the next step");
        }
    }
}

#[test]
fn what_the_learner_has_to_do_is_held_from_both_sides() {
    for lesson in lessons() {
        for step in lesson.steps.iter().filter(|step| !step.solution.is_empty()) {
            let told = format!("{}, line {}: {}", lesson.id, step.line, step.headline);
            assert!(!step.alternatives.is_empty(), "{told}: a block of kind alternative is expected");
            assert!(!step.wrong_ways.is_empty(), "{told}: a block of kind wrong is expected");
        }
    }
}

#[test]
fn every_file_of_the_folder_is_in_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/lessons");
    let files = std::fs::read_dir(folder).expect("the lessons' folder");
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let known = |name: &String| {
        let id = name.strip_suffix(".md").unwrap_or_default();
        matches!(id, "README" | "CURRICULUM" | "GLOSSARY" | "sandbox") || sources().iter().any(|(of, _)| *of == id)
    };
    let strangers: Vec<String> = names.filter(|name| !known(name)).collect();
    assert!(strangers.is_empty(), "not in the list of core/src/lesson/library.rs: {}", strangers.join(", "));
}

/// Row by row: each is decided by the engine in at least one step.
#[test]
fn the_course_covers_the_curriculum() {
    let text = include_str!("../../assets/lessons/CURRICULUM.md");
    let rows: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|line| line.split(' ').next())
        .filter(|row| row.len() > 1 && row[1..].chars().all(|c| c.is_ascii_digit()))
        .collect();
    let lessons = lessons();
    let mut places: Vec<(String, String)> = Vec::new();
    for lesson in &lessons {
        for (number, step) in (1..).zip(&lesson.steps) {
            let place = |row: &playground_core::ids::Name| (row.to_string(), format!("{} {number}", lesson.id));
            places.extend(step.covers.iter().map(place));
        }
    }
    let strangers: Vec<_> = places.iter().filter(|(row, _)| !rows.contains(&row.as_str())).collect();
    assert!(strangers.is_empty(), "not in the curriculum: {strangers:?}");
    let mut missing: Vec<&str> = Vec::new();
    for row in &rows {
        let of_row: Vec<&str> = places.iter().filter(|(of, _)| of == row).map(|(_, place)| place.as_str()).collect();
        println!("{row:4}{}", of_row.join(", "));
        if of_row.is_empty() {
            missing.push(*row);
        }
    }
    println!("{} of {} rows", rows.len() - missing.len(), rows.len());
    assert!(missing.is_empty(), "no lesson covers {}", missing.join(", "));
}

/// What is different today is said with the version or the proposal, in a lesson that covers the row.
#[test]
fn what_is_different_today_is_said_with_its_version() {
    let text = include_str!("../../assets/lessons/CURRICULUM.md");
    let is_version = |word: &&str| {
        word.starts_with("KIP-") || (word.contains('.') && word.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    let lessons = lessons();
    let mut missing = Vec::new();
    let mut rows = 0;
    for row in text.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [id, _, today, ..] = cells.as_slice() else { continue };
        let words = today.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-');
        let versions: Vec<&str> = words.map(|word| word.trim_end_matches('.')).filter(is_version).collect();
        if versions.is_empty() {
            continue;
        }
        rows += 1;
        let mut covering =
            lessons.iter().filter(|lesson| lesson.steps.iter().any(|step| step.covers.iter().any(|of| **of == **id)));
        let says_all = |lesson: &Rc<Lesson>| {
            let said: String = lesson.steps.iter().flat_map(texts).map(|prose| prose.plain() + "\n").collect();
            versions.iter().all(|version| said.contains(version))
        };
        if !covering.any(says_all) {
            missing.push(format!("{id}: {}", versions.join(", ")));
        }
    }
    assert!(rows >= 10, "{rows} rows have a version");
    assert!(missing.is_empty(), "no lesson that covers the row says all of {}", missing.join("; "));
}

#[test]
fn going_back_takes_back_and_resetting_begins_again() {
    for lesson in lessons() {
        let (mut run, mut timeline) = open(&lesson);
        for step in &lesson.steps {
            let (start, hash) = (timeline.position(), timeline.state_hash());
            go(&mut run, &mut timeline, step, &step.solution);
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
            go(&mut other, &mut again, step, &step.solution);
            assert!(is_decided(&other, &again), "{}: {}", lesson.id, explain(&other, &again));
            run.next(&mut timeline).expect("the next step");
        }
    }
}

#[test]
fn a_question_locks_time_and_commands() {
    for lesson in lessons() {
        let (mut run, mut timeline) = open(&lesson);
        if lesson.steps[0].ask.is_none() {
            assert_eq!(lesson.chapter, "Mission", "{}: only the mission begins without a question", lesson.id);
            continue;
        }
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
    assert!(is_decided(&run, &timeline), "after {steps} steps: {}", explain(&run, &timeline));
    let view = timeline.view();
    let leaders: Vec<Option<i32>> = view.topics[0].partitions.iter().map(|partition| partition.leader).collect();
    assert_eq!(leaders, [Some(101), Some(103)]);
}

/// A page runs as many events a frame as its machine allows; the lesson must not notice.
#[test]
fn frames_make_no_difference() {
    for lesson in lessons() {
        let mut courses = Vec::new();
        for (frame_ms, budget) in [(16, 5), (1600, 40), (900_000, u64::MAX)] {
            let (mut run, mut timeline) = open(&lesson);
            let mut course = Vec::new();
            for step in &lesson.steps {
                run.pick(Pick::DontKnow);
                run.lock();
                let own = if step.play.is_empty() { step.solution.as_slice() } else { &[] };
                let mut settled = false;
                let end = timeline.now() + SimDuration::from_ms(900_000);
                for command in own {
                    let until = match command {
                        Command::Wait(span) => timeline.now() + *span,
                        _ => {
                            let ran = run.act(&mut timeline, command.clone()).expect("a command of the solution");
                            settled |= ran.settled;
                            continue;
                        }
                    };
                    while !settled && timeline.now() < until {
                        let frame = until.min(timeline.now() + SimDuration::from_ms(frame_ms));
                        settled = run.run_to(&mut timeline, frame, budget).settled;
                    }
                }
                while !settled {
                    let until = timeline.now() + SimDuration::from_ms(frame_ms);
                    settled = run.run_to(&mut timeline, until, budget).settled;
                    assert!(timeline.now() < end, "{}: {} does not end", lesson.id, step.headline);
                }
                course.push((timeline.position(), timeline.state_hash()));
                run.next(&mut timeline).expect("the next step");
            }
            courses.push(course);
        }
        assert_eq!(courses[0], courses[1], "{}", lesson.id);
        assert_eq!(courses[1], courses[2], "{}", lesson.id);
    }
}

fn texts(step: &Step) -> Vec<&Prose> {
    let options = step.ask.iter().flat_map(|ask| ask.options.iter().map(|option| &option.comment).chain(&ask.unsure));
    std::iter::once(&step.prose).chain(options).chain(&step.hints).chain(&step.done).collect()
}

#[test]
fn texts_are_short_and_their_commands_are_commands() {
    let mut wrong = Vec::new();
    for lesson in lessons() {
        assert!(lesson.steps.iter().any(|step| step.ask.is_some() && !step.hints.is_empty()), "{}", lesson.id);
        assert!(lesson.steps.iter().any(|step| !step.goals.is_empty() && !step.solution.is_empty()), "{}", lesson.id);
        for step in &lesson.steps {
            assert!(step.prose.words() <= WORDS_MAX);
            let spans =
                texts(step).into_iter().flat_map(|prose| &prose.paragraphs).flat_map(|Paragraph { spans, .. }| spans);
            for code in spans.filter_map(|span| if let Span::Code(code) = span { Some(code) } else { None }) {
                // Options alone are a part of a command.
                let is_command = code.contains(' ') && !code.starts_with("truck-") && !code.starts_with("--");
                if is_command && Command::parse(code).is_err() {
                    wrong.push(format!("{}, line {}: `{code}` is no command", lesson.id, step.line));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sandbox_stands() {
    let lesson = Rc::new(sandbox().unwrap_or_else(|wrong| panic!("{wrong}")));
    let (run, timeline) = open(&lesson);
    let view = timeline.view();
    assert!(run.status(&timeline, &view).may_advance);
    assert!(view.topics.iter().any(|topic| &*topic.name == "trucks_gps" && topic.partitions.len() == 3));
}

#[test]
fn a_term_of_the_glossary_is_used_in_the_lesson_that_is_named_for_it() {
    let glossary = Glossary::parse(GLOSSARY).unwrap_or_else(|wrong| panic!("GLOSSARY.md, {wrong}"));
    assert!(glossary.entries().len() >= 50, "{} terms", glossary.entries().len());
    let lessons = lessons();
    let mut problems = Vec::new();
    for (number, entry) in glossary.entries().iter().enumerate() {
        let Some(lesson) = lessons.iter().find(|lesson| *lesson.id == *entry.lesson) else {
            problems.push(format!("{}: there is no lesson {}", entry.term, entry.lesson));
            continue;
        };
        let says = |text: &str| {
            let mut from = 0;
            std::iter::from_fn(|| {
                let found = glossary.find(text, from)?;
                from = found.end;
                Some(found.entry)
            })
            .any(|found| found == number)
        };
        if !lesson.steps.iter().flat_map(texts).any(|prose| says(&prose.plain())) {
            problems.push(format!("{}: {} does not use it", entry.term, entry.lesson));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_term_is_used_before_the_course_has_explained_it() {
    let glossary = Glossary::parse(GLOSSARY).unwrap_or_else(|wrong| panic!("GLOSSARY.md, {wrong}"));
    let found: Vec<String> = sources()
        .iter()
        .flat_map(|(id, text)| {
            let lesson = Lesson::parse(text).unwrap_or_else(|wrong| panic!("{id}, {wrong}"));
            let problems = lesson_terms::problems(&glossary, &lesson, text);
            problems.into_iter().map(move |problem| format!("{id}, {problem}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
