//! A login and the chain of refresh tokens that descends from it (contract §3).
//!
//! Every use of a refresh token replaces it by its successor. Only the newest token of the chain is
//! good. Its immediate predecessor may be shown again for [`REFRESH_REPLAY_WINDOW`], because the
//! answer that carried the successor may have been lost on its way: it then gets that same
//! successor. Any other use of an old token means that two parties hold the chain, so the whole
//! login ends.
//!
//! What a token looks like, and that its successor can be computed again, is the business of the
//! port `RefreshTokens`; here a token is its position in the chain.

use chrono::{DateTime, TimeDelta, Utc};

use super::SessionEnd;
use crate::ids::{SessionId, UserId};

/// How long an access token is good.
pub const ACCESS_TOKEN_TTL: TimeDelta = TimeDelta::minutes(15);
/// How long a refresh token is good, counted from its own issue: using it prolongs the login.
pub const REFRESH_TOKEN_TTL: TimeDelta = TimeDelta::days(30);
/// How long a replaced token still gets its successor again.
pub const REFRESH_REPLAY_WINDOW: TimeDelta = TimeDelta::seconds(10);

/// One login of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Also the `sid` of its access tokens.
    pub id: SessionId,
    /// Who logged in.
    pub user_id: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Position in the chain of the one refresh token that is good; the first has 0.
    pub generation: i32,
    /// When that token was issued.
    pub rotated_at: DateTime<Utc>,
    /// When and why the login ended before its time.
    pub ended: Option<(DateTime<Utc>, SessionEnd)>,
}

/// A refresh token that was recognised, by its place in a session's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresentedToken {
    /// Its position in the chain.
    pub generation: i32,
}

/// What presenting a refresh token leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// The token is replaced: its successor is now the good one. To be saved.
    Rotated,
    /// The token was replaced a moment ago: it gets the same successor again. Nothing to save.
    Replayed,
    /// An old token came back: the login has been ended. To be saved, and answered like any bad token.
    Reused,
    /// The login is over or the token has expired. Nothing to save.
    Refused,
}

impl Session {
    /// A new login; its first refresh token has generation 0.
    #[must_use]
    pub const fn start(id: SessionId, user_id: UserId, now: DateTime<Utc>) -> Self {
        Self { id, user_id, created_at: now, generation: 0, rotated_at: now, ended: None }
    }

    /// When the newest refresh token expires, and with it the login.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.rotated_at + REFRESH_TOKEN_TTL
    }

    /// Whether access tokens of this login still count.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.ended.is_none()
    }

    /// Presents a refresh token of this session's chain.
    pub fn refresh(&mut self, presented: PresentedToken, now: DateTime<Utc>) -> Refresh {
        if !self.is_live() || now >= self.expires_at() {
            return Refresh::Refused;
        }
        if presented.generation == self.generation {
            // A login that is used daily would need millions of years to get here; it then ends.
            let Some(next) = self.generation.checked_add(1) else { return Refresh::Refused };
            self.generation = next;
            self.rotated_at = now;
            return Refresh::Rotated;
        }
        let is_predecessor = presented.generation.checked_add(1) == Some(self.generation);
        if is_predecessor && now <= self.rotated_at + REFRESH_REPLAY_WINDOW {
            return Refresh::Replayed;
        }
        self.end(SessionEnd::TokenReused, now);
        Refresh::Reused
    }

    /// Ends the login and says whether there is anything to save: ending it again changes nothing,
    /// the first reason stands.
    pub fn end(&mut self, reason: SessionEnd, now: DateTime<Utc>) -> bool {
        let was_live = self.is_live();
        self.ended.get_or_insert((now, reason));
        was_live
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000 + seconds, 0).unwrap()
    }

    fn session() -> Session {
        Session::start(SessionId::new(Uuid::nil()), UserId::new(Uuid::nil()), at(0))
    }

    fn token(generation: i32) -> PresentedToken {
        PresentedToken { generation }
    }

    #[test]
    fn each_use_replaces_the_token() {
        let mut session = session();
        for generation in 0..5 {
            assert_eq!(session.refresh(token(generation), at(60 * i64::from(generation))), Refresh::Rotated);
            assert_eq!(session.generation, generation + 1);
        }
        assert!(session.is_live());
    }

    #[test]
    fn a_lost_answer_can_be_asked_for_again_within_ten_seconds() {
        let mut session = session();
        assert_eq!(session.refresh(token(0), at(100)), Refresh::Rotated);
        for seconds in [100, 105, 110] {
            assert_eq!(session.refresh(token(0), at(seconds)), Refresh::Replayed);
        }
        assert_eq!(session.generation, 1, "a replay does not go on along the chain");
        assert_eq!(session.refresh(token(1), at(111)), Refresh::Rotated, "and its successor is good");
    }

    #[test]
    fn after_ten_seconds_it_is_theft() {
        let mut session = session();
        session.refresh(token(0), at(100));
        assert_eq!(session.refresh(token(0), at(111)), Refresh::Reused);
        assert_eq!(session.ended, Some((at(111), SessionEnd::TokenReused)));
        assert_eq!(session.refresh(token(1), at(112)), Refresh::Refused, "the thief's token, too");
    }

    #[test]
    fn once_the_successor_was_used_it_is_theft_at_once() {
        let mut session = session();
        session.refresh(token(0), at(100));
        session.refresh(token(1), at(101));
        assert_eq!(session.refresh(token(0), at(102)), Refresh::Reused);
    }

    #[test]
    fn a_token_from_the_future_of_the_chain_ends_it_too() {
        let mut session = session();
        assert_eq!(session.refresh(token(7), at(1)), Refresh::Reused);
    }

    #[test]
    fn thirty_days_of_silence_end_it() {
        let month = REFRESH_TOKEN_TTL.num_seconds();
        assert_eq!(session().refresh(token(0), at(month - 1)), Refresh::Rotated);
        assert_eq!(session().refresh(token(0), at(month)), Refresh::Refused);
        let mut used = session();
        used.refresh(token(0), at(month - 1));
        assert_eq!(used.refresh(token(1), at(month + 1)), Refresh::Rotated, "use prolongs it");
    }

    #[test]
    fn an_ended_login_stays_ended_for_its_first_reason() {
        let mut session = session();
        assert!(session.end(SessionEnd::LoggedOut, at(5)), "to be saved");
        assert!(!session.end(SessionEnd::Blocked, at(6)), "nothing to save");
        assert_eq!(session.ended, Some((at(5), SessionEnd::LoggedOut)));
        assert_eq!(session.refresh(token(0), at(7)), Refresh::Refused);
    }
}
