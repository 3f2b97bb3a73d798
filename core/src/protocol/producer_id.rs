//! InitProducerId (22): an identity for idempotence.

use super::ErrorCode;
use crate::ids::Name;

/// Asks for a producer id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitProducerIdRequest {
    /// With a transactional id the coordinator answers, otherwise any broker.
    pub transactional_id: Option<Name>,
    /// `transaction.timeout.ms`.
    pub transaction_timeout_ms: u64,
    /// Known id for recovery (KIP-360), -1 for none.
    pub producer_id: i64,
    /// Known epoch, -1 for none.
    pub producer_epoch: i16,
}

/// The identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitProducerIdResponse {
    /// NONE or why not.
    pub error: ErrorCode,
    /// The id.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
}
