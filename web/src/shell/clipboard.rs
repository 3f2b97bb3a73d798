//! The clipboard.

use wasm_bindgen_futures::JsFuture;
use yew::platform::spawn_local;

use super::document;

/// Copies `text` and says whether it worked.
pub fn copy(text: String, done: impl FnOnce(bool) + 'static) {
    let Some(window) = document::window() else { return };
    spawn_local(async move {
        let promise = window.navigator().clipboard().write_text(&text);
        done(JsFuture::from(promise).await.is_ok());
    });
}
