//! Sessions and their expiry in ticks (`SessionTrackerImpl`, `ExpiryQueue`). Only the leader has a
//! tracker; its followers tell it with every ping of which sessions they have heard.

use crate::collections::BTreeMap;

use crate::ids::Name;
use crate::time::SimTime;

/// One session, as transactions have made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// The client that opened it.
    pub owner: Name,
    /// Granted timeout in ms.
    pub timeout_ms: u64,
}

/// A session, for people to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionInfo {
    /// Its id.
    pub id: i64,
    /// The client that opened it.
    pub owner: Name,
    /// Granted timeout in ms.
    pub timeout_ms: u64,
    /// The tick at which it expires; `None` on a server that does not track it.
    pub expires_at: Option<SimTime>,
}

/// Proves that a session is the client's: every server can compute it (`generatePasswd`).
pub fn password(session: i64) -> u64 {
    (session as u64 ^ 0xB341_5C00).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Expiry is rounded up to the next tick, so that many sessions end together.
pub fn expiry(now: SimTime, timeout_ms: u64, tick_ms: u64) -> SimTime {
    SimTime::from_ms(((now.as_ms() + timeout_ms) / tick_ms + 1) * tick_ms)
}

#[derive(Clone, Debug)]
struct Tracked {
    timeout_ms: u64,
    expires_at: SimTime,
    /// The server that the client is connected to; `None` until one has shown it.
    owner: Option<u8>,
    /// Its end is decided; nothing revives it.
    closing: bool,
}

/// When each session expires.
#[derive(Clone, Debug)]
pub struct SessionTracker {
    tick_ms: u64,
    sessions: BTreeMap<i64, Tracked>,
}

impl SessionTracker {
    /// The clocks of all sessions start anew: nobody could be heard meanwhile.
    pub fn new<'a>(tick_ms: u64, sessions: impl Iterator<Item = &'a Session>, now: SimTime) -> Self {
        let mut tracker = Self { tick_ms, sessions: BTreeMap::new() };
        for session in sessions {
            tracker.add(session.id, session.timeout_ms, None, now);
        }
        tracker
    }

    /// A session begins.
    pub fn add(&mut self, session: i64, timeout_ms: u64, owner: Option<u8>, now: SimTime) {
        let expires_at = expiry(now, timeout_ms, self.tick_ms);
        self.sessions.insert(session, Tracked { timeout_ms, expires_at, owner, closing: false });
    }

    /// Its client was heard of. False if the session is over or about to end.
    pub fn touch(&mut self, session: i64, now: SimTime) -> bool {
        let tick_ms = self.tick_ms;
        match self.sessions.get_mut(&session).filter(|tracked| !tracked.closing) {
            Some(tracked) => {
                tracked.expires_at = tracked.expires_at.max(expiry(now, tracked.timeout_ms, tick_ms));
                true
            }
            None => false,
        }
    }

    /// The client is connected to this server now.
    pub fn set_owner(&mut self, session: i64, server: u8) {
        if let Some(tracked) = self.sessions.get_mut(&session) {
            tracked.owner = Some(server);
        }
    }

    /// False if a request that came through `server` is one of a connection that the client has left.
    pub fn is_at(&self, session: i64, server: u8) -> bool {
        self.sessions.get(&session).and_then(|tracked| tracked.owner).is_none_or(|owner| owner == server)
    }

    /// When it expires.
    pub fn expires_at(&self, session: i64) -> Option<SimTime> {
        self.sessions.get(&session).map(|tracked| tracked.expires_at)
    }

    /// The sessions that are overdue; their end is decided with this.
    pub fn expire(&mut self, now: SimTime) -> Vec<i64> {
        let mut overdue = Vec::new();
        for (id, tracked) in &mut self.sessions {
            if !tracked.closing && tracked.expires_at <= now {
                tracked.closing = true;
                overdue.push(*id);
            }
        }
        overdue
    }

    /// It is over.
    pub fn remove(&mut self, session: i64) {
        self.sessions.remove(&session);
    }
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

    #[test]
    fn what_has_expired_is_not_revived() {
        let mut tracker = SessionTracker::new(2000, std::iter::empty(), SimTime::ZERO);
        tracker.add(7, 6000, Some(2), SimTime::ZERO);
        assert!(tracker.touch(7, SimTime::from_ms(3000)) && tracker.is_at(7, 2) && !tracker.is_at(7, 1));
        assert_eq!(tracker.expire(SimTime::from_ms(8000)), Vec::<i64>::new());
        assert_eq!(tracker.expire(SimTime::from_ms(10_000)), vec![7]);
        assert!(!tracker.touch(7, SimTime::from_ms(10_001)));
        assert_eq!(tracker.expire(SimTime::from_ms(20_000)), Vec::<i64>::new());
    }
}
