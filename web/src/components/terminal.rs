//! The command line. Every click shows here the line that it stands for.

use playground_core::command::{Command, NodeRef};
use playground_core::ids::NodeId;
use yew::prelude::*;

use super::Dispatch;
use crate::model::Action;
use crate::model::terminal::{Line, LineKind, Terminal, ToolOutput};
use crate::model::{Origin, Shared, Subject};

/// What it shows.
#[derive(Properties, PartialEq)]
pub struct TerminalProps {
    /// Lines, draft, history.
    pub terminal: Shared<Terminal>,
    /// What tools have printed.
    pub tools: Shared<Vec<ToolOutput>>,
    /// The tool that Ctrl-C stops, and whether it reads what is typed.
    pub running: Option<(NodeId, bool)>,
    /// Time stands still.
    pub stands: bool,
    /// The last word that is typed may go on.
    pub completes: bool,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The command line.
#[component]
pub fn TerminalView(props: &TerminalProps) -> Html {
    let terminal = &props.terminal;
    let reads = props.running.as_ref().is_some_and(|(_, reads)| *reads);
    let hint = match &props.running {
        Some((tool, true)) => format!("a record for {tool}; Ctrl-C ends it"),
        _ => "kill 102".to_owned(),
    };
    let oninput = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: InputEvent| {
            let input: web_sys::HtmlTextAreaElement = event.target_unchecked_into();
            dispatch.emit(Action::Draft(input.value()));
        })
    };
    let onsubmit = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            dispatch.emit(Action::Enter);
        })
    };
    let onkeydown = {
        let dispatch = props.dispatch.clone();
        let (completes, running) = (props.completes && !reads, props.running.clone());
        Callback::from(move |event: KeyboardEvent| {
            let action = match event.key().as_str() {
                "c" if event.ctrl_key() && !has_selection(&event) => match &running {
                    Some((tool, _)) => interrupt(tool),
                    None => return,
                },
                // Where nothing can be completed, the key leaves the field as everywhere.
                "Tab" if completes && !event.shift_key() => Action::Complete,
                "ArrowUp" => Action::History(true),
                "ArrowDown" => Action::History(false),
                "Enter" if !event.shift_key() => Action::Enter,
                _ => return,
            };
            event.prevent_default();
            dispatch.emit(action);
        })
    };
    let stop = {
        let (dispatch, running) = (props.dispatch.clone(), props.running.clone());
        Callback::from(move |_: MouseEvent| running.iter().for_each(|(tool, _)| dispatch.emit(interrupt(tool))))
    };
    let rows = terminal.draft.lines().count().clamp(1, 4).to_string();
    html! {
        <div class="terminal" data-test="terminal">
            <div class="terminal-out" role="log" aria-live="off" aria-label="Commands and answers" tabindex="0">
                if terminal.lines.is_empty() {
                    <div class="said">{"Every click writes its line here. Type "}<b>{"help"}</b>{" for what can be said."}</div>
                }
                {for terminal.lines.iter().map(|line| html! { <>
                    {line_of(line.kind, &line.text, props.selected.as_ref())}
                    {for output_of(&props.tools, line).map(|output| printed(output, props.stands, props.selected.as_ref()))}
                </> })}
            </div>
            <form {onsubmit}>
                <label for="command-input" aria-label="Command">{if reads { ">" } else { "$" }}</label>
                <textarea id="command-input" data-test="command-input" {rows} autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-label="Command line" placeholder={hint} value={terminal.draft.clone()} {oninput} {onkeydown} />
                if let Some((tool, _)) = &props.running {
                    <button class="button small" type="button" data-test="tool-stop" title={format!("Stops {tool}, as SIGINT does")} onclick={stop}>{"Ctrl-C"}</button>
                }
                <button class="button small" type="submit" data-test="command-run">{"Run"}</button>
            </form>
        </div>
    }
}

fn interrupt(tool: &NodeId) -> Action {
    Action::Do(Command::Stop(NodeRef::Node(tool.clone())), Origin::Line)
}

/// Text is marked in the field: the key copies it.
fn has_selection(event: &KeyboardEvent) -> bool {
    let field: web_sys::HtmlTextAreaElement = event.target_unchecked_into();
    field.selection_start() != field.selection_end()
}

/// What the tool of a command printed; none where the command was taken back.
fn output_of<'a>(tools: &'a [ToolOutput], line: &Line) -> Option<&'a ToolOutput> {
    let number = line.command?;
    tools.iter().find(|tool| tool.command == number && *tool.line == *line.text)
}

fn printed(output: &ToolOutput, stands: bool, selected: Option<&Subject>) -> Html {
    // A tool that was stopped did not fail, and also what went well is told on stderr at times.
    let failed = output.status.filter(|status| !matches!(status, 0 | 130 | 137));
    let kind = |stderr: bool| if stderr && failed.is_some() { LineKind::Refused } else { LineKind::Said };
    let status = output.status.filter(|status| *status != 0);
    html! { <>
        {for output.lines.iter().map(|(stderr, text)| line_of(kind(*stderr), text, selected))}
        if output.status.is_none() {
            if stands { <div class="said" data-test="time-stands">{"… time stands still: Play, Step or the line wait 1s lets it go on"}</div> }
            else { <div class="said" aria-label="It still runs">{"…"}</div> }
        }
        {for status.map(|status| {
            let kind = if failed.is_some() { LineKind::Refused } else { LineKind::Said };
            line_of(kind, &format!("exit status {status}"), selected)
        })}
    </> }
}

fn line_of(kind: LineKind, text: &str, selected: Option<&Subject>) -> Html {
    let key = |line: &str| selected.filter(|subject| subject.is_in_line(line)).map(Subject::key);
    match kind {
        LineKind::Given => {
            html! { <div class="by-hand" data-test="command-line" data-selected={key(text)}>{format!("$ {text}")}</div> }
        }
        // A row of a table is marked by itself.
        LineKind::Said => {
            html! { <div class="said">{for text.lines().map(|line| html! { <div data-selected={key(line)}>{line}</div> })}</div> }
        }
        LineKind::Mark => html! { <div class="refused" aria-hidden="true">{text}</div> },
        LineKind::Refused => html! { <div class="refused" data-test="error">{text}</div> },
    }
}
