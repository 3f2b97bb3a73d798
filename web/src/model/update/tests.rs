//! The page without a browser: actions go in, the engine answers, the model says what is shown.

use std::rc::Rc;

use playground_core::ids::TopicPartition;
use playground_core::lesson::AskState;

use crate::model::{Action, Dialog, DockTab, Effect, Model, Subject, update};
use crate::scene::Selection;
use crate::shell::engine::Engine;

/// A page with its engine; effects that need a browser are kept for looking at.
struct Page {
    model: Model,
    engine: Engine,
    browser: Vec<Effect>,
}

impl Page {
    fn open(id: &str) -> Self {
        let mut engine = Engine::named(id).expect("a built-in lesson opens");
        let model = Model::new(Rc::new(engine.snapshot()));
        Self { model, engine, browser: Vec::new() }
    }

    fn act(&mut self, action: Action) -> &mut Self {
        let mut queue: std::collections::VecDeque<Effect> = update(&mut self.model, action).into();
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Ask(request) => {
                    let reply = self.engine.handle(request);
                    queue.extend(update(&mut self.model, Action::Replied(reply)));
                }
                other => self.browser.push(other),
            }
        }
        self
    }

    fn say(&mut self, line: &str) -> &mut Self {
        self.act(Action::Draft(line.into())).act(Action::Enter)
    }

    fn hash(&self) -> u64 {
        self.model.snapshot.state_hash
    }

    fn told(&self) -> Vec<&str> {
        self.model.terminal.lines.iter().map(|line| &*line.text).collect()
    }
}

fn broker(id: i32) -> Subject {
    Subject::Thing(Selection::Broker(id))
}

#[test]
fn time_stands_still_until_an_answer_is_locked_in() {
    let mut page = Page::open("losing-a-broker");
    let hash = page.hash();
    for action in [Action::TogglePlay, Action::Step, Action::ToEnd, Action::NextStep] {
        page.act(action);
        assert!(!page.model.playing);
        assert_eq!(page.hash(), hash);
    }
    page.say("kill 102");
    assert_eq!(page.hash(), hash, "acting waits for the answer too");
    page.act(Action::Pick(1)).act(Action::Primary);
    assert!(matches!(page.model.snapshot.lesson.as_ref().expect("a lesson is open").status.ask, AskState::Locked(_)));
    page.say("kill 102");
    assert_ne!(page.hash(), hash);
    page.act(Action::TogglePlay);
    assert!(page.model.playing);
}

#[test]
fn a_place_in_the_picture_is_an_answer_while_one_is_due() {
    let mut page = Page::open("where-a-record-goes");
    let second = Subject::Thing(Selection::Partition(TopicPartition::new("trucks_gps", 1)));
    page.act(Action::Press(second.clone(), (0.0, 0.0)));
    let lesson = page.model.snapshot.lesson.clone().expect("a lesson is open");
    assert_eq!(lesson.picked(), lesson.option_at(&second));
    assert!(lesson.picked().is_some());
    assert!(page.model.menu.is_none(), "it is an answer, not a wish for actions");
}

#[test]
fn a_refusal_names_the_place_and_changes_nothing() {
    let mut page = Page::open("sandbox");
    let hash = page.hash();
    page.say("kil 102");
    assert_eq!(page.hash(), hash);
    let told = page.told();
    assert_eq!(told[0], "kil 102");
    assert_eq!(told[1], "  ^^^");
    assert!(told[2].starts_with("kil: "), "{told:?}");
}

#[test]
fn a_click_shows_the_line_it_stands_for_and_can_be_taken_back() {
    let mut page = Page::open("sandbox");
    let hash = page.hash();
    page.act(Action::Press(broker(102), (10.0, 10.0)));
    let menu = page.model.menu.clone().expect("the menu is open");
    let kill = crate::model::menu::entries(&menu.subject, &page.model.snapshot.view)
        .into_iter()
        .find(|entry| entry.id == "menu-kill")
        .expect("a running broker can be killed");
    page.act(crate::components::menu::action_of(&kill));
    assert_eq!(page.told(), ["kill 102"]);
    assert!(page.model.menu.is_none());
    assert!(page.model.toast.as_ref().is_some_and(|toast| toast.undo));
    page.act(Action::Undo);
    assert_eq!(page.hash(), hash);
    assert_eq!(page.model.toast.as_ref().map(|toast| toast.text.as_str()), Some("Undone: kill 102"));
    assert_eq!(page.model.announcement, "Undone: kill 102");
    page.act(Action::Undo);
    assert_eq!(page.model.announcement, "Nothing to undo");
}

#[test]
fn the_solution_is_typed_and_not_run() {
    let mut page = Page::open("losing-a-broker");
    let hash = page.hash();
    page.act(Action::Solution);
    assert_eq!(page.hash(), hash);
    assert_eq!(page.model.dock, Some(DockTab::Terminal));
    assert_eq!(page.model.terminal.draft.lines().next(), Some("kill 102"));
    assert!(page.told().is_empty());
}

#[test]
fn what_the_lesson_does_is_put_on_the_command_line_once() {
    let mut page = Page::open("where-a-record-goes");
    page.act(Action::Pick(1)).act(Action::Lock);
    for action in [Action::Step, Action::StepBack, Action::Step] {
        for _ in 0..4 {
            page.act(action.clone());
        }
    }
    let sent = page.told().iter().filter(|line| line.starts_with("send truck-C")).count();
    assert_eq!(sent, 1, "{:?}", page.told());
}

#[test]
fn acting_in_the_past_branches_and_the_old_future_can_be_reopened() {
    let mut page = Page::open("sandbox");
    page.say("kill 102").act(Action::Step).act(Action::Step).act(Action::Step);
    let old = page.hash();
    page.act(Action::ToStart).say("kill 103");
    assert_eq!(page.model.snapshot.branches.iter().filter(|branch| branch.active).count(), 1);
    assert!(page.model.snapshot.branches.len() >= 2);
    page.act(Action::Switch(0));
    assert_eq!(page.hash(), old);
}

#[test]
fn a_step_and_a_step_back_lead_to_the_same_state() {
    let mut page = Page::open("sandbox");
    page.say("kill 102");
    let mut hashes = vec![page.hash()];
    for _ in 0..20 {
        page.act(Action::Step);
        hashes.push(page.hash());
    }
    for hash in hashes.iter().rev().skip(1) {
        page.act(Action::StepBack);
        assert_eq!(page.hash(), *hash);
    }
}

#[test]
fn a_look_leaves_what_the_last_step_changed_in_sight() {
    let mut page = Page::open("sandbox");
    page.say("kill 102").act(Action::Step);
    let before = page.model.snapshot.before.clone().expect("the step changed something");
    page.say("kafka-topics.sh --list");
    assert_eq!(page.model.snapshot.before, Some(before));
}

#[test]
fn opening_the_dock_closes_a_menu_whose_place_it_takes() {
    let mut page = Page::open("sandbox");
    page.act(Action::Press(broker(101), (0.0, 600.0)));
    assert!(page.model.menu.is_some());
    page.act(Action::Dock(Some(DockTab::Messages)));
    assert!(page.model.menu.is_none() && page.model.selected == Some(broker(101)));
}

#[test]
fn a_link_brings_lesson_step_answer_and_moment_back() {
    let mut page = Page::open("losing-a-broker");
    page.act(Action::Pick(1)).act(Action::Lock).say("kill 102").act(Action::Step).act(Action::Step);
    let again = Engine::from_link(&page.model.snapshot.link()).expect("our own link opens").snapshot();
    assert_eq!(again.state_hash, page.hash());
    let (was, is) = (page.model.snapshot.lesson.clone(), again.lesson.clone());
    let (was, is) = (was.expect("a lesson"), is.expect("the same lesson"));
    assert_eq!((is.id.as_str(), is.status.step, is.picked()), (was.id.as_str(), was.status.step, was.picked()));
    assert!(!is.waits_for_answer());
}

#[test]
fn damaged_links_are_refused_with_the_place() {
    for (link, place) in [
        ("k1&seed=x", "seed"),
        ("k1&do=1~2", "do"),
        ("lesson=nothing", "nothing"),
        ("lesson=sandbox&sed=7", "found sed"),
        ("k2&seed=1", "newest version"),
    ] {
        let refusal = Engine::from_link(link).err().unwrap_or_default();
        assert!(refusal.contains(place), "{link}: {refusal}");
    }
}

#[test]
fn escape_closes_the_innermost_first() {
    let mut page = Page::open("sandbox");
    page.act(Action::Dock(Some(DockTab::Events))).act(Action::Press(broker(101), (0.0, 0.0)));
    page.act(Action::Escape);
    assert!(page.model.menu.is_none() && page.model.dock.is_some());
    page.act(Action::Escape);
    assert!(page.model.dock.is_none() && page.model.selected.is_some());
    page.act(Action::Escape);
    assert!(page.model.selected.is_none());
    page.act(Action::Dialog(Some(Dialog::Help))).act(Action::Escape);
    assert!(page.model.dialog.is_none());
}

#[test]
fn a_lesson_file_that_cannot_be_read_leaves_everything_as_it_is() {
    let mut page = Page::open("losing-a-broker");
    let hash = page.hash();
    page.act(Action::OpenFile("mine.md".into(), "---\nid: mine\n---\n".into()));
    assert_eq!(page.hash(), hash);
    assert!(page.model.not_opened.as_ref().is_some_and(|why| why.contains("mine.md") && why.contains("line")));
}

#[test]
fn a_link_carries_what_the_page_shows_and_a_run_file_the_same() {
    let mut page = Page::open("sandbox");
    page.say("kill 102").act(Action::Step).act(Action::Step).act(Action::Topic(Some("trucks_gps".into())));
    page.act(Action::Select(Some(Subject::Thing(Selection::Broker(101)))));
    page.act(Action::Dock(Some(DockTab::Events)))
        .act(Action::Filter("leader & isr".into()))
        .act(Action::KeyLetters(true));
    let text = format!("{}{}", page.model.snapshot.link(), page.model.page_part());
    let link = playground_core::timeline::seal(&text);

    let mut other = Page::open("where-a-record-goes");
    other.engine = Engine::from_link(&link).expect("the link opens");
    other.model = Model::new(Rc::new(other.engine.snapshot()));
    other.model.show_page_part(&playground_core::timeline::unseal(&link).expect("it is whole"));
    let seen = |page: &Page| {
        let model = &page.model;
        let chosen = (model.dock, model.filter.clone(), model.topic.clone(), model.key_letters);
        (model.snapshot.state_hash, model.selected.clone(), chosen)
    };
    assert_eq!(seen(&other), seen(&page));

    let mut third = Page::open("where-a-record-goes");
    third.act(Action::OpenRun("mine.run".into(), crate::model::run_file::write(&text)));
    assert_eq!(third.model.not_opened, None);
    assert_eq!(seen(&third), seen(&page));
    let before = third.model.snapshot.state_hash;
    third.act(Action::OpenRun("bad.run".into(), crate::model::run_file::write(&text).replace("kill 102", "kill 999")));
    let why = third.model.not_opened.clone().unwrap_or_default();
    assert!(why.starts_with("bad.run, line ") && why.contains("999"), "{why}");
    assert_eq!(third.model.snapshot.state_hash, before);
}

#[test]
fn two_branches_are_compared_at_the_time_of_the_clock() {
    let mut page = Page::open("sandbox");
    page.say("kill 102").say("wait 20s");
    page.act(Action::ToStart).say("kill 103").say("wait 20s");
    page.act(Action::Rename(1, "  without 103 ".into())).act(Action::Rename(1, " ".into()));
    page.act(Action::Compare(Some(0)));
    assert_eq!(page.model.dock, Some(DockTab::Branches));
    let answers = page.engine.answers(&page.model.inquiry());
    let compared = answers.comparison.clone().expect("two branches are compared");
    assert_eq!(page.model.snapshot.branches[1].name, "without 103");
    assert_eq!((compared.name.as_str(), compared.view.now), ("main", page.model.snapshot.now()));
    let process = |id: i32| {
        let of = format!("broker {id}");
        let found = compared.differences.iter().find(|one| one.of == of && one.what == "process");
        found.map(|one| (one.first.clone(), one.second.clone()))
    };
    assert_eq!(process(102), Some(("running".into(), "dead".into())));
    assert_eq!(process(103), Some(("dead".into(), "running".into())));
    assert_eq!(process(101), None);
    assert!(!compared.told.told.is_empty() && compared.told.told.iter().all(|told| told.at >= compared.parted));
    // What the second side shows is what the branch itself shows there.
    let (now, words) = (page.model.snapshot.now(), compared.words.clone());
    page.act(Action::Switch(0)).act(Action::Seek(now));
    assert_eq!(crate::scene::describe(&page.model.snapshot.view, &crate::scene::SceneOptions::default()), words);
    assert_eq!(page.model.compare, None, "opened alone");
}
