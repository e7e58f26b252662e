//! What is stored, and what a transaction is going to store.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::identity::{Session, User};
use domain::ids::{EventId, SessionId, UserId};
use ports::identity::{FoundToken, TokenDigest};

/// The rows that are committed, or those that one transaction has written.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) users: HashMap<UserId, User>,
    pub(crate) sessions: HashMap<SessionId, Session>,
    pub(crate) tokens: HashMap<[u8; 32], FoundToken>,
    pub(crate) events: Vec<(EventId, Event)>,
    pub(crate) announced: Vec<Announcement>,
}

/// The end of a login, as every process is to learn of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announcement {
    pub(crate) session_id: SessionId,
    pub(crate) ended_at: DateTime<Utc>,
}

impl Rows {
    pub(crate) fn token(&self, digest: &TokenDigest) -> Option<FoundToken> {
        self.tokens.get(&digest.0).copied()
    }

    pub(crate) fn has_event(&self, id: EventId) -> bool {
        self.events.iter().any(|(known, _)| *known == id)
    }
}

/// What everybody sees.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    pub(crate) rows: Rows,
    /// The announcements by their number. They get it at the commit, so that numbers are seen in
    /// order, however late a transaction commits.
    pub(crate) announcements: BTreeMap<i64, Announcement>,
    last_announcement: i64,
}

impl Committed {
    pub(crate) fn apply(&mut self, written: Rows) {
        let Rows { users, sessions, tokens, events, announced } = written;
        self.rows.users.extend(users);
        self.rows.sessions.extend(sessions);
        self.rows.tokens.extend(tokens);
        self.rows.events.extend(events);
        for announcement in announced {
            self.last_announcement += 1;
            self.announcements.insert(self.last_announcement, announcement);
        }
    }

    pub(crate) const fn last_announcement(&self) -> i64 {
        self.last_announcement
    }
}
