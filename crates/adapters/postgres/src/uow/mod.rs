//! One transaction on one connection, behind all repository traits.
//!
//! What must never happen is that an open transaction goes back to the pool, or that COMMIT is sent
//! where PostgreSQL would answer it with a silent rollback (the driver does not show the command tag
//! "ROLLBACK" that tells the two apart). Hence:
//!
//! - the connection goes back only after a COMMIT or ROLLBACK that succeeded, or before BEGIN; in every other
//!   case, a mere drop included, it is taken out of the pool and closed, and the server rolls back;
//! - BEGIN goes ahead of the first call, or together with it where that only looks (`opening!`); a
//!   connection that turns out to have died is replaced then, as nothing has happened yet;
//! - facts are kept until COMMIT and go out together with it; the last write before it may be kept as well
//!   ([`kept`]), and goes out with the next call if there is one;
//! - each call enters and leaves: one that failed leaves the unit *spoilt*, one whose future was
//!   dropped half-way leaves it *interrupted*. Neither can be committed, and an interrupted one not
//!   even be rolled back on its connection, where an answer may still be under way.
//!
//! The repositories are in the files beside this one, by noun; each of their calls is `bounded!` or
//! `opening!`. A commit rings the bells of this process for what it wrote, and nothing after it can fail.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::Object;
use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use futures_util::future::{join, join3, maybe_done, try_join};
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
use tokio::time::{Instant, timeout, timeout_at};

use crate::error::{commit_error, is_connection_lost, store_error, unavailable};
use crate::link::{Line, Link, PooledLink, Scene};
use crate::outbox::{self, Told};
use crate::pool::Database;
use crate::uow::kept::Kept;

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
/// the call may have been carried out without a transaction, so it must be one that only reads and locks (or
/// draws a number, of which some may get lost). A call that plays a scene is told whether it was rehearsed.
macro_rules! opening {
    ($unit:ident, |$connection:ident| $call:expr) => {
        crate::uow::opening!($unit, _rehearsed = crate::link::Scene::Facts, |$connection| $call)
    };
    ($unit:ident, $rehearsed:ident = $scene:expr, |$connection:ident| $call:expr) => {{
        if $unit.has_begun() {
            let $rehearsed = $unit.has_rehearsed($scene);
            crate::uow::bounded!($unit, |$connection| $call)
        } else {
            let $rehearsed = $unit.has_rehearsed($scene);
            let (wait, patience) = ($unit.wait(), $unit.patience);
            let line = $unit.approach()?;
            let mut own_line = line;
            let $connection = &mut own_line;
            match tokio::time::timeout(patience, crate::uow::after_begin(wait, line, $call)).await {
                Ok(Ok(result)) => $unit.leave_begun(result),
                Ok(Err(crate::uow::Unbegun::Failed(error))) => {
                    $unit.begin_elsewhere(error).await?;
                    // On another connection, with another past.
                    let $rehearsed = $unit.has_rehearsed($scene);
                    crate::uow::bounded!($unit, |$connection| $call)
                }
                Ok(Err(crate::uow::Unbegun::Silent)) | Err(_) => {
                    Err(crate::error::unavailable($crate::uow::SILENT))
                }
            }
        }
    }};
}
pub(crate) use opening;

mod agreements;
mod audit;
mod files;
mod identity;
mod kept;
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
    /// To be written with the next call, or with COMMIT.
    kept: Option<Kept>,
    /// To be written with COMMIT.
    facts: Vec<Told>,
    /// Whether there is a job to be done.
    pub(crate) has_jobs: bool,
    /// How long a call may take. Longer than the server's own limits: it ends only what a server or
    /// a network that has fallen silent would never end.
    pub(crate) patience: Duration,
}

/// Why a transaction did not begin.
pub(crate) enum Unbegun {
    /// BEGIN was not answered in time.
    Silent,
    /// BEGIN was answered so, or its connection had died.
    Failed(diesel::result::Error),
}

/// Sends BEGIN and a call at once, in this order. BEGIN must be answered within `wait`.
pub(crate) async fn after_begin<T>(
    wait: Duration,
    line: Line<'_>,
    call: impl Future<Output = T>,
) -> Result<T, Unbegun> {
    let begin = async {
        match timeout(wait, say("BEGIN", line)).await {
            Ok(begun) => begun.map_err(Unbegun::Failed),
            Err(_) => Err(Unbegun::Silent),
        }
    };
    // Unconstrained: a call that tokio has yield before it is sent could be overtaken by the next one.
    let ((), answer) = unconstrained(try_join(begin, call.map(Ok))).await?;
    Ok(answer)
}

async fn say(word: &str, mut line: Line<'_>) -> QueryResult<()> {
    line.batch_execute(word).await
}

/// Writes what was kept and the facts, and commits, at once where that was done before on this connection.
async fn conclude(
    link: &mut Link,
    kept: Option<Kept>,
    facts: &[Told],
    patience: Duration,
) -> Result<(), StoreError> {
    let scene = match facts {
        [] => None,
        [_] => Some(Scene::OneFact),
        _ => Some(Scene::Facts),
    };
    // As many statements as are sent at once.
    let patience = patience.saturating_mul(1 + u32::from(kept.is_some()) + u32::from(scene.is_some()));
    if scene.is_none_or(|scene| link.has_rehearsed(scene)) {
        return match timeout(patience, unconstrained(write_and_commit(link.line(), kept, facts))).await {
            Ok(concluded) => concluded,
            Err(elapsed) => Err(StoreError::OutcomeUnknown(elapsed.into())),
        };
    }
    let writes = async {
        write(link.line(), kept).await?;
        outbox::append(link.line(), facts).await
    };
    match timeout(patience, writes).await {
        Ok(written) => written.map_err(store_error)?,
        Err(_) => return Err(unavailable(SILENT)),
    }
    scene.into_iter().for_each(|scene| link.rehearsed(scene));
    commit(link.line(), patience).await
}

async fn write(line: Line<'_>, kept: Option<Kept>) -> QueryResult<()> {
    match kept {
        Some(kept) => kept.write(line).await,
        None => Ok(()),
    }
}

async fn commit(line: Line<'_>, patience: Duration) -> Result<(), StoreError> {
    match timeout(patience, say("COMMIT", line)).await {
        Ok(committed) => committed.map_err(commit_error),
        Err(elapsed) => Err(StoreError::OutcomeUnknown(elapsed.into())),
    }
}

/// A write that the server refuses has it answer COMMIT by rolling back, without an error; but then the write's
/// own error is there. One that cannot even be sent keeps COMMIT from being sent.
async fn write_and_commit(line: Line<'_>, kept: Option<Kept>, facts: &[Told]) -> Result<(), StoreError> {
    let mut written = pin!(maybe_done(write(line, kept)));
    let mut told = pin!(maybe_done(outbox::append(line, facts)));
    // Sent with this, one after the other; on another thread they are perhaps answered already.
    poll_fn(|context| Poll::Ready(written.as_mut().poll(context).is_ready())).await;
    poll_fn(|context| Poll::Ready(told.as_mut().poll(context).is_ready())).await;
    let failed = |output: Option<&mut QueryResult<()>>| matches!(output, Some(Err(_)));
    let outcome = |output: Option<QueryResult<()>>| output.unwrap_or(Ok(()));
    if failed(written.as_mut().output_mut()) || failed(told.as_mut().output_mut()) {
        // The first error is why there is another one.
        let ((), ()) = join(written.as_mut(), told.as_mut()).await;
        return outcome(written.take_output()).and(outcome(told.take_output())).map_err(store_error);
    }
    let ((), (), committed) = join3(written.as_mut(), told.as_mut(), say("COMMIT", line)).await;
    outcome(written.take_output()).and(outcome(told.take_output())).and(committed).map_err(commit_error)
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
            kept: None,
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

    /// How long BEGIN may take, other connections included.
    pub(crate) const fn wait(&self) -> Duration {
        self.database.wait()
    }

    /// Sends BEGIN and waits for the answer. A dead connection costs a turn; behind them all a new one is made
    /// or refused.
    async fn begin(&mut self, deadline: Instant) -> Result<(), StoreError> {
        for _ in 0..=self.database.most_links() {
            match timeout_at(deadline, say("BEGIN", self.approach()?)).await {
                Ok(Ok(())) => {
                    self.has_begun = true;
                    return self.leave(Ok(()));
                }
                Ok(Err(error)) => self.replace(error, deadline).await?,
                Err(_) => return Err(unavailable(SILENT)),
            }
        }
        self.leave(Err(unavailable("every pooled connection had died")))
    }

    /// BEGIN has failed: begins on another connection if it was that.
    pub(crate) async fn begin_elsewhere(&mut self, error: diesel::result::Error) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.wait();
        self.replace(error, deadline).await?;
        self.begin(deadline).await
    }

    /// Takes another connection, if it was that. Only before anything was done.
    async fn replace(&mut self, error: diesel::result::Error, deadline: Instant) -> Result<(), StoreError> {
        if !is_connection_lost(&error) {
            return Err(store_error(error));
        }
        tracing::debug!(%error, "a pooled connection had died; taking another");
        self.throw_away();
        match timeout_at(deadline, self.database.link()).await {
            Ok(link) => self.link = Some(link?),
            Err(_) => return Err(unavailable("no database connection became free in time")),
        }
        self.condition = Condition::Good;
        Ok(())
    }

    /// Out of the pool, which may make another at once, and closed.
    fn throw_away(&mut self) {
        drop(self.link.take().map(Object::take));
    }

    /// Starts a call of an open transaction; opens it before that. Whoever starts one hands its result to
    /// [`Self::leave`].
    pub(crate) async fn enter(&mut self) -> Result<Line<'_>, StoreError> {
        if !self.has_begun {
            self.begin(Instant::now() + self.wait()).await?;
        }
        if let Some(kept) = self.kept.take() {
            self.write(kept).await?;
        }
        self.approach()
    }

    /// Keeps a write until the next call or until COMMIT, where that was rehearsed; otherwise writes at once.
    pub(crate) async fn keep(&mut self, kept: Kept) -> Result<(), StoreError> {
        let scene = kept.scene();
        if self.has_begun && self.has_rehearsed(scene) && self.kept.is_none() {
            self.approach()?;
            self.kept = Some(kept);
            return self.leave(Ok(()));
        }
        self.enter().await?;
        self.leave(Ok(()))?;
        self.write(kept).await?;
        self.rehearsed(scene);
        Ok(())
    }

    async fn write(&mut self, kept: Kept) -> Result<(), StoreError> {
        let patience = self.patience;
        match timeout(patience, kept.write(self.approach()?)).await {
            Ok(written) => self.leave(written.map_err(store_error)),
            Err(_) => Err(unavailable(SILENT)),
        }
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
        let (kept, facts) = (self.kept.take(), std::mem::take(&mut self.facts));
        if !self.has_begun && !facts.is_empty() {
            self.begin(Instant::now() + self.wait()).await?;
        }
        if self.has_begun {
            let patience = self.patience;
            conclude(self.last_call()?, kept, &facts, patience).await?;
        }
        self.give_back();
        self.ring(!facts.is_empty());
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        self.roll_back().await
    }
}
