//! A ZooKeeper server: data tree, sessions, watches (`kafka/04`).
//!
//! Every write becomes a transaction that is written to disk before it is applied and answered; this
//! is where an ensemble will put its broadcast. Leaves out ACLs, containers, TTLs and quotas.

mod server;
mod session;
mod tree;
mod watches;

pub use server::{ZooKeeperDurable, ZooKeeperServer};
pub use session::{Session, SessionInfo};
pub use tree::Tree;
