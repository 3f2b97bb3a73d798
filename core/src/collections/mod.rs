//! Maps for the hot paths: sorted like B-trees, so that every walk has one order, and quicker where maps
//! are small ([`SortedMap`]) or searched in every event ([`KeyMap`]). Leaves out what nobody needs of them.

mod keyed;
mod sorted;

pub use keyed::{Digest, KeyMap, mix};
pub use sorted::{Iter, IterMut, SortedMap};
