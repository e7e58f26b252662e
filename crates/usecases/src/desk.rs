//! What every command of the marketplace needs: transactions, somebody who writes down what they led
//! to, links to the files of what they answer with, and how long things may take.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::contracts::Clocks;
use ports::store::Store;

use crate::error::UseCaseError;
use crate::files::PassOffice;
use crate::idempotency::{Answered, Once, transact_once};
use crate::recorder::Recorder;
use crate::transact::Transaction;

/// Where commands on orders, bids and contracts are carried out.
#[derive(Clone)]
pub struct Desk {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
    /// Gives passes for the files of the orders that commands answer with.
    pub passes: PassOffice,
    /// How long clients may take to answer, and how long earned money rests.
    pub clocks: Clocks,
}

impl Desk {
    /// The time of a command: read once.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.recorder.clock.now()
    }

    /// Runs a command's transaction once for its key.
    pub(crate) async fn carry_out<T: Transaction>(
        &self,
        transaction: &T,
        once: &Once<T::Output>,
        now: DateTime<Utc>,
    ) -> Result<Answered<T::Output>, UseCaseError> {
        transact_once(self.store.as_ref(), transaction, once, now).await
    }
}
