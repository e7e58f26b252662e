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

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use domain::event::Event;
use domain::files::{File, Uploaded};
use domain::identity::{Session, SessionEnd, User};
use domain::ids::{DepositId, EventId, FileId, SessionId, UserId, WithdrawalId};
use domain::money::{Account, Currency, Deposit, LedgerTransaction, Withdrawal};
use ports::files::Files;
use ports::idempotency::{IdempotencyKeys, KeyClaim, RequestKey, StoredAnswer};
use ports::identity::{EmailClaim, FoundToken, Lock, Sessions, TokenDigest, Users};
use ports::money::{Booked, Deposits, FieldCipher, Ledger, WalletView, WithdrawalView, Withdrawals};
use ports::outbox::Outbox;
use ports::store::{StoreError, UnitOfWork};
use uuid::Uuid;

use tokio::time::timeout;

use crate::error::{commit_error, store_error, unavailable};
use crate::files::rows as files;
use crate::identity::{sessions, users};
use crate::money::{deposits, ledger, wallets, withdrawal_views, withdrawals};
use crate::pool::PooledConnection;
use crate::{idempotency, outbox};

/// For the log, when a call was given up.
const SILENT: &str = "the database gave no answer in time";

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
    /// For the accounts that withdrawals go to.
    cipher: Arc<dyn FieldCipher>,
    /// How long a call may take. Longer than the server's own limits: it ends only what a server or
    /// a network that has fallen silent would never end.
    patience: Duration,
}

impl PgUnitOfWork {
    /// Begins a transaction. On an error the connection is closed.
    pub(crate) async fn begin(
        connection: PooledConnection,
        cipher: Arc<dyn FieldCipher>,
        patience: Duration,
    ) -> QueryResult<Self> {
        // Wrapped before the first await: cancelled in the middle of BEGIN it is closed as well.
        let mut unit =
            Self { connection: Some(connection), condition: Condition::Interrupted, cipher, patience };
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

/// Runs one call and waits for it no longer than the unit's patience: a server or a network that has
/// fallen silent must not hold a request for ever. The unit then stays interrupted.
macro_rules! bounded {
    ($unit:ident, |$connection:ident| $call:expr) => {{
        let patience = $unit.patience;
        let $connection = $unit.enter()?;
        match timeout(patience, $call).await {
            Ok(result) => $unit.leave(result),
            Err(_) => Err(unavailable(SILENT)),
        }
    }};
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

    fn files(&mut self) -> &mut dyn Files {
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
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        self.roll_back().await
    }
}

#[async_trait]
impl Users for PgUnitOfWork {
    async fn insert(&mut self, user: &User) -> Result<EmailClaim, StoreError> {
        bounded!(self, |connection| users::insert(connection, user))
    }

    async fn lock(&mut self, id: UserId, lock: Lock) -> Result<Option<User>, StoreError> {
        bounded!(self, |connection| users::lock(connection, id, lock))
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
        bounded!(self, |connection| sessions::find_token(connection, token))
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
impl Outbox for PgUnitOfWork {
    async fn append(&mut self, id: EventId, event: &Event) -> Result<(), StoreError> {
        bounded!(self, |connection| outbox::append(connection, id, event))
    }
}

#[async_trait]
impl IdempotencyKeys for PgUnitOfWork {
    async fn claim(&mut self, key: &RequestKey, not_before: DateTime<Utc>) -> Result<KeyClaim, StoreError> {
        bounded!(self, |connection| idempotency::claim(connection, key, not_before))
    }

    async fn remember(
        &mut self,
        key: &RequestKey,
        answer: &StoredAnswer,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        bounded!(self, |connection| idempotency::remember(connection, key, answer, now))
    }
}

#[async_trait]
impl Ledger for PgUnitOfWork {
    async fn lock_balances(
        &mut self,
        accounts: &[Account],
        currency: Currency,
    ) -> Result<Vec<i64>, StoreError> {
        bounded!(self, |connection| ledger::lock_balances(connection, accounts, currency))
    }

    async fn book(
        &mut self,
        transaction: &LedgerTransaction,
        posting_ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<Booked, StoreError> {
        bounded!(self, |connection| ledger::book(connection, transaction, posting_ids, now))
    }

    async fn has_money(&mut self, user_id: UserId) -> Result<bool, StoreError> {
        bounded!(self, |connection| wallets::has_money(connection, user_id))
    }

    async fn wallet(&mut self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError> {
        bounded!(self, |connection| wallets::wallet(connection, user_id, currency))
    }
}

#[async_trait]
impl Deposits for PgUnitOfWork {
    async fn insert(&mut self, deposit: &Deposit) -> Result<(), StoreError> {
        bounded!(self, |connection| deposits::insert(connection, deposit))
    }

    async fn lock(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError> {
        bounded!(self, |connection| deposits::lock(connection, id))
    }

    async fn save(&mut self, deposit: &mut Deposit) -> Result<(), StoreError> {
        bounded!(self, |connection| deposits::save(connection, deposit))
    }
}

#[async_trait]
impl Withdrawals for PgUnitOfWork {
    async fn next_id(&mut self) -> Result<WithdrawalId, StoreError> {
        bounded!(self, |connection| withdrawals::next_id(connection))
    }

    async fn insert(&mut self, withdrawal: &Withdrawal) -> Result<(), StoreError> {
        let cipher = Arc::clone(&self.cipher);
        bounded!(self, |connection| withdrawals::insert(connection, &*cipher, withdrawal))
    }

    async fn lock(&mut self, id: WithdrawalId) -> Result<Option<Withdrawal>, StoreError> {
        let cipher = Arc::clone(&self.cipher);
        bounded!(self, |connection| withdrawals::lock(connection, &*cipher, id))
    }

    async fn save(&mut self, withdrawal: &mut Withdrawal) -> Result<(), StoreError> {
        bounded!(self, |connection| withdrawals::save(connection, withdrawal))
    }

    async fn view(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError> {
        bounded!(self, |connection| withdrawal_views::view(connection, id))
    }
}

#[async_trait]
impl Files for PgUnitOfWork {
    async fn insert(&mut self, file: &File) -> Result<(), StoreError> {
        bounded!(self, |connection| files::insert(connection, file))
    }

    async fn find(&mut self, id: FileId) -> Result<Option<File>, StoreError> {
        bounded!(self, |connection| files::find(connection, id))
    }

    async fn avatar_of(&mut self, owner_id: UserId) -> Result<Option<File>, StoreError> {
        bounded!(self, |connection| files::avatar_of(connection, owner_id))
    }

    async fn remove(&mut self, id: FileId) -> Result<(), StoreError> {
        bounded!(self, |connection| files::remove(connection, id))
    }

    async fn set_avatar_url(
        &mut self,
        user_id: UserId,
        url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        bounded!(self, |connection| files::set_avatar_url(connection, user_id, url, now))
    }

    async fn uploaded_since(
        &mut self,
        owner_id: UserId,
        since: DateTime<Utc>,
    ) -> Result<Uploaded, StoreError> {
        bounded!(self, |connection| files::uploaded_since(connection, owner_id, since))
    }
}
