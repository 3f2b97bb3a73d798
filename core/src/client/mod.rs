//! What every Kafka client is built on (`org.apache.kafka.clients`): connections with requests in
//! flight, the client's view of the cluster, and back-off.
//!
//! Leaves out throttling, authentication and the closing of idle connections.

mod backoff;
mod metadata;
mod network;

pub use backoff::Backoff;
pub use metadata::ClientMetadata;
pub use network::{Network, NetworkConfig};

use crate::ids::Name;
use crate::protocol::ErrorCode;

/// How an error is called to people: Kafka's name of the code, or the exception's name where the
/// exception says more than the code (`TimeoutException`).
pub fn error_name(error: ErrorCode) -> Name {
    match error {
        ErrorCode::RequestTimedOut | ErrorCode::UnknownServerError => error.exception().into(),
        _ => error.name().into(),
    }
}
