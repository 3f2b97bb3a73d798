//! The transaction coordinator (`TransactionCoordinator`, `TransactionStateManager`,
//! `TransactionMarkerChannelManager` of Kafka 3.9 without the feature `transaction.version`; KIP-98,
//! KIP-360, KIP-890 part 1; `kafka/06` §6.7), hosted by every broker for the transactional ids whose
//! partition of `__transaction_state` it leads.
//!
//! A transaction's state is a record: a change is appended, takes hold once the log's in-sync replicas
//! have it, and is found there by the next coordinator, which completes what was decided.
//!
//! Leaves out the transactions of KIP-890 part 2 (an epoch for each transaction).

mod add;
mod admin;
mod coordinator;
mod end;
mod expiry;
mod init;
mod load;
mod markers;
mod metadata;
mod records;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod timer;

pub use coordinator::TransactionCoordinator;
pub use metadata::TransactionMetadata;
pub use records::{TransactionRecord, TransactionValue, decode};
pub use state::TransactionState;
pub use store::{KnownLeader, TransactionStore};
pub use timer::TransactionTimer;

/// The topic.
pub const TRANSACTION_STATE_TOPIC: &str = "__transaction_state";
