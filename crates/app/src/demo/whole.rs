//! Many commands as one transaction: all of them are committed together, or none.
//!
//! A [`Whole`] is a [`Store`] whose units of work are parts of a single one. It is for commands that
//! are carried out one after the other; a part that is not committed spoils the whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
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
use ports::outbox::Outbox;
use ports::profiles::{FigureBook, Profiles};
use ports::store::{Store, StoreError, UnitOfWork};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

/// One transaction, handed out again and again.
pub(super) struct Whole {
    work: Arc<Mutex<Option<Box<dyn UnitOfWork>>>>,
    /// Whether a part was begun and has not been committed.
    is_spoilt: Arc<AtomicBool>,
}

impl Whole {
    /// Begins it.
    ///
    /// # Errors
    /// Those of storage.
    pub(super) async fn begin(store: &dyn Store) -> Result<Self, StoreError> {
        let work = Arc::new(Mutex::new(Some(store.begin().await?)));
        Ok(Self { work, is_spoilt: Arc::default() })
    }

    /// Makes all of it permanent.
    ///
    /// # Errors
    /// [`StoreError::Spoilt`] if a part was not committed; those of storage.
    pub(super) async fn commit(&self) -> Result<(), StoreError> {
        let work = self.work.lock().await.take().ok_or(StoreError::Spoilt)?;
        if self.is_spoilt.load(Ordering::SeqCst) {
            work.rollback().await?;
            return Err(StoreError::Spoilt);
        }
        work.commit().await
    }
}

#[async_trait]
impl Store for Whole {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let work = Arc::clone(&self.work).lock_owned().await;
        let work = OwnedMutexGuard::try_map(work, Option::as_mut).map_err(|_| StoreError::Spoilt)?;
        if self.is_spoilt.swap(true, Ordering::SeqCst) {
            return Err(StoreError::Spoilt);
        }
        Ok(Box::new(Part { work, is_spoilt: Arc::clone(&self.is_spoilt) }))
    }
}

struct Part {
    work: OwnedMappedMutexGuard<Option<Box<dyn UnitOfWork>>, Box<dyn UnitOfWork>>,
    is_spoilt: Arc<AtomicBool>,
}

macro_rules! handed_on {
    ($($name:ident: $repository:ident),+ $(,)?) => {
        $(fn $name(&mut self) -> &mut dyn $repository {
            self.work.$name()
        })+
    };
}

#[async_trait]
impl UnitOfWork for Part {
    handed_on! {
        users: Users,
        sessions: Sessions,
        outbox: Outbox,
        jobs: Jobs,
        idempotency_keys: IdempotencyKeys,
        ledger: Ledger,
        deposits: Deposits,
        withdrawals: Withdrawals,
        orders: Orders,
        invitations: Invitations,
        chargebacks: Chargebacks,
        bids: Bids,
        contracts: Contracts,
        proposals: Proposals,
        disputes: Disputes,
        reviews: Reviews,
        profiles: Profiles,
        figures: FigureBook,
        chats: Chats,
        files: Files,
        attachments: Attachments,
        notifications: Notifications,
        audits: Audits,
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.is_spoilt.store(false, Ordering::SeqCst);
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}
