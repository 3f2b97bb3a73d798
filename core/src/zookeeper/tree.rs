//! The tree of znodes (`DataTree`): a pure data structure; every change has a transaction id.

use crate::collections::{BTreeMap, BTreeSet, OnWrite};

use crate::ids::Name;
use crate::protocol::zookeeper::{CreateMode, Stat, WatchKind, ZkError, ZkOp, ZkResult};

#[derive(Clone, Debug)]
struct Znode {
    data: Name,
    stat: Stat,
    children: BTreeSet<Name>,
    /// Children ever created: completes the names of sequential ones.
    created: i32,
}

/// What a change means for watches: (kind, path).
pub type Change = (WatchKind, Name);

/// All znodes by path.
#[derive(Clone, Debug)]
pub struct Tree {
    znodes: BTreeMap<Name, OnWrite<Znode>>,
}

impl Default for Tree {
    fn default() -> Self {
        let empty = Znode { data: "".into(), stat: Stat::default(), children: BTreeSet::new(), created: 0 };
        let empty = OnWrite::from(empty);
        let mut tree = Self { znodes: BTreeMap::from([("/".into(), empty.clone()), ("/zookeeper".into(), empty)]) };
        if let Some(root) = tree.znodes.get_mut("/") {
            root.children.insert("zookeeper".into());
            root.stat.num_children = 1;
        }
        tree
    }
}

fn parent_of(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &path[..at],
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or("")
}

fn is_path(path: &str) -> bool {
    path == "/" || (path.starts_with('/') && !path.ends_with('/') && !path.contains("//"))
}

impl Tree {
    /// Every znode in the order of paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Name, &Stat)> {
        self.znodes.iter().map(|(path, znode)| (path, &znode.data, &znode.stat))
    }

    /// Data and stat of a znode.
    pub fn get(&self, path: &str) -> Option<(&Name, &Stat)> {
        self.znodes.get(path).map(|znode| (&znode.data, &znode.stat))
    }

    /// The names of a znode's children, sorted.
    pub fn children(&self, path: &str) -> Option<Vec<Name>> {
        self.znodes.get(path).map(|znode| znode.children.iter().cloned().collect())
    }

    /// The ephemeral znodes of a session.
    pub fn ephemerals(&self, session: i64) -> Vec<Name> {
        let of_it =
            |(path, znode): (&Name, &OnWrite<Znode>)| (znode.stat.ephemeral_owner == session).then(|| path.clone());
        self.znodes.iter().filter_map(of_it).collect()
    }

    /// Path, data, stat and number of children ever created, in the order of paths.
    pub fn export(&self) -> Vec<(Name, Name, Stat, i32)> {
        let one =
            |(path, znode): (&Name, &OnWrite<Znode>)| (path.clone(), znode.data.clone(), znode.stat, znode.created);
        self.znodes.iter().map(one).collect()
    }

    /// The inverse of [`Self::export`].
    pub fn import(znodes: &[(Name, Name, Stat, i32)]) -> Self {
        let mut all: BTreeMap<Name, OnWrite<Znode>> = BTreeMap::new();
        for (path, data, stat, created) in znodes {
            let znode = Znode { data: data.clone(), stat: *stat, children: BTreeSet::new(), created: *created };
            all.insert(path.clone(), znode.into());
            // Parents come before their children, in the order of paths.
            if let Some(parent) = all.get_mut(parent_of(path)).filter(|_| &**path != "/") {
                parent.children.insert(name_of(path).into());
            }
        }
        Self { znodes: all }
    }

    /// Reads.
    pub fn read(&self, op: &ZkOp) -> Result<ZkResult, ZkError> {
        match op {
            ZkOp::GetData { path, .. } => {
                let (data, stat) = self.get(path).ok_or(ZkError::NoNode)?;
                Ok(ZkResult::Data { data: data.clone(), stat: *stat })
            }
            ZkOp::Exists { path, .. } => self.get(path).map(|(_, stat)| ZkResult::Exists(*stat)).ok_or(ZkError::NoNode),
            ZkOp::GetChildren { path, .. } => self.children(path).map(ZkResult::Children).ok_or(ZkError::NoNode),
            _ => Err(ZkError::BadArguments),
        }
    }

    /// Applies a write as transaction `zxid`; a multi that fails changes nothing.
    pub fn apply(
        &mut self,
        op: &ZkOp,
        zxid: i64,
        now_ms: i64,
        session: i64,
    ) -> Result<(ZkResult, Vec<Change>), ZkError> {
        let mut changes = Vec::new();
        let result = match op {
            ZkOp::Multi(ops) => {
                let mut before = Before::default();
                let mut results = Vec::with_capacity(ops.len());
                for op in ops {
                    before.note(self, op);
                    match self.apply_one(op, zxid, now_ms, session, &mut changes) {
                        Ok(result) => {
                            before.note_created(&result);
                            results.push(result);
                        }
                        Err(error) => {
                            before.restore(self);
                            return Err(error);
                        }
                    }
                }
                ZkResult::Multi(results)
            }
            op => self.apply_one(op, zxid, now_ms, session, &mut changes)?,
        };
        Ok((result, changes))
    }

    fn checked(&self, path: &str, version: i32) -> Result<&Znode, ZkError> {
        let znode = self.znodes.get(path).ok_or(ZkError::NoNode)?;
        if version != -1 && version != znode.stat.version {
            return Err(ZkError::BadVersion);
        }
        Ok(znode)
    }

    fn apply_one(
        &mut self,
        op: &ZkOp,
        zxid: i64,
        now_ms: i64,
        session: i64,
        changes: &mut Vec<Change>,
    ) -> Result<ZkResult, ZkError> {
        match op {
            ZkOp::Create { path, data, mode } => self.create(path, data, *mode, zxid, now_ms, session, changes),
            ZkOp::SetData { path, data, version } => {
                self.checked(path, *version)?;
                let znode = self.znodes.get_mut(path).ok_or(ZkError::NoNode)?;
                znode.data = data.clone();
                znode.stat.version += 1;
                znode.stat.mzxid = zxid;
                znode.stat.mtime_ms = now_ms;
                znode.stat.data_length = data.len() as i32;
                changes.push((WatchKind::NodeDataChanged, path.clone()));
                Ok(ZkResult::Set(znode.stat))
            }
            ZkOp::Delete { path, version } => {
                if !self.checked(path, *version)?.children.is_empty() {
                    return Err(ZkError::NotEmpty);
                }
                self.remove(path, zxid, changes);
                Ok(ZkResult::Deleted)
            }
            ZkOp::Check { path, version } => self.checked(path, *version).map(|_| ZkResult::Checked),
            _ => Err(ZkError::BadArguments),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a transaction's header and one operation's fields")]
    fn create(
        &mut self,
        path: &Name,
        data: &Name,
        mode: CreateMode,
        zxid: i64,
        now_ms: i64,
        session: i64,
        changes: &mut Vec<Change>,
    ) -> Result<ZkResult, ZkError> {
        if !is_path(path) && !mode.is_sequential() {
            return Err(ZkError::BadArguments);
        }
        let parent_path = Name::from(parent_of(path));
        let parent = self.znodes.get_mut(&parent_path).ok_or(ZkError::NoNode)?;
        if parent.stat.ephemeral_owner != 0 {
            return Err(ZkError::NoChildrenForEphemerals);
        }
        let path =
            if mode.is_sequential() { Name::from(format!("{path}{:010}", parent.created)) } else { path.clone() };
        let name = Name::from(name_of(&path));
        if parent.children.contains(&name) || &*path == "/" {
            return Err(ZkError::NodeExists);
        }
        parent.children.insert(name);
        parent.created += 1;
        parent.stat.cversion += 1;
        parent.stat.pzxid = zxid;
        parent.stat.num_children += 1;
        let stat = Stat {
            czxid: zxid,
            mzxid: zxid,
            pzxid: zxid,
            ctime_ms: now_ms,
            mtime_ms: now_ms,
            ephemeral_owner: if mode.is_ephemeral() { session } else { 0 },
            data_length: data.len() as i32,
            ..Stat::default()
        };
        let znode = Znode { data: data.clone(), stat, children: BTreeSet::new(), created: 0 };
        self.znodes.insert(path.clone(), znode.into());
        changes.push((WatchKind::NodeCreated, path.clone()));
        changes.push((WatchKind::NodeChildrenChanged, parent_path));
        Ok(ZkResult::Created { path, stat })
    }

    fn remove(&mut self, path: &Name, zxid: i64, changes: &mut Vec<Change>) {
        if self.znodes.remove(path).is_none() {
            return;
        }
        let parent_path = Name::from(parent_of(path));
        if let Some(parent) = self.znodes.get_mut(&parent_path) {
            parent.children.remove(name_of(path));
            parent.stat.cversion += 1;
            parent.stat.pzxid = zxid;
            parent.stat.num_children -= 1;
        }
        changes.push((WatchKind::NodeDeleted, path.clone()));
        changes.push((WatchKind::NodeChildrenChanged, parent_path));
    }

    /// A session ends: its ephemeral znodes go, all in one transaction.
    pub fn close_session(&mut self, session: i64, zxid: i64) -> Vec<Change> {
        let mut changes = Vec::new();
        for path in self.ephemerals(session) {
            self.remove(&path, zxid, &mut changes);
        }
        changes
    }
}

/// The znodes that a multi has touched as they were before it.
#[derive(Default)]
struct Before {
    znodes: BTreeMap<Name, Option<OnWrite<Znode>>>,
}

impl Before {
    /// `op` may change its own znode and the parent's list of children.
    fn note(&mut self, tree: &Tree, op: &ZkOp) {
        let (ZkOp::Create { path, .. } | ZkOp::SetData { path, .. } | ZkOp::Delete { path, .. }) = op else { return };
        let mut keep = |path: Name| {
            self.znodes.entry(path.clone()).or_insert_with(|| tree.znodes.get(&path).cloned());
        };
        keep(path.clone());
        if !matches!(op, ZkOp::SetData { .. }) {
            keep(parent_of(path).into());
        }
    }

    /// A sequential znode has another path than the operation said.
    fn note_created(&mut self, result: &ZkResult) {
        if let ZkResult::Created { path, .. } = result {
            self.znodes.entry(path.clone()).or_insert(None);
        }
    }

    fn restore(self, tree: &mut Tree) {
        for (path, znode) in self.znodes {
            match znode {
                Some(znode) => tree.znodes.insert(path, znode),
                None => tree.znodes.remove(&path),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multi_that_fails_late_leaves_the_tree_as_it_was() {
        let mut tree = Tree::default();
        assert!(tree.apply(&create("/a", CreateMode::Persistent), 1, 5, 9).is_ok());
        assert!(tree.apply(&create("/a/gone", CreateMode::Persistent), 2, 5, 9).is_ok());
        let before = format!("{tree:?}");
        let mut ops = vec![
            create("/a/b", CreateMode::Persistent),
            create("/a/b/c", CreateMode::Ephemeral),
            create("/a/n-", CreateMode::PersistentSequential),
            ZkOp::Delete { path: "/a/gone".into(), version: -1 },
            ZkOp::SetData { path: "/a".into(), data: "y".into(), version: 0 },
            ZkOp::Delete { path: "/a/b/c".into(), version: -1 },
        ];
        let mut succeeds = tree.clone();
        assert!(succeeds.apply(&ZkOp::Multi(ops.clone()), 3, 6, 9).is_ok());
        assert_eq!(succeeds.children("/a"), Some(vec!["b".into(), "n-0000000002".into()]));
        ops.push(ZkOp::Check { path: "/a".into(), version: 0 });
        assert_eq!(tree.apply(&ZkOp::Multi(ops), 3, 6, 9).err(), Some(ZkError::BadVersion));
        assert_eq!(format!("{tree:?}"), before);
    }

    fn create(path: &str, mode: CreateMode) -> ZkOp {
        ZkOp::Create { path: path.into(), data: "x".into(), mode }
    }

    #[test]
    fn a_multi_is_all_or_nothing() {
        let mut tree = Tree::default();
        let ops = vec![create("/a", CreateMode::Persistent), ZkOp::Check { path: "/a".into(), version: 7 }];
        assert_eq!(tree.apply(&ZkOp::Multi(ops), 1, 0, 9).err(), Some(ZkError::BadVersion));
        assert!(tree.get("/a").is_none());
    }

    #[test]
    fn versions_guard_writes_and_a_closed_session_takes_its_ephemerals() {
        let mut tree = Tree::default();
        assert!(tree.apply(&create("/a/b", CreateMode::Persistent), 1, 0, 9).is_err());
        assert!(tree.apply(&create("/a", CreateMode::Persistent), 1, 0, 9).is_ok());
        assert!(tree.apply(&create("/a/e", CreateMode::Ephemeral), 2, 0, 9).is_ok());
        let set = |version| ZkOp::SetData { path: "/a".into(), data: "y".into(), version };
        assert!(tree.apply(&set(0), 3, 0, 9).is_ok());
        assert_eq!(tree.apply(&set(0), 4, 0, 9).err(), Some(ZkError::BadVersion));
        assert_eq!(
            tree.apply(&create("/a/e/f", CreateMode::Persistent), 5, 0, 9).err(),
            Some(ZkError::NoChildrenForEphemerals)
        );
        let changes = tree.close_session(9, 6);
        assert_eq!(changes[0], (WatchKind::NodeDeleted, "/a/e".into()));
        assert_eq!(tree.children("/a"), Some(vec![]));
    }

    #[test]
    fn sequential_names_count_all_children_ever_made() {
        let mut tree = Tree::default();
        for expected in ["/c_0000000001", "/c_0000000002"] {
            let made = tree.apply(&create("/c_", CreateMode::PersistentSequential), 1, 0, 0);
            let Ok((ZkResult::Created { path, .. }, _)) = made else { panic!("{made:?}") };
            assert_eq!(&*path, expected.replace("01", "00").replace("02", "01"));
        }
    }
}
