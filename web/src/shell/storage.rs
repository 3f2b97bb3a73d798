//! What the browser keeps between visits. It may refuse; that is said once and is no reason to stop.

use web_sys::Storage;

const PREFIX: &str = "kafka-playground.";

fn storage() -> Result<Storage, String> {
    let window = web_sys::window().ok_or("there is no window")?;
    match window.local_storage() {
        Ok(Some(storage)) => Ok(storage),
        _ => Err("the browser forbids storage for this page".into()),
    }
}

/// The value kept under `key`.
pub fn load(key: &str) -> Option<String> {
    storage().ok()?.get_item(&format!("{PREFIX}{key}")).ok()?
}

/// Keeps `value` under `key`.
///
/// # Errors
/// The browser refuses, in words.
pub fn store(key: &str, value: &str) -> Result<(), String> {
    storage()?.set_item(&format!("{PREFIX}{key}"), value).map_err(|_| "the browser’s storage is full".into())
}
