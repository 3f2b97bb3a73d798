//! Sharing a moment: its link, the run as a file, the picture as a file; and opening somebody else's run.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::super::Dispatch;
use super::file_button::{FileInput, opened};
use crate::model::{Action, HomeFile, Picture};

/// A link longer than this is cut off by some programs that people paste it into.
const LONG: usize = 2000;

/// What is shown.
pub struct Props {
    /// What follows `#`.
    pub link: AttrValue,
    /// The open lesson is a file that others do not have.
    pub own_lesson: bool,
    /// How many branches there are.
    pub branches: usize,
    /// The link was copied, or could not be.
    pub copied: Option<bool>,
    /// Why a run was not opened.
    pub not_opened: Option<String>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Link, run, picture.
pub fn share(props: &Props) -> Html {
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
                if props.own_lesson { <p class="note" data-test="share-own">{"Your lesson is a file: whoever has only the link sees the sandbox."}</p> }
                if props.branches > 1 { <p class="note" data-test="share-branches">{"Of the branches only the one that is shown."}</p> }
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
                    <label class="button file"><span>{"Open a run …"}</span>
                        <FileInput accept=".run,.txt,text/plain" test="run-file" on_text={opened(&props.dispatch, Action::OpenRun)} /></label>
                </div>
                if let Some(why) = &props.not_opened {
                    <p class="error" role="alert" data-test="error"><span><b>{"Not opened. "}</b>{why.clone()}</span></p>
                }
            </section>
            <section aria-labelledby="share-home">
                <h3 id="share-home">{"Take it home: the same on real Kafka"}</h3>
                <p class="note">{"A script of Kafka’s own command-line tools with what to expect at each step, and a Compose file of the same cluster. Put both into one folder, then: bash run.sh"}</p>
                <div class="row">
                    <button class="button" data-test="save-script" onclick={act(Action::TakeHome(HomeFile::Script))}>{"run.sh"}</button>
                    <button class="button" data-test="save-compose" onclick={act(Action::TakeHome(HomeFile::Compose))}>{"docker-compose.yml"}</button>
                </div>
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
