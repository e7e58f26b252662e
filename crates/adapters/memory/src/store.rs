//! The store: shared by all its transactions and questions.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::event::Event;
use domain::ids::EventId;
use domain::money::{Account, Currency};
use ports::store::{Store, StoreError, UnitOfWork};

use crate::faults::{Fault, Held, Operation, PATIENCE, Script};
use crate::locks::Locks;
use crate::snapshot::Snapshot;
use crate::tables::Committed;
use crate::work::MemoryWork;

/// Storage that lives as long as the test. Clones share everything.
///
/// At READ COMMITTED, as PostgreSQL: each call sees what is committed at that moment and what its own
/// transaction wrote. Row locks and addresses being claimed are held until the transaction ends,
/// however it ends; who would wait in a circle gets [`StoreError::Collision`]. A second claim of an
/// address waits for the first one's transaction, and is `Taken` only when that commits.
///
/// Every call yields once before it does anything, so that tasks of one thread interleave.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

/// What transactions share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    committed: Mutex<Committed>,
    script: Mutex<Script>,
    pub(crate) locks: Locks,
    begun: AtomicU64,
    /// The sequences: numbers once taken are gone, whatever becomes of the transaction.
    withdrawal_numbers: AtomicI64,
    order_numbers: AtomicI64,
    bid_numbers: AtomicI64,
    posting_positions: AtomicI64,
    chargeback_positions: AtomicI64,
    job_numbers: AtomicI64,
    proposal_positions: AtomicI64,
    dispute_positions: AtomicI64,
    chat_activities: AtomicI64,
    notification_positions: AtomicI64,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The outbox: every committed fact in the order of its commit.
    #[must_use]
    pub fn events(&self) -> Vec<(EventId, Event)> {
        self.shared.committed().rows.events.clone()
    }

    /// What everybody's accounts hold together in a currency, those without a balance row reckoned
    /// from their postings: always zero.
    #[must_use]
    pub fn sum_of_books(&self, currency: Currency) -> i128 {
        let committed = self.shared.committed();
        let balances = committed.rows.balances.iter().filter(|((_, of), _)| *of == currency);
        let kept: i128 = balances.map(|(_, balance)| i128::from(*balance)).sum();
        let postings = committed.rows.postings.values().map(|stored| stored.posting);
        let open =
            postings.filter(|posting| posting.currency == currency && !posting.account.has_balance_row());
        kept + open.map(|posting| i128::from(posting.minor)).sum::<i128>()
    }

    /// Changes a balance without a posting, as only somebody at the database itself could.
    ///
    /// # Panics
    /// When there is no such balance.
    pub fn tamper_with(&self, account: Account, currency: Currency, minor: i64) {
        let mut committed = self.shared.committed();
        let balance = committed.rows.balances.get_mut(&(account, currency)).expect("a balance");
        *balance += minor;
    }

    /// Makes the next call of `operation` fail; said twice, the next two, one after the other.
    pub fn fail_next(&self, operation: Operation, fault: Fault) {
        self.shared.script().fail_next(operation, fault);
    }

    /// From now on every call fails with [`StoreError::Unavailable`], or none any more.
    pub fn set_down(&self, is_down: bool) {
        self.shared.script().set_down(is_down);
    }

    /// Makes the next call of `operation` stop before it does anything. Said twice, the call after
    /// it stops at the second one.
    #[must_use = "dropping it lets the call go on at once"]
    pub fn hold_next(&self, operation: Operation) -> Held {
        self.shared.script().hold_next(operation)
    }

    /// How often `operation` was called, failed calls included.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> usize {
        self.shared.script().calls(operation)
    }

    /// Waits until at least `count` transactions wait for a lock at the same time.
    ///
    /// # Panics
    /// When they do not within ten seconds: a wrong program fails its test instead of hanging it.
    pub async fn until_waiting(&self, count: usize) {
        let waiting = tokio::time::timeout(PATIENCE, self.shared.locks.until_waiting(count)).await;
        waiting.expect("somebody waits for a lock");
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Looks at what is committed.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        let committed = self.shared.committed();
        look(&Snapshot { written: None, committed: &committed.rows })
    }
}

impl Shared {
    pub(crate) fn committed(&self) -> MutexGuard<'_, Committed> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn next_withdrawal_number(&self) -> i64 {
        next(&self.withdrawal_numbers)
    }

    pub(crate) fn next_order_number(&self) -> i64 {
        next(&self.order_numbers)
    }

    pub(crate) fn next_bid_number(&self) -> i64 {
        next(&self.bid_numbers)
    }

    pub(crate) fn next_posting_position(&self) -> i64 {
        next(&self.posting_positions)
    }

    pub(crate) fn next_proposal_position(&self) -> i64 {
        next(&self.proposal_positions)
    }

    pub(crate) fn next_chargeback_position(&self) -> i64 {
        next(&self.chargeback_positions)
    }

    pub(crate) fn next_dispute_position(&self) -> i64 {
        next(&self.dispute_positions)
    }

    pub(crate) fn next_notification_position(&self) -> i64 {
        next(&self.notification_positions)
    }

    pub(crate) fn next_job_number(&self) -> i64 {
        self.job_numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn next_chat_activity(&self) -> i64 {
        next(&self.chat_activities)
    }

    /// What every call does first: yields, stops where the test wants it to, and says how to fail.
    pub(crate) async fn enter(&self, operation: Operation) -> Option<Fault> {
        tokio::task::yield_now().await;
        let gate = self.script().arrive(operation);
        if let Some(gate) = gate {
            gate.pass().await;
        }
        self.script().fault(operation)
    }

    /// [`enter`](Self::enter) for calls that have nothing to clean up.
    pub(crate) async fn enter_or_fail(&self, operation: Operation) -> Result<(), StoreError> {
        match self.enter(operation).await {
            None => Ok(()),
            Some(fault) => Err(fault.error()),
        }
    }
}

fn next(sequence: &AtomicI64) -> i64 {
    sequence.fetch_add(1, Ordering::Relaxed) + 1
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.shared.enter_or_fail(Operation::Begin).await?;
        let number = self.shared.begun.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(MemoryWork::new(Arc::clone(&self.shared), number)))
    }
}
