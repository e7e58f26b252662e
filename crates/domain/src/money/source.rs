//! What a movement of money comes from, and how it is told to people.

use std::fmt;

use super::PayoutMethod;
use crate::ids::{
    BonusId, ChargebackId, ContractId, DebtSettlementId, DepositId, MilestoneNumber, OrderId, WithdrawalId,
};
use crate::machine::word_enum;

word_enum!(
    /// What kind of movement a transaction is.
    TransactionKind {
        /// Money came in.
        Deposit = "deposit",
        /// A client paid a contract's escrow.
        Funding = "funding",
        /// A milestone's money went to the provider.
        Release = "release",
        /// Released money may now be used.
        Clearance = "clearance",
        /// A milestone's money went back to the client.
        Refund = "refund",
        /// A milestone's money was frozen.
        DisputeOpened = "dispute_opened",
        /// Frozen money was divided.
        DisputeDecided = "dispute_decided",
        /// A milestone's money was divided by agreement.
        Division = "division",
        /// Released money went back to the client.
        Return = "return",
        /// Money was set aside for a withdrawal.
        WithdrawalRequested = "withdrawal_requested",
        /// Money set aside left the marketplace.
        WithdrawalPaid = "withdrawal_paid",
        /// Money set aside came back.
        WithdrawalReturned = "withdrawal_returned",
        /// A client gave more than the price.
        Bonus = "bonus",
        /// A payer's bank took a payment back.
        Chargeback = "chargeback",
        /// It decided for the platform.
        ChargebackWon = "chargeback_won",
        /// Somebody paid what they owed.
        DebtSettled = "debt_settled",
    }
);

/// The one thing that a movement comes from. Its key is unique in the books: whoever makes the same
/// movement again makes nothing. This is the transaction's identity; storage needs no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// This payment succeeded.
    Deposit(DepositId),
    /// This contract was funded.
    Funding(ContractId),
    /// This milestone was approved.
    Release(ContractId, MilestoneNumber),
    /// This milestone's release has rested long enough.
    Clearance(ContractId, MilestoneNumber),
    /// This milestone was refunded.
    Refund(ContractId, MilestoneNumber),
    /// This milestone was disputed.
    DisputeOpened(ContractId, MilestoneNumber),
    /// This milestone's dispute was decided.
    DisputeDecided(ContractId, MilestoneNumber),
    /// This milestone was divided by agreement.
    Division(ContractId, MilestoneNumber),
    /// Something of this milestone's release went back, for the first time, the second …
    Return(ContractId, MilestoneNumber, i32),
    /// This withdrawal was requested.
    WithdrawalRequested(WithdrawalId),
    /// This withdrawal was paid.
    WithdrawalPaid(WithdrawalId),
    /// This withdrawal was rejected or cancelled, or failed.
    WithdrawalReturned(WithdrawalId),
    /// This bonus was given.
    Bonus(BonusId),
    /// This payment was taken back.
    Chargeback(ChargebackId),
    /// This chargeback was won.
    ChargebackWon(ChargebackId),
    /// This much of a debt was paid.
    DebtSettled(DebtSettlementId),
}

impl Source {
    /// What kind of movement it makes.
    #[must_use]
    pub const fn kind(&self) -> TransactionKind {
        match self {
            Self::Deposit(_) => TransactionKind::Deposit,
            Self::Funding(_) => TransactionKind::Funding,
            Self::Release(..) => TransactionKind::Release,
            Self::Clearance(..) => TransactionKind::Clearance,
            Self::Refund(..) => TransactionKind::Refund,
            Self::DisputeOpened(..) => TransactionKind::DisputeOpened,
            Self::DisputeDecided(..) => TransactionKind::DisputeDecided,
            Self::Division(..) => TransactionKind::Division,
            Self::Return(..) => TransactionKind::Return,
            Self::WithdrawalRequested(_) => TransactionKind::WithdrawalRequested,
            Self::WithdrawalPaid(_) => TransactionKind::WithdrawalPaid,
            Self::WithdrawalReturned(_) => TransactionKind::WithdrawalReturned,
            Self::Bonus(_) => TransactionKind::Bonus,
            Self::Chargeback(_) => TransactionKind::Chargeback,
            Self::ChargebackWon(_) => TransactionKind::ChargebackWon,
            Self::DebtSettled(_) => TransactionKind::DebtSettled,
        }
    }
}

/// The unique key in storage: `release:{contract}:3`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::Deposit(id) => write!(f, "{kind}:{id}"),
            Self::Funding(id) => write!(f, "{kind}:{id}"),
            Self::Release(id, milestone)
            | Self::Clearance(id, milestone)
            | Self::Refund(id, milestone)
            | Self::DisputeOpened(id, milestone)
            | Self::DisputeDecided(id, milestone)
            | Self::Division(id, milestone) => write!(f, "{kind}:{id}:{milestone}"),
            Self::Return(id, milestone, nth) => write!(f, "{kind}:{id}:{milestone}:{nth}"),
            Self::WithdrawalRequested(id) | Self::WithdrawalPaid(id) | Self::WithdrawalReturned(id) => {
                write!(f, "{kind}:{id}")
            }
            Self::Bonus(id) => write!(f, "{kind}:{id}"),
            Self::Chargeback(id) | Self::ChargebackWon(id) => write!(f, "{kind}:{id}"),
            Self::DebtSettled(id) => write!(f, "{kind}:{id}"),
        }
    }
}

/// The thing that people know a movement by (`transactions[].reference`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// An order.
    Order(OrderId),
    /// A withdrawal.
    Withdrawal(WithdrawalId),
    /// A deposit.
    Deposit(DepositId),
    /// A payment of what was owed.
    DebtSettlement(DebtSettlementId),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => id.fmt(f),
            Self::Withdrawal(id) => id.fmt(f),
            Self::Deposit(id) => id.fmt(f),
            Self::DebtSettlement(id) => id.fmt(f),
        }
    }
}

word_enum!(
    /// What one posting is, to the person on whose account it stands.
    Purpose {
        /// Money paid in.
        Deposit = "deposit",
        /// A price paid into escrow.
        Escrow = "escrow",
        /// The client's fee, paid on top of a price.
        ServiceFee = "service_fee",
        /// The gross price of a milestone, or a bonus for it.
        Payment = "payment",
        /// The provider's fee.
        PlatformFee = "platform_fee",
        /// A price that came back from escrow.
        Refund = "refund",
        /// The client's fee on it, that came back as well.
        ServiceFeeRefund = "service_fee_refund",
        /// A payment that went back to the client after its release.
        PaymentReturned = "payment_returned",
        /// The provider's fee on it, that came back as well.
        PlatformFeeRefund = "platform_fee_refund",
        /// Money frozen until a decision.
        Dispute = "dispute",
        /// More than the price.
        Bonus = "bonus",
        /// To a bank account.
        WithdrawalToBank = "withdrawal_to_bank",
        /// To a PayPal account.
        WithdrawalToPayPal = "withdrawal_to_paypal",
        /// To a mobile wallet.
        WithdrawalToMobileMoney = "withdrawal_to_mobile_money",
        /// A withdrawal's money that came back.
        WithdrawalReturned = "withdrawal_returned",
        /// A payment that its payer's bank took back.
        Chargeback = "chargeback",
        /// What came back of it, because the bank decided for the platform.
        ChargebackWon = "chargeback_won",
        /// What was owed after a chargeback, and is paid.
        DebtSettlement = "debt_settlement",
    }
);

impl Purpose {
    /// The words of the source document: "Payment for Order #ORD-095".
    #[must_use]
    pub fn describe(self, reference: &str) -> String {
        match self {
            Self::Deposit => "Deposit".to_owned(),
            Self::Escrow => format!("Escrow for Order #{reference}"),
            Self::ServiceFee => format!("Service fee for Order #{reference}"),
            Self::Payment => format!("Payment for Order #{reference}"),
            Self::PlatformFee => format!("Platform fee for Order #{reference}"),
            Self::Refund => format!("Refund for Order #{reference}"),
            Self::ServiceFeeRefund => format!("Service fee refund for Order #{reference}"),
            Self::PaymentReturned => format!("Payment returned for Order #{reference}"),
            Self::PlatformFeeRefund => format!("Platform fee refund for Order #{reference}"),
            Self::Dispute => format!("Dispute about Order #{reference}"),
            Self::Bonus => format!("Bonus for Order #{reference}"),
            Self::WithdrawalToBank => "Withdrawal to Bank Account".to_owned(),
            Self::WithdrawalToPayPal => "Withdrawal to PayPal".to_owned(),
            Self::WithdrawalToMobileMoney => "Withdrawal to Mobile Money".to_owned(),
            Self::WithdrawalReturned => format!("Withdrawal {reference} returned"),
            Self::Chargeback => "Chargeback".to_owned(),
            Self::ChargebackWon => "Chargeback returned".to_owned(),
            Self::DebtSettlement => "Debt payment".to_owned(),
        }
    }
}

impl From<PayoutMethod> for Purpose {
    fn from(method: PayoutMethod) -> Self {
        match method {
            PayoutMethod::BankTransfer => Self::WithdrawalToBank,
            PayoutMethod::PayPal => Self::WithdrawalToPayPal,
            PayoutMethod::MobileMoney => Self::WithdrawalToMobileMoney,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_source_has_a_key_of_its_own() {
        let contract = ContractId::new(Uuid::from_u128(1));
        let withdrawal = WithdrawalId::new(1).unwrap();
        let (first, second) = (MilestoneNumber::FIRST, MilestoneNumber::new(2).unwrap());
        let sources = [
            Source::Deposit(DepositId::new(Uuid::from_u128(1))),
            Source::Funding(contract),
            Source::Release(contract, first),
            Source::Release(contract, second),
            Source::Clearance(contract, first),
            Source::Refund(contract, first),
            Source::DisputeOpened(contract, first),
            Source::DisputeDecided(contract, first),
            Source::Division(contract, first),
            Source::Return(contract, first, 1),
            Source::Return(contract, first, 2),
            Source::WithdrawalRequested(withdrawal),
            Source::WithdrawalPaid(withdrawal),
            Source::WithdrawalReturned(withdrawal),
            Source::Bonus(BonusId::new(Uuid::from_u128(1))),
            Source::Chargeback(ChargebackId::new(Uuid::from_u128(1))),
            Source::ChargebackWon(ChargebackId::new(Uuid::from_u128(1))),
            Source::DebtSettled(DebtSettlementId::new(Uuid::from_u128(1))),
        ];
        let keys: BTreeSet<_> = sources.iter().map(Source::to_string).collect();
        assert_eq!(keys.len(), sources.len());
        assert!(keys.contains("withdrawal_paid:WD-001"));
        let kinds: BTreeSet<_> = sources.iter().map(Source::kind).collect();
        assert_eq!(kinds.len(), TransactionKind::ALL.len());
    }

    #[test]
    fn the_words_of_the_source_document() {
        assert_eq!(Purpose::Payment.describe("ORD-095"), "Payment for Order #ORD-095");
        assert_eq!(Purpose::PlatformFee.describe("ORD-095"), "Platform fee for Order #ORD-095");
        assert_eq!(Purpose::WithdrawalToBank.describe("WD-042"), "Withdrawal to Bank Account");
    }
}
