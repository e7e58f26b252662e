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
//!
//! The repositories are in the files beside this one, by noun; each of their calls is `bounded!`. A
//! commit rings the bells of this process for what it wrote, and nothing after it can fail.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use ports::agreements::Proposals;
use ports::audit::Audits;
use ports::bidding::Bids;
use ports::contracts::{Contracts, Reviews};
use ports::disputes::Disputes;
use ports::files::{Attachments, Files};
use ports::idempotency::IdempotencyKeys;
use ports::identity::{Sessions, Users};
use ports::jobs::Jobs;
use ports::messaging::Chats;
use ports::money::{Chargebacks, Deposits, FieldCipher, Ledger, Withdrawals};
use ports::notifications::Notifications;
use ports::orders::{Invitations, Orders};
use ports::outbox::{Bells, Outbox};
use ports::profiles::{FigureBook, Profiles};
use ports::store::{StoreError, UnitOfWork};
use tokio::time::timeout;

use crate::error::{commit_error, store_error, unavailable};
use crate::pool::PooledConnection;

/// Runs one call and waits for it no longer than the unit's patience: a server or a network that has
/// fallen silent must not hold a request for ever. The unit then stays interrupted.
macro_rules! bounded {
    ($unit:ident, |$connection:ident| $call:expr) => {{
        let patience = $unit.patience;
        let $connection = $unit.enter()?;
        match tokio::time::timeout(patience, $call).await {
            Ok(result) => $unit.leave(result),
            Err(_) => Err(crate::error::unavailable($crate::uow::SILENT)),
        }
    }};
}
pub(crate) use bounded;

mod agreements;
mod audit;
mod files;
mod identity;
mod market;
mod messaging;
mod money;
mod records;

/// For the log, when a call was given up.
pub(crate) const SILENT: &str = "the database gave no answer in time";

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

/// What somebody in this process waits for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct News {
    /// Facts.
    pub(crate) facts: bool,
    /// Jobs.
    pub(crate) jobs: bool,
}

/// One open transaction.
pub(crate) struct PgUnitOfWork {
    /// `None` once the connection went back to the pool.
    connection: Option<PooledConnection>,
    condition: Condition,
    /// Rung after the commit.
    bells: Option<Bells>,
    /// What was written that somebody in this process waits for.
    pub(crate) news: News,
    /// For the accounts that withdrawals go to.
    cipher: Arc<dyn FieldCipher>,
    /// How long a call may take. Longer than the server's own limits: it ends only what a server or
    /// a network that has fallen silent would never end.
    pub(crate) patience: Duration,
}

impl PgUnitOfWork {
    /// Begins a transaction. On an error the connection is closed.
    pub(crate) async fn begin(
        connection: PooledConnection,
        cipher: Arc<dyn FieldCipher>,
        patience: Duration,
    ) -> QueryResult<Self> {
        // Wrapped before the first await: cancelled in the middle of BEGIN it is closed as well.
        let mut unit = Self {
            connection: Some(connection),
            condition: Condition::Interrupted,
            bells: None,
            news: News::default(),
            cipher,
            patience,
        };
        if let Some(connection) = unit.connection.as_mut() {
            AnsiTransactionManager::begin_transaction(&mut **connection).await?;
        }
        unit.condition = Condition::Good;
        Ok(unit)
    }

    /// Has these rung after the commit.
    pub(crate) fn with_bells(mut self, bells: Option<Bells>) -> Self {
        self.bells = bells;
        self
    }

    fn ring(&self) {
        let Some(Bells { facts, jobs }) = &self.bells else { return };
        if self.news.facts {
            facts.ring();
        }
        if self.news.jobs {
            jobs.ring();
        }
    }

    /// Starts a call. Whoever starts one hands its result to [`Self::leave`].
    pub(crate) fn enter(&mut self) -> Result<&mut AsyncPgConnection, StoreError> {
        match (self.condition, self.connection.as_mut()) {
            (Condition::Good, Some(connection)) => {
                self.condition = Condition::Interrupted;
                Ok(connection)
            }
            _ => Err(StoreError::Spoilt),
        }
    }

    /// Ends a call.
    pub(crate) fn leave<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
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
        let patience = self.patience;
        let connection = self.enter_any()?;
        timeout(patience, AnsiTransactionManager::rollback_transaction(connection))
            .await
            .map_err(|_| unavailable(SILENT))?
            .map_err(store_error)?;
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

    fn jobs(&mut self) -> &mut dyn Jobs {
        self
    }

    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeys {
        self
    }

    fn ledger(&mut self) -> &mut dyn Ledger {
        self
    }

    fn deposits(&mut self) -> &mut dyn Deposits {
        self
    }

    fn withdrawals(&mut self) -> &mut dyn Withdrawals {
        self
    }

    fn orders(&mut self) -> &mut dyn Orders {
        self
    }

    fn invitations(&mut self) -> &mut dyn Invitations {
        self
    }

    fn chargebacks(&mut self) -> &mut dyn Chargebacks {
        self
    }

    fn bids(&mut self) -> &mut dyn Bids {
        self
    }

    fn contracts(&mut self) -> &mut dyn Contracts {
        self
    }

    fn proposals(&mut self) -> &mut dyn Proposals {
        self
    }

    fn disputes(&mut self) -> &mut dyn Disputes {
        self
    }

    fn reviews(&mut self) -> &mut dyn Reviews {
        self
    }

    fn profiles(&mut self) -> &mut dyn Profiles {
        self
    }

    fn figures(&mut self) -> &mut dyn FigureBook {
        self
    }

    fn chats(&mut self) -> &mut dyn Chats {
        self
    }

    fn files(&mut self) -> &mut dyn Files {
        self
    }

    fn attachments(&mut self) -> &mut dyn Attachments {
        self
    }

    fn notifications(&mut self) -> &mut dyn Notifications {
        self
    }

    fn audits(&mut self) -> &mut dyn Audits {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.condition != Condition::Good {
            if let Err(error) = self.roll_back().await {
                tracing::debug!(%error, "a failed transaction could not be rolled back; closing its connection");
            }
            return Err(StoreError::Spoilt);
        }
        let patience = self.patience;
        let connection = self.enter_any()?;
        match timeout(patience, AnsiTransactionManager::commit_transaction(connection)).await {
            Ok(committed) => committed.map_err(commit_error)?,
            Err(elapsed) => return Err(StoreError::OutcomeUnknown(elapsed.into())),
        }
        self.give_back();
        self.ring();
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        self.roll_back().await
    }
}
