//! Paying what people owe from what they have.
//!
//! [`super::NoticeIncome`] asks for it when money has come to somebody who owes some, and a schedule looks
//! for it every minute. Nothing is lost by the wait: until then the money can neither be withdrawn nor spent.
//! Each person's debt is paid in a transaction of its own, under the locks on both
//! balances, so that looking twice, or on several servers at once, pays nothing twice.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::ids::{DebtSettlementId, UserId};
use domain::money::{Account, MARKET_CURRENCY, settle_debt};
use ports::money::ChargebackQueries;
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::recorder::Recorder;
use crate::transact::{Transaction, transact};

/// People who are looked up at once.
const BATCH: u32 = 100;
/// Batches of one run at most. Who is left then comes the next minute.
const BATCHES: u32 = 50;

/// Pays debts.
pub struct SettleDebts {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
    /// Finds who can pay.
    pub debtors: Arc<dyn ChargebackQueries>,
}

impl SettleDebts {
    /// Pays what can be paid and says how many people that were. One that cannot be paid is logged and
    /// holds up no other.
    ///
    /// # Errors
    /// The first one that may pass; everybody else has been looked at all the same, unless it cannot be
    /// told who there is.
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let Self { store, recorder, debtors } = self;
        let now = recorder.clock.now();
        let (mut after, mut settled, mut outcome) = (None, 0_u64, Ok(()));
        for _ in 0..BATCHES {
            let found = debtors.solvent_debtors(after, BATCH).await?;
            for user_id in found.iter().copied() {
                match transact(store.as_ref(), &Settling { recorder, user_id, now }).await {
                    Ok(paid) => settled = settled.saturating_add(u64::from(paid)),
                    Err(error @ UseCaseError::Unavailable { .. }) => outcome = outcome.and(Err(error)),
                    Err(error) => tracing::error!(user = %user_id, %error, "a debt cannot be paid"),
                }
            }
            after = found.last().copied();
            if u32::try_from(found.len()).is_ok_and(|count| count < BATCH) {
                break;
            }
        }
        outcome.map(|()| settled)
    }
}

struct Settling<'a> {
    recorder: &'a Recorder,
    user_id: UserId,
    now: DateTime<Utc>,
}

impl Transaction for Settling<'_> {
    /// Whether there was still something to pay.
    type Output = bool;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<bool, UseCaseError> {
        let Self { recorder, user_id, now } = self;
        let accounts = [Account::UserAvailable(*user_id), Account::UserDebt(*user_id)];
        work.ledger().lock_balances(&accounts, MARKET_CURRENCY).await?;
        let purse = super::purse(work, *user_id).await?;
        let id = DebtSettlementId::new(recorder.ids.uuid(*now));
        let Some((transaction, event)) = settle_debt(id, *user_id, purse, Issuer::System)? else {
            return Ok(false);
        };
        recorder.book(work, &transaction, *now).await?;
        recorder.tell(work, [event], *now).await?;
        Ok(true)
    }
}
