//! Offering each other splits, answering them, and leaving it to an administrator.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::Outcome;
use domain::disputes::{self, Dispute, DisputeError, DisputeEvent, Means, SplitMessage};
use domain::ids::DisputeId;
use domain::money::Money;
use domain::orders::policy;
use ports::disputes::DisputeView;
use ports::store::UnitOfWork;

use super::{lock, view};
use crate::contracts;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::transact::Transaction;

/// Makes offers for both sides.
pub struct OfferSplit(pub Desk);

/// Turns offers down for the other side.
pub struct RejectSplit(pub Desk);

/// Leaves disputes to administrators for both sides.
pub struct EscalateDispute(pub Desk);

/// Takes offers for the other side.
pub struct AcceptSplit(pub Desk);

impl OfferSplit {
    /// Offers a split, in place of one's own that stood.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless one's own dispute; `Conflict` when it is resolved or
    /// full; `Unprocessable` for more than is disputed.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: DisputeId,
        (to_provider, message): (Money, Option<SplitMessage>),
        once: &Once<DisputeView>,
    ) -> Result<Answered<DisputeView>, UseCaseError> {
        let step = move |dispute: &mut Dispute, by, now| dispute.offer(to_provider, message.clone(), by, now);
        say(&self.0, actor, id, step, once).await
    }
}

impl RejectSplit {
    /// Turns an offer down.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless an offer in one's own dispute; `Conflict` unless it is
    /// the other side's and stands.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: DisputeId,
        number: i32,
        once: &Once<DisputeView>,
    ) -> Result<Answered<DisputeView>, UseCaseError> {
        let step = move |dispute: &mut Dispute, by, now| dispute.reject_offer(number, by, now);
        say(&self.0, actor, id, step, once).await
    }
}

impl EscalateDispute {
    /// Leaves a dispute to an administrator.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless one's own dispute; `Conflict` unless the two sides are
    /// negotiating.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: DisputeId,
        once: &Once<DisputeView>,
    ) -> Result<Answered<DisputeView>, UseCaseError> {
        say(&self.0, actor, id, |dispute: &mut Dispute, by, now| dispute.escalate(by, now), once).await
    }
}

/// Carries out a command that moves no money.
async fn say<S>(
    desk: &Desk,
    actor: &Actor,
    id: DisputeId,
    step: S,
    once: &Once<DisputeView>,
) -> Result<Answered<DisputeView>, UseCaseError>
where
    S: Fn(&mut Dispute, Issuer, DateTime<Utc>) -> Result<DisputeEvent, DisputeError> + Sync,
{
    policy::act_as_either_side(actor)?;
    let now = desk.now();
    desk.carry_out(&Saying { desk, actor, id, step, now }, once, now).await
}

struct Saying<'a, S> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: DisputeId,
    step: S,
    now: DateTime<Utc>,
}

impl<S> Transaction for Saying<'_, S>
where
    S: Fn(&mut Dispute, Issuer, DateTime<Utc>) -> Result<DisputeEvent, DisputeError> + Sync,
{
    type Output = DisputeView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<DisputeView, UseCaseError> {
        let Self { desk, actor, id, step, now } = self;
        let (_, _, mut dispute) = lock(work, Some(actor), *id).await?;
        let event = step(&mut dispute, Issuer::from(*actor), *now)?;
        work.disputes().save(&mut dispute).await?;
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        view(work, *id).await
    }
}

impl AcceptSplit {
    /// Takes an offer: the frozen money is divided so.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless an offer in one's own dispute; `Conflict` unless it is
    /// the other side's and stands.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: DisputeId,
        number: i32,
        once: &Once<DisputeView>,
    ) -> Result<Answered<DisputeView>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Accepting { desk: &self.0, actor, id, number, now }, once, now).await
    }
}

struct Accepting<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: DisputeId,
    number: i32,
    now: DateTime<Utc>,
}

impl Transaction for Accepting<'_> {
    type Output = DisputeView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<DisputeView, UseCaseError> {
        let Self { desk, actor, id, number, now } = self;
        hold_caller(work, actor).await?;
        let (mut order, mut contract, mut dispute) = lock(work, Some(actor), *id).await?;
        let before = order.clone();
        let means =
            Means { order: &mut order, contract: &mut contract, to: desk.clocks.clearance.payout(*now) };
        let outcome = disputes::accept_offer(means, &mut dispute, *number, Issuer::from(*actor), *now)?;
        work.disputes().save(&mut dispute).await?;
        contracts::save(work, desk, (order, &before, contract), outcome, *now).await?;
        view(work, *id).await
    }
}
