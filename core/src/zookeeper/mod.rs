//! A ZooKeeper server, standing alone or as one of an ensemble (`kafka/04`).
//!
//! - `tree`, `session`, `watches`, `database`: the data and what changes them
//! - `history`: what is on disk
//! - `clients`: sessions' connections, reads, writes and watches
//! - `election`, `voting`, `leading`, `following`: who leads, and Zab's broadcast
//! - `server`: the process that is one of these at a time
//!
//! Every write becomes a transaction; it is applied once a quorum has it on disk. Leaves out observers,
//! reconfiguration, read-only mode, ACLs, containers, TTLs and quotas.

mod clients;
mod database;
mod election;
mod following;
mod history;
mod leading;
mod server;
mod session;
#[cfg(test)]
mod tests;
mod tree;
mod voting;
mod watches;

pub use database::Database;
pub use history::ZooKeeperDurable;
pub use server::ZooKeeperServer;
pub(crate) use server::{INIT_LIMIT, SYNC_LIMIT};
pub use session::{Session, SessionInfo};
pub use tree::Tree;
