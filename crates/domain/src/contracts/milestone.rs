//! One step of a contract, with its share of the price.

use chrono::{DateTime, Utc};

use super::MilestoneState;
use crate::actor::Party;
use crate::files::{Attachment, FileList, SubmissionRef, attachments};
use crate::ids::{ContractId, MilestoneNumber, OrderId};
use crate::money::{Money, MoneyError, Refunded, Released, Returned};
use crate::orders::MilestoneTitle;
use crate::text::{Lines, text_type};

text_type!(
    /// What a provider says about what they hand in.
    SubmissionMessage,
    10_000,
    Lines::Multiple
);
text_type!(
    /// What a client wants done again.
    ChangesMessage,
    10_000,
    Lines::Multiple
);
text_type!(
    /// Why somebody asks for a decision.
    DisputeReason,
    10_000,
    Lines::Multiple
);

/// One step of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Its place within the order.
    pub number: MilestoneNumber,
    /// What it is called.
    pub title: MilestoneTitle,
    /// By when.
    pub due_date: DateTime<Utc>,
    /// Its share of the price.
    pub amount: Money,
    /// How far it has come.
    pub state: MilestoneState,
    /// How often it was handed in.
    pub submissions: i32,
    /// When it was last handed in.
    pub submitted_at: Option<DateTime<Utc>>,
    /// What the client wants done again, until it is handed in anew.
    pub changes_message: Option<ChangesMessage>,
    /// When its money is released by itself, while the client is to look at it.
    pub auto_release_at: Option<DateTime<Utc>>,
    /// When the client is next reminded of that.
    pub remind_at: Option<DateTime<Utc>>,
    /// When it was settled.
    pub completed_at: Option<DateTime<Utc>>,
    /// What went to the provider.
    pub released: Option<Released>,
    /// Until when that rests, if it was not theirs at once.
    pub clears_at: Option<DateTime<Utc>>,
    /// When it had rested long enough and became theirs.
    pub cleared_at: Option<DateTime<Utc>>,
    /// What went back to the client.
    pub refunded: Option<Refunded>,
    /// What of the release went back to the client afterwards.
    pub returned: Option<Returns>,
    /// Its dispute; kept after the decision.
    pub dispute: Option<Dispute>,
}

/// What of a milestone's release went back to the client, all times together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returns {
    /// How often something did.
    pub times: i32,
    /// Of the price.
    pub gross: Money,
    /// What the platform gave back of the provider's fee.
    pub provider_fee: Money,
    /// What the platform gave back of the client's fee.
    pub client_fee: Money,
}

impl Returns {
    /// What the provider gave of it.
    ///
    /// # Errors
    /// [`MoneyError`] if the fee is more than the gross amount, which no rule makes.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.gross.minus(self.provider_fee)
    }
}

/// Why a milestone's money is frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Which side asked for a decision.
    pub opened_by: Party,
    /// Why.
    pub reason: DisputeReason,
    /// When.
    pub opened_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
}

/// One handing in of a milestone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Of which contract.
    pub contract_id: ContractId,
    /// Which milestone.
    pub milestone: MilestoneNumber,
    /// 1 for the first of this milestone, 2 for the next.
    pub number: i32,
    /// What the provider says about it.
    pub message: Option<SubmissionMessage>,
    /// When.
    pub submitted_at: DateTime<Utc>,
}

impl Submission {
    /// The files that are handed in with it.
    #[must_use]
    pub fn attach(&self, order_id: OrderId, files: &FileList) -> Vec<Attachment> {
        let Self { contract_id, milestone, number, message: _, submitted_at } = self;
        let submission = SubmissionRef { contract_id: *contract_id, milestone: *milestone, number: *number };
        attachments(files, order_id, Some(submission), *submitted_at)
    }
}

impl Milestone {
    /// Nobody waits for the client's answer any more.
    pub(super) const fn stop_clock(&mut self) {
        self.auto_release_at = None;
        self.remind_at = None;
    }

    /// What came back to the client of its amount, before its release and after, if anything did.
    #[must_use]
    pub fn refunded_amount(&self) -> Option<Money> {
        let refunded = self.refunded.map(|refunded| refunded.amount);
        match (refunded, self.returned.map(|returned| returned.gross)) {
            // Both are parts of one amount, so that they can be reckoned together.
            (Some(refunded), Some(returned)) => refunded.plus(returned).ok(),
            (one, None) | (None, one) => one,
        }
    }

    /// What the provider has of its amount, before their fee; nothing until it is released.
    ///
    /// # Errors
    /// [`MoneyError`], which no rule makes.
    pub fn kept(&self) -> Result<Money, MoneyError> {
        let nothing = Money::zero(self.amount.currency());
        let released = self.released.map_or(nothing, |released| released.gross);
        released.minus(self.returned.map_or(nothing, |returned| returned.gross))
    }

    /// What of its release rests, and cannot be used yet: what came back to the client was taken of it first.
    ///
    /// # Errors
    /// [`MoneyError`], which no rule makes.
    pub(super) fn resting(&self) -> Result<Money, MoneyError> {
        let nothing = Money::zero(self.amount.currency());
        let (Some(released), Some(_), None) = (self.released, self.clears_at, self.cleared_at) else {
            return Ok(nothing);
        };
        let net = released.net()?;
        let gone = self.returned.as_ref().map_or(Ok(nothing), Returns::net)?;
        net.minus(net.at_most(gone)?)
    }

    /// Something of its release went back.
    pub(super) fn give_back(&mut self, returned: Returned) -> Result<i32, MoneyError> {
        let nothing = Money::zero(self.amount.currency());
        let before = self.returned.unwrap_or(Returns {
            times: 0,
            gross: nothing,
            provider_fee: nothing,
            client_fee: nothing,
        });
        // Each time is a cent at least, of an amount that has fewer cents than that.
        let times = before.times.saturating_add(1);
        self.returned = Some(Returns {
            times,
            gross: before.gross.plus(returned.gross)?,
            provider_fee: before.provider_fee.plus(returned.provider_fee)?,
            client_fee: before.client_fee.plus(returned.client_fee)?,
        });
        Ok(times)
    }
}
