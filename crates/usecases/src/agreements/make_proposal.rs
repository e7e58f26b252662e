//! Proposing something about a contract's money.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{
    Contract, ContractError, NewProposal, Outcome, Proposal, ProposalMessage, ProposalState, ProposalTerms,
};
use domain::ids::{OrderId, ProposalId};
use domain::orders::policy;
use ports::agreements::ProposalClaim;
use ports::store::UnitOfWork;

use crate::contracts;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once};
use crate::identity::hold_caller;
use crate::transact::Transaction;

/// Makes proposals for both sides.
pub struct MakeProposal(pub Desk);

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRequest {
    /// What is to be done.
    pub terms: ProposalTerms,
    /// What goes with it.
    pub message: Option<ProposalMessage>,
}

impl MakeProposal {
    /// Makes a proposal; the other side has seven days.
    ///
    /// # Errors
    /// `Forbidden` for administrators, and for a side that cannot propose this; `NotFound` unless one's own
    /// order and one of its milestones; `Conflict` where the contract or the milestone is not in a state for
    /// it, or something of the kind is proposed already; `Unprocessable` for an amount that is not there.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        request: ProposalRequest,
        once: &Once<Proposal>,
    ) -> Result<Answered<Proposal>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Making { desk: &self.0, actor, id, request, now }, once, now).await
    }
}

struct Making<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    request: ProposalRequest,
    now: DateTime<Utc>,
}

impl Transaction for Making<'_> {
    type Output = Proposal;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Proposal, UseCaseError> {
        let Self { desk, actor, id, request, now } = self;
        hold_caller(work, actor).await?;
        let (order, contract) = contracts::lock(work, actor, *id).await?;
        let terms = request.terms;
        let contract = Contract::agreed_for_proposal(contract, &order, terms)?;
        let standing = work.proposals().lock_open(contract.id).await?;
        let proposal_id = ProposalId::new(desk.recorder.ids.uuid(*now));
        let new = NewProposal { id: proposal_id, terms, message: request.message.clone() };
        let (proposal, event) = Proposal::make(new, &contract, &standing, Issuer::from(*actor), *now)?;
        match work.proposals().insert(&proposal).await? {
            ProposalClaim::Granted => {}
            // The contract's lock keeps two at once apart; this is the second line.
            ProposalClaim::Taken => {
                let state = ProposalState::Open.as_str();
                return Err(ContractError::DuplicateProposal { state }.into());
            }
        }
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        Ok(proposal)
    }
}
