//! Gives the reader a file: a text, or a picture that a canvas holds.

use gloo::timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, Url};

use super::document;

/// The address of a file is kept this long for the browser to fetch it, in ms.
const KEPT_MS: u32 = 60_000;

/// Saves a text under a name.
///
/// # Errors
/// The browser refuses, in words.
pub fn text(name: &str, kind: &str, text: &str) -> Result<(), String> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options);
    blob.map_err(|_| ()).and_then(|blob| give(name, &blob)).map_err(|()| refused(name))
}

/// Saves what a canvas shows as a PNG. What came of it is told later.
pub fn png(name: String, canvas: &HtmlCanvasElement, done: impl FnOnce(Result<(), String>) + 'static) {
    let called = Closure::once_into_js(move |blob: JsValue| {
        let given = blob.dyn_into::<Blob>().map_err(|_| ()).and_then(|blob| give(&name, &blob));
        done(given.map_err(|()| refused(&name)));
    });
    // Fails only for an unknown type, which PNG is in no browser.
    let _ = canvas.to_blob(called.unchecked_ref());
}

fn refused(name: &str) -> String {
    format!("the browser does not save {name}")
}

fn give(name: &str, blob: &Blob) -> Result<(), ()> {
    let page = document::document().ok_or(())?;
    let address = Url::create_object_url_with_blob(blob).map_err(|_| ())?;
    let anchor: HtmlAnchorElement = page.create_element("a").map_err(|_| ())?.dyn_into().map_err(|_| ())?;
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    Timeout::new(KEPT_MS, move || {
        let _ = Url::revoke_object_url(&address);
    })
    .forget();
    Ok(())
}
