//! The command line. Every click shows here the line that it stands for.

use yew::prelude::*;

use super::Dispatch;
use crate::model::Action;
use crate::model::terminal::{LineKind, Terminal};
use crate::model::{Shared, Subject};

/// What it shows.
#[derive(Properties, PartialEq)]
pub struct TerminalProps {
    /// Lines, draft, history.
    pub terminal: Shared<Terminal>,
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
        let completes = props.completes;
        Callback::from(move |event: KeyboardEvent| {
            let action = match event.key().as_str() {
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
    let rows = terminal.draft.lines().count().clamp(1, 4).to_string();
    html! {
        <div class="terminal" data-test="terminal">
            <div class="terminal-out" role="log" aria-live="off" aria-label="Commands and answers" tabindex="0">
                if terminal.lines.is_empty() {
                    <div class="said">{"Every click writes its line here. Type "}<b>{"help"}</b>{" for what can be said."}</div>
                }
                {for terminal.lines.iter().map(|line| line_of(line.kind, &line.text, props.selected.as_ref()))}
            </div>
            <form {onsubmit}>
                <label for="command-input" aria-label="Command">{"$"}</label>
                <textarea id="command-input" data-test="command-input" {rows} autocomplete="off" autocapitalize="off" spellcheck="false"
                    aria-label="Command line" placeholder="kill 102" value={terminal.draft.clone()} {oninput} {onkeydown} />
                <button class="button small" type="submit" data-test="command-run">{"Run"}</button>
            </form>
        </div>
    }
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
