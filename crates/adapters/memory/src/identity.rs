//! Accounts and logins: addresses that are claimed, rows that are locked, ends that are announced.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::identity::{PresentedToken, Role, Session, SessionEnd, Standing, User};
use domain::ids::{SessionId, UserId};
use domain::profiles::{Figures, Profile};
use ports::identity::{EmailClaim, FoundToken, Lock, Sessions, TokenDigest, Users};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::{Acquired, Row};
use crate::tables::Announcement;
use crate::work::{MemoryWork, duplicate};

impl MemoryWork {
    fn session(&self, id: SessionId) -> Option<Session> {
        match self.written.sessions.get(&id) {
            Some(own) => Some(own.clone()),
            None => self.shared.committed().rows.sessions.get(&id).cloned(),
        }
    }

    fn token(&self, digest: &TokenDigest) -> Option<FoundToken> {
        self.written.token(digest).or_else(|| self.shared.committed().rows.token(digest))
    }

    /// Whether an account other than `id` has this address, as this transaction sees it.
    fn is_taken(&self, key: &str, id: UserId) -> bool {
        let has_it = |user: &User| user.id != id && user.email.key() == key;
        self.written.users.values().any(has_it)
            || self
                .shared
                .committed()
                .rows
                .users
                .values()
                .any(|user| !self.written.users.contains_key(&user.id) && has_it(user))
    }

    /// Claims the address of `user` in the unique index: waits for whoever is claiming it or giving
    /// it up.
    async fn claim_email(&self, user: &User) -> Result<EmailClaim, StoreError> {
        let row = Row::Email(user.email.key().to_owned());
        let acquired = self.acquire(row.clone(), Lock::Exclusive).await?;
        if !self.is_taken(user.email.key(), user.id) {
            return Ok(EmailClaim::Granted);
        }
        if acquired == Acquired::Newly {
            self.shared.locks.release(self.holder, &row);
        }
        Ok(EmailClaim::Taken)
    }

    async fn insert_user(&mut self, user: &User) -> Result<EmailClaim, StoreError> {
        self.acquire(Row::User(user.id), Lock::Exclusive).await?;
        if self.user(user.id).is_some() {
            return Err(duplicate("users_pkey"));
        }
        let claim = self.claim_email(user).await?;
        if claim == EmailClaim::Granted {
            self.written.users.insert(user.id, user.clone());
            self.written.profiles.insert(user.id, Profile::empty(user.id, user.updated_at));
            self.written.figures.insert(user.id, Figures::default());
        }
        Ok(claim)
    }

    pub(crate) async fn lock_user(&mut self, id: UserId, lock: Lock) -> Result<Option<User>, StoreError> {
        // A row that cannot be seen cannot be waited for, even while somebody is inserting it.
        if self.user(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::User(id), lock).await?;
        Ok(self.user(id))
    }

    fn standings_of(&self, ids: &[UserId]) -> Vec<Standing> {
        let people = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().filter_map(|id| self.user(id));
        people.map(|User { id, role, state, .. }| Standing { id, role, state }).collect()
    }

    async fn save_user(&mut self, user: &mut User) -> Result<EmailClaim, StoreError> {
        self.acquire(Row::User(user.id), Lock::Exclusive).await?;
        let stored = self.user(user.id).filter(|stored| stored.version == user.version);
        let Some(stored) = stored else { return Err(StoreError::Stale { what: "account" }) };
        if stored.email != user.email {
            let claim = self.claim_email(user).await?;
            if claim == EmailClaim::Taken {
                return Ok(claim);
            }
            // Whoever wants the address that becomes free has to wait until it really does.
            self.acquire(Row::Email(stored.email.key().to_owned()), Lock::Exclusive).await?;
        }
        user.version += 1;
        self.written.users.insert(user.id, user.clone());
        Ok(EmailClaim::Granted)
    }

    fn insert_session(&mut self, session: &Session, token: &TokenDigest) -> Result<(), StoreError> {
        self.must_have_account(session.user_id, "sessions_user_id_fkey")?;
        if self.session(session.id).is_some() {
            return Err(duplicate("sessions_pkey"));
        }
        self.insert_token(session, token)?;
        self.written.sessions.insert(session.id, session.clone());
        Ok(())
    }

    fn insert_token(&mut self, session: &Session, token: &TokenDigest) -> Result<(), StoreError> {
        if self.token(token).is_some() {
            return Err(duplicate("refresh_tokens_pkey"));
        }
        let found = FoundToken {
            session_id: session.id,
            user_id: session.user_id,
            token: PresentedToken { generation: session.generation },
        };
        self.written.tokens.insert(token.0, found);
        Ok(())
    }

    async fn lock_session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        if self.session(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Session(id), Lock::Exclusive).await?;
        Ok(self.session(id))
    }

    async fn rotate(&mut self, session: &Session, token: &TokenDigest) -> Result<(), StoreError> {
        let stored = self.lock_session(session.id).await?.filter(Session::is_live);
        let follows = |stored: &Session| stored.generation.checked_add(1) == Some(session.generation);
        let Some(mut stored) = stored.filter(follows) else { return Err(stale_login()) };
        stored.generation = session.generation;
        stored.rotated_at = session.rotated_at;
        self.insert_token(&stored, token)?;
        self.written.sessions.insert(stored.id, stored);
        Ok(())
    }

    async fn end(
        &mut self,
        id: SessionId,
        ended: Option<(DateTime<Utc>, SessionEnd)>,
    ) -> Result<(), StoreError> {
        let Some((ended_at, reason)) = ended else {
            return Err(StoreError::Refused("the login to be ended is live".into()));
        };
        let stored = self.lock_session(id).await?.filter(Session::is_live);
        let Some(mut stored) = stored else { return Err(stale_login()) };
        stored.end(reason, ended_at);
        self.written.sessions.insert(id, stored);
        self.written.announced.push(Announcement { session_id: id, ended_at });
        Ok(())
    }

    /// The live logins of a person as seen now, in the order of their identifiers.
    fn live_sessions(&self, user_id: UserId) -> Vec<SessionId> {
        let committed = self.shared.committed();
        let mut seen = committed.rows.sessions.clone();
        drop(committed);
        seen.extend(self.written.sessions.iter().map(|(id, session)| (*id, session.clone())));
        let live = |session: &Session| session.user_id == user_id && session.is_live();
        let mut ids: Vec<_> = seen.into_values().filter(live).map(|session| session.id).collect();
        ids.sort();
        ids
    }

    async fn end_every(
        &mut self,
        user_id: UserId,
        except: Option<SessionId>,
        reason: SessionEnd,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StoreError> {
        let mut ended = Vec::new();
        for id in self.live_sessions(user_id).into_iter().filter(|id| Some(*id) != except) {
            // Somebody else may have ended it while this waited for it.
            if self.lock_session(id).await?.is_some_and(|session| session.is_live()) {
                self.end(id, Some((now, reason))).await?;
                ended.push(id);
            }
        }
        Ok(ended)
    }
}

const fn stale_login() -> StoreError {
    StoreError::Stale { what: "login" }
}

impl MemoryWork {
    async fn has_administrator(&mut self) -> Result<bool, StoreError> {
        self.acquire(Row::Administrators, Lock::Exclusive).await?;
        Ok(self.look(|seen| {
            let mut users =
                seen.committed.users.values().chain(seen.written.iter().flat_map(|rows| rows.users.values()));
            users.any(|user| user.role == Role::Admin)
        }))
    }
}

#[async_trait]
impl Users for MemoryWork {
    async fn insert(&mut self, user: &User) -> Result<EmailClaim, StoreError> {
        self.start(Operation::InsertUser).await?;
        let outcome = self.insert_user(user).await;
        self.finish(outcome)
    }

    async fn lock(&mut self, id: UserId, lock: Lock) -> Result<Option<User>, StoreError> {
        self.start(Operation::LockUser).await?;
        let outcome = self.lock_user(id, lock).await;
        self.finish(outcome)
    }

    async fn standings(&mut self, ids: &[UserId]) -> Result<Vec<Standing>, StoreError> {
        self.start(Operation::Standings).await?;
        let standings = self.standings_of(ids);
        self.finish(Ok(standings))
    }

    async fn lock_administrators(&mut self) -> Result<bool, StoreError> {
        self.start(Operation::LockAdministrators).await?;
        let outcome = self.has_administrator().await;
        self.finish(outcome)
    }

    async fn save(&mut self, user: &mut User) -> Result<EmailClaim, StoreError> {
        self.start(Operation::SaveUser).await?;
        let outcome = self.save_user(user).await;
        self.finish(outcome)
    }
}

#[async_trait]
impl Sessions for MemoryWork {
    async fn insert(&mut self, session: &Session, first_token: &TokenDigest) -> Result<(), StoreError> {
        self.start(Operation::InsertSession).await?;
        let outcome = self.insert_session(session, first_token);
        self.finish(outcome)
    }

    async fn find_token(&mut self, token: &TokenDigest) -> Result<Option<FoundToken>, StoreError> {
        self.start(Operation::FindToken).await?;
        let found = self.token(token);
        self.finish(Ok(found))
    }

    async fn lock(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.start(Operation::LockSession).await?;
        let outcome = self.lock_session(id).await;
        self.finish(outcome)
    }

    async fn save_rotation(&mut self, session: &Session, token: &TokenDigest) -> Result<(), StoreError> {
        self.start(Operation::SaveRotation).await?;
        let outcome = self.rotate(session, token).await;
        self.finish(outcome)
    }

    async fn save_end(&mut self, session: &Session) -> Result<(), StoreError> {
        self.start(Operation::SaveEnd).await?;
        let outcome = self.end(session.id, session.ended).await;
        self.finish(outcome)
    }

    async fn end_all(
        &mut self,
        user_id: UserId,
        except: Option<SessionId>,
        reason: SessionEnd,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.start(Operation::EndAll).await?;
        let outcome = self.end_every(user_id, except, reason, now).await;
        self.finish(outcome)
    }
}
