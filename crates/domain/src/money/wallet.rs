//! What a wallet's totals count, decided here and kept by storage (contract §5, `GET /balance`).
//!
//! Earned is what came as pay and became available, net of the provider's fee; withdrawn is what was
//! asked for and did not come back. What went back to a client after its release is earned no more; as
//! fees are rounded over the whole contract, a cent more may go back than was earned, so that somebody
//! who has earned nothing else may stand at a cent below zero, which is shown as nothing. Deposits, refunds and escrow are neither, so that `available` is
//! earned less withdrawn for whoever never paid anything in.

use std::collections::BTreeMap;

use super::{Account, Currency, LedgerTransaction, Posting, Purpose};
use crate::ids::UserId;

/// By how much a transaction changes somebody's totals, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalletChange {
    /// Added to what was earned; below zero where the fee is more than the pay.
    pub earned: i128,
    /// Added to what was withdrawn; below zero where a withdrawal came back.
    pub withdrawn: i128,
}

impl WalletChange {
    const NOTHING: Self = Self { earned: 0, withdrawn: 0 };

    fn of(posting: &Posting) -> Self {
        let minor = i128::from(posting.minor);
        match posting.purpose {
            Purpose::Payment | Purpose::Bonus if minor > 0 => Self { earned: minor, ..Self::NOTHING },
            Purpose::PlatformFee | Purpose::PaymentReturned if minor < 0 => {
                Self { earned: minor, ..Self::NOTHING }
            }
            Purpose::PlatformFeeRefund if minor > 0 => Self { earned: minor, ..Self::NOTHING },
            Purpose::WithdrawalToBank | Purpose::WithdrawalToPayPal | Purpose::WithdrawalToMobileMoney
                if minor < 0 =>
            {
                Self { withdrawn: -minor, ..Self::NOTHING }
            }
            Purpose::WithdrawalReturned if minor > 0 => Self { withdrawn: -minor, ..Self::NOTHING },
            Purpose::Deposit
            | Purpose::Escrow
            | Purpose::ServiceFee
            | Purpose::Payment
            | Purpose::PlatformFee
            | Purpose::Refund
            | Purpose::ServiceFeeRefund
            | Purpose::PaymentReturned
            | Purpose::PlatformFeeRefund
            | Purpose::Dispute
            | Purpose::Bonus
            | Purpose::WithdrawalToBank
            | Purpose::WithdrawalToPayPal
            | Purpose::WithdrawalToMobileMoney
            | Purpose::WithdrawalReturned
            | Purpose::Chargeback
            | Purpose::ChargebackWon
            | Purpose::DebtSettlement => Self::NOTHING,
        }
    }
}

/// By how much a transaction changes the totals of each wallet. Only postings on available money
/// count: what is clearing counts when it clears. Wallets whose totals stay are left out.
#[must_use]
pub fn wallet_changes(transaction: &LedgerTransaction) -> BTreeMap<(UserId, Currency), WalletChange> {
    let mut changes: BTreeMap<_, WalletChange> = BTreeMap::new();
    for posting in transaction.postings() {
        let Account::UserAvailable(user_id) = posting.account else { continue };
        let change = changes.entry((user_id, posting.currency)).or_default();
        let WalletChange { earned, withdrawn } = WalletChange::of(posting);
        change.earned += earned;
        change.withdrawn += withdrawn;
    }
    changes.retain(|_, change| *change != WalletChange::NOTHING);
    changes
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{BonusId, ContractId, DepositId, MilestoneNumber, OrderId, WithdrawalId};
    use crate::money::{
        BasisPoints, ContractParties, LedgerError, Money, Outside, PayoutMethod, PayoutTo, Refunded,
        Released, movements,
    };

    const CLIENT: UserId = UserId::new(Uuid::from_u128(1));
    const PROVIDER: UserId = UserId::new(Uuid::from_u128(2));
    const FIRST: MilestoneNumber = MilestoneNumber::FIRST;
    const RESTING: PayoutTo = PayoutTo::Clearing { until: chrono::DateTime::UNIX_EPOCH };

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn parties() -> ContractParties {
        ContractParties {
            contract_id: ContractId::new(Uuid::from_u128(7)),
            order_id: OrderId::new(95).unwrap(),
            client_id: CLIENT,
            provider_id: PROVIDER,
        }
    }

    fn counted(booked: Result<LedgerTransaction, LedgerError>) -> Vec<(UserId, i128, i128)> {
        let changes = wallet_changes(&booked.unwrap());
        let line =
            |((user, _), change): ((UserId, Currency), WalletChange)| (user, change.earned, change.withdrawn);
        changes.into_iter().map(line).collect()
    }

    #[test]
    fn what_each_movement_counts() {
        let (parties, id) = (parties(), WithdrawalId::new(1).unwrap());
        let released = Released { gross: usd(100), provider_fee: usd(10), client_fee: usd(5) };
        let refunded = Refunded { amount: usd(40), client_fee: usd(2) };
        let ten_per_cent = BasisPoints::new(1_000).unwrap();
        let deposit = movements::deposit(DepositId::new(Uuid::nil()), PROVIDER, Outside::Sandbox, usd(500));
        let decided = |to| movements::dispute_decided(&parties, FIRST, (released, refunded), to);
        let cases = [
            ("deposit", deposit, vec![]),
            ("fund", movements::fund(&parties, usd(100), usd(5)), vec![]),
            (
                "release",
                movements::release(&parties, FIRST, released, PayoutTo::Available),
                vec![(PROVIDER, 90, 0)],
            ),
            ("release to rest", movements::release(&parties, FIRST, released, RESTING), vec![]),
            ("clearance", movements::clearance_over(&parties, FIRST, usd(90)), vec![(PROVIDER, 90, 0)]),
            ("refund", movements::refund(&parties, FIRST, refunded), vec![]),
            ("dispute", movements::dispute_opened(&parties, FIRST, usd(100)), vec![]),
            ("decision", decided(PayoutTo::Available), vec![(PROVIDER, 90, 0)]),
            ("decision to rest", decided(RESTING), vec![]),
            (
                "bonus",
                movements::bonus(BonusId::new(Uuid::nil()), &parties, usd(50), ten_per_cent),
                vec![(PROVIDER, 45, 0)],
            ),
            ("paid out", movements::withdrawal_paid(id, PROVIDER, usd(70), PayoutMethod::PayPal), vec![]),
            ("returned", movements::withdrawal_returned(id, PROVIDER, usd(70)), vec![(PROVIDER, 0, -70)]),
        ];
        for (name, booked, expected) in cases {
            assert_eq!(counted(booked), expected, "{name}");
        }
        for method in PayoutMethod::ALL {
            let requested = movements::withdrawal_requested(id, PROVIDER, usd(70), *method);
            assert_eq!(counted(requested), [(PROVIDER, 0, 70)], "{method}");
        }
    }

    #[test]
    fn whoever_never_paid_in_has_what_was_earned_less_what_was_withdrawn() {
        let (parties, first, second) =
            (parties(), WithdrawalId::new(1).unwrap(), WithdrawalId::new(2).unwrap());
        let released = Released { gross: usd(1_000), provider_fee: usd(33), client_fee: usd(0) };
        let method = PayoutMethod::BankTransfer;
        let (mut earned, mut withdrawn, mut available) = (0, 0, 0);
        for booked in [
            movements::release(&parties, FIRST, released, RESTING),
            movements::clearance_over(&parties, FIRST, usd(967)),
            movements::withdrawal_requested(first, PROVIDER, usd(300), method),
            movements::withdrawal_paid(first, PROVIDER, usd(300), method),
            movements::withdrawal_requested(second, PROVIDER, usd(200), method),
            movements::withdrawal_returned(second, PROVIDER, usd(200)),
        ] {
            let transaction = booked.unwrap();
            let key = (PROVIDER, Currency::Usd);
            let change = wallet_changes(&transaction).get(&key).copied().unwrap_or_default();
            earned += change.earned;
            withdrawn += change.withdrawn;
            let changes = transaction.changes();
            available += changes.get(&(Account::UserAvailable(PROVIDER), Currency::Usd)).unwrap_or(&0);
            assert_eq!(available, earned - withdrawn);
        }
        assert_eq!((earned, withdrawn), (967, 300));
    }
}
