//! The one component that owns the engine and the frames. It asks `model::update` what to do and
//! carries the effects out.

use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use playground_core::timeline::unseal;
use yew::prelude::*;

use super::compared::{ComparedProps, compared};
use super::dialogs::OpenDialog;
use super::dock::{DockProps, dock};
use super::header::header;
use super::inspector::Inspector;
use super::lesson_panel::LessonPanel;
use super::listeners::listeners;
use super::painter::Painter;
use super::picture::Picture;
use super::transport::{TransportProps, transport};
use super::{
    Dispatch,
    tabbar::{TabBarProps, tab_bar},
};
use crate::model::inquiry::Answers;
use crate::model::progress::{Progress, State};
use crate::model::run_file;
use crate::model::{
    Action, Dialog, Effect, Effects, Model, Shared, Subject, ThemeChoice, Toast, update as update_model,
};
use crate::scene::{self, Layout, SceneOptions};
use crate::shell::engine::Engine;
use crate::shell::frame_loop::FrameLoop;
use crate::shell::pacing::Pacing;
use crate::shell::{clipboard, document, download, fatal, storage};

/// The toast stays this long, in ms.
const TOAST_MS: u32 = 6000;

/// Where the dock has room for two views beside each other.
const WIDE: &str = "(min-width: 1200px)";

/// What reaches the component.
#[derive(Debug)]
pub enum Msg {
    /// An action of the page.
    Act(Action),
    /// A frame is due, at this time in ms.
    Frame(f64),
    /// The window has another size.
    Resized,
}

/// The page.
pub struct App {
    pub(super) model: Model,
    pub(super) engine: Engine,
    pub(super) painter: Painter,
    layout: Option<Shared<Layout>>,
    /// The second side of a comparison.
    other: Painter,
    other_layout: Option<Shared<Layout>>,
    /// What the open panels asked.
    pub(super) answers: Shared<Answers>,
    pub(super) dispatch: Dispatch,
    pub(super) frames: Option<FrameLoop>,
    /// Frames in which a film goes on while time stands.
    pub(super) films: Option<FrameLoop>,
    pub(super) pacing: Pacing,
    pub(super) shown_at: f64,
    /// When a sentence about the run was said last, and how many events had been told by then.
    pub(super) announced: (f64, u64),
    toast: Option<Timeout>,
    /// What waits for the next drawing: on a slow machine the parts of the page are drawn some tasks later.
    after_drawing: Effects,
    storage_refused: bool,
    /// How many events had been told when the picture was painted last.
    pub(super) painted_told: usize,
    _listeners: Vec<EventListener>,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let fragment = document::fragment();
        let (mut engine, refused) = open(&fragment);
        let mut app = Self {
            model: Model::new(Rc::new(engine.snapshot())),
            engine,
            painter: Painter::default(),
            layout: None,
            other: Painter::default(),
            other_layout: None,
            answers: Shared::default(),
            dispatch: ctx.link().callback(Msg::Act),
            frames: None,
            films: None,
            pacing: Pacing::default(),
            shown_at: 0.0,
            announced: (0.0, 0),
            toast: None,
            after_drawing: Effects::new(),
            storage_refused: false,
            painted_told: 0,
            _listeners: listeners(ctx),
        };
        app.remember_choices();
        let linked = unseal(&fragment).map_or_else(|_| String::new(), |text| text.into_owned());
        if let Some(lesson) = app.model.snapshot.lesson.clone() {
            // The very first visit begins with the legend: one picture, one question.
            let first_visit = fragment.is_empty() && app.model.progress == Progress::default();
            app.model.selected = lesson.selected(&app.model.snapshot.view).filter(|_| !first_visit);
            app.model.topic = lesson.topic();
        }
        if refused.is_none() {
            app.model.show_page_part(&linked);
        }
        if let Some(text) = app.engine.strayed() {
            app.model.toast = Some(Toast { text, undo: false, refused: true, number: 0 });
        }
        app.note_start();
        fatal::remember(&app.model.snapshot);
        if let Some(why) = refused {
            app.model.dialog = Some(Dialog::Lessons);
            app.model.not_opened = Some(why);
        }
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        if fatal::stopped() {
            return false;
        }
        match msg {
            Msg::Act(action) => {
                let effects = update_model(&mut self.model, action);
                self.carry_out(ctx, effects);
                self.follow(ctx);
                self.ask(ctx);
                true
            }
            Msg::Frame(at) => self.frame(ctx, at),
            Msg::Resized => {
                self.painter.forget();
                self.model.narrow = document::matches("(max-width: 760px)");
                self.model.wide = document::matches(WIDE);
                true
            }
        }
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let model = &self.model;
        let shot: Shared<_> = model.snapshot.clone().into();
        let dispatch = self.dispatch.clone();
        let compared = self.compared(&shot);
        html! {
            <div class="app" data-panel={model.panel.name()} data-test="app" data-state-hash={format!("{:016x}", shot.state_hash)}
                data-playing={model.playing.to_string()} data-branch={active_branch(model)} data-compare={compared.is_some().to_string()} data-side={model.side.name()}>
                {self.header()}
                {self.lesson()}
                {self.picture(&shot)}
                {compared}
                <Inspector snapshot={shot.clone()} selected={model.selected.clone()} why={model.why.clone()} answers={self.answers.clone()} dispatch={dispatch.clone()} />
                {self.transport(&shot)}
                {self.dock(&shot)}
                {tab_bar(&TabBarProps { panel: model.panel, decided: shot.lesson.as_ref().is_some_and(|one| one.status.is_decided && !one.is_sandbox), dispatch: dispatch.clone() })}
                <div class="unseen" role="status" aria-live="polite" data-test="announcement">{&model.announcement}</div>
                <span class="unseen" data-test="state-hash" aria-hidden="true">{format!("{:016x}", shot.state_hash)}</span>
                {self.dialog()}
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        if fatal::stopped() {
            return;
        }
        if first_render {
            document::set_theme(self.model.theme.name());
        }
        if !self.model.playing || first_render {
            self.paint(ctx);
        }
        let due = std::mem::take(&mut self.after_drawing);
        if !due.is_empty() {
            // What the parts add once they have been measured is there by then.
            Timeout::new(0, move || due.iter().for_each(reach)).forget();
        }
    }
}

/// What needs the elements as they are drawn now.
fn reach(effect: &Effect) {
    match effect {
        Effect::Focus(selector) => document::focus(selector),
        Effect::BringInSight(selector) => document::find(selector).iter().for_each(document::bring_in_sight),
        Effect::ScrollTerminal => document::scroll_to_end(".terminal-out"),
        _ => {}
    }
}

/// Opens what the address bar asks for, else what was open last, else the first lesson.
fn open(fragment: &str) -> (Engine, Option<String>) {
    let linked = match fragment {
        "" => storage::load("lesson").map(|lesson| Engine::named(&lesson)),
        fragment => Some(Engine::from_link(fragment)),
    };
    let refused = match linked {
        Some(Ok(engine)) => return (engine, None),
        Some(Err(why)) if !fragment.is_empty() => Some(why),
        _ => None,
    };
    match Engine::first() {
        Ok(engine) => (engine, refused),
        // The built-in lessons are held open by tests; what is left is the message of the card.
        Err(why) => panic!("the first lesson cannot be opened: {why}"),
    }
}

fn active_branch(model: &Model) -> String {
    model.snapshot.branches.iter().find(|branch| branch.active).map_or_else(String::new, |branch| branch.name.clone())
}

impl App {
    fn remember_choices(&mut self) {
        let model = &mut self.model;
        model.system_dark = document::matches("(prefers-color-scheme: dark)");
        model.reduced_motion = document::matches("(prefers-reduced-motion: reduce)");
        model.narrow = document::matches("(max-width: 760px)");
        model.wide = document::matches(WIDE);
        model.beside = storage::load("beside").as_deref() == Some("true");
        if let Some(theme) = storage::load("theme") {
            model.theme = ThemeChoice::parse(&theme);
        }
        if let Some(progress) = storage::load("progress") {
            model.progress = Progress::parse(&progress);
        }
        if let Some(step) = storage::load("speed").and_then(|speed| speed.parse().ok()) {
            model.speed = step;
        }
    }

    /// The lesson that stands open at the beginning counts as begun. A refusal of the browser is said
    /// when the learner does something that should be kept.
    fn note_start(&mut self) {
        let Some(lesson) = self.model.snapshot.lesson.clone().filter(|lesson| !lesson.is_sandbox) else { return };
        if self.model.progress.note(&lesson.id, State::Started) {
            let _ = storage::store("progress", &self.model.progress.to_text());
        }
        let _ = storage::store("lesson", &lesson.id);
    }

    pub(super) fn carry_out(&mut self, ctx: &Context<Self>, effects: Effects) {
        let mut queue: std::collections::VecDeque<Effect> = effects.into();
        while let Some(effect) = queue.pop_front() {
            if let Effect::Ask(request) = effect {
                let reply = self.engine.handle(request);
                fatal::remember(&reply.snapshot);
                queue.extend(update_model(&mut self.model, Action::Replied(reply)));
            } else {
                self.touch_browser(ctx, effect);
            }
        }
    }

    fn touch_browser(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::Ask(_) => {}
            Effect::Store(key, value) => {
                if let Err(why) = storage::store(key, &value)
                    && !std::mem::replace(&mut self.storage_refused, true)
                {
                    ctx.link().send_message(Msg::Act(Action::StorageRefused(why)));
                }
            }
            Effect::Theme(name) => document::set_theme(name),
            Effect::CopyLink => {
                let link = self.link();
                document::set_fragment(&link);
                let dispatch = self.dispatch.clone();
                clipboard::copy(document::address(&link), move |done| dispatch.emit(Action::Copied(done)));
            }
            Effect::ShowMoment => document::set_fragment(&self.link()),
            Effect::SaveText(name, text) => {
                let saved = download::text(name, "text/plain", &text).map(|()| name.to_owned());
                self.dispatch.emit(Action::Saved(saved));
            }
            Effect::SaveRun => {
                let text = run_file::write(&self.link_text());
                let name = self.file_name("run");
                let saved = download::text(&name, "text/plain", &text).map(|()| name);
                self.dispatch.emit(Action::Saved(saved));
            }
            Effect::SavePicture(kind) => self.save_picture(kind),
            Effect::TakeHome(file) => self.take_home(file),
            Effect::ShowLink(lesson) => document::set_fragment(&format!("lesson={lesson}")),
            Effect::Focus(_) | Effect::BringInSight(_) | Effect::ScrollTerminal => self.after_drawing.push(effect),
            Effect::ToastTimer => {
                let dispatch = self.dispatch.clone();
                self.toast = Some(Timeout::new(TOAST_MS, move || dispatch.emit(Action::ToastGone)));
            }
        }
    }

    pub(super) fn options(&self) -> SceneOptions {
        let model = &self.model;
        let mut opts = SceneOptions {
            theme: if model.dark() { scene::Theme::Dark } else { scene::Theme::Light },
            selected: model.selected.as_ref().and_then(Subject::thing).cloned(),
            topic: model.topic.clone(),
            reduced_motion: model.reduced_motion,
            only_unhealthy: model.only_unhealthy,
            compact: model.narrow,
            pins: self.answers.pins.clone(),
            previous: model.snapshot.before.as_ref().filter(|_| !model.playing).map(|before| before.rc().into()),
            ..SceneOptions::default()
        };
        if let Some(lesson) = &model.snapshot.lesson {
            opts.show = lesson.layers();
            opts.key_letters = if lesson.is_sandbox { model.key_letters } else { lesson.key_letters() };
            opts.asked = lesson.asked();
            opts.picked = lesson.picked_thing(&model.snapshot.view);
            opts.highlight = lesson.highlight(&model.snapshot.view);
            opts.hue_by = lesson.hue_by();
        }
        // Side by side, the sums of both ledgers stand below their pictures.
        opts.show.ledger &= self.answers.comparison.is_none();
        opts
    }

    pub(super) fn paint(&mut self, ctx: &Context<Self>) {
        let opts = self.options();
        let view = self.engine.view();
        self.paint_other(ctx, opts.clone());
        let Some(plan) = self.painter.paint(&view, &opts) else { return };
        if self.layout.as_ref() != Some(&plan) {
            self.layout = Some(plan);
            if !self.model.playing {
                // The buttons above the canvas have to move along.
                ctx.link().send_message(Msg::Act(Action::Painted));
            }
        }
    }

    /// Paints the second side of a comparison.
    fn paint_other(&mut self, ctx: &Context<Self>, opts: SceneOptions) {
        let Some(comparison) = self.answers.comparison.clone() else {
            // Its canvases are gone: the next ones are empty.
            self.other = Painter::default();
            self.other_layout = None;
            return;
        };
        let opts = SceneOptions { previous: None, asked: None, picked: None, ..opts };
        let Some(plan) = self.other.paint(&comparison.view.rc(), &opts) else { return };
        if self.other_layout.as_ref() != Some(&plan) {
            self.other_layout = Some(plan);
            if !self.model.playing {
                ctx.link().send_message(Msg::Act(Action::Painted));
            }
        }
    }

    fn compared(&self, shot: &Shared<crate::model::Snapshot>) -> Option<Html> {
        let comparison = self.answers.comparison.clone()?;
        Some(compared(&ComparedProps {
            snapshot: shot.clone(),
            comparison,
            layout: self.other_layout.clone(),
            side: self.model.side,
            frame: self.other.frame.clone(),
            state: self.other.state.clone(),
            motion: self.other.motion.clone(),
            dispatch: self.dispatch.clone(),
        }))
    }

    fn transport(&self, shot: &Shared<crate::model::Snapshot>) -> Html {
        let model = &self.model;
        transport(&TransportProps {
            snapshot: shot.clone(),
            playing: model.playing,
            locked: model.locked(),
            compared: model.compare,
            speed: model.speed,
            shortfall: self.pacing.shortfall(),
            dispatch: self.dispatch.clone(),
        })
    }

    fn dock(&self, shot: &Shared<crate::model::Snapshot>) -> Html {
        let model = &self.model;
        dock(&DockProps {
            snapshot: shot.clone(),
            tab: model.dock,
            playing: model.playing,
            filter: model.filter.clone(),
            terminal: model.terminal.clone(),
            state_panel: model.state_panel,
            diagram: model.diagram.clone(),
            charting: model.charting.clone(),
            dark: model.dark(),
            narrow: model.narrow,
            beside: model.wide.then_some(model.beside),
            topic: model.topic.clone(),
            answers: self.answers.clone(),
            owner: model.config_owner(),
            asked: model.config_asked,
            internal: model.internal_partition(),
            selected: model.selected.clone(),
            dispatch: self.dispatch.clone(),
        })
    }

    fn header(&self) -> Html {
        let (chapter, title) = match &self.model.snapshot.lesson {
            Some(lesson) if !lesson.is_sandbox => (&*lesson.lesson.chapter, &*lesson.lesson.title),
            _ => ("", "Sandbox"),
        };
        header(chapter, title, self.model.dark(), &self.dispatch)
    }

    fn lesson(&self) -> Html {
        let model = &self.model;
        let Some(lesson) = &model.snapshot.lesson else { return html! {} };
        html! {
            <LessonPanel lesson={lesson.clone()} snapshot={Shared::from(model.snapshot.clone())} topic={model.topic.clone()} key_letters={model.key_letters} playing={model.playing} progress={model.progress.clone()} solution={model.solution}
                dispatch={self.dispatch.clone()} />
        }
    }

    fn picture(&self, shot: &Shared<crate::model::Snapshot>) -> Html {
        let model = &self.model;
        let layout = self.layout.as_ref().filter(|_| !model.playing);
        let messages = layout.map_or_else(Vec::new, |layout| scene::message_hits(layout, &shot.view, &self.options()));
        html! {
            <Picture snapshot={shot.clone()} layout={self.layout.clone()} {messages} words={scene::describe(&shot.view, &self.options())}
                selected={model.selected.clone()} only_unhealthy={model.only_unhealthy} pins={self.answers.pins.clone()} menu={model.menu.clone()} toast={model.toast.clone()}
                frame={self.painter.frame.clone()} state={self.painter.state.clone()} motion={self.painter.motion.clone()}
                dispatch={self.dispatch.clone()} />
        }
    }

    fn dialog(&self) -> Html {
        let model = &self.model;
        let Some(dialog) = &model.dialog else { return html! {} };
        html! {
            <OpenDialog key={dialog.name()} dialog={dialog.clone()} view={model.snapshot.view.clone()} error={model.form_error.clone()}
                not_opened={model.not_opened.clone()} progress={model.progress.clone()} lesson={model.lesson_id().unwrap_or_default().to_owned()}
                own_lesson={model.snapshot.lesson.as_ref().is_some_and(|lesson| !lesson.is_sandbox && lesson.number.is_none())} branches={model.snapshot.branches.len()}
                link={self.link()} copied={model.copied} dispatch={self.dispatch.clone()} />
        }
    }
}
