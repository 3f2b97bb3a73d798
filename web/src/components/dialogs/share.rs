//! Sharing a moment: its link, the run as a file, the picture as a file; and opening somebody else's run.

use gloo::file::callbacks::{FileReader, read_as_text};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::super::Dispatch;
use crate::model::{Action, Picture};

/// A link longer than this is cut off by some programs that people paste it into.
const LONG: usize = 2000;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What follows `#`.
    pub link: AttrValue,
    /// The link was copied, or could not be.
    pub copied: Option<bool>,
    /// Why a run was not opened.
    pub not_opened: Option<String>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Link, run, picture.
#[component]
pub fn Share(props: &Props) -> Html {
    let address = crate::shell::document::address(&props.link);
    let onfocus = Callback::from(|event: FocusEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        input.select();
    });
    let act = |action: Action| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(action.clone()))
    };
    let said = match props.copied {
        Some(true) => "Copied. It is in the address bar too.",
        Some(false) => "The browser does not let the page copy: select the link and copy it yourself.",
        None => "",
    };
    let long = address.len() > LONG;
    html! {
        <div class="share">
            <section aria-labelledby="share-link">
                <h3 id="share-link">{"A link to this moment"}</h3>
                <p class="note">{"It brings back lesson, cluster, every command, this very moment, what is selected and what is open, in any browser."}</p>
                <div class="row">
                    <input class="input mono" aria-label="Link" readonly=true value={address.clone()} {onfocus} autofocus=true data-test="link" />
                    <button class="button" data-test="copy-link" onclick={act(Action::CopyLink)}>{"Copy"}</button>
                </div>
                <p class="note" role="status" data-test="copied">{said}</p>
                if long { <p class="note" data-test="link-long">{format!("{} letters: some programs cut links this long. The run as a file has no such limit.", address.len())}</p> }
            </section>
            <section aria-labelledby="share-run">
                <h3 id="share-run">{"The run as a file"}</h3>
                <p class="note">{"A text file with what the link says, a line for each command. It can be read, changed and opened here again."}</p>
                <div class="row">
                    <button class="button" data-test="save-run" onclick={act(Action::SaveRun)}>{"Save the run"}</button>
                    <OpenRun dispatch={props.dispatch.clone()} />
                </div>
                if let Some(why) = &props.not_opened {
                    <p class="error" role="alert" data-test="error"><span><b>{"Not opened. "}</b>{why.clone()}</span></p>
                }
            </section>
            <section aria-labelledby="share-picture">
                <h3 id="share-picture">{"The picture as a file"}</h3>
                <div class="row">
                    <button class="button" data-test="save-png" onclick={act(Action::SavePicture(Picture::Png))}>{"PNG, for slides"}</button>
                    <button class="button" data-test="save-svg" onclick={act(Action::SavePicture(Picture::Svg))}>{"SVG, sharp at any size"}</button>
                </div>
            </section>
        </div>
    }
}

/// What the file button needs.
#[derive(Properties, PartialEq)]
struct OpenRunProps {
    dispatch: Dispatch,
}

/// Opens a run from a file.
#[component]
fn OpenRun(props: &OpenRunProps) -> Html {
    let reading = use_mut_ref(|| None::<FileReader>);
    let onchange = {
        let (dispatch, reading) = (props.dispatch.clone(), reading);
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            let (dispatch, name) = (dispatch.clone(), file.name());
            // The same file, mended, can be chosen once more.
            input.set_value("");
            *reading.borrow_mut() = Some(read(&file.into(), name, dispatch));
        })
    };
    html! {
        <label class="button file"><span>{"Open a run …"}</span>
            <input type="file" accept=".run,.txt,text/plain" data-test="run-file" {onchange} /></label>
    }
}

fn read(file: &gloo::file::File, name: String, dispatch: Dispatch) -> FileReader {
    read_as_text(file, move |text| match text {
        Ok(text) => dispatch.emit(Action::OpenRun(name, text)),
        Err(error) => dispatch.emit(Action::NotOpened(format!("{name}: {error}"))),
    })
}
