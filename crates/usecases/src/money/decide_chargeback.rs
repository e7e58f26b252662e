//! Noting how a chargeback came out.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::ids::ChargebackId;
use domain::money::{Account, policy};
use ports::money::ChargebackView;
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::identity::hold_caller;
use crate::recorder::Recorder;
use crate::transact::Transaction;

macro_rules! decision {
    ($(#[$doc:meta])* $name:ident, $outcome:ident, $(#[$method_doc:meta])*) => {
        $(#[$doc])*
        pub struct $name {
            /// Transactions.
            pub store: Arc<dyn Store>,
            /// Books and tells.
            pub recorder: Recorder,
        }

        impl $name {
            $(#[$method_doc])*
            pub async fn execute(
                &self,
                actor: &Actor,
                id: ChargebackId,
                once: &Once<ChargebackView>,
            ) -> Result<Answered<ChargebackView>, UseCaseError> {
                policy::administer_chargebacks(actor)?;
                let Self { store, recorder } = self;
                let now = recorder.clock.now();
                let deciding = Deciding { recorder, actor, id, outcome: Outcome::$outcome, now };
                transact_once(store.as_ref(), &deciding, once, now).await
            }
        }
    };
}

decision!(
    /// Notes that chargebacks were won.
    WinChargeback,
    Won,
    /// The bank has decided for the platform: what was taken comes back, to a debt first.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` once it is decided.
);
decision!(
    /// Notes that chargebacks were lost.
    LoseChargeback,
    Lost,
    /// The bank has decided for the payer: it stays as it is.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` once it is decided.
);

#[derive(Clone, Copy)]
enum Outcome {
    Won,
    Lost,
}

struct Deciding<'a> {
    recorder: &'a Recorder,
    actor: &'a Actor,
    id: ChargebackId,
    outcome: Outcome,
    now: DateTime<Utc>,
}

impl Transaction for Deciding<'_> {
    type Output = ChargebackView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<ChargebackView, UseCaseError> {
        let Self { recorder, actor, id, outcome, now } = self;
        hold_caller(work, actor).await?;
        let mut chargeback = work.chargebacks().lock(*id).await?.ok_or(UseCaseError::NotFound)?;
        let by = Issuer::from(*actor);
        let payer = chargeback.user_id;
        let step = match outcome {
            Outcome::Won => {
                // Under the locks, so that what is owed is not paid twice.
                let accounts = [Account::UserAvailable(payer), Account::UserDebt(payer)];
                work.ledger().lock_balances(&accounts, chargeback.amount.currency()).await?;
                let owed = work.ledger().owed(payer, chargeback.amount.currency()).await?;
                chargeback.win(owed, by, *now)?
            }
            Outcome::Lost => chargeback.lose(by, *now)?,
        };
        work.chargebacks().save(&mut chargeback).await?;
        recorder.carry_out_chargeback(work, step, *now).await?;
        super::chargeback_view(work, *id).await
    }
}
