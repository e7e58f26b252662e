//! Double entry: a transaction is a set of postings that add up to zero, and never changes.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Account, Currency, Money, MoneyError, Purpose, Reference, Source, TransactionKind};

/// One line of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// On whose account.
    pub account: Account,
    /// How much, in minor units: above zero is a credit, below zero a debit, never zero.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
    /// What for.
    pub purpose: Purpose,
}

/// Why postings make no transaction, or a transaction no balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// Money must come from somewhere and go somewhere.
    #[error("a transaction needs at least two postings")]
    TooFewPostings,
    /// A posting that moves nothing.
    #[error("a posting on {account} is zero")]
    ZeroPosting {
        /// On which account.
        account: Account,
    },
    /// Money would appear or vanish.
    #[error("the postings in {currency} add up to {sum} and not to zero")]
    Unbalanced {
        /// In which currency.
        currency: Currency,
        /// Their sum in minor units.
        sum: i128,
    },
    /// More would be taken from an account than there is.
    #[error("there is not enough money on {account}")]
    Overdrawn {
        /// On which account.
        account: Account,
    },
    /// A source that has already made its movement with other postings.
    #[error("another movement of the same source is in the books")]
    SourceUsed {
        /// The source.
        source_of: Source,
    },
    /// An amount that cannot be reckoned with.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// One movement of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerTransaction {
    source: Source,
    reference: Reference,
    postings: Vec<Posting>,
}

impl LedgerTransaction {
    /// Makes a transaction of postings.
    ///
    /// # Errors
    /// [`LedgerError`]: fewer than two postings, one of zero, or a sum other than zero in any
    /// currency.
    pub fn new(source: Source, reference: Reference, postings: Vec<Posting>) -> Result<Self, LedgerError> {
        if postings.len() < 2 {
            return Err(LedgerError::TooFewPostings);
        }
        if let Some(Posting { account, .. }) = postings.iter().find(|posting| posting.minor == 0) {
            return Err(LedgerError::ZeroPosting { account: *account });
        }
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for posting in &postings {
            *sums.entry(posting.currency).or_default() += i128::from(posting.minor);
        }
        match sums.into_iter().find(|(_, sum)| *sum != 0) {
            Some((currency, sum)) => Err(LedgerError::Unbalanced { currency, sum }),
            None => Ok(Self { source, reference, postings }),
        }
    }

    /// What it comes from: unique in the books.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// What kind of movement it is.
    #[must_use]
    pub const fn kind(&self) -> TransactionKind {
        self.source.kind()
    }

    /// What people know it by.
    #[must_use]
    pub const fn reference(&self) -> Reference {
        self.reference
    }

    /// Its lines, in the order in which they are to be shown.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// By how much each account changes, sorted in the order in which balance rows are locked.
    #[must_use]
    pub fn changes(&self) -> BTreeMap<(Account, Currency), i128> {
        let mut changes: BTreeMap<_, i128> = BTreeMap::new();
        for posting in &self.postings {
            *changes.entry((posting.account, posting.currency)).or_default() += i128::from(posting.minor);
        }
        changes
    }
}

/// Collects the postings of a transaction as movements from one account to another, so that they
/// add up to zero by construction. A movement of nothing leaves no trace.
#[derive(Debug, Default)]
pub(super) struct Movements(Vec<Posting>);

impl Movements {
    pub(super) fn moved(mut self, amount: Money, from: Account, to: Account, purpose: Purpose) -> Self {
        if !amount.is_zero() {
            let (minor, currency) = (amount.minor(), amount.currency());
            // Zero or more, so that its negative is in range.
            self.0.push(Posting { account: from, minor: -minor, currency, purpose });
            self.0.push(Posting { account: to, minor, currency, purpose });
        }
        self
    }

    pub(super) fn book(self, source: Source, reference: Reference) -> Result<LedgerTransaction, LedgerError> {
        LedgerTransaction::new(source, reference, self.0)
    }
}

/// The balances of some accounts: the fold of their transactions. Storage keeps its own; this one
/// serves checks and tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    balances: BTreeMap<(Account, Currency), i128>,
    booked: BTreeMap<Source, LedgerTransaction>,
}

impl Balances {
    /// Adds a transaction. One whose source is known changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Overdrawn`] where an account would fall below zero that must not,
    /// [`LedgerError::SourceUsed`] where the source has made another movement; then nothing changes.
    pub fn book(&mut self, transaction: &LedgerTransaction) -> Result<(), LedgerError> {
        let source = transaction.source();
        if let Some(booked) = self.booked.get(&source) {
            let replayed = booked == transaction;
            return if replayed { Ok(()) } else { Err(LedgerError::SourceUsed { source_of: source }) };
        }
        let mut balances = self.balances.clone();
        for (key, change) in transaction.changes() {
            let balance = balances.entry(key).or_default();
            *balance = balance.checked_add(change).ok_or(MoneyError::OutOfRange)?;
            // What falls must not fall below zero; an overdrawn account may always be filled up.
            if *balance < 0 && change < 0 && !key.0.may_go_negative() {
                return Err(LedgerError::Overdrawn { account: key.0 });
            }
        }
        self.balances = balances;
        self.booked.insert(source, transaction.clone());
        Ok(())
    }

    /// What is on an account, in minor units.
    #[must_use]
    pub fn of(&self, account: Account, currency: Currency) -> i128 {
        self.balances.get(&(account, currency)).copied().unwrap_or_default()
    }

    /// What all accounts add up to: always zero.
    #[must_use]
    pub fn total(&self, currency: Currency) -> i128 {
        self.balances.iter().filter(|((_, c), _)| *c == currency).map(|(_, balance)| balance).sum()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{DepositId, UserId};
    use crate::money::Outside;

    fn user(id: u128) -> Account {
        Account::UserAvailable(UserId::new(Uuid::from_u128(id)))
    }

    fn posting(account: Account, minor: i64, currency: Currency) -> Posting {
        Posting { account, minor, currency, purpose: Purpose::Deposit }
    }

    fn deposit(id: u128) -> (Source, Reference) {
        let id = DepositId::new(Uuid::from_u128(id));
        (Source::Deposit(id), Reference::Deposit(id))
    }

    fn transaction(id: u128, postings: Vec<Posting>) -> Result<LedgerTransaction, LedgerError> {
        let (source, reference) = deposit(id);
        LedgerTransaction::new(source, reference, postings)
    }

    #[test]
    fn only_balanced_postings_make_a_transaction() {
        use Currency::{Eur, Usd};
        let unbalanced = |currency, sum| Err(LedgerError::Unbalanced { currency, sum });
        let cases = [
            (vec![], Err(LedgerError::TooFewPostings)),
            (vec![posting(user(1), 5, Usd)], Err(LedgerError::TooFewPostings)),
            (vec![posting(user(1), 5, Usd), posting(user(2), -5, Usd)], Ok(())),
            (vec![posting(user(1), 5, Usd), posting(user(2), -4, Usd)], unbalanced(Usd, 1)),
            (vec![posting(user(1), 5, Usd), posting(user(2), -5, Eur)], unbalanced(Usd, 5)),
            (
                vec![posting(user(1), 0, Usd), posting(user(2), 0, Usd)],
                Err(LedgerError::ZeroPosting { account: user(1) }),
            ),
            (
                vec![
                    posting(user(1), 5, Usd),
                    posting(user(2), -5, Usd),
                    posting(user(1), -7, Eur),
                    posting(user(2), 7, Eur),
                ],
                Ok(()),
            ),
            (
                vec![posting(user(1), i64::MAX, Usd), posting(user(2), i64::MAX, Usd)],
                unbalanced(Usd, 2 * i128::from(i64::MAX)),
            ),
            (vec![posting(user(1), i64::MIN, Usd), posting(user(2), i64::MAX, Usd)], unbalanced(Usd, -1)),
        ];
        for (postings, expected) in cases {
            assert_eq!(transaction(1, postings.clone()).map(|_| ()), expected, "{postings:?}");
        }
    }

    #[test]
    fn a_replay_does_nothing_and_nobody_is_overdrawn() {
        let usd = |minor: i64| {
            vec![
                posting(Account::World(Outside::Sandbox), -minor, Currency::Usd),
                posting(user(1), minor, Currency::Usd),
            ]
        };
        let mut balances = Balances::default();
        let paid = transaction(1, usd(100)).unwrap();
        for _ in 0..3 {
            assert_eq!(balances.book(&paid), Ok(()));
        }
        assert_eq!(balances.of(user(1), Currency::Usd), 100);
        let before = balances.clone();
        let other = transaction(1, usd(99)).unwrap();
        assert!(matches!(balances.book(&other), Err(LedgerError::SourceUsed { .. })));
        let too_much = transaction(2, usd(-101)).unwrap();
        assert_eq!(balances.book(&too_much), Err(LedgerError::Overdrawn { account: user(1) }));
        assert_eq!(balances, before, "a refused transaction changes nothing");
        assert_eq!(balances.total(Currency::Usd), 0);
    }

    #[test]
    fn changes_are_sorted_in_the_order_of_locks() {
        let postings = vec![
            posting(user(2), -5, Currency::Usd),
            posting(user(1), 7, Currency::Usd),
            posting(user(1), -2, Currency::Usd),
        ];
        let changes: Vec<_> = transaction(1, postings).unwrap().changes().into_iter().collect();
        assert_eq!(changes, [((user(1), Currency::Usd), 5), ((user(2), Currency::Usd), -5)]);
    }
}
