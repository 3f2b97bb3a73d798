//! Maps and sets for all of core: sorted like B-trees, so that every walk has one order, quicker where they
//! are small or grow at their end ([`SortedMap`]) or are searched in every event ([`KeyMap`]), and a small
//! part of their code, which a browser has to fetch. Leaves out what nobody needs of them.

mod hash_order;
mod keyed;
mod like_std;
mod on_write;
mod order;
mod set;
mod shared;
mod sorted;

pub use hash_order::{java_map_order, scala_map_order, scala_mutable_order, scala_tree_order};
pub use keyed::{Digest, KeyMap, mix};
pub use like_std::Entry;
pub use on_write::OnWrite;
pub use order::Order;
pub use set::SortedSet;
pub use shared::{SharedList, to_write};
pub use sorted::{Iter, IterMut, SortedMap};

/// Takes the place of std's, and keeps its name.
pub type BTreeMap<K, V> = SortedMap<K, V>;
/// Takes the place of std's, and keeps its name.
pub type BTreeSet<T> = SortedSet<T>;
