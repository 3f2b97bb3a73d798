//! The picture: two canvases, a real button over everything that can be pressed, the menu, the toast.

use crate::decimal::{Within, px};
use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::Dispatch;
use super::cluster_table::cluster_table;
use super::menu::ThingMenu;
use super::toast::{ToastProps, toast_note};
use crate::model::{Action, Menu, Shared, Snapshot, Subject, Toast};
use crate::scene::geometry::at;
use crate::scene::{Hit, Layout, Pin, Rect, Selection, Slot};

/// What the picture needs.
#[derive(Properties, PartialEq)]
pub struct PictureProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// Where everything is; `None` before the first measure.
    pub layout: Option<Shared<Layout>>,
    /// Messages that stand still, and where they are.
    pub messages: Vec<Hit>,
    /// What the picture shows, in words.
    pub words: AttrValue,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Of a large cluster only what is not in full strength is shown.
    pub only_unhealthy: bool,
    /// The chain of causes.
    pub pins: Vec<Pin>,
    /// The open menu.
    pub menu: Option<Menu>,
    /// The toast.
    pub toast: Option<Toast>,
    /// The box, the state layer, the motion layer.
    pub frame: NodeRef,
    /// The layer that changes with the state.
    pub state: NodeRef,
    /// The layer that changes with time.
    pub motion: NodeRef,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The picture.
#[component]
pub fn Picture(props: &PictureProps) -> Html {
    let finger = use_mut_ref(LongPress::default);
    let onclick = {
        let (dispatch, frame, finger) = (props.dispatch.clone(), props.frame.clone(), finger.clone());
        let layout = props.layout.clone();
        Callback::from(move |event: MouseEvent| {
            // After a long press the click would choose what lies under the finger.
            if std::mem::take(&mut finger.borrow_mut().done) {
                return;
            }
            let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let button = pressed.and_then(|element| element.closest("[data-target]").ok().flatten());
            let record =
                button.as_ref().zip(layout.as_ref()).and_then(|(button, layout)| record(button, &event, layout));
            match button.and_then(|button| press(&button, &frame)) {
                Some(Action::Press(_, at)) if record.is_some() => {
                    record.into_iter().for_each(|record| dispatch.emit(Action::Press(record.into(), at)));
                }
                Some(action) => dispatch.emit(action),
                None => dispatch.emit(Action::CloseMenu),
            }
        })
    };
    let oncontextmenu = {
        let (dispatch, frame) = (props.dispatch.clone(), props.frame.clone());
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            let pressed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            if let Some(action) = menu_of(pressed, at, &frame) {
                dispatch.emit(action);
            }
        })
    };
    let onkeydown = {
        let (dispatch, frame) = (props.dispatch.clone(), props.frame.clone());
        Callback::from(move |event: KeyboardEvent| {
            let asks = event.key() == "ContextMenu" || (event.key() == "F10" && event.shift_key());
            let focused = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if let Some(Action::Press(subject, at)) = focused.filter(|_| asks).and_then(|button| press(&button, &frame))
            {
                event.prevent_default();
                dispatch.emit(Action::Menu(subject, at));
            }
        })
    };
    let touch = Touch { timer: finger, dispatch: props.dispatch.clone(), frame: props.frame.clone() };
    let (onpointerdown, onpointerup, onpointercancel) = (touch.start(), touch.end(), touch.end());
    let onground = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            dispatch.emit(Action::Menu(Subject::Ground, (8.0, 40.0)));
        })
    };
    let width = props.layout.as_ref().map_or_else(String::new, |layout| format!("width:{}px", px(layout.bounds.w)));
    html! {
        <main class="picture" aria-label="The cluster" data-test="picture">
            <h2 class="unseen">{"The cluster"}</h2>
            <p class="unseen" data-test="picture-words">{&props.words}</p>
            <div class="scene" ref={&props.frame} {onclick} {oncontextmenu} {onkeydown} {onpointerdown} {onpointerup} {onpointercancel}>
                <div class="scene-inner" ~style={width}>
                    <canvas ref={&props.state} aria-hidden="true"></canvas>
                    <canvas ref={&props.motion} aria-hidden="true"></canvas>
                    if let Some(layout) = &props.layout {
                        <Hits layout={layout.clone()} messages={props.messages.clone()} pins={props.pins.clone()} selected={props.selected.clone()} />
                    }
                </div>
            </div>
            {filter(props)}
            <button class="button quiet ground" data-test="ground" data-target="ground-0" aria-haspopup="menu" aria-label="Add to the cluster" title="Add to the cluster" onclick={onground}>{"+"}</button>
            {cluster_table(&props.snapshot.view, props.selected.as_ref())}
            if let Some(menu) = &props.menu {
                <ThingMenu menu={menu.clone()} view={props.snapshot.view.clone()} dispatch={props.dispatch.clone()} />
            }
            if let Some(toast) = &props.toast { {toast_note(&ToastProps { toast: toast.clone(), dispatch: props.dispatch.clone() })} }
        </main>
    }
}

/// In a large cluster: what is wrong alone, with how much that is.
fn filter(props: &PictureProps) -> Html {
    let Some(tiles) = props.layout.as_ref().and_then(|layout| layout.tiles.as_ref()) else { return html! {} };
    let (only, dispatch) = (props.only_unhealthy, props.dispatch.clone());
    let onclick = move |_: MouseEvent| dispatch.emit(Action::OnlyUnhealthy(!only));
    html! {
        <button class="only" data-test="only-unhealthy" title="Only partitions that are not in full strength" aria-pressed={only.to_string()} {onclick}>
            {format!("Only {} unhealthy", tiles.unhealthy)}
        </button>
    }
}

/// The action of a pressed button, and where its menu goes.
fn press(button: &Element, frame: &NodeRef) -> Option<Action> {
    let subject = Subject::parse(&button.get_attribute("data-target")?)?;
    let place = button.get_bounding_client_rect();
    let within = frame.cast::<HtmlElement>()?.get_bounding_client_rect();
    let x = place.left() - within.left() + place.width().min(120.0);
    let y = place.top() - within.top() + place.height().min(36.0);
    Some(Action::Press(subject, (x.within(8.0, (within.width() - 228.0).max(8.0)), y.max(8.0))))
}

/// The record whose cell a pointer has pressed on a replica's tape; a key means the replica.
fn record(button: &Element, event: &MouseEvent, layout: &Layout) -> Option<Selection> {
    let Subject::Thing(Selection::Replica(broker, tp)) = Subject::parse(&button.get_attribute("data-target")?)? else {
        return None;
    };
    let origin = button.closest(".scene-inner").ok()??.get_bounding_client_rect();
    let at = at(f64::from(event.client_x()) - origin.left(), f64::from(event.client_y()) - origin.top());
    // A key's click has no place of its own.
    let found = layout.record_at(at).filter(|_| event.detail() > 0)?;
    matches!(&found, Selection::Record(on, of, _) if *on == broker && *of == tp).then_some(found)
}

/// The menu of what is under the pointer; of the picture itself where nothing is.
fn menu_of(pressed: Option<Element>, (x, y): (f64, f64), frame: &NodeRef) -> Option<Action> {
    let button = pressed.and_then(|element| element.closest("[data-target]").ok().flatten());
    if let Some(Action::Press(subject, at)) = button.and_then(|button| press(&button, frame)) {
        return Some(Action::Menu(subject, at));
    }
    let within = frame.cast::<HtmlElement>()?.get_bounding_client_rect();
    Some(Action::Menu(Subject::Ground, ((x - within.left()).max(8.0), (y - within.top()).max(8.0))))
}

/// A finger that rests.
#[derive(Default)]
struct LongPress {
    timer: Option<Timeout>,
    /// It has rested long enough: what follows is no tap.
    done: bool,
}

/// A finger rests this long for the menu, in ms.
const LONG_PRESS_MS: u32 = 500;

struct Touch {
    timer: Rc<RefCell<LongPress>>,
    dispatch: Dispatch,
    frame: NodeRef,
}

impl Touch {
    fn start(&self) -> Callback<PointerEvent> {
        let (timer, dispatch, frame) = (self.timer.clone(), self.dispatch.clone(), self.frame.clone());
        Callback::from(move |event: PointerEvent| {
            let mut press = timer.borrow_mut();
            press.done = false;
            if event.pointer_type() != "touch" {
                return;
            }
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            let (dispatch, frame, rested) = (dispatch.clone(), frame.clone(), timer.clone());
            let fire = move || {
                rested.borrow_mut().done = true;
                if let Some(action) = menu_of(target.clone(), at, &frame) {
                    dispatch.emit(action);
                }
            };
            press.timer = Some(Timeout::new(LONG_PRESS_MS, fire));
        })
    }

    /// The finger is lifted, or the browser takes it for scrolling.
    fn end(&self) -> Callback<PointerEvent> {
        let timer = self.timer.clone();
        Callback::from(move |_: PointerEvent| timer.borrow_mut().timer = None)
    }
}

/// What the layer of buttons needs.
#[derive(Properties, PartialEq)]
pub struct HitsProps {
    /// Where everything is.
    pub layout: Shared<Layout>,
    /// Messages that stand still.
    pub messages: Vec<Hit>,
    /// The chain of causes.
    pub pins: Vec<Pin>,
    /// What is selected.
    pub selected: Option<Subject>,
}

/// A transparent real button over everything that can be pressed.
#[component]
pub fn Hits(props: &HitsProps) -> Html {
    html! {
        <div class="hits" role="group" aria-label="Things in the picture">
            {for props.layout.hits().iter().chain(&props.messages).map(|hit| button(hit, &props.pins, props.selected.as_ref(), tile_side(&props.layout, hit)))}
            {for props.layout.slots().iter().enumerate().map(|(number, slot)| slot_button(number, slot))}
        </div>
    }
}

fn place(area: Rect) -> String {
    format!("left:{}px;top:{}px;width:{}px;height:{}px", px(area.x), px(area.y), px(area.w), px(area.h))
}

/// On which side of a tile its name has room when it is pointed at; `None` where names are drawn.
fn tile_side(layout: &Layout, hit: &Hit) -> Option<&'static str> {
    layout.tiles.as_ref()?;
    Some(if hit.area.x > layout.bounds.w / 2.0 { "end" } else { "start" })
}

fn button(hit: &Hit, pins: &[Pin], selected: Option<&Subject>, tile: Option<&'static str>) -> Html {
    let subject = Subject::Thing(hit.target.clone());
    let key = subject.key();
    let is_selected = selected == Some(&subject);
    let pinned = pins.iter().filter(|pin| pin.target == hit.target).map(|pin| pin.number.to_string());
    let pinned = pinned.collect::<Vec<_>>().join(" ");
    let label = match pinned.as_str() {
        "" => hit.label.clone(),
        numbers => format!("{}, {numbers} in the chain of causes", hit.label),
    };
    html! {
        <button class="hit" key={key.clone()} data-target={key.clone()} data-test={format!("hit-{key}")} data-tile={tile} data-pin={(!pinned.is_empty()).then_some(pinned)} aria-label={label}
            data-selected={is_selected.then(|| key.clone())} aria-pressed={is_selected.to_string()} ~style={place(hit.area)}></button>
    }
}

fn slot_button(number: usize, slot: &Slot) -> Html {
    let key = Subject::Thing(slot.answer.clone()).key();
    html! {
        <button class="hit" key={format!("slot-{key}")} data-target={key} data-test={format!("slot-{}", number + 1)}
            aria-label={slot.label.clone()} ~style={place(slot.area)}></button>
    }
}
