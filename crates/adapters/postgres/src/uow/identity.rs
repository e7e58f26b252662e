//! Accounts, logins and profiles.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::identity::{Session, SessionEnd, Standing, User};
use domain::ids::{SessionId, UserId};
use domain::money::Currency;
use domain::profiles::Profile;
use ports::identity::{EmailClaim, FoundToken, Lock, Sessions, TokenDigest, Users};
use ports::profiles::{ProfileView, Profiles};
use ports::store::StoreError;

use super::PgUnitOfWork;
use crate::identity::{sessions, users};
use crate::profiles;

#[async_trait]
impl Users for PgUnitOfWork {
    async fn insert(&mut self, user: &User) -> Result<EmailClaim, StoreError> {
        bounded!(self, |connection| users::insert(connection, user))
    }

    async fn lock(&mut self, id: UserId, lock: Lock) -> Result<Option<User>, StoreError> {
        opening!(self, |connection| users::lock(connection, id, lock))
    }

    async fn standings(&mut self, ids: &[UserId]) -> Result<Vec<Standing>, StoreError> {
        bounded!(self, |connection| users::standings(connection, ids))
    }

    async fn lock_administrators(&mut self) -> Result<bool, StoreError> {
        bounded!(self, |connection| users::lock_administrators(connection))
    }

    async fn save(&mut self, user: &mut User) -> Result<EmailClaim, StoreError> {
        bounded!(self, |connection| users::save(connection, user))
    }
}

#[async_trait]
impl Sessions for PgUnitOfWork {
    async fn insert(&mut self, session: &Session, first_token: &TokenDigest) -> Result<(), StoreError> {
        bounded!(self, |connection| sessions::insert(connection, session, first_token))
    }

    async fn find_token(&mut self, token: &TokenDigest) -> Result<Option<FoundToken>, StoreError> {
        opening!(self, |connection| sessions::find_token(connection, token))
    }

    async fn lock(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        bounded!(self, |connection| sessions::lock(connection, id))
    }

    async fn save_rotation(&mut self, session: &Session, token: &TokenDigest) -> Result<(), StoreError> {
        bounded!(self, |connection| sessions::save_rotation(connection, session, token))
    }

    async fn save_end(&mut self, session: &Session) -> Result<(), StoreError> {
        bounded!(self, |connection| sessions::save_end(connection, session))
    }

    async fn end_all(
        &mut self,
        user_id: UserId,
        except: Option<SessionId>,
        reason: SessionEnd,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StoreError> {
        bounded!(self, |connection| sessions::end_all(connection, user_id, except, reason, now))
    }
}

#[async_trait]
impl Profiles for PgUnitOfWork {
    async fn lock(&mut self, user_id: UserId) -> Result<Option<Profile>, StoreError> {
        opening!(self, |connection| profiles::profile::lock(connection, user_id))
    }

    async fn save(&mut self, profile: &mut Profile) -> Result<(), StoreError> {
        bounded!(self, |connection| profiles::profile::save(connection, profile))
    }

    async fn view(&mut self, user_id: UserId, currency: Currency) -> Result<Option<ProfileView>, StoreError> {
        bounded!(self, |connection| profiles::view(connection, user_id, currency))
    }
}
