//! A contract: the aggregate, with its milestones and its escrow.
//!
//! Invariants: the milestones' amounts add up to the price; what escrow holds, and what is frozen,
//! is what the unsettled milestones are worth; the fees never change.

use chrono::{DateTime, Utc};

use super::{
    CONTRACT_MACHINE, ContractCommand, ContractError, ContractEvent, ContractState, MILESTONE_MACHINE,
    Milestone, MilestoneCommand, MilestoneState, PROPOSAL_MACHINE, ProposalTerms,
};
use crate::actor::{Issuer, Party};
use crate::bidding::Bid;
use crate::ids::{BidId, ContractId, MilestoneNumber, OrderId, UserId};
use crate::machine::Refusal;
use crate::money::{ContractParties, Escrow, FeeRule, Money};
use crate::orders::{ORDER_MACHINE, Order, OrderCommand};

/// The agreement between a client and a provider about one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Its identifier.
    pub id: ContractId,
    /// What it is about.
    pub order_id: OrderId,
    /// The accepted bid.
    pub bid_id: BidId,
    /// Who pays.
    pub client_id: UserId,
    /// Who is paid.
    pub provider_id: UserId,
    /// Price, fees, and what has become of the money.
    pub escrow: Escrow,
    /// How far it has come.
    pub state: ContractState,
    /// Its steps, in the order of their numbers; at least one.
    pub milestones: Vec<Milestone>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was paid for.
    pub funded_at: Option<DateTime<Utc>>,
    /// When it was completed or cancelled.
    pub ended_at: Option<DateTime<Utc>>,
    /// When anything above last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

impl Contract {
    /// The agreement about `bid`, at exactly its amount. A milestone that would be due after the
    /// bid's own deadline is due at it.
    pub(super) fn make(
        id: ContractId,
        order: &Order,
        bid: &Bid,
        fees: FeeRule,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Self, ContractError> {
        let not_party = Refusal::NotParty { object: CONTRACT_MACHINE.object };
        let party = order.party(by).ok_or(not_party)?;
        let state = CONTRACT_MACHINE.begin(ContractCommand::Make, party)?;
        let unfunded = MILESTONE_MACHINE.begin(MilestoneCommand::Plan, party)?;
        let deadline = bid.proposed_deadline.unwrap_or(order.details.deadline);
        let plan = &order.details.milestones;
        let steps = plan.effective(deadline).into_iter().zip(plan.split(bid.amount)?);
        let milestones = MilestoneNumber::all().zip(steps).map(|(number, (step, amount))| Milestone {
            number,
            title: step.title,
            due_date: step.due_date.min(deadline),
            amount,
            state: unfunded,
            submissions: 0,
            submitted_at: None,
            changes_message: None,
            auto_release_at: None,
            remind_at: None,
            completed_at: None,
            released: None,
            clears_at: None,
            cleared_at: None,
            refunded: None,
            returned: None,
            dispute: None,
        });
        let contract = Self {
            id,
            order_id: order.id,
            bid_id: bid.id,
            client_id: order.client_id,
            provider_id: bid.provider_id,
            escrow: Escrow::new(bid.amount, fees),
            state,
            milestones: milestones.collect(),
            created_at: now,
            funded_at: None,
            ended_at: None,
            updated_at: now,
            version: 0,
        };
        contract.must_add_up()?;
        Ok(contract)
    }

    /// The invariants of the money: the milestones add up to the price, and once all of them are settled
    /// nothing is left in escrow.
    pub(super) fn must_add_up(&self) -> Result<(), ContractError> {
        let price = self.escrow.price;
        let parts = Money::sum(self.milestones.iter().map(|one| one.amount), price.currency())?;
        let is_settled = self.milestones.iter().all(|one| one.state.is_settled());
        let is_over = !is_settled || (self.escrow.held()?.is_zero() && self.escrow.disputed.is_zero());
        if parts == price && is_over { Ok(()) } else { Err(ContractError::Unbalanced) }
    }

    /// The agreement about an order, `found` under its lock, for a command on the order that needs one.
    ///
    /// # Errors
    /// [`Refusal::State`] before the award.
    pub fn agreed(found: Option<Self>, order: &Order, command: OrderCommand) -> Result<Self, ContractError> {
        Ok(found.ok_or_else(|| ORDER_MACHINE.refuse(order.state, command))?)
    }

    /// The same for a command on the contract itself.
    ///
    /// # Errors
    /// [`Refusal::State`] before the award.
    pub fn agreed_for(
        found: Option<Self>,
        order: &Order,
        command: ContractCommand,
    ) -> Result<Self, ContractError> {
        Ok(found.ok_or_else(|| CONTRACT_MACHINE.refuse_before(order.state, command))?)
    }

    /// The same for a command on one of its milestones. Before the award these are the steps of the plan,
    /// which everybody who reads the order can see: a conflict, no secret.
    ///
    /// # Errors
    /// [`ContractError::UnknownMilestone`] where there is none with this number; [`Refusal::State`]
    /// before the award.
    pub fn agreed_on(
        found: Option<Self>,
        order: &Order,
        number: MilestoneNumber,
        command: MilestoneCommand,
    ) -> Result<Self, ContractError> {
        let Some(contract) = found else {
            let plan = order.details.milestones.effective(order.details.deadline);
            return Err(if MilestoneNumber::all().take(plan.len()).any(|known| known == number) {
                MILESTONE_MACHINE.refuse_before(order.state, command).into()
            } else {
                ContractError::UnknownMilestone
            });
        };
        contract.milestone(number)?;
        Ok(contract)
    }

    /// The same for a proposal: before the award there is nothing to agree about.
    ///
    /// # Errors
    /// [`Refusal::State`] before the award.
    pub fn agreed_for_proposal(
        found: Option<Self>,
        order: &Order,
        terms: ProposalTerms,
    ) -> Result<Self, ContractError> {
        let refused = || PROPOSAL_MACHINE.refuse_before(order.state, terms.kind().command());
        Ok(found.ok_or_else(refused)?)
    }

    /// The contract, its order, and the two people.
    #[must_use]
    pub const fn parties(&self) -> ContractParties {
        ContractParties {
            contract_id: self.id,
            order_id: self.order_id,
            client_id: self.client_id,
            provider_id: self.provider_id,
        }
    }

    /// What the issuer is to this contract; `None` for a stranger.
    #[must_use]
    pub fn party(&self, by: Issuer) -> Option<Party> {
        by.party(self.client_id, Some(self.provider_id))
    }

    /// The milestone with this number.
    ///
    /// # Errors
    /// [`ContractError::UnknownMilestone`].
    pub fn milestone(&self, number: MilestoneNumber) -> Result<&Milestone, ContractError> {
        let mut milestones = self.milestones.iter();
        milestones.find(|milestone| milestone.number == number).ok_or(ContractError::UnknownMilestone)
    }

    /// What of its releases rests, and is not the provider's to use yet.
    ///
    /// # Errors
    /// [`ContractError::Money`], which no rule makes.
    pub fn resting(&self) -> Result<Money, ContractError> {
        let mut all = Money::zero(self.escrow.price.currency());
        for milestone in &self.milestones {
            all = all.plus(milestone.resting()?)?;
        }
        Ok(all)
    }

    pub(super) fn milestone_mut(&mut self, number: MilestoneNumber) -> Result<&mut Milestone, ContractError> {
        let mut milestones = self.milestones.iter_mut();
        milestones.find(|milestone| milestone.number == number).ok_or(ContractError::UnknownMilestone)
    }

    /// Whether it is the agreement about this order as it stands.
    pub(super) fn must_be_about(&self, order: &Order) -> Result<(), ContractError> {
        let is_awarded = order.award.is_some_and(|award| award.contract_id == self.id);
        if is_awarded && order.id == self.order_id { Ok(()) } else { Err(ContractError::WrongContract) }
    }

    /// The state that a command leads to.
    pub(super) fn next(&self, command: ContractCommand, by: Issuer) -> Result<ContractState, Refusal> {
        CONTRACT_MACHINE.next(self.state, command, self.party(by))
    }

    /// The state that a command leads one of its milestones to. A stranger learns nothing about
    /// which milestones there are.
    pub(crate) fn next_of(
        &self,
        number: MilestoneNumber,
        command: MilestoneCommand,
        by: Issuer,
    ) -> Result<MilestoneState, ContractError> {
        let party = self.party(by).ok_or(Refusal::NotParty { object: MILESTONE_MACHINE.object })?;
        MILESTONE_MACHINE.permit(command, party)?;
        let milestone = self.milestone(number)?;
        Ok(MILESTONE_MACHINE.next(milestone.state, command, Some(party))?)
    }

    /// It ends before it was paid for.
    pub(super) fn end(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<ContractEvent, Refusal> {
        let state = self.next(ContractCommand::End, by)?;
        self.ended_at = Some(now);
        self.enter(state, now);
        Ok(ContractEvent::Ended { contract: self.parties() })
    }

    pub(super) const fn enter(&mut self, state: ContractState, now: DateTime<Utc>) {
        self.state = state;
        self.updated_at = now;
    }
}
