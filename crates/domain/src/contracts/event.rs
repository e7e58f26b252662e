//! What happened to contracts and milestones. What happened to money is in
//! [`crate::money::MoneyEvent`].

use chrono::{DateTime, Utc};

use crate::actor::Party;
use crate::ids::MilestoneNumber;
use crate::machine::word_enum;
use crate::money::{ContractParties, Money};

word_enum!(
    /// Who had the last word in a dispute.
    Resolver {
        /// One side took what the other had offered.
        Agreement = "agreement",
        /// An administrator.
        Administrator = "administrator",
        /// Nobody: a deadline passed.
        Default = "default",
    }
);

/// Facts about contracts and their milestones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContractEvent {
    /// An order was awarded.
    Made {
        /// The contract and its people.
        contract: ContractParties,
        /// The accepted bid.
        price: Money,
    },
    /// The client paid.
    Funded {
        /// The contract and its people.
        contract: ContractParties,
        /// Price and fee.
        amount: Money,
    },
    /// It ended without anything paid out.
    Ended {
        /// The contract and its people.
        contract: ContractParties,
    },
    /// Every milestone is settled.
    Completed {
        /// The contract and its people.
        contract: ContractParties,
    },
    /// The provider began.
    MilestoneStarted {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
    },
    /// The provider handed in.
    MilestoneSubmitted {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
        /// 1 for the first time, 2 for the next.
        submission: i32,
    },
    /// The client has not answered, and the money is released by itself soon.
    ReleaseDue {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
        /// When.
        releases_at: DateTime<Utc>,
    },
    /// The client wants something done again.
    ChangesRequested {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
        /// What.
        message: String,
    },
    /// The client was content, or did not answer in time.
    MilestoneApproved {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
        /// Whether the clock ran out.
        by_clock: bool,
    },
    /// All of its money went back.
    MilestoneRefunded {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
    },
    /// Both sides have agreed on the provider's share; the rest went back.
    MilestoneDivided {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
        /// Gross, before the provider's fee.
        to_provider: Money,
        /// Without the client's fee on it.
        to_client: Money,
    },
    /// The bank of whoever paid for it took a payment back, and the money went there.
    MilestoneChargedBack {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
    },
    /// One side disputed who is to have its money, which is frozen.
    MilestoneDisputed {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
        /// Which side.
        opened_by: Party,
    },
    /// A dispute came to its end, and the money was divided.
    DisputeDecided {
        /// The contract and its people.
        contract: ContractParties,
        /// Which.
        milestone: MilestoneNumber,
        /// Gross, before the provider's fee.
        to_provider: Money,
        /// Without the client's fee on it.
        to_client: Money,
        /// By whom.
        resolver: Resolver,
    },
}

impl ContractEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Made { .. } => "contract.made",
            Self::Funded { .. } => "contract.funded",
            Self::Ended { .. } => "contract.ended",
            Self::Completed { .. } => "contract.completed",
            Self::MilestoneStarted { .. } => "milestone.started",
            Self::MilestoneSubmitted { .. } => "milestone.submitted",
            Self::ReleaseDue { .. } => "milestone.release_due",
            Self::ChangesRequested { .. } => "milestone.changes_requested",
            Self::MilestoneApproved { .. } => "milestone.approved",
            Self::MilestoneRefunded { .. } => "milestone.refunded",
            Self::MilestoneDivided { .. } => "milestone.divided",
            Self::MilestoneChargedBack { .. } => "milestone.charged_back",
            Self::MilestoneDisputed { .. } => "milestone.disputed",
            Self::DisputeDecided { .. } => "dispute.decided",
        }
    }

    /// The contract and its people.
    #[must_use]
    pub const fn contract(&self) -> &ContractParties {
        match self {
            Self::Made { contract, .. }
            | Self::Funded { contract, .. }
            | Self::Ended { contract }
            | Self::Completed { contract }
            | Self::MilestoneStarted { contract, .. }
            | Self::MilestoneSubmitted { contract, .. }
            | Self::ReleaseDue { contract, .. }
            | Self::ChangesRequested { contract, .. }
            | Self::MilestoneApproved { contract, .. }
            | Self::MilestoneRefunded { contract, .. }
            | Self::MilestoneDivided { contract, .. }
            | Self::MilestoneChargedBack { contract, .. }
            | Self::MilestoneDisputed { contract, .. }
            | Self::DisputeDecided { contract, .. } => contract,
        }
    }
}
