//! One transaction.

use std::sync::Arc;

use async_trait::async_trait;
use domain::event::Event;
use domain::identity::User;
use domain::ids::{EventId, UserId};
use ports::agreements::Proposals;
use ports::audit::Audits;
use ports::bidding::Bids;
use ports::contracts::{Contracts, Reviews};
use ports::disputes::Disputes;
use ports::files::{Attachments, Files};
use ports::idempotency::IdempotencyKeys;
use ports::identity::{Lock, Sessions, Users};
use ports::jobs::Jobs;
use ports::messaging::Chats;
use ports::money::{Chargebacks, Deposits, Ledger, Withdrawals};
use ports::notifications::Notifications;
use ports::orders::{Invitations, Orders};
use ports::outbox::Outbox;
use ports::profiles::{FigureBook, Profiles};
use ports::store::{StoreError, UnitOfWork};

use crate::faults::{Fault, Operation};
use crate::locks::{Acquired, Deadlock, Holder, Row};
use crate::snapshot::Snapshot;
use crate::store::Shared;
use crate::tables::Rows;

/// Its writes, and the locks that it holds until it ends.
pub(crate) struct MemoryWork {
    pub(crate) shared: Arc<Shared>,
    pub(crate) holder: Holder,
    pub(crate) written: Rows,
    /// Set while a call runs, too: one that is cancelled half-way spoils the transaction.
    is_spoilt: bool,
}

/// However it ends: the locks go. What was not published by then is gone with them.
impl Drop for MemoryWork {
    fn drop(&mut self) {
        self.shared.locks.release_all(self.holder);
    }
}

#[async_trait]
impl UnitOfWork for MemoryWork {
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
        let fault = self.shared.enter(Operation::Commit).await;
        if self.is_spoilt {
            return Err(StoreError::Spoilt);
        }
        let is_written = matches!(fault, None | Some(Fault::OutcomeUnknown { written: true }));
        if is_written {
            let written = std::mem::take(&mut self.written);
            self.shared.committed().apply(written);
        }
        fault.map_or(Ok(()), |fault| Err(fault.error()))
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.shared.enter_or_fail(Operation::Rollback).await
    }
}

impl MemoryWork {
    pub(crate) fn new(shared: Arc<Shared>, holder: Holder) -> Self {
        Self { shared, holder, written: Rows::default(), is_spoilt: false }
    }

    pub(crate) async fn start(&mut self, operation: Operation) -> Result<(), StoreError> {
        if self.is_spoilt {
            return Err(StoreError::Spoilt);
        }
        self.is_spoilt = true;
        self.shared.enter_or_fail(operation).await
    }

    pub(crate) fn finish<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        self.is_spoilt = outcome.is_err();
        outcome
    }

    pub(crate) async fn acquire(&self, row: Row, mode: Lock) -> Result<Acquired, StoreError> {
        match self.shared.locks.acquire(self.holder, row, mode).await {
            Ok(acquired) => Ok(acquired),
            Err(Deadlock) => Err(StoreError::Collision("deadlock detected".into())),
        }
    }

    pub(crate) fn user(&self, id: UserId) -> Option<User> {
        match self.written.users.get(&id) {
            Some(own) => Some(own.clone()),
            None => self.shared.committed().rows.users.get(&id).cloned(),
        }
    }

    /// That somebody is there to whom a row is to belong.
    pub(crate) fn must_have_account(&self, user_id: UserId, constraint: &str) -> Result<(), StoreError> {
        self.user(user_id).map(|_| ()).ok_or_else(|| orphan(constraint))
    }

    /// Looks at everything as this transaction sees it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        let committed = self.shared.committed();
        look(&Snapshot { written: Some(&self.written), committed: &committed.rows })
    }

    fn append_events(&mut self, events: &[(EventId, Event)]) -> Result<(), StoreError> {
        for (id, event) in events {
            if self.written.has_event(*id) || self.shared.committed().rows.has_event(*id) {
                return Err(duplicate("outbox_pkey"));
            }
            self.written.events.push((*id, event.clone()));
        }
        Ok(())
    }
}

/// What violates a unique index.
pub(crate) fn duplicate(constraint: &str) -> StoreError {
    StoreError::Refused(format!("duplicate key violates {constraint}").into())
}

/// What refers to a row that is not there.
pub(crate) fn orphan(constraint: &str) -> StoreError {
    StoreError::Refused(format!("violates foreign key {constraint}").into())
}

#[async_trait]
impl Outbox for MemoryWork {
    async fn append(&mut self, events: &[(EventId, Event)]) -> Result<(), StoreError> {
        self.start(Operation::Append).await?;
        let outcome = self.append_events(events);
        self.finish(outcome)
    }
}
