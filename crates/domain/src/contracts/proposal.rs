//! A proposal: what one side of a contract wants done with its money, and the other side may take.
//!
//! Invariants: a proposal is about something that is as it was when it was made (`at_stake`); whatever
//! changes that ends it. Once it is not open it never changes again. Taking it does what it says in the
//! same transaction, and nothing else does.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::agreement::{dissolve, divide};
use super::{
    Contract, ContractError, Outcome, PROPOSAL_MACHINE, ProposalCommand, ProposalEvent, ProposalKind,
    ProposalRef, ProposalState, give_back,
};
use crate::actor::{Actor, Issuer, Party};
use crate::ids::{MilestoneNumber, ProposalId};
use crate::machine::Refusal;
use crate::money::{ContractParties, Money, PayoutTo};
use crate::orders::Order;
use crate::text::{Lines, text_type};

/// How long a proposal waits for an answer.
pub const PROPOSAL_PERIOD: TimeDelta = TimeDelta::days(7);

text_type!(
    /// What goes with a proposal.
    ProposalMessage,
    10_000,
    Lines::Multiple
);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalTerms {
    /// [`ProposalKind::PartialRelease`]
    PartialRelease {
        /// Of which milestone.
        milestone: MilestoneNumber,
        /// Gross, before the provider's fee.
        to_provider: Money,
    },
    /// [`ProposalKind::Refund`]
    Refund {
        /// Of which milestone.
        milestone: MilestoneNumber,
    },
    /// [`ProposalKind::Return`]
    Return {
        /// Of which milestone.
        milestone: MilestoneNumber,
        /// Gross; the client's fee on it comes back as well.
        amount: Money,
    },
    /// [`ProposalKind::Cancellation`]
    Cancellation {
        /// Gross, of all that is not settled.
        to_provider: Money,
    },
}

/// Particulars that do not go with the kind of a proposal (400).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TermsFault {
    /// It is about a milestone, and none is named.
    #[error("is required for a proposal of this kind")]
    MilestoneMissing,
    /// It is about the whole order, and a milestone is named.
    #[error("must not be given for a proposal of this kind")]
    MilestoneGiven,
    /// It is about an amount, and none is named.
    #[error("is required for a proposal of this kind")]
    AmountMissing,
    /// It is about all there is, and an amount is named.
    #[error("must not be given for a proposal of this kind")]
    AmountGiven,
}

impl TermsFault {
    /// Whether it is about the milestone, and not about the amount.
    #[must_use]
    pub const fn is_about_milestone(self) -> bool {
        match self {
            Self::MilestoneMissing | Self::MilestoneGiven => true,
            Self::AmountMissing | Self::AmountGiven => false,
        }
    }
}

impl ProposalTerms {
    /// Puts particulars together.
    ///
    /// # Errors
    /// [`TermsFault`] for one that is missing, or that there is no use for.
    pub fn new(
        kind: ProposalKind,
        milestone: Option<MilestoneNumber>,
        amount: Option<Money>,
    ) -> Result<Self, TermsFault> {
        let of_milestone = || milestone.ok_or(TermsFault::MilestoneMissing);
        let of_amount = || amount.ok_or(TermsFault::AmountMissing);
        Ok(match kind {
            ProposalKind::PartialRelease => {
                Self::PartialRelease { milestone: of_milestone()?, to_provider: of_amount()? }
            }
            ProposalKind::Refund => {
                let milestone = of_milestone()?;
                if amount.is_some() {
                    return Err(TermsFault::AmountGiven);
                }
                Self::Refund { milestone }
            }
            ProposalKind::Return => Self::Return { milestone: of_milestone()?, amount: of_amount()? },
            ProposalKind::Cancellation if milestone.is_some() => return Err(TermsFault::MilestoneGiven),
            ProposalKind::Cancellation => Self::Cancellation { to_provider: of_amount()? },
        })
    }

    /// What is proposed.
    #[must_use]
    pub const fn kind(self) -> ProposalKind {
        match self {
            Self::PartialRelease { .. } => ProposalKind::PartialRelease,
            Self::Refund { .. } => ProposalKind::Refund,
            Self::Return { .. } => ProposalKind::Return,
            Self::Cancellation { .. } => ProposalKind::Cancellation,
        }
    }

    /// The milestone that it is about; `None` where it is about all of them.
    #[must_use]
    pub const fn milestone(self) -> Option<MilestoneNumber> {
        match self {
            Self::PartialRelease { milestone, .. }
            | Self::Refund { milestone }
            | Self::Return { milestone, .. } => Some(milestone),
            Self::Cancellation { .. } => None,
        }
    }

    /// The amount that is named; `None` where it is all there is.
    #[must_use]
    pub const fn amount(self) -> Option<Money> {
        match self {
            Self::PartialRelease { to_provider, .. } | Self::Cancellation { to_provider } => {
                Some(to_provider)
            }
            Self::Return { amount, .. } => Some(amount),
            Self::Refund { .. } => None,
        }
    }

    /// How much there is to agree about, as the contract stands.
    fn at_stake(self, contract: &Contract) -> Result<Money, ContractError> {
        match self {
            Self::PartialRelease { milestone, .. } | Self::Refund { milestone } => {
                contract.open_amount(milestone)
            }
            Self::Return { milestone, .. } => contract.released_amount(milestone),
            Self::Cancellation { .. } => contract.unsettled_amount(),
        }
    }

    /// That the amount is one that can be moved: an end may leave the provider with nothing, all else moves
    /// something.
    fn must_fit(self, at_stake: Money) -> Result<(), ContractError> {
        let Some(amount) = self.amount() else { return Ok(()) };
        if self.kind() != ProposalKind::Cancellation && amount.is_zero() {
            return Err(ContractError::NothingProposed);
        }
        if at_stake.covers(amount)? { Ok(()) } else { Err(ContractError::MoreThanThere { amount: at_stake }) }
    }
}

/// What one side wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its identifier.
    pub id: ProposalId,
    /// The contract and its people.
    pub contract: ContractParties,
    /// What is to be done.
    pub terms: ProposalTerms,
    /// How much there was to agree about when it was made.
    pub at_stake: Money,
    /// What went with it.
    pub message: Option<ProposalMessage>,
    /// Which side made it.
    pub proposed_by: Party,
    /// How it stands.
    pub state: ProposalState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when the other side may answer.
    pub expires_at: DateTime<Utc>,
    /// When it came to its end.
    pub ended_at: Option<DateTime<Utc>>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What a new proposal needs.
#[derive(Clone, Debug)]
pub struct NewProposal {
    /// Minted by the caller.
    pub id: ProposalId,
    /// What is to be done.
    pub terms: ProposalTerms,
    /// What goes with it.
    pub message: Option<ProposalMessage>,
}

/// What there has to be known of money to do what a proposal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// What the provider's wallet holds, under its lock.
    pub provider_available: Money,
    /// Where released money goes.
    pub to: PayoutTo,
}

impl Proposal {
    /// One side proposes something. `standing` are the open proposals about the same contract.
    ///
    /// # Errors
    /// [`ContractError`]: a stranger, a side that cannot propose this, a milestone or a contract that is not
    /// in a state for it, [`ContractError::DuplicateProposal`]; then an amount that is not there.
    pub fn make(
        new: NewProposal,
        contract: &Contract,
        standing: &[Self],
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, ProposalEvent), ContractError> {
        let NewProposal { id, terms, message } = new;
        let proposed_by = contract.party(by).ok_or(Refusal::NotParty { object: PROPOSAL_MACHINE.object })?;
        let state = PROPOSAL_MACHINE.begin(terms.kind().command(), proposed_by)?;
        let at_stake = terms.at_stake(contract)?;
        let is_same = |other: &&Self| {
            other.terms.kind() == terms.kind() && other.terms.milestone() == terms.milestone()
        };
        if let Some(other) = standing.iter().filter(|other| other.state.is_open()).find(is_same) {
            return Err(ContractError::DuplicateProposal { state: other.state.as_str() });
        }
        terms.must_fit(at_stake)?;
        let proposal = Self {
            id,
            contract: contract.parties(),
            terms,
            at_stake,
            message,
            proposed_by,
            state,
            created_at: now,
            expires_at: now + PROPOSAL_PERIOD,
            ended_at: None,
            version: 0,
        };
        let event = ProposalEvent::Made(proposal.reference());
        Ok((proposal, event))
    }

    /// What facts say of it.
    #[must_use]
    pub fn reference(&self) -> ProposalRef {
        ProposalRef {
            proposal_id: self.id,
            contract: self.contract,
            kind: self.terms.kind(),
            milestone: self.terms.milestone(),
            amount: self.terms.amount().unwrap_or(self.at_stake),
            proposed_by: self.proposed_by,
        }
    }

    /// What the issuer is to it; `None` for a stranger.
    #[must_use]
    pub fn party(&self, by: Issuer) -> Option<Party> {
        by.party(self.contract.client_id, Some(self.contract.provider_id))
    }

    /// The other side does not want it.
    ///
    /// # Errors
    /// [`ContractError`]; [`ContractError::OwnProposal`].
    pub fn reject(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<ProposalEvent, ContractError> {
        let state = self.next(ProposalCommand::Reject, by)?;
        self.must_be_others(by)?;
        self.end(state, now);
        Ok(ProposalEvent::Rejected(self.reference()))
    }

    /// Who made it takes it back.
    ///
    /// # Errors
    /// [`ContractError`]; [`ContractError::OthersProposal`].
    pub fn withdraw(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<ProposalEvent, ContractError> {
        let state = self.next(ProposalCommand::Withdraw, by)?;
        if self.party(by) != Some(self.proposed_by) {
            return Err(ContractError::OthersProposal { state: self.state.as_str() });
        }
        self.end(state, now);
        Ok(ProposalEvent::Withdrawn(self.reference()))
    }

    /// Ends it if the contract is not any more what it was about. `None` where it is, or where it is not open.
    pub fn supersede(&mut self, contract: &Contract, now: DateTime<Utc>) -> Option<ProposalEvent> {
        let state = self.next(ProposalCommand::Supersede, Issuer::System).ok()?;
        if self.fits(contract) {
            return None;
        }
        self.end(state, now);
        Some(ProposalEvent::Superseded(self.reference()))
    }

    fn next(&self, command: ProposalCommand, by: Issuer) -> Result<ProposalState, Refusal> {
        PROPOSAL_MACHINE.next(self.state, command, self.party(by))
    }

    fn must_be_others(&self, by: Issuer) -> Result<(), ContractError> {
        if self.party(by) == Some(self.proposed_by) {
            return Err(ContractError::OwnProposal { state: self.state.as_str() });
        }
        Ok(())
    }

    fn fits(&self, contract: &Contract) -> bool {
        self.contract == contract.parties() && self.terms.at_stake(contract) == Ok(self.at_stake)
    }

    fn must_fit(&self, contract: &Contract) -> Result<(), ContractError> {
        let state = self.state.as_str();
        if self.fits(contract) { Ok(()) } else { Err(ContractError::ProposalOutdated { state }) }
    }

    const fn end(&mut self, state: ProposalState, now: DateTime<Utc>) {
        self.state = state;
        self.ended_at = Some(now);
    }

    fn carry_out(
        &self,
        order: &mut Order,
        contract: &mut Contract,
        Means { provider_available, to }: Means,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Outcome, ContractError> {
        match self.terms {
            ProposalTerms::PartialRelease { milestone, to_provider } => {
                divide(order, contract, (milestone, to_provider), to, by, now)
            }
            ProposalTerms::Refund { milestone } => {
                let nothing = Money::zero(self.at_stake.currency());
                divide(order, contract, (milestone, nothing), to, by, now)
            }
            ProposalTerms::Return { milestone, amount } => {
                give_back(contract, (milestone, amount), provider_available, Issuer::System, now)
            }
            ProposalTerms::Cancellation { to_provider } => dissolve(order, contract, to_provider, to, now),
        }
    }
}

/// The other side takes a proposal, and what it says is done. One that ought to have lapsed by now is taken
/// until the timer has come: nothing that both sides want is lost because a job was late.
///
/// # Errors
/// [`ContractError`]; [`ContractError::OwnProposal`]; [`ContractError::ProposalOutdated`];
/// [`ContractError::InsufficientFunds`].
pub fn accept_proposal(
    order: &mut Order,
    contract: &mut Contract,
    proposal: &mut Proposal,
    means: Means,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let state = proposal.next(ProposalCommand::Accept, by)?;
    proposal.must_be_others(by)?;
    accept(order, contract, (proposal, state), means, by, now)
}

/// Nobody has answered within [`PROPOSAL_PERIOD`]: a refund for which nothing was ever handed in is made,
/// everything else lapses.
///
/// # Errors
/// [`ContractError`]: anybody but the program; [`ContractError::TooEarly`].
pub fn expire_proposal(
    order: &mut Order,
    contract: &mut Contract,
    proposal: &mut Proposal,
    means: Means,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    let lapsed = proposal.next(ProposalCommand::Lapse, by)?;
    if now < proposal.expires_at {
        let (state, until) = (proposal.state.as_str(), proposal.expires_at);
        return Err(ContractError::TooEarly { state, until });
    }
    if proposal.is_unanswerable(contract)? {
        let state = proposal.next(ProposalCommand::Default, by)?;
        return accept(order, contract, (proposal, state), means, by, now);
    }
    proposal.end(lapsed, now);
    let mut outcome = Outcome::default();
    outcome.tell(ProposalEvent::Lapsed(proposal.reference()));
    Ok(outcome)
}

fn accept(
    order: &mut Order,
    contract: &mut Contract,
    (proposal, state): (&mut Proposal, ProposalState),
    means: Means,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Outcome, ContractError> {
    proposal.must_fit(contract)?;
    let accepted_by = proposal.party(by).ok_or(Refusal::NotParty { object: PROPOSAL_MACHINE.object })?;
    let carried_out = proposal.carry_out(order, contract, means, by, now)?;
    proposal.end(state, now);
    let mut outcome = Outcome::default();
    outcome.tell(ProposalEvent::Accepted { proposal: proposal.reference(), accepted_by });
    outcome.followed_by(carried_out);
    Ok(outcome)
}

impl Proposal {
    /// Whether silence means yes: the client wants back what was paid for work of which nothing was ever
    /// handed in.
    fn is_unanswerable(&self, contract: &Contract) -> Result<bool, ContractError> {
        let ProposalTerms::Refund { milestone } = self.terms else { return Ok(false) };
        Ok(contract.milestone(milestone)?.submissions == 0 && self.fits(contract))
    }
}

/// Who may see a proposal: its two sides, and administrators. For everybody else it does not exist.
#[must_use]
pub fn may_read_agreements(actor: &Actor, contract: &ContractParties) -> bool {
    Issuer::from(actor).party(contract.client_id, Some(contract.provider_id)).is_some()
}
