//! What happened to people's money. No account details leave through here.

use super::Money;
use super::chargeback::ChargebackRef;
use super::movements::ContractParties;
use crate::ids::{BonusId, DepositId, MilestoneNumber, UserId, WithdrawalId};

/// A withdrawal and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithdrawalRef {
    /// The withdrawal.
    pub withdrawal_id: WithdrawalId,
    /// Whose money it is.
    pub user_id: UserId,
    /// How much.
    pub amount: Money,
}

/// Facts about money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoneyEvent {
    /// Money came in.
    DepositCompleted {
        /// The payment.
        deposit_id: DepositId,
        /// Whose wallet it is in.
        user_id: UserId,
        /// How much.
        amount: Money,
    },
    /// A payment did not come.
    DepositFailed {
        /// The payment.
        deposit_id: DepositId,
        /// Whose it was to be.
        user_id: UserId,
        /// How much.
        amount: Money,
    },
    /// A provider was paid for a milestone.
    PaymentReceived {
        /// The contract and its people.
        contract: ContractParties,
        /// The milestone.
        milestone: MilestoneNumber,
        /// Before the provider's fee.
        gross: Money,
        /// The provider's fee.
        fee: Money,
    },
    /// What a provider was paid for a milestone has rested long enough: they may use it.
    PaymentCleared {
        /// The contract and its people.
        contract: ContractParties,
        /// The milestone.
        milestone: MilestoneNumber,
        /// What reached the wallet.
        amount: Money,
    },
    /// A client gave a provider more than the price.
    BonusReceived {
        /// The bonus.
        bonus_id: BonusId,
        /// The contract and its people.
        contract: ContractParties,
        /// Before the provider's fee.
        amount: Money,
        /// The provider's fee.
        fee: Money,
    },
    /// A client got money back from escrow.
    PaymentRefunded {
        /// The contract and its people.
        contract: ContractParties,
        /// The milestone.
        milestone: MilestoneNumber,
        /// The client's fee included.
        amount: Money,
    },
    /// Money that was released went back to the client.
    PaymentReturned {
        /// The contract and its people.
        contract: ContractParties,
        /// The milestone.
        milestone: MilestoneNumber,
        /// Before the provider's fee.
        gross: Money,
        /// What of the provider's fee came back to them.
        fee: Money,
        /// What the client got, their fee included.
        refunded: Money,
    },
    /// Money that was released and rested went back to the client, because their bank took a payment back.
    PaymentChargedBack {
        /// The contract and its people.
        contract: ContractParties,
        /// The milestone.
        milestone: MilestoneNumber,
        /// Before the provider's fee.
        gross: Money,
        /// What of the provider's fee came back to them.
        fee: Money,
        /// What the client got, their fee included.
        refunded: Money,
    },
    /// Somebody asked for money and it was set aside.
    WithdrawalRequested(WithdrawalRef),
    /// An administrator agreed, and another one must before it may be paid.
    WithdrawalFirstApproved(WithdrawalRef),
    /// It may be paid.
    WithdrawalApproved(WithdrawalRef),
    /// It was handed to a payment provider.
    WithdrawalSent(WithdrawalRef),
    /// It reached its owner.
    WithdrawalPaid(WithdrawalRef),
    /// An administrator refused; the money is back.
    WithdrawalRejected {
        /// Which.
        withdrawal: WithdrawalRef,
        /// As the administrator gave it.
        reason: String,
    },
    /// Its owner changed their mind; the money is back.
    WithdrawalCancelled(WithdrawalRef),
    /// The payment provider could not deliver it; the money is back.
    WithdrawalFailed(WithdrawalRef),
    /// Nobody knows whether it was delivered; an administrator must find out.
    WithdrawalNeedsReview(WithdrawalRef),
    /// A payer's bank took a payment back.
    ChargebackReceived {
        /// Which.
        chargeback: ChargebackRef,
        /// What the payer came to owe by it.
        debt: Money,
    },
    /// The bank decided for the platform, and the money is back.
    ChargebackWon {
        /// Which.
        chargeback: ChargebackRef,
        /// What of it came to the payer's wallet.
        available: Money,
    },
    /// The bank decided for the payer.
    ChargebackLost(ChargebackRef),
    /// What somebody owed was paid from their wallet.
    DebtSettled {
        /// Who.
        user_id: UserId,
        /// How much of it.
        amount: Money,
        /// What is owed still.
        left: Money,
    },
}

impl MoneyEvent {
    /// Whose available money may be more because of this.
    #[must_use]
    pub const fn credited(&self) -> Option<UserId> {
        match self {
            Self::DepositCompleted { user_id, .. } => Some(*user_id),
            Self::PaymentReceived { contract, .. }
            | Self::PaymentCleared { contract, .. }
            | Self::BonusReceived { contract, .. } => Some(contract.provider_id),
            Self::PaymentRefunded { contract, .. }
            | Self::PaymentReturned { contract, .. }
            | Self::PaymentChargedBack { contract, .. } => Some(contract.client_id),
            Self::WithdrawalRejected { withdrawal, .. }
            | Self::WithdrawalCancelled(withdrawal)
            | Self::WithdrawalFailed(withdrawal) => Some(withdrawal.user_id),
            // What is won pays the debt by itself.
            Self::DepositFailed { .. }
            | Self::WithdrawalRequested(_)
            | Self::WithdrawalFirstApproved(_)
            | Self::WithdrawalApproved(_)
            | Self::WithdrawalSent(_)
            | Self::WithdrawalPaid(_)
            | Self::WithdrawalNeedsReview(_)
            | Self::ChargebackReceived { .. }
            | Self::ChargebackWon { .. }
            | Self::ChargebackLost(_)
            | Self::DebtSettled { .. } => None,
        }
    }

    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DepositCompleted { .. } => "deposit.completed",
            Self::DepositFailed { .. } => "deposit.failed",
            Self::PaymentReceived { .. } => "payment.received",
            Self::PaymentCleared { .. } => "payment.cleared",
            Self::BonusReceived { .. } => "payment.bonus",
            Self::PaymentRefunded { .. } => "payment.refunded",
            Self::PaymentReturned { .. } => "payment.returned",
            Self::PaymentChargedBack { .. } => "payment.charged_back",
            Self::WithdrawalRequested(_) => "withdrawal.requested",
            Self::WithdrawalFirstApproved(_) => "withdrawal.first_approved",
            Self::WithdrawalApproved(_) => "withdrawal.approved",
            Self::WithdrawalSent(_) => "withdrawal.sent",
            Self::WithdrawalPaid(_) => "withdrawal.paid",
            Self::WithdrawalRejected { .. } => "withdrawal.rejected",
            Self::WithdrawalCancelled(_) => "withdrawal.cancelled",
            Self::WithdrawalFailed(_) => "withdrawal.failed",
            Self::WithdrawalNeedsReview(_) => "withdrawal.needs_review",
            Self::ChargebackReceived { .. } => "chargeback.received",
            Self::ChargebackWon { .. } => "chargeback.won",
            Self::ChargebackLost(_) => "chargeback.lost",
            Self::DebtSettled { .. } => "debt.settled",
        }
    }
}
