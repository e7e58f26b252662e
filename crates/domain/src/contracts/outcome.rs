//! What a command led to.

use crate::event::Fact;
use crate::money::LedgerTransaction;

/// Facts and movements of money of one command, to be saved in its transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Outcome {
    /// What happened, in that order.
    pub events: Vec<Fact>,
    /// What is to be booked.
    pub transactions: Vec<LedgerTransaction>,
}

impl Outcome {
    pub(crate) fn tell(&mut self, event: impl Into<Fact>) {
        self.events.push(event.into());
    }

    pub(crate) fn tell_all<E: Into<Fact>>(&mut self, events: impl IntoIterator<Item = E>) {
        self.events.extend(events.into_iter().map(Into::into));
    }

    pub(super) fn book(&mut self, transaction: LedgerTransaction) {
        self.transactions.push(transaction);
    }

    pub(crate) fn followed_by(&mut self, other: Self) {
        let Self { events, transactions } = other;
        self.events.extend(events);
        self.transactions.extend(transactions);
    }
}
