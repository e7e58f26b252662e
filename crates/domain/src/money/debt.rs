//! What people owe after a chargeback, and how it is paid.
//!
//! A debt is paid from whatever comes to the wallet next. Until then nothing can be withdrawn, and what
//! covers the debt cannot be spent.

use super::{LedgerError, LedgerTransaction, Money, MoneyError, MoneyEvent, movements};
use crate::actor::Issuer;
use crate::ids::{DebtSettlementId, UserId};
use crate::machine::Refusal;
use thiserror::Error;

/// What somebody has and owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// What is available.
    pub available: Money,
    /// What is owed.
    pub owed: Money,
}

/// Why a debt was not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DebtError {
    /// Not by this person.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An amount that cannot be reckoned with: a fault of the program.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Postings that make no transaction: a fault of the program.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Purse {
    /// What may be spent: what is left of the available money when the debt is paid.
    ///
    /// # Errors
    /// [`MoneyError`] for two currencies.
    pub fn spendable(self) -> Result<Money, MoneyError> {
        self.available.minus(self.payable()?)
    }

    /// How much of the debt can be paid now.
    fn payable(self) -> Result<Money, MoneyError> {
        self.available.at_most(self.owed)
    }
}

/// Pays as much of somebody's debt as is available. `None` where nothing is owed, or nothing is there.
///
/// # Errors
/// [`DebtError::Refused`] for anybody but the program.
pub fn settle_debt(
    id: DebtSettlementId,
    user_id: UserId,
    purse: Purse,
    by: Issuer,
) -> Result<Option<(LedgerTransaction, MoneyEvent)>, DebtError> {
    if by != Issuer::System {
        return Err(Refusal::NotPermitted { object: "debt", command: "settle" }.into());
    }
    let amount = purse.payable()?;
    if amount.is_zero() {
        return Ok(None);
    }
    let transaction = movements::debt_settled(id, user_id, amount)?;
    let left = purse.owed.minus(amount)?;
    Ok(Some((transaction, MoneyEvent::DebtSettled { user_id, amount, left })))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::Role;
    use crate::money::Currency;

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    #[test]
    fn what_is_there_pays_what_is_owed() {
        let id = DebtSettlementId::new(Uuid::nil());
        let user_id = UserId::new(Uuid::from_u128(1));
        for (available, owed, paid, spendable) in
            [(0, 0, 0, 0), (50, 0, 0, 50), (0, 50, 0, 0), (20, 50, 20, 0), (50, 50, 50, 0), (80, 50, 50, 30)]
        {
            let purse = Purse { available: usd(available), owed: usd(owed) };
            assert_eq!(purse.spendable(), Ok(usd(spendable)), "{available} {owed}");
            let settled = settle_debt(id, user_id, purse, Issuer::System).unwrap();
            let event = settled.map(|(_, event)| event);
            let expected = MoneyEvent::DebtSettled { user_id, amount: usd(paid), left: usd(owed - paid) };
            assert_eq!(event, (paid > 0).then_some(expected), "{available} {owed}");
        }
        let purse = Purse { available: usd(1), owed: usd(1) };
        let by = Issuer::Person { user_id, role: Role::Admin };
        assert!(
            matches!(settle_debt(id, user_id, purse, by), Err(DebtError::Refused(_))),
            "the program alone"
        );
    }
}
