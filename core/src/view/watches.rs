//! Who watches which znode: one-shot watches, as the servers of the ensemble hold them.

use super::ClusterView;
use crate::collections::Order;
use crate::ids::Name;
use crate::sim::World;

/// A watch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WatchView {
    /// The znode.
    pub path: Name,
    /// The client whose session holds it.
    pub owner: Name,
    /// On its children, not on its data.
    pub children: bool,
}

/// All watches, by path.
pub fn watches(world: &World, view: &ClusterView) -> Vec<WatchView> {
    let mut all = Vec::new();
    for server in world.zookeepers() {
        for (path, session, children) in server.watches() {
            let known = view.zookeeper.iter().flat_map(|server| &server.sessions);
            let owner = known.filter(|one| one.id == session).map(|one| one.owner.clone()).next();
            let owner = owner.unwrap_or_else(|| format!("session 0x{session:x}").into());
            all.push(WatchView { path: path.clone(), owner, children });
        }
    }
    all.order_by(|a, b| (&a.path, a.children, &a.owner).cmp(&(&b.path, b.children, &b.owner)));
    all
}
