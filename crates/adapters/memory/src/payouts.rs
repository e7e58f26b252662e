//! A payment provider that does as the test wants, and can be asked what it did.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::ids::WithdrawalId;
use domain::money::Money;
use ports::money::{Payout, PayoutOutcome, Payouts};

/// Pays at once unless it is told something else. Under one key it pays once, as every provider does.
#[derive(Debug, Default)]
pub struct ScriptedPayouts(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    script: VecDeque<PayoutOutcome>,
    asked: Vec<WithdrawalId>,
    paid: BTreeMap<WithdrawalId, Money>,
}

impl ScriptedPayouts {
    /// The next payments that it is asked for end like this, one after the other.
    pub fn script(&self, outcomes: impl IntoIterator<Item = PayoutOutcome>) {
        self.ledger().script.extend(outcomes);
    }

    /// What it was asked for, each time.
    #[must_use]
    pub fn asked(&self) -> Vec<WithdrawalId> {
        self.ledger().asked.clone()
    }

    /// What it has paid.
    #[must_use]
    pub fn paid(&self) -> BTreeMap<WithdrawalId, Money> {
        self.ledger().paid.clone()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Payouts for ScriptedPayouts {
    async fn pay(&self, payout: &Payout) -> PayoutOutcome {
        let Payout { id, amount, account: _ } = payout;
        let mut ledger = self.ledger();
        ledger.asked.push(*id);
        let outcome = ledger.script.pop_front().unwrap_or(PayoutOutcome::Paid);
        if outcome == PayoutOutcome::Paid {
            ledger.paid.entry(*id).or_insert(*amount);
        }
        outcome
    }
}
