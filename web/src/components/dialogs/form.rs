//! Forms: fields by name, the line that they stand for, the refusal in place.

use playground_core::collections::BTreeMap;

use playground_core::command::Command;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::super::Dispatch;
use crate::model::{Action, Origin};

/// What was typed, by the field's name.
pub type Values = BTreeMap<String, String>;

/// The value of a field, without spaces around it; `None` if it is empty.
pub fn value<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// A form's frame.
#[derive(Properties, PartialEq)]
pub struct FormProps {
    /// Fields.
    pub children: Html,
    /// The line that the values stand for.
    pub line: String,
    /// Why the last try was refused.
    pub error: Option<(String, String)>,
    /// What the button says.
    pub submit: AttrValue,
    /// A field changed: name and value.
    pub onfield: Callback<(String, String)>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Fields, the line they stand for, the button.
#[component]
pub fn Form(props: &FormProps) -> Html {
    // What cannot even be read as a command is refused here, in the same words as on the command line.
    let unread = use_state(|| None::<(String, String)>);
    let onsubmit = {
        let (dispatch, line, unread) = (props.dispatch.clone(), props.line.clone(), unread.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match Command::parse(&line) {
                Ok(command) => {
                    unread.set(None);
                    dispatch.emit(Action::Do(command, Origin::Form));
                }
                Err(error) => unread.set(Some((error.place, error.message))),
            }
        })
    };
    let oninput = {
        let onfield = props.onfield.clone();
        Callback::from(move |event: InputEvent| {
            let Some(target) = event.target() else { return };
            let field = match target.dyn_into::<HtmlInputElement>() {
                Ok(input) => (input.name(), input.value()),
                Err(target) => match target.dyn_into::<HtmlSelectElement>() {
                    Ok(select) => (select.name(), select.value()),
                    Err(_) => return,
                },
            };
            onfield.emit(field);
        })
    };
    let error = (*unread).clone().or_else(|| props.error.clone());
    html! {
        <form {onsubmit} {oninput} autocomplete="off" novalidate=true>
            {props.children.clone()}
            <p class="label">{"This is the line:"}</p>
            <pre class="line-preview" data-test="form-line" tabindex="0">{&props.line}</pre>
            if let Some((place, message)) = error {
                <p class="error" role="alert" data-test="error"><span><b>{place}</b>{": "}{message}</span></p>
            }
            <div class="dialog-foot"><button class="action" type="submit" data-test="form-submit">{&props.submit}</button></div>
        </form>
    }
}

/// A labelled text field.
pub fn text(name: &'static str, label: &'static str, hint: &'static str, values: &Values, first: bool) -> Html {
    let given = values.get(name).cloned().unwrap_or_default();
    html! {
        <label class="field">
            <span>{label}</span>
            <input class="input" {name} value={given} data-test={format!("field-{name}")} autofocus={first} spellcheck="false" />
            if !hint.is_empty() { <small>{hint}</small> }
        </label>
    }
}

/// A labelled number with its smallest and largest value.
pub fn number(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    (min, max): (i32, Option<i32>),
    values: &Values,
) -> Html {
    let given = values.get(name).cloned().unwrap_or_default();
    let bad = given.trim().parse::<i32>().map_or(!given.trim().is_empty(), |number| number < min);
    html! {
        <label class="field">
            <span>{label}</span>
            <input class="input" type="number" {name} value={given} min={min.to_string()} max={max.map(|max| max.to_string())}
                data-test={format!("field-{name}")} aria-invalid={bad.to_string()} />
            <small>{hint}</small>
            if bad { <small class="wrong" role="alert">{format!("A whole number of at least {min} is expected.")}</small> }
        </label>
    }
}

/// A labelled choice.
pub fn choice(name: &'static str, label: &'static str, options: &[String], values: &Values) -> Html {
    let given = values.get(name).cloned().unwrap_or_default();
    html! {
        <label class="field">
            <span>{label}</span>
            <select class="input" {name} data-test={format!("field-{name}")}>
                {for options.iter().map(|option| html! {
                    <option value={option.clone()} selected={*option == given}>{option}</option>
                })}
            </select>
        </label>
    }
}

/// Keeps the values of a form; gives them and the callback that changes them.
#[hook]
pub fn use_values(first: impl FnOnce() -> Values) -> (Values, Callback<(String, String)>) {
    let values = use_state(first);
    let current = (*values).clone();
    let onfield = {
        let (values, current) = (values.setter(), current.clone());
        Callback::from(move |(name, value): (String, String)| {
            let mut next = current.clone();
            next.insert(name, value);
            values.set(next);
        })
    };
    (current, onfield)
}

/// Quotes a word for the command line where it needs it.
pub fn quoted(word: &str) -> String {
    let plain = !word.is_empty()
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ',' | ':' | '=' | '/'));
    if plain { word.to_owned() } else { format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")) }
}
