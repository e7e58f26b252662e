//! One transaction on one connection, behind all repository traits.
//!
//! What must never happen is that an open transaction goes back to the pool, or that COMMIT is sent
//! where PostgreSQL would answer it with a silent rollback (the driver does not show the command tag
//! "ROLLBACK" that tells the two apart). Hence:
//!
//! - the connection goes back only after a COMMIT or ROLLBACK that succeeded; in every other case,
//!   a mere drop included, it is taken out of the pool and closed, and the server rolls back;
//! - each call enters and leaves: one that failed leaves the unit *spoilt*, one whose future was
//!   dropped half-way leaves it *interrupted*. Neither can be committed, and an interrupted one not
//!   even be rolled back on its connection, where an answer may still be under way.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use domain::event::Event;
use domain::identity::{Session, SessionEnd, User};
use domain::ids::{EventId, SessionId, UserId};
use ports::identity::{EmailClaim, FoundToken, Lock, Sessions, TokenDigest, Users};
use ports::outbox::Outbox;
use ports::store::{StoreError, UnitOfWork};

use crate::error::{commit_error, store_error};
use crate::identity::{sessions, users};
use crate::outbox;
use crate::pool::PooledConnection;

/// What the last call left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    /// Nothing that stands against COMMIT.
    Good,
    /// A call failed.
    Spoilt,
    /// A call is under way, or its future was dropped half-way.
    Interrupted,
}

/// One open transaction.
pub(crate) struct PgUnitOfWork {
    /// `None` once the connection went back to the pool.
    connection: Option<PooledConnection>,
    condition: Condition,
}

impl PgUnitOfWork {
    /// Begins a transaction. On an error the connection is closed.
    pub(crate) async fn begin(connection: PooledConnection) -> QueryResult<Self> {
        // Wrapped before the first await: cancelled in the middle of BEGIN it is closed as well.
        let mut unit = Self { connection: Some(connection), condition: Condition::Interrupted };
        if let Some(connection) = unit.connection.as_mut() {
            AnsiTransactionManager::begin_transaction(&mut **connection).await?;
        }
        unit.condition = Condition::Good;
        Ok(unit)
    }

    /// Starts a call. Whoever starts one hands its result to [`Self::leave`].
    fn enter(&mut self) -> Result<&mut AsyncPgConnection, StoreError> {
        match (self.condition, self.connection.as_mut()) {
            (Condition::Good, Some(connection)) => {
                self.condition = Condition::Interrupted;
                Ok(connection)
            }
            _ => Err(StoreError::Spoilt),
        }
    }

    /// Ends a call.
    fn leave<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.condition = if result.is_ok() { Condition::Good } else { Condition::Spoilt };
        result
    }

    /// Gives the connection back. Only after COMMIT or ROLLBACK succeeded.
    fn give_back(&mut self) {
        drop(self.connection.take());
    }

    async fn roll_back(&mut self) -> Result<(), StoreError> {
        if self.condition == Condition::Interrupted {
            return Ok(()); // closed by drop
        }
        let connection = self.enter_any()?;
        AnsiTransactionManager::rollback_transaction(connection).await.map_err(store_error)?;
        self.give_back();
        Ok(())
    }

    /// Like [`Self::enter`] for the last call, for which the condition does not matter.
    fn enter_any(&mut self) -> Result<&mut AsyncPgConnection, StoreError> {
        self.condition = Condition::Interrupted;
        match self.connection.as_mut() {
            Some(connection) => Ok(connection),
            None => Err(StoreError::Spoilt),
        }
    }
}

impl Drop for PgUnitOfWork {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Out of the pool, which may make another at once, and closed.
            drop(Object::take(connection));
        }
    }
}

#[async_trait]
impl UnitOfWork for PgUnitOfWork {
    fn users(&mut self) -> &mut dyn Users {
        self
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.condition != Condition::Good {
            if let Err(error) = self.roll_back().await {
                tracing::debug!(%error, "a failed transaction could not be rolled back; closing its connection");
            }
            return Err(StoreError::Spoilt);
        }
        let connection = self.enter_any()?;
        AnsiTransactionManager::commit_transaction(connection).await.map_err(commit_error)?;
        self.give_back();
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        self.roll_back().await
    }
}

#[async_trait]
impl Users for PgUnitOfWork {
    async fn insert(&mut self, user: &User) -> Result<EmailClaim, StoreError> {
        let result = users::insert(self.enter()?, user).await;
        self.leave(result)
    }

    async fn lock(&mut self, id: UserId, lock: Lock) -> Result<Option<User>, StoreError> {
        let result = users::lock(self.enter()?, id, lock).await;
        self.leave(result)
    }

    async fn save(&mut self, user: &mut User) -> Result<EmailClaim, StoreError> {
        let result = users::save(self.enter()?, user).await;
        self.leave(result)
    }
}

#[async_trait]
impl Sessions for PgUnitOfWork {
    async fn insert(&mut self, session: &Session, first_token: &TokenDigest) -> Result<(), StoreError> {
        let result = sessions::insert(self.enter()?, session, first_token).await;
        self.leave(result)
    }

    async fn find_token(&mut self, token: &TokenDigest) -> Result<Option<FoundToken>, StoreError> {
        let result = sessions::find_token(self.enter()?, token).await;
        self.leave(result)
    }

    async fn lock(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let result = sessions::lock(self.enter()?, id).await;
        self.leave(result)
    }

    async fn save_rotation(&mut self, session: &Session, token: &TokenDigest) -> Result<(), StoreError> {
        let result = sessions::save_rotation(self.enter()?, session, token).await;
        self.leave(result)
    }

    async fn save_end(&mut self, session: &Session) -> Result<(), StoreError> {
        let result = sessions::save_end(self.enter()?, session).await;
        self.leave(result)
    }

    async fn end_all(
        &mut self,
        user_id: UserId,
        except: Option<SessionId>,
        reason: SessionEnd,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StoreError> {
        let result = sessions::end_all(self.enter()?, user_id, except, reason, now).await;
        self.leave(result)
    }
}

#[async_trait]
impl Outbox for PgUnitOfWork {
    async fn append(&mut self, id: EventId, event: &Event) -> Result<(), StoreError> {
        let result = outbox::append(self.enter()?, id, event).await;
        self.leave(result)
    }
}
