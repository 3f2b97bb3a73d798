//! The link of this moment, for a browser that does not let us copy it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What follows `#`.
    pub link: AttrValue,
}

/// A field with the link, selected.
#[component]
pub fn Share(props: &Props) -> Html {
    let address = crate::shell::document::address(&props.link);
    let onfocus = Callback::from(|event: FocusEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        input.select();
    });
    html! {
        <>
            <p class="note">{"It brings back lesson, cluster, every command and this very moment, in any browser. It is in the address bar too."}</p>
            <label class="field"><span>{"Link"}</span>
                <input class="input mono" readonly=true value={address} {onfocus} autofocus=true data-test="link" /></label>
        </>
    }
}
