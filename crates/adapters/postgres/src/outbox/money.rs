//! Facts about money.

use domain::ids::UserId;
use domain::money::{MoneyEvent, WithdrawalRef};
use serde_json::{Map, Value, json};

use super::{amount, contract, object, with};

/// Whose money came or went.
pub(super) const fn about(event: &MoneyEvent) -> UserId {
    match event {
        MoneyEvent::DepositCompleted { user_id, .. } | MoneyEvent::DepositFailed { user_id, .. } => *user_id,
        MoneyEvent::PaymentReceived { contract, .. }
        | MoneyEvent::PaymentCleared { contract, .. }
        | MoneyEvent::BonusReceived { contract, .. } => contract.provider_id,
        MoneyEvent::PaymentRefunded { contract, .. } | MoneyEvent::PaymentReturned { contract, .. } => {
            contract.client_id
        }
        MoneyEvent::WithdrawalRejected { withdrawal, .. }
        | MoneyEvent::WithdrawalRequested(withdrawal)
        | MoneyEvent::WithdrawalApproved(withdrawal)
        | MoneyEvent::WithdrawalSent(withdrawal)
        | MoneyEvent::WithdrawalPaid(withdrawal)
        | MoneyEvent::WithdrawalCancelled(withdrawal)
        | MoneyEvent::WithdrawalFailed(withdrawal)
        | MoneyEvent::WithdrawalNeedsReview(withdrawal) => withdrawal.user_id,
    }
}

pub(super) fn payload(event: &MoneyEvent) -> Value {
    match event {
        MoneyEvent::DepositCompleted { deposit_id, user_id, amount: paid }
        | MoneyEvent::DepositFailed { deposit_id, user_id, amount: paid } => json!({
            "deposit_id": deposit_id.to_string(),
            "user_id": user_id.to_string(),
            "amount": amount(*paid),
        }),
        MoneyEvent::PaymentReceived { contract: parties, milestone, gross, fee } => with(
            contract(parties),
            [("milestone", json!(milestone.number())), ("gross", amount(*gross)), ("fee", amount(*fee))],
        ),
        MoneyEvent::BonusReceived { bonus_id, contract: parties, amount: given, fee } => with(
            contract(parties),
            [("bonus_id", json!(bonus_id.to_string())), ("amount", amount(*given)), ("fee", amount(*fee))],
        ),
        MoneyEvent::PaymentCleared { contract: parties, milestone, amount: moved }
        | MoneyEvent::PaymentRefunded { contract: parties, milestone, amount: moved } => {
            with(contract(parties), [("milestone", json!(milestone.number())), ("amount", amount(*moved))])
        }
        MoneyEvent::PaymentReturned { contract: parties, milestone, gross, fee, refunded } => with(
            contract(parties),
            [
                ("milestone", json!(milestone.number())),
                ("gross", amount(*gross)),
                ("fee", amount(*fee)),
                ("refunded", amount(*refunded)),
            ],
        ),
        MoneyEvent::WithdrawalRejected { withdrawal: rejected, reason } => {
            with(withdrawal(rejected), [("reason", json!(reason))])
        }
        MoneyEvent::WithdrawalRequested(going)
        | MoneyEvent::WithdrawalApproved(going)
        | MoneyEvent::WithdrawalSent(going)
        | MoneyEvent::WithdrawalPaid(going)
        | MoneyEvent::WithdrawalCancelled(going)
        | MoneyEvent::WithdrawalFailed(going)
        | MoneyEvent::WithdrawalNeedsReview(going) => Value::Object(withdrawal(going)),
    }
}

fn withdrawal(withdrawal: &WithdrawalRef) -> Map<String, Value> {
    let WithdrawalRef { withdrawal_id, user_id, amount: going } = withdrawal;
    object([
        ("withdrawal_id", json!(withdrawal_id.to_string())),
        ("user_id", json!(user_id.to_string())),
        ("amount", amount(*going)),
    ])
}
