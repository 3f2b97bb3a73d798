//! The last resort: a panic stops the loop and shows a card with the message and the link that
//! brings the moment before it back. The text of the page stays.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::document;
use crate::model::Snapshot;

thread_local! {
    static STOPPED: Cell<bool> = const { Cell::new(false) };
    static LINK: RefCell<(Rc<str>, String)> = RefCell::default();
}

/// True after a panic: nothing of ours may run any more, borrows may still be held.
pub fn stopped() -> bool {
    STOPPED.with(Cell::get)
}

/// Remembers the link of the latest good moment. A trap leaves no time to do it then: `boot.js` puts the parts
/// together. A journal may have thousands of lines, and this is done ten times a second: only what is new is written.
pub fn remember(shot: &Snapshot) {
    LINK.with(|kept| {
        let Ok(mut kept) = kept.try_borrow_mut() else { return };
        let (Some(journal), Some(anchor)) = (document::find("#fatal-journal"), document::find("#fatal-link")) else {
            return;
        };
        if !Rc::ptr_eq(&kept.0, &shot.journal) {
            match shot.journal.strip_prefix(&*kept.0) {
                Some(more) => drop(journal.append_with_str_1(more)),
                None => journal.set_text_content(Some(&shot.journal)),
            }
        }
        let _ = anchor.set_attribute("data-moment", &shot.moment);
        *kept = (shot.journal.clone(), shot.moment.clone());
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
    let link = LINK.with(|link| link.try_borrow().map(|link| format!("{}{}", link.0, link.1)).unwrap_or_default());
    if let Some(text) = document::find("#fatal-message") {
        text.set_text_content(Some(message));
    }
    point_to(&link);
    if let Some(card) = document::find("#fatal") {
        let _ = card.remove_attribute("hidden");
    }
}
