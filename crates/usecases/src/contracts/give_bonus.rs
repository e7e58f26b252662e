//! Giving a provider more than the price.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{BonusCommand, BonusMessage, Contract, ContractCommand};
use domain::ids::{BonusId, OrderId, UserId};
use domain::money::{Money, must_be_payable};
use domain::orders::policy;
use ports::identity::Lock;
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::lock;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::money::available;
use crate::orders;
use crate::transact::Transaction;

/// Takes bonuses of clients to providers.
pub struct GiveBonus(pub Desk);

impl GiveBonus {
    /// Moves `amount` from the client's wallet to the provider's, less the provider's fee on it.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `Invalid` for nothing; `Unprocessable` for another currency;
    /// `NotFound` unless one's own order; `Conflict` unless the work is on or done, and where the
    /// provider's account is closed or blocked; `PaymentRequired` when the wallet is short.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        (amount, message): (Money, Option<BonusMessage>),
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_client(actor)?;
        must_be_payable(amount)?;
        let now = self.0.now();
        let bonus_id = BonusId::new(self.0.recorder.ids.uuid(now));
        let giving = Giving { desk: &self.0, actor, id, bonus_id, amount, message, now };
        self.0.carry_out(&giving, once, now).await
    }
}

struct Giving<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    bonus_id: BonusId,
    amount: Money,
    message: Option<BonusMessage>,
    now: DateTime<Utc>,
}

impl Transaction for Giving<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, bonus_id, amount, message, now } = self;
        // People are locked before orders; whose order it is does not change once there is work to thank for.
        let found = work.orders().detail(*id).await?.ok_or(UseCaseError::NotFound)?;
        let held = lock_people(work, actor, found.access().provider_id).await?;
        let (order, contract) = lock(work, actor, *id).await?;
        let contract = Contract::agreed_for(contract, &order, ContractCommand::GiveBonus)?;
        let command = BonusCommand {
            id: *bonus_id,
            amount: *amount,
            message: message.clone(),
            available: available(work, actor.user_id).await?,
            provider_may_enter: held == Some(contract.provider_id),
        };
        let (bonus, outcome) = contract.give_bonus(command, Issuer::from(*actor), *now)?;
        work.contracts().add_bonus(&bonus).await?;
        desk.recorder.record(work, outcome, *now).await?;
        orders::detail(desk, work, actor, *id).await
    }
}

/// Holds the accounts of both sides, so that neither is closed meanwhile, and says who the provider is if
/// their account may be used; the client's is that of the caller.
async fn lock_people(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    provider_id: Option<UserId>,
) -> Result<Option<UserId>, UseCaseError> {
    let mut people: Vec<UserId> = [Some(actor.user_id), provider_id].into_iter().flatten().collect();
    people.sort();
    let mut provider = None;
    for id in people {
        let person = work.users().lock(id, Lock::Shared).await?.ok_or(UseCaseError::NotFound)?;
        if id == actor.user_id {
            person.may_enter()?;
        } else if person.may_enter().is_ok() {
            provider = Some(id);
        }
    }
    Ok(provider)
}
