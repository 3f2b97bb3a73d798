//! One sentence about what was just done, and the way back.

use yew::prelude::*;

use super::Dispatch;
use crate::model::{Action, Toast};

/// What it says.
pub struct ToastProps {
    /// The sentence.
    pub toast: Toast,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The toast. The live region says its sentence; here it is for the eye.
pub fn toast_note(props: &ToastProps) -> Html {
    let undo = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            dispatch.emit(Action::Undo);
        })
    };
    let close = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            dispatch.emit(Action::ToastGone);
        })
    };
    let test = if props.toast.refused { "error" } else { "toast" };
    html! {
        <div class="toast" data-test={test}>
            <span>{&props.toast.text}</span>
            if props.toast.undo { <button data-test="toast-undo" onclick={undo}>{"Undo"}</button> }
            else { <button onclick={close}>{"Close"}</button> }
        </div>
    }
}
