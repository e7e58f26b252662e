//! Answering a proposal, and taking one back.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{ContractError, Outcome, Proposal, ProposalEvent, accept_proposal};
use domain::ids::ProposalId;
use domain::orders::policy;
use ports::store::UnitOfWork;

use super::{lock, means};
use crate::contracts;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::transact::Transaction;

/// Takes proposals for the other side.
pub struct AcceptProposal(pub Desk);

/// Turns proposals down for the other side.
pub struct RejectProposal(pub Desk);

/// Takes proposals back for whoever made them.
pub struct WithdrawProposal(pub Desk);

impl AcceptProposal {
    /// Takes a proposal: what it says is done.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless about one's own order; `Conflict` unless open, the
    /// other side's, and about something that is as it was; `Unprocessable` where the provider's wallet does
    /// not hold what is to go back.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: ProposalId,
        once: &Once<Proposal>,
    ) -> Result<Answered<Proposal>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Accepting { desk: &self.0, actor, id, now }, once, now).await
    }
}

struct Accepting<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: ProposalId,
    now: DateTime<Utc>,
}

impl Transaction for Accepting<'_> {
    type Output = Proposal;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Proposal, UseCaseError> {
        let Self { desk, actor, id, now } = self;
        hold_caller(work, actor).await?;
        let (mut order, mut contract, mut proposal) = lock(work, Some(actor), *id).await?;
        let before = order.clone();
        let means = means(work, desk, &contract, *now).await?;
        let by = Issuer::from(*actor);
        let outcome = accept_proposal(&mut order, &mut contract, &mut proposal, means, by, *now)?;
        work.proposals().save(&mut proposal).await?;
        contracts::save(work, desk, (order, &before, contract), outcome, *now).await?;
        Ok(proposal)
    }
}

impl RejectProposal {
    /// Turns a proposal down.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless about one's own order; `Conflict` unless open and the
    /// other side's.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: ProposalId,
        once: &Once<Proposal>,
    ) -> Result<Answered<Proposal>, UseCaseError> {
        end(&self.0, actor, id, Proposal::reject, once).await
    }
}

impl WithdrawProposal {
    /// Takes a proposal back.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless about one's own order; `Conflict` unless open and
    /// one's own.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: ProposalId,
        once: &Once<Proposal>,
    ) -> Result<Answered<Proposal>, UseCaseError> {
        end(&self.0, actor, id, Proposal::withdraw, once).await
    }
}

type Step = fn(&mut Proposal, Issuer, DateTime<Utc>) -> Result<ProposalEvent, ContractError>;

/// Ends a proposal without anything being done.
async fn end(
    desk: &Desk,
    actor: &Actor,
    id: ProposalId,
    step: Step,
    once: &Once<Proposal>,
) -> Result<Answered<Proposal>, UseCaseError> {
    policy::act_as_either_side(actor)?;
    let now = desk.now();
    desk.carry_out(&Ending { desk, actor, id, step, now }, once, now).await
}

struct Ending<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: ProposalId,
    step: Step,
    now: DateTime<Utc>,
}

impl Transaction for Ending<'_> {
    type Output = Proposal;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Proposal, UseCaseError> {
        let Self { desk, actor, id, step, now } = self;
        let (_, _, mut proposal) = lock(work, Some(actor), *id).await?;
        let event = step(&mut proposal, Issuer::from(*actor), *now)?;
        work.proposals().save(&mut proposal).await?;
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        Ok(proposal)
    }
}
