//! One-shot watches of sessions (`WatchManager`): volatile, re-armed by the client library.

use crate::collections::{BTreeMap, BTreeSet};

use super::tree::Change;
use crate::ids::Name;
use crate::protocol::zookeeper::{WatchEvent, WatchKind};

/// Who watches what.
#[derive(Clone, Debug, Default)]
pub struct Watches {
    data: BTreeMap<Name, BTreeSet<i64>>,
    children: BTreeMap<Name, BTreeSet<i64>>,
}

impl Watches {
    /// A data watch (also on a znode that does not exist yet).
    pub fn watch_data(&mut self, path: &Name, session: i64) {
        self.data.entry(path.clone()).or_default().insert(session);
    }

    /// A child watch.
    pub fn watch_children(&mut self, path: &Name, session: i64) {
        self.children.entry(path.clone()).or_default().insert(session);
    }

    /// Every watch: path, session, and whether it is of the children.
    pub fn all(&self) -> impl Iterator<Item = (&Name, i64, bool)> {
        let data = self.data.iter().flat_map(|(path, all)| all.iter().map(move |session| (path, *session, false)));
        let children =
            self.children.iter().flat_map(|(path, all)| all.iter().map(move |session| (path, *session, true)));
        data.chain(children)
    }

    /// A session is over or has moved.
    pub fn forget(&mut self, session: i64) {
        for watching in self.data.values_mut().chain(self.children.values_mut()) {
            watching.remove(&session);
        }
    }

    /// The watches that a change fires, each once.
    pub fn fire(&mut self, change: &Change) -> Vec<(i64, WatchEvent)> {
        let (kind, path) = change;
        let fired: BTreeSet<i64> = match kind {
            WatchKind::NodeCreated | WatchKind::NodeDataChanged => self.data.remove(path).unwrap_or_default(),
            WatchKind::NodeDeleted => {
                let mut all = self.data.remove(path).unwrap_or_default();
                all.extend(self.children.remove(path).unwrap_or_default());
                all
            }
            WatchKind::NodeChildrenChanged => self.children.remove(path).unwrap_or_default(),
        };
        fired.into_iter().map(|session| (session, WatchEvent { kind: *kind, path: path.clone() })).collect()
    }
}

impl super::ZooKeeperServer {
    /// Every watch that it holds: path, session, and whether it is of the children.
    pub fn watches(&self) -> impl Iterator<Item = (&Name, i64, bool)> {
        self.clients.watches.all()
    }
}
