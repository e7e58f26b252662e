//! One transaction on one connection, behind all repository traits.
//!
//! What must never happen is that an open transaction goes back to the pool, or that COMMIT is sent
//! where PostgreSQL would answer it with a silent rollback (the driver does not show the command tag
//! "ROLLBACK" that tells the two apart). Hence:
//!
//! - the connection goes back only after a COMMIT or ROLLBACK that succeeded; in every other case,
//!   a mere drop included, it is taken out of the pool and closed, and the server rolls back;
//! - BEGIN goes ahead of the first call, or together with it where that only looks (`opening!`); a
//!   connection that turns out to have died is replaced then, as nothing has happened yet;
//! - facts are kept until COMMIT and go out together with it;
//! - each call enters and leaves: one that failed leaves the unit *spoilt*, one whose future was
//!   dropped half-way leaves it *interrupted*. Neither can be committed, and an interrupted one not
//!   even be rolled back on its connection, where an answer may still be under way.
//!
//! The repositories are in the files beside this one, by noun; each of their calls is `bounded!`. A
//! commit rings the bells of this process for what it wrote, and nothing after it can fail.

use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::Object;
use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;
use futures_util::future::join;
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
use ports::money::{Chargebacks, Deposits, Ledger, Withdrawals};
use ports::notifications::Notifications;
use ports::orders::{Invitations, Orders};
use ports::outbox::{Bells, Outbox};
use ports::profiles::{FigureBook, Profiles};
use ports::store::{StoreError, UnitOfWork};
use tokio::task::unconstrained;
use tokio::time::timeout;

use crate::error::{commit_error, is_connection_lost, store_error, unavailable};
use crate::link::{Line, Link, PooledLink, Scene};
use crate::outbox::{self, Told};
use crate::pool::Database;

/// Runs one call and waits for it no longer than the unit's patience: a server or a network that has
/// fallen silent must not hold a request for ever. The unit then stays interrupted.
macro_rules! bounded {
    ($unit:ident, |$connection:ident| $call:expr) => {{
        let patience = $unit.patience;
        let mut line = $unit.enter().await?;
        let $connection = &mut line;
        match tokio::time::timeout(patience, $call).await {
            Ok(result) => $unit.leave(result),
            Err(_) => Err(crate::error::unavailable($crate::uow::SILENT)),
        }
    }};
}
pub(crate) use bounded;

/// Like [`bounded!`], for a call with which a unit may begin: BEGIN is sent together with it. Should BEGIN fail,
/// the call may have been carried out without a transaction, so it must be one that only reads and locks.
macro_rules! opening {
    ($unit:ident, |$connection:ident| $call:expr) => {{
        if $unit.has_begun() {
            crate::uow::bounded!($unit, |$connection| $call)
        } else {
            let patience = $unit.patience;
            let line = $unit.approach()?;
            let mut own_line = line;
            let $connection = &mut own_line;
            match tokio::time::timeout(patience, crate::uow::after_begin(line, $call)).await {
                Ok((Ok(()), result)) => $unit.leave_begun(result),
                Ok((Err(error), _)) => {
                    $unit.begin_elsewhere(error).await?;
                    crate::uow::bounded!($unit, |$connection| $call)
                }
                Err(_) => Err(crate::error::unavailable($crate::uow::SILENT)),
            }
        }
    }};
}
pub(crate) use opening;

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

/// One transaction.
pub(crate) struct PgUnitOfWork {
    /// `None` once the connection went back to the pool.
    link: Option<PooledLink>,
    /// For another connection, should the first have died.
    database: Database,
    /// Whether BEGIN was answered.
    has_begun: bool,
    condition: Condition,
    /// To be written with COMMIT.
    facts: Vec<Told>,
    /// Whether there is a job to be done.
    pub(crate) has_jobs: bool,
    /// How long a call may take. Longer than the server's own limits: it ends only what a server or
    /// a network that has fallen silent would never end.
    pub(crate) patience: Duration,
}

/// Sends BEGIN and a call at once, in this order.
pub(crate) async fn after_begin<T>(line: Line<'_>, call: impl Future<Output = T>) -> (QueryResult<()>, T) {
    // Unconstrained: a call that tokio has yield before it is sent could be overtaken by the next one.
    unconstrained(join(say("BEGIN", line), call)).await
}

async fn say(word: &str, mut line: Line<'_>) -> QueryResult<()> {
    line.batch_execute(word).await
}

/// Writes facts and commits, at once where that was done before on this connection.
///
/// A fact that cannot be written has the server answer COMMIT by rolling back, without an error; but then the
/// fact's own error is there.
async fn conclude(link: &mut Link, facts: &[Told]) -> Result<(), StoreError> {
    let scene = match facts {
        [] => return say("COMMIT", link.line()).await.map_err(commit_error),
        [_] => Scene::OneFact,
        _ => Scene::Facts,
    };
    let line = link.line();
    if link.has_rehearsed(scene) {
        let (told, committed) = unconstrained(join(outbox::append(line, facts), say("COMMIT", line))).await;
        told.and(committed).map_err(commit_error)
    } else {
        outbox::append(line, facts).await.map_err(store_error)?;
        link.rehearsed(scene);
        say("COMMIT", link.line()).await.map_err(commit_error)
    }
}

impl PgUnitOfWork {
    /// A transaction that begins with the first call.
    pub(crate) fn new(database: Database, link: PooledLink) -> Self {
        let patience = database.patience();
        Self {
            link: Some(link),
            database,
            has_begun: false,
            condition: Condition::Good,
            facts: Vec::new(),
            has_jobs: false,
            patience,
        }
    }

    fn ring(&self, facts_were_told: bool) {
        let Some(Bells { facts, jobs }) = self.database.bells() else { return };
        if facts_were_told {
            facts.ring();
        }
        if self.has_jobs {
            jobs.ring();
        }
    }

    /// Whether BEGIN was answered.
    pub(crate) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Sends BEGIN and waits for the answer. A dead connection costs a turn; behind them all a new one is made
    /// or refused.
    async fn begin(&mut self) -> Result<(), StoreError> {
        for _ in 0..=self.database.most_links() {
            let wait = self.database.wait();
            match timeout(wait, say("BEGIN", self.approach()?)).await {
                Ok(Ok(())) => {
                    self.has_begun = true;
                    return self.leave(Ok(()));
                }
                Ok(Err(error)) => self.replace(error).await?,
                Err(_) => return Err(unavailable(SILENT)),
            }
        }
        Err(unavailable("every pooled connection had died"))
    }

    /// BEGIN has failed: begins on another connection if it was that.
    pub(crate) async fn begin_elsewhere(&mut self, error: diesel::result::Error) -> Result<(), StoreError> {
        self.replace(error).await?;
        self.begin().await
    }

    /// Takes another connection, if it was that. Only before anything was done.
    async fn replace(&mut self, error: diesel::result::Error) -> Result<(), StoreError> {
        if !is_connection_lost(&error) {
            return Err(store_error(error));
        }
        tracing::debug!(%error, "a pooled connection had died; taking another");
        self.throw_away();
        self.link = Some(self.database.link().await?);
        self.condition = Condition::Good;
        Ok(())
    }

    /// Out of the pool, which may make another at once, and closed.
    fn throw_away(&mut self) {
        self.link.take().map(Object::take);
    }

    /// Starts a call of an open transaction; opens it before that. Whoever starts one hands its result to
    /// [`Self::leave`].
    pub(crate) async fn enter(&mut self) -> Result<Line<'_>, StoreError> {
        if !self.has_begun {
            self.begin().await?;
        }
        self.approach()
    }

    /// Starts a call, whether the transaction is open or not.
    pub(crate) fn approach(&mut self) -> Result<Line<'_>, StoreError> {
        match (self.condition, &self.link) {
            (Condition::Good, Some(link)) => {
                self.condition = Condition::Interrupted;
                Ok(link.line())
            }
            _ => Err(StoreError::Spoilt),
        }
    }

    /// Ends a call.
    pub(crate) fn leave<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.condition = if result.is_ok() { Condition::Good } else { Condition::Spoilt };
        result
    }

    /// Ends a call that was sent with BEGIN, which went well.
    pub(crate) fn leave_begun<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.has_begun = true;
        self.leave(result)
    }

    /// Whether a scene was rehearsed on this connection.
    pub(crate) fn has_rehearsed(&self, scene: Scene) -> bool {
        self.link.as_ref().is_some_and(|link| link.has_rehearsed(scene))
    }

    /// A scene was played to its end on this connection.
    pub(crate) fn rehearsed(&mut self, scene: Scene) {
        if let Some(link) = &mut self.link {
            link.rehearsed(scene);
        }
    }

    /// Gives the connection back. Only after COMMIT or ROLLBACK succeeded, or before BEGIN.
    fn give_back(&mut self) {
        drop(self.link.take());
    }

    async fn roll_back(&mut self) -> Result<(), StoreError> {
        if self.condition == Condition::Interrupted {
            return Ok(()); // closed by drop
        }
        if self.has_begun {
            let patience = self.patience;
            timeout(patience, say("ROLLBACK", self.last_call()?.line()))
                .await
                .map_err(|_| unavailable(SILENT))?
                .map_err(store_error)?;
        }
        self.give_back();
        Ok(())
    }

    /// Like [`Self::approach`] for the last call, for which the condition does not matter.
    fn last_call(&mut self) -> Result<&mut Link, StoreError> {
        self.condition = Condition::Interrupted;
        match &mut self.link {
            Some(link) => Ok(link),
            None => Err(StoreError::Spoilt),
        }
    }
}

impl Drop for PgUnitOfWork {
    fn drop(&mut self) {
        self.throw_away();
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
        let facts = std::mem::take(&mut self.facts);
        if !self.has_begun && !facts.is_empty() {
            self.begin().await?;
        }
        if self.has_begun {
            let patience = self.patience;
            match timeout(patience, conclude(self.last_call()?, &facts)).await {
                Ok(concluded) => concluded?,
                Err(elapsed) => return Err(StoreError::OutcomeUnknown(elapsed.into())),
            }
        }
        self.give_back();
        self.ring(!facts.is_empty());
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        self.roll_back().await
    }
}
