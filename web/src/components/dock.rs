//! The dock below: events, branches, command line, state. Closed at first.

use playground_core::ids::Name;
use yew::prelude::*;

use super::Dispatch;
use super::branches::Branches;
use super::charts::Charts;
use super::event_log::EventLog;
use super::messages::Messages;
use super::state::{StateProps, state_tab};
use super::terminal::TerminalView;
use crate::model::inquiry::{Answers, ConfigOwner, StatePanel};
use crate::model::terminal::Terminal;
use crate::model::watching::{Charting, Diagram};
use crate::model::{Action, DockTab, Shared, Snapshot, Subject};

/// What the dock shows.
pub struct DockProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// The open tab.
    pub tab: Option<DockTab>,
    /// Time passes.
    pub playing: bool,
    /// Filter of the event log.
    pub filter: String,
    /// The command line.
    pub terminal: Shared<Terminal>,
    /// What the tab "State" shows.
    pub state_panel: StatePanel,
    /// Whose configs it shows.
    pub owner: Option<ConfigOwner>,
    /// The config that was asked for last, and how often one was.
    pub asked: (u32, &'static str),
    /// Which internal partition it shows.
    pub internal: Option<playground_core::ids::TopicPartition>,
    /// What was asked for it.
    pub answers: Shared<Answers>,
    /// How the message diagram looks.
    pub diagram: Diagram,
    /// How the charts look.
    pub charting: Charting,
    /// Dark theme.
    pub dark: bool,
    /// Phone.
    pub narrow: bool,
    /// The command line stands beside the open view; `None` where there is no room for it.
    pub beside: Option<bool>,
    /// The topic in the picture.
    pub topic: Option<Name>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The last word on the command line may go on, and how was not said yet.
fn completes(terminal: &Terminal, snapshot: &Snapshot) -> bool {
    !terminal.draft.is_empty() && !terminal.has_listed() && !snapshot.completions(&terminal.draft).is_empty()
}

/// Tabs and the open one's view.
pub fn dock(props: &DockProps) -> Html {
    let shot = &props.snapshot;
    let counts = (shot.told.to_string(), shot.branches.len().to_string());
    let tab = |which: DockTab, test: &'static str, label: &'static str, count: &str| {
        let open = props.tab == Some(which);
        let dispatch = props.dispatch.clone();
        let onclick = move |_: MouseEvent| dispatch.emit(Action::Dock((!open).then_some(which)));
        html! {
            <button role="tab" data-test={test} aria-selected={open.to_string()} aria-controls="dock-panel" {onclick}>
                {label}if !count.is_empty() { <em>{count.to_owned()}</em> }
            </button>
        }
    };
    let close = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Dock(None)))
    };
    let beside = props.beside.filter(|_| props.tab.is_some_and(|tab| tab != DockTab::Terminal));
    let split = {
        let (dispatch, wanted) = (props.dispatch.clone(), beside != Some(true));
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Beside(wanted)))
    };
    let news = shot.last_event().map(|event| format!("{}  {}", event.at, event.text));
    html! {
        <section class="dock" aria-label="Messages, charts, events, branches, command line, state" data-open={props.tab.is_some().to_string()} data-tall={matches!(props.tab, Some(DockTab::State | DockTab::Messages | DockTab::Charts)).to_string()}>
            <div class="tabs">
                <div class="tablist" role="tablist">
                    {tab(DockTab::Messages, "tab-messages", "Messages", "")}
                    {tab(DockTab::Charts, "tab-charts", "Charts", "")}
                    {tab(DockTab::Events, "tab-events", "Events", &counts.0)}
                    {tab(DockTab::Branches, "tab-branches", "Branches", &counts.1)}
                    {tab(DockTab::Terminal, "tab-terminal", "Command line", "")}
                    {tab(DockTab::State, "tab-state", "State", "")}
                </div>
                <span class="grow"></span>
                if let Some(on) = beside {
                    <button class="fold" data-test="dock-beside" aria-pressed={on.to_string()} onclick={split}>{"Command line beside"}</button>
                }
                if props.tab.is_some() { <button class="fold" data-test="dock-close" onclick={close}>{"Close"}</button> }
                else { <span class="aside">{news}</span> }
            </div>
            if let Some(tab) = props.tab {
                <div class="dock-body">
                    <div class="tabpanel" role="tabpanel" id="dock-panel">{panel(props, tab)}</div>
                    if beside == Some(true) {
                        <section class="tabpanel beside" aria-label="Command line">{panel(props, DockTab::Terminal)}</section>
                    }
                </div>
            }
        </section>
    }
}

fn panel(props: &DockProps, tab: DockTab) -> Html {
    let split = props.beside == Some(true);
    match tab {
        DockTab::Messages => html! {
            <Messages snapshot={props.snapshot.clone()} traffic={props.answers.traffic.clone()} diagram={props.diagram.clone()} dark={props.dark}
                compact={props.narrow} split={split} topic={props.topic.clone()} selected={props.selected.clone()} dispatch={props.dispatch.clone()} />
        },
        DockTab::Charts => html! {
            <Charts snapshot={props.snapshot.clone()} numbers={props.answers.numbers.clone()} charting={props.charting.clone()} dark={props.dark}
                split={split} selected={props.selected.clone()} dispatch={props.dispatch.clone()} />
        },
        DockTab::Events => html! {
            <EventLog snapshot={props.snapshot.clone()} selected={props.selected.clone()} filter={props.filter.clone()} dispatch={props.dispatch.clone()} />
        },
        DockTab::Branches => html! {
            <Branches branches={props.snapshot.branches.clone()} comparison={props.answers.comparison.clone()} dispatch={props.dispatch.clone()} />
        },
        DockTab::Terminal => html! {
            <TerminalView terminal={props.terminal.clone()} tools={props.snapshot.tools.clone()} running={props.snapshot.running_tools().next().map(|(tool, process)| (process.clone(), tool.reads_keys()))} stands={!props.playing} completes={completes(&props.terminal, &props.snapshot)} selected={props.selected.clone()} dispatch={props.dispatch.clone()} />
        },
        DockTab::State => html! {
            {state_tab(&StateProps { snapshot: props.snapshot.clone(), panel: props.state_panel, answers: props.answers.clone(), owner: props.owner.clone(), asked: props.asked, internal: props.internal.clone(), selected: props.selected.clone(), dispatch: props.dispatch.clone() })}
        },
    }
}
