//! Sessions and their expiry in ticks (`SessionTrackerImpl`, `ExpiryQueue`).

use crate::ids::Name;
use crate::time::SimTime;

/// One session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// The client that opened it.
    pub owner: Name,
    /// Granted timeout in ms.
    pub timeout_ms: u64,
    /// The tick at which it expires.
    pub expires_at: SimTime,
}

/// A session with its ephemeral znodes, for people to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionInfo {
    /// Its id.
    pub id: i64,
    /// The client that opened it.
    pub owner: Name,
    /// Granted timeout in ms.
    pub timeout_ms: u64,
    /// The tick at which it expires.
    pub expires_at: SimTime,
    /// Its ephemeral znodes.
    pub ephemerals: Vec<Name>,
}

/// Expiry is rounded up to the next tick, so that many sessions end together.
pub fn expiry(now: SimTime, timeout_ms: u64, tick_ms: u64) -> SimTime {
    SimTime::from_ms(((now.as_ms() + timeout_ms) / tick_ms + 1) * tick_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_its_timeout_and_at_most_one_tick_more() {
        for now_ms in (0..10_000).step_by(123) {
            let ends = expiry(SimTime::from_ms(now_ms), 6000, 2000).as_ms();
            assert!(ends > now_ms + 6000 && ends <= now_ms + 8000, "{now_ms} {ends}");
        }
    }
}
