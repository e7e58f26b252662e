//! Paying for an awarded order from one's wallet.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{self, Contract};
use domain::ids::OrderId;
use domain::orders::{OrderCommand, policy};
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::{lock, save};
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::money::available;
use crate::orders;
use crate::transact::Transaction;

/// Pays for orders on behalf of their clients.
pub struct FundOrder(pub Desk);

impl FundOrder {
    /// Puts the price, and the client's fee on top, into escrow: the work can begin.
    ///
    /// # Errors
    /// `Forbidden` for all but clients; `NotFound` unless one's own; `Conflict` unless pending;
    /// `PaymentRequired` when the wallet is short.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_client(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Funding { desk: &self.0, actor, id, now }, once, now).await
    }
}

struct Funding<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    now: DateTime<Utc>,
}

impl Transaction for Funding<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, now } = self;
        hold_caller(work, actor).await?;
        let (mut order, contract) = lock(work, actor, *id).await?;
        let mut contract = Contract::agreed(contract, &order, OrderCommand::Fund)?;
        let before = order.clone();
        let available = available(work, actor.user_id).await?;
        let outcome = contracts::fund(&mut order, &mut contract, available, Issuer::from(*actor), *now)?;
        save(work, desk, (order, &before, contract), outcome, *now).await?;
        orders::detail(desk, work, actor, *id).await
    }
}
