//! The questions: they see what is committed, and take no locks.

use std::ops::Bound;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::identity::{EmailAddress, Role, User};
use domain::ids::{SessionId, UserId};
use ports::environment::{DatabaseHealth, DatabaseStatus};
use ports::identity::{AccountQueries, AccountView, Credentials, EndedCursor, EndedSessions, SessionQueries};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::store::MemoryStore;

fn credentials(user: &User) -> Credentials {
    Credentials { user_id: user.id, password: user.password.clone() }
}

#[async_trait]
impl AccountQueries for MemoryStore {
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        self.shared().enter_or_fail(Operation::Account).await?;
        Ok(self.look(|seen| seen.account(id)))
    }

    async fn credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        self.shared().enter_or_fail(Operation::Credentials).await?;
        let committed = self.shared().committed();
        Ok(committed.rows.users.values().find(|user| user.email == *email).map(credentials))
    }

    async fn credentials_of(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        self.shared().enter_or_fail(Operation::CredentialsOf).await?;
        Ok(self.shared().committed().rows.users.get(&id).map(credentials))
    }

    async fn has_administrator(&self) -> Result<bool, StoreError> {
        self.shared().enter_or_fail(Operation::HasAdministrator).await?;
        Ok(self.shared().committed().rows.users.values().any(|user| user.role == Role::Admin))
    }
}

#[async_trait]
impl SessionQueries for MemoryStore {
    async fn ended_since(
        &self,
        cursor: Option<EndedCursor>,
        not_before: DateTime<Utc>,
    ) -> Result<EndedSessions, StoreError> {
        self.shared().enter_or_fail(Operation::EndedSince).await?;
        let committed = self.shared().committed();
        let seen = cursor.map_or(Bound::Unbounded, |EndedCursor(last)| Bound::Excluded(last));
        let sessions = committed
            .announcements
            .range((seen, Bound::Unbounded))
            .map(|(_, announcement)| (announcement.session_id, announcement.ended_at))
            .filter(|(_, ended_at)| cursor.is_some() || *ended_at >= not_before)
            .collect();
        Ok(EndedSessions { sessions, next: EndedCursor(committed.last_announcement()) })
    }

    async fn is_live(&self, id: SessionId) -> Result<bool, StoreError> {
        self.shared().enter_or_fail(Operation::IsLive).await?;
        Ok(self.shared().committed().rows.sessions.get(&id).is_some_and(domain::identity::Session::is_live))
    }
}

#[async_trait]
impl DatabaseHealth for MemoryStore {
    async fn check(&self) -> Result<DatabaseStatus, StoreError> {
        self.shared().enter_or_fail(Operation::Check).await?;
        Ok(DatabaseStatus {
            version: "memory".to_owned(),
            round_trip: Duration::ZERO,
            pool_connections: 1,
            pool_idle: 1,
            pool_capacity: 1,
        })
    }
}
