//! Who a request comes from, without asking the database each time (contract §3).
//!
//! An access token is good for a quarter of an hour unless its login ends before. Each process
//! keeps the logins that ended in the last quarter of an hour in memory. Those that it ended itself
//! it knows at once; the others it learns by polling the announcements every half second
//! ([`Authenticate::poll`]). While that poll is late, every request's login is looked up in the
//! database instead: late news may cost speed, never let somebody in.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::actor::Actor;
use domain::identity::ACCESS_TOKEN_TTL;
use domain::ids::SessionId;
use ports::environment::Clock;
use ports::identity::{AccessClaims, AccessTokens, EndedCursor, SessionQueries};

use crate::error::UseCaseError;

/// How old the last successful poll may be before logins are looked up one by one. Together with
/// the half second between polls it keeps the promise of one second.
pub const STALE_AFTER: Duration = Duration::from_millis(900);

/// How much longer than an access token's life an ended login is remembered: the clocks of several
/// servers may differ by a little.
pub(crate) const CLOCK_SLACK: TimeDelta = TimeDelta::minutes(5);

/// Checks access tokens.
pub struct Authenticate {
    tokens: Arc<dyn AccessTokens>,
    sessions: Arc<dyn SessionQueries>,
    clock: Arc<dyn Clock>,
    ended: RwLock<Ended>,
}

/// What this process knows of logins that ended.
#[derive(Default)]
struct Ended {
    /// Each login and when it ended.
    at: HashMap<SessionId, DateTime<Utc>>,
    /// How far the announcements have been read.
    cursor: Option<EndedCursor>,
    /// When they were last read, on the monotonic clock: as of the beginning of that poll.
    read_at: Option<Duration>,
}

impl Authenticate {
    /// Knows nothing yet: until the first [`poll`](Self::poll) every login is looked up.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn AccessTokens>,
        sessions: Arc<dyn SessionQueries>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { tokens, sessions, clock, ended: RwLock::default() }
    }

    /// Reads a token without asking whether its login is still live: who to count the request for.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<AccessClaims> {
        self.tokens.verify(token, self.clock.now()).ok()
    }

    /// Who a request with these claims comes from.
    ///
    /// # Errors
    /// `Unauthorized` when the login has ended; `Unavailable` when that cannot be found out.
    pub async fn execute(&self, claims: &AccessClaims) -> Result<Actor, UseCaseError> {
        let session_id = claims.session_id;
        let is_live = match self.known_to_be_live(session_id) {
            Some(is_live) => is_live,
            None => self.sessions.is_live(session_id).await?,
        };
        if is_live {
            Ok(Actor { user_id: claims.user_id, session_id, role: claims.role })
        } else {
            Err(UseCaseError::Unauthorized {
                reason: None,
                message: "This login has ended; log in again".into(),
            })
        }
    }

    /// `None` when the news is too old to say so.
    fn known_to_be_live(&self, session_id: SessionId) -> Option<bool> {
        let ended = self.knowledge();
        if ended.at.contains_key(&session_id) {
            return Some(false);
        }
        let age = self.clock.monotonic().saturating_sub(ended.read_at?);
        (age <= STALE_AFTER).then_some(true)
    }

    /// Notes logins that this process has just ended.
    pub fn note_ended(&self, sessions: &[SessionId], at: DateTime<Utc>) {
        self.knowledge_mut().at.extend(sessions.iter().map(|id| (*id, at)));
    }

    /// Reads the announcements once. To be called every half second.
    ///
    /// # Errors
    /// Those of storage; what was known before stays known.
    pub async fn poll(&self) -> Result<(), UseCaseError> {
        let started = self.clock.monotonic();
        let not_before = self.clock.now() - ACCESS_TOKEN_TTL - CLOCK_SLACK;
        let cursor = self.knowledge().cursor;
        let news = self.sessions.ended_since(cursor, not_before).await?;
        let mut ended = self.knowledge_mut();
        ended.at.retain(|_, at| *at >= not_before);
        ended.at.extend(news.sessions.into_iter().filter(|(_, at)| *at >= not_before));
        ended.cursor = Some(news.next);
        ended.read_at = Some(started);
        Ok(())
    }

    // A panic cannot leave the map half-changed in a way that matters, so a poisoned lock is used on.
    fn knowledge(&self) -> RwLockReadGuard<'_, Ended> {
        self.ended.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn knowledge_mut(&self) -> RwLockWriteGuard<'_, Ended> {
        self.ended.write().unwrap_or_else(PoisonError::into_inner)
    }
}
