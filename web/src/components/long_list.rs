//! A long list of which a part is in the document, moved on by scrolling. Relies on the browser to keep what is in sight
//! where it is while rows come above it (scroll anchoring).

use web_sys::HtmlElement;

/// So many rows are in the document at once: each costs its part of the moment in which the list opens.
pub const ROWS: usize = 80;
/// Who comes so near to the first or last of them is given others, in px.
const EDGE_PX: i32 = 48;

/// Where the rows shown begin, of `matching` ones, once their first or last has been scrolled to, if there are others.
pub fn scrolled(list: &HtmlElement, from: usize, matching: usize) -> Option<usize> {
    let below = list.scroll_height() - list.scroll_top() - list.client_height();
    let earlier = (list.scroll_top() < EDGE_PX && from > 0).then(|| from.saturating_sub(ROWS / 2));
    let later = (below < EDGE_PX && from + ROWS < matching).then_some(from + ROWS / 2);
    // At the very top a browser does not keep in place what is in sight while rows come above it.
    if earlier.is_some() && list.scroll_top() == 0 {
        list.set_scroll_top(1);
    }
    earlier.or(later)
}
