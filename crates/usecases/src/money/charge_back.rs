//! Noting that a payer's bank has taken a payment back.
//!
//! The payer is held exclusively: no command of theirs spends what is being taken, and none sees a debt
//! come to be in its middle. Then everything is locked in the usual order, all of the payer's contracts
//! that hold money, or whose money rests, included; what becomes of them is the domain's to say.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{self, Contract};
use domain::ids::{ChargebackId, DepositId, UserId};
use domain::money::{Account, Chargeback, ChargebackReason, Currency, Money, NewChargeback, policy};
use domain::orders::Order;
use ports::identity::Lock;
use ports::money::ChargebackView;
use ports::store::{Store, UnitOfWork};

use crate::contracts::supersede;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::recorder::Recorder;
use crate::transact::Transaction;

/// Notes that payments were taken back.
pub struct ReceiveChargeback {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Books and tells.
    pub recorder: Recorder,
    /// How much a payer may come to owe in all.
    pub debt_limit: Money,
}

impl ReceiveChargeback {
    /// Takes the whole payment out: of the payer's unfinished milestones, then of what they paid and rests
    /// with providers, then of their wallet, then as a debt, then as a loss.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` unless the money had come, and when it
    /// was taken back before.
    pub async fn execute(
        &self,
        actor: &Actor,
        deposit_id: DepositId,
        reason: ChargebackReason,
        once: &Once<ChargebackView>,
    ) -> Result<Answered<ChargebackView>, UseCaseError> {
        policy::administer_chargebacks(actor)?;
        let Self { store, recorder, debt_limit } = self;
        let now = recorder.clock.now();
        let id = ChargebackId::new(recorder.ids.uuid(now));
        let new = NewChargeback { id, reason, debt_limit: *debt_limit };
        transact_once(store.as_ref(), &Receiving { recorder, actor, deposit_id, new, now }, once, now).await
    }
}

struct Receiving<'a> {
    recorder: &'a Recorder,
    actor: &'a Actor,
    deposit_id: DepositId,
    new: NewChargeback,
    now: DateTime<Utc>,
}

impl Transaction for Receiving<'_> {
    type Output = ChargebackView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<ChargebackView, UseCaseError> {
        let Self { recorder, actor, deposit_id, new, now } = self;
        let by = Issuer::from(*actor);
        let payer = work.deposits().find(*deposit_id).await?.ok_or(UseCaseError::NotFound)?.user_id;
        hold(work, actor, payer).await?;
        let mut held = holding(work, payer).await?;
        let deposit = work.deposits().lock(*deposit_id).await?.ok_or(UseCaseError::NotFound)?;
        let before = work.chargebacks().of_deposit(*deposit_id).await?;
        Chargeback::must_be_possible(&deposit, before.as_ref(), by)?;
        let currency = deposit.amount.currency();
        lock_balances(work, payer, &held, currency).await?;
        let untouched = held.clone();
        let (mut outcome, refunded) = contracts::charge_back(&mut held, deposit.amount, *now)?;
        for ((order, contract), (order_before, contract_before)) in held.iter_mut().zip(&untouched) {
            if order != order_before {
                work.orders().save(order).await?;
            }
            if contract != contract_before {
                work.contracts().save(contract).await?;
                outcome.events.extend(supersede(work, contract, *now).await?);
            }
        }
        recorder.record(work, outcome, *now).await?;
        let purse = super::purse(work, payer).await?;
        let (chargeback, step) =
            Chargeback::receive(new.clone(), &deposit, before.as_ref(), (refunded, purse), by, *now)?;
        work.chargebacks().insert(&chargeback).await?;
        recorder.carry_out_chargeback(work, step, *now).await?;
        super::chargeback_view(work, chargeback.id).await
    }
}

/// The administrator, who must still be one, and the payer: in the order of their identifiers.
async fn hold(work: &mut dyn UnitOfWork, actor: &Actor, payer: UserId) -> Result<(), UseCaseError> {
    let mut people = [(actor.user_id, Lock::Shared), (payer, Lock::Exclusive)];
    people.sort_by_key(|(id, _)| *id);
    for (id, lock) in people {
        let person = work.users().lock(id, lock).await?.ok_or(UseCaseError::NotFound)?;
        if id == actor.user_id {
            person.may_enter()?;
        }
    }
    Ok(())
}

/// The payer's orders with their contracts that hold money or have some resting, the newest contract first,
/// all of them locked.
/// Nobody but those who hold the payer exclusively locks several orders.
async fn holding(work: &mut dyn UnitOfWork, payer: UserId) -> Result<Vec<(Order, Contract)>, UseCaseError> {
    let mut held = Vec::new();
    for id in work.contracts().holding(payer).await? {
        let order = crate::orders::lock(work, id).await?;
        if let Some(contract) = work.contracts().lock(id).await? {
            held.push((order, contract));
        }
    }
    Ok(held)
}

/// Every balance that may change, so that none is locked out of its order later.
async fn lock_balances(
    work: &mut dyn UnitOfWork,
    payer: UserId,
    held: &[(Order, Contract)],
    currency: Currency,
) -> Result<(), UseCaseError> {
    let mut accounts = vec![Account::UserAvailable(payer), Account::UserDebt(payer)];
    for (_, contract) in held {
        accounts.push(Account::ContractEscrow(contract.id));
        if !contract.resting()?.is_zero() {
            accounts.push(Account::UserClearing(contract.provider_id));
        }
    }
    work.ledger().lock_balances(&accounts, currency).await?;
    Ok(())
}
