//! Reads a text file from the reader's disk. It stays on this machine.

use gloo::file::callbacks::{FileReader, read_as_text};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::super::Dispatch;
use crate::model::Action;

/// What the input needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Kinds of file, as in HTML's `accept`.
    pub accept: &'static str,
    /// Its name in tests.
    pub test: &'static str,
    /// Further classes.
    #[prop_or_default]
    pub class: &'static str,
    /// The file's name, with its text or why it cannot be read.
    pub on_text: Callback<(String, Result<String, String>)>,
}

/// The input of a file; its label stands around it.
#[component]
pub fn FileInput(props: &Props) -> Html {
    let reading = use_mut_ref(|| None::<FileReader>);
    let onchange = {
        let on_text = props.on_text.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            let (on_text, name) = (on_text.clone(), file.name());
            // The same file, mended, can be chosen once more.
            input.set_value("");
            let read = move |text: Result<String, gloo::file::FileReadError>| {
                on_text.emit((name, text.map_err(|error| error.to_string())));
            };
            *reading.borrow_mut() = Some(read_as_text(&file.into(), read));
        })
    };
    html! { <input class={props.class} type="file" accept={props.accept} data-test={props.test} {onchange} /> }
}

/// What becomes of a file that was chosen.
pub fn opened(dispatch: &Dispatch, action: fn(String, String) -> Action) -> Callback<(String, Result<String, String>)> {
    let dispatch = dispatch.clone();
    Callback::from(move |(name, text)| match text {
        Ok(text) => dispatch.emit(action(name, text)),
        Err(error) => dispatch.emit(Action::NotOpened(format!("{name}: {error}"))),
    })
}
