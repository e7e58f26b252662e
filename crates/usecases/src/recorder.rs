//! Writing down what a command led to: movements of money, figures of people, chats, facts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::contracts::Outcome;
use domain::event::{Event, Fact};
use domain::ids::EventId;
use domain::messaging::openings;
use domain::money::LedgerTransaction;
use domain::profiles::figure_changes;
use ports::environment::{Clock, Ids};
use ports::money::Booked;
use ports::store::UnitOfWork;

use crate::error::UseCaseError;

/// Writes movements, figures, chats and facts down.
#[derive(Clone)]
pub struct Recorder {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
}

impl Recorder {
    /// Writes down all that a command led to. Comes after everything else is saved: accounts, figures
    /// and chats are the last in the order of locks.
    ///
    /// # Errors
    /// As for [`Self::book`]; those of storage.
    pub(crate) async fn record(
        &self,
        work: &mut dyn UnitOfWork,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let Outcome { mut events, transactions } = outcome;
        for transaction in &transactions {
            self.book(work, transaction, now).await?;
        }
        let changes = figure_changes(&events);
        if !changes.is_empty() {
            work.figures().change(&changes).await?;
        }
        for opening in openings(&events) {
            events.extend(self.open_chat(work, &opening, now).await?);
        }
        self.tell(work, events, now).await
    }

    /// Books a movement that nobody has booked before.
    ///
    /// # Errors
    /// `Internal` when its source is in the books already: whoever decided on it did so twice.
    pub(crate) async fn book(
        &self,
        work: &mut dyn UnitOfWork,
        transaction: &LedgerTransaction,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let posting_ids: Vec<_> = transaction.postings().iter().map(|_| self.ids.uuid(now)).collect();
        match work.ledger().book(transaction, &posting_ids, now).await? {
            Booked::Now => Ok(()),
            Booked::Before => Err(UseCaseError::Internal(
                format!("the movement {} is in the books already", transaction.source()).into(),
            )),
        }
    }

    /// Writes facts to the outbox, in their order.
    pub(crate) async fn tell<F: Into<Fact>>(
        &self,
        work: &mut dyn UnitOfWork,
        facts: impl IntoIterator<Item = F>,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let event = |fact: F| Event { fact: fact.into(), occurred_at: now };
        let events: Vec<_> =
            facts.into_iter().map(|fact| (EventId::new(self.ids.uuid(now)), event(fact))).collect();
        if events.is_empty() {
            return Ok(());
        }
        Ok(work.outbox().append(&events).await?)
    }
}
