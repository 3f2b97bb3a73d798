//! The last resort: a panic stops the loop and shows a card with the message and the link that
//! brings the moment before it back. The text of the page stays.

use std::cell::{Cell, RefCell};

use super::document;

thread_local! {
    static STOPPED: Cell<bool> = const { Cell::new(false) };
    static LINK: RefCell<String> = const { RefCell::new(String::new()) };
}

/// True after a panic: nothing of ours may run any more, borrows may still be held.
pub fn stopped() -> bool {
    STOPPED.with(Cell::get)
}

/// Remembers the link of the latest good moment.
pub fn remember(link: &str) {
    LINK.with(|kept| {
        if let Ok(mut kept) = kept.try_borrow_mut() {
            if *kept == link {
                return;
            }
            kept.clear();
            kept.push_str(link);
            // A trap leaves no time to do it then.
            point_to(link);
        }
    });
}

/// What a panic does: nothing of ours runs any more, the card appears.
pub fn report(info: &std::panic::PanicHookInfo<'_>) {
    STOPPED.with(|stopped| stopped.set(true));
    show(&info.to_string());
}

/// The card's link leads to this moment.
fn point_to(link: &str) {
    if let Some(anchor) = document::find("#fatal-link") {
        let _ = anchor.set_attribute("href", &document::address(link));
        let _ = anchor.set_attribute("target", "_blank");
    }
}

fn show(message: &str) {
    let link = LINK.with(|link| link.try_borrow().map(|link| link.clone()).unwrap_or_default());
    if let Some(text) = document::find("#fatal-message") {
        text.set_text_content(Some(message));
    }
    point_to(&link);
    if let Some(card) = document::find("#fatal") {
        let _ = card.remove_attribute("hidden");
    }
}
