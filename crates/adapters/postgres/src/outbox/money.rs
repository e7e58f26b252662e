//! Facts about money.

use domain::ids::UserId;
use domain::money::{ChargebackRef, MoneyEvent, WithdrawalRef};
use serde_json::{Map, Value, json};

use super::{amount, contract, object, with};

/// Whose money came or went.
pub(super) const fn about(event: &MoneyEvent) -> UserId {
    match event {
        MoneyEvent::DepositCompleted { user_id, .. } | MoneyEvent::DepositFailed { user_id, .. } => *user_id,
        MoneyEvent::PaymentReceived { contract, .. }
        | MoneyEvent::PaymentCleared { contract, .. }
        | MoneyEvent::BonusReceived { contract, .. } => contract.provider_id,
        MoneyEvent::PaymentRefunded { contract, .. }
        | MoneyEvent::PaymentReturned { contract, .. }
        | MoneyEvent::PaymentChargedBack { contract, .. } => contract.client_id,
        MoneyEvent::ChargebackReceived { chargeback, .. }
        | MoneyEvent::ChargebackWon { chargeback, .. }
        | MoneyEvent::ChargebackLost(chargeback) => chargeback.user_id,
        MoneyEvent::DebtSettled { user_id, .. } => *user_id,
        MoneyEvent::WithdrawalRejected { withdrawal, .. }
        | MoneyEvent::WithdrawalRequested(withdrawal)
        | MoneyEvent::WithdrawalFirstApproved(withdrawal)
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
        MoneyEvent::PaymentReturned { contract: parties, milestone, gross, fee, refunded }
        | MoneyEvent::PaymentChargedBack { contract: parties, milestone, gross, fee, refunded } => with(
            contract(parties),
            [
                ("milestone", json!(milestone.number())),
                ("gross", amount(*gross)),
                ("fee", amount(*fee)),
                ("refunded", amount(*refunded)),
            ],
        ),
        MoneyEvent::ChargebackReceived { chargeback: received, debt } => {
            with(chargeback(received), [("debt", amount(*debt))])
        }
        MoneyEvent::ChargebackWon { chargeback: won, available } => {
            with(chargeback(won), [("available", amount(*available))])
        }
        MoneyEvent::ChargebackLost(lost) => Value::Object(chargeback(lost)),
        MoneyEvent::DebtSettled { user_id, amount: paid, left } => json!({
            "user_id": user_id.to_string(),
            "amount": amount(*paid),
            "left": amount(*left),
        }),
        MoneyEvent::WithdrawalRejected { withdrawal: rejected, reason } => {
            with(withdrawal(rejected), [("reason", json!(reason))])
        }
        MoneyEvent::WithdrawalRequested(going)
        | MoneyEvent::WithdrawalFirstApproved(going)
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

fn chargeback(chargeback: &ChargebackRef) -> Map<String, Value> {
    let ChargebackRef { chargeback_id, deposit_id, user_id, amount: taken } = chargeback;
    object([
        ("chargeback_id", json!(chargeback_id.to_string())),
        ("deposit_id", json!(deposit_id.to_string())),
        ("user_id", json!(user_id.to_string())),
        ("amount", amount(*taken)),
    ])
}
