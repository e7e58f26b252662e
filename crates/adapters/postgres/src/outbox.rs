//! Facts on their way out: the rows of `outbox`.
//!
//! A payload's keys are as stable as the fact's name: whoever reads old rows relies on them. Ids
//! are strings. The match is exhaustive and destructures in full, so that a new fact, or a new
//! particular of one, does not compile until it has been given its key.

mod dispatch;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::event::{Event, Fact};
use domain::identity::IdentityEvent;
use domain::ids::{EventId, UserId};
use domain::money::{ContractParties, Money, MoneyEvent, WithdrawalRef};
use ports::store::StoreError;
use serde_json::{Map, Value, json};

use crate::error::store_error;
use crate::schema::outbox;

/// A fact in the form of a row.
struct Told {
    name: &'static str,
    user_id: Option<UserId>,
    payload: Value,
}

fn told(fact: &Fact) -> Told {
    match fact {
        Fact::Identity(event) => {
            Told { name: event.name(), user_id: Some(event.user_id()), payload: identity_payload(event) }
        }
        Fact::Money(event) => {
            Told { name: event.name(), user_id: Some(whose_money(event)), payload: money_payload(event) }
        }
    }
}

fn identity_payload(event: &IdentityEvent) -> Value {
    match event {
        IdentityEvent::Registered { user_id, role } => {
            json!({ "user_id": user_id.to_string(), "role": role.as_str() })
        }
        IdentityEvent::IdentityChanged { user_id, email_changed } => {
            json!({ "user_id": user_id.to_string(), "email_changed": email_changed })
        }
        IdentityEvent::PasswordChanged { user_id } | IdentityEvent::Deactivated { user_id } => {
            json!({ "user_id": user_id.to_string() })
        }
        IdentityEvent::TokenReuseDetected { user_id, session_id } => {
            json!({ "user_id": user_id.to_string(), "session_id": session_id.to_string() })
        }
        IdentityEvent::Blocked { user_id, by, reason } => {
            json!({ "user_id": user_id.to_string(), "by": by.to_string(), "reason": reason })
        }
        IdentityEvent::Unblocked { user_id, by } => {
            json!({ "user_id": user_id.to_string(), "by": by.to_string() })
        }
    }
}

/// The account that the fact is about: whose money came or went.
const fn whose_money(event: &MoneyEvent) -> UserId {
    match event {
        MoneyEvent::DepositCompleted { user_id, .. } | MoneyEvent::DepositFailed { user_id, .. } => *user_id,
        MoneyEvent::PaymentReceived { contract, .. } => contract.provider_id,
        MoneyEvent::PaymentRefunded { contract, .. } => contract.client_id,
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

fn money_payload(event: &MoneyEvent) -> Value {
    match event {
        MoneyEvent::DepositCompleted { deposit_id, user_id, amount }
        | MoneyEvent::DepositFailed { deposit_id, user_id, amount } => json!({
            "deposit_id": deposit_id.to_string(),
            "user_id": user_id.to_string(),
            "amount": amount_payload(*amount),
        }),
        MoneyEvent::PaymentReceived { contract, milestone, gross, fee } => {
            let mut payload = contract_payload(contract);
            payload.extend([
                ("milestone".to_owned(), json!(milestone.number())),
                ("gross".to_owned(), amount_payload(*gross)),
                ("fee".to_owned(), amount_payload(*fee)),
            ]);
            Value::Object(payload)
        }
        MoneyEvent::PaymentRefunded { contract, milestone, amount } => {
            let mut payload = contract_payload(contract);
            payload.extend([
                ("milestone".to_owned(), json!(milestone.number())),
                ("amount".to_owned(), amount_payload(*amount)),
            ]);
            Value::Object(payload)
        }
        MoneyEvent::WithdrawalRejected { withdrawal, reason } => {
            let mut payload = withdrawal_payload(withdrawal);
            payload.insert("reason".to_owned(), json!(reason));
            Value::Object(payload)
        }
        MoneyEvent::WithdrawalRequested(withdrawal)
        | MoneyEvent::WithdrawalApproved(withdrawal)
        | MoneyEvent::WithdrawalSent(withdrawal)
        | MoneyEvent::WithdrawalPaid(withdrawal)
        | MoneyEvent::WithdrawalCancelled(withdrawal)
        | MoneyEvent::WithdrawalFailed(withdrawal)
        | MoneyEvent::WithdrawalNeedsReview(withdrawal) => Value::Object(withdrawal_payload(withdrawal)),
    }
}

fn amount_payload(amount: Money) -> Value {
    json!({ "amount_minor": amount.minor(), "currency": amount.currency().as_str() })
}

fn contract_payload(contract: &ContractParties) -> Map<String, Value> {
    let ContractParties { contract_id, order_id, client_id, provider_id } = contract;
    Map::from_iter([
        ("contract_id".to_owned(), json!(contract_id.to_string())),
        ("order_id".to_owned(), json!(order_id.to_string())),
        ("client_id".to_owned(), json!(client_id.to_string())),
        ("provider_id".to_owned(), json!(provider_id.to_string())),
    ])
}

fn withdrawal_payload(withdrawal: &WithdrawalRef) -> Map<String, Value> {
    let WithdrawalRef { withdrawal_id, user_id, amount } = withdrawal;
    Map::from_iter([
        ("withdrawal_id".to_owned(), json!(withdrawal_id.to_string())),
        ("user_id".to_owned(), json!(user_id.to_string())),
        ("amount".to_owned(), amount_payload(*amount)),
    ])
}

/// Appends one fact.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    id: EventId,
    event: &Event,
) -> Result<(), StoreError> {
    let Event { fact, occurred_at } = event;
    let Told { name, user_id, payload } = told(fact);
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id.uuid()),
            outbox::name.eq(name),
            outbox::user_id.eq(user_id.map(UserId::uuid)),
            outbox::payload.eq(payload),
            outbox::occurred_at.eq(*occurred_at),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::identity::Role;
    use domain::ids::{ContractId, DepositId, MilestoneNumber, OrderId, SessionId, WithdrawalId};
    use domain::money::Currency;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn keys_are_stable() {
        let user_id = UserId::new(Uuid::from_u128(1));
        let by = UserId::new(Uuid::from_u128(2));
        let session_id = SessionId::new(Uuid::from_u128(3));
        let (user, admin) = (user_id.to_string(), by.to_string());
        let cases = [
            (
                IdentityEvent::Registered { user_id, role: Role::Writer },
                "user.registered",
                json!({"user_id": user, "role": "writer"}),
            ),
            (
                IdentityEvent::IdentityChanged { user_id, email_changed: true },
                "user.identity_changed",
                json!({"user_id": user, "email_changed": true}),
            ),
            (IdentityEvent::PasswordChanged { user_id }, "user.password_changed", json!({"user_id": user})),
            (
                IdentityEvent::TokenReuseDetected { user_id, session_id },
                "session.token_reuse_detected",
                json!({"user_id": user, "session_id": session_id.to_string()}),
            ),
            (
                IdentityEvent::Blocked { user_id, by, reason: "spam".into() },
                "user.blocked",
                json!({"user_id": user, "by": admin, "reason": "spam"}),
            ),
            (
                IdentityEvent::Unblocked { user_id, by },
                "user.unblocked",
                json!({"user_id": user, "by": admin}),
            ),
            (IdentityEvent::Deactivated { user_id }, "user.deactivated", json!({"user_id": user})),
        ];
        for (event, name, payload) in cases {
            let told = told(&Fact::Identity(event));
            assert_eq!((told.name, told.payload), (name, payload));
            assert_eq!(told.user_id, Some(user_id));
        }
    }
    #[test]
    fn keys_about_money_are_stable() {
        let (user_id, other) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        let deposit_id = DepositId::new(Uuid::from_u128(3));
        let contract_id = ContractId::new(Uuid::from_u128(4));
        let usd = |minor| Money::total(minor, Currency::Usd).unwrap();
        let withdrawal =
            WithdrawalRef { withdrawal_id: WithdrawalId::new(42).unwrap(), user_id, amount: usd(500) };
        let parties = |client_id, provider_id| ContractParties {
            contract_id,
            order_id: OrderId::new(95).unwrap(),
            client_id,
            provider_id,
        };
        let milestone = MilestoneNumber::FIRST;
        let amount = |minor: i64| json!({"amount_minor": minor, "currency": "USD"});
        let (me, them) = (user_id.to_string(), other.to_string());
        let paid_in = json!({"deposit_id": deposit_id.to_string(), "user_id": me, "amount": amount(7)});
        let going_out = json!({"withdrawal_id": "WD-042", "user_id": me, "amount": amount(500)});
        let contract = contract_id.to_string();
        let mut cases = vec![
            (
                MoneyEvent::DepositCompleted { deposit_id, user_id, amount: usd(7) },
                "deposit.completed",
                paid_in.clone(),
            ),
            (MoneyEvent::DepositFailed { deposit_id, user_id, amount: usd(7) }, "deposit.failed", paid_in),
            (
                MoneyEvent::PaymentReceived {
                    contract: parties(other, user_id),
                    milestone,
                    gross: usd(100),
                    fee: usd(10),
                },
                "payment.received",
                json!({"contract_id": contract, "order_id": "ORD-095", "client_id": them, "provider_id": me,
                       "milestone": 1, "gross": amount(100), "fee": amount(10)}),
            ),
            (
                MoneyEvent::PaymentRefunded {
                    contract: parties(user_id, other),
                    milestone,
                    amount: usd(105),
                },
                "payment.refunded",
                json!({"contract_id": contract, "order_id": "ORD-095", "client_id": me, "provider_id": them,
                       "milestone": 1, "amount": amount(105)}),
            ),
            (
                MoneyEvent::WithdrawalRejected { withdrawal, reason: "no".into() },
                "withdrawal.rejected",
                json!({"withdrawal_id": "WD-042", "user_id": me, "amount": amount(500), "reason": "no"}),
            ),
        ];
        type Plain = fn(WithdrawalRef) -> MoneyEvent;
        let plain: [(Plain, &str); 7] = [
            (MoneyEvent::WithdrawalRequested, "withdrawal.requested"),
            (MoneyEvent::WithdrawalApproved, "withdrawal.approved"),
            (MoneyEvent::WithdrawalSent, "withdrawal.sent"),
            (MoneyEvent::WithdrawalPaid, "withdrawal.paid"),
            (MoneyEvent::WithdrawalCancelled, "withdrawal.cancelled"),
            (MoneyEvent::WithdrawalFailed, "withdrawal.failed"),
            (MoneyEvent::WithdrawalNeedsReview, "withdrawal.needs_review"),
        ];
        cases.extend(plain.map(|(event, name)| (event(withdrawal), name, going_out.clone())));
        for (event, name, payload) in cases {
            let told = told(&Fact::Money(event));
            assert_eq!((told.name, told.payload), (name, payload));
            assert_eq!(told.user_id, Some(user_id), "{name}");
        }
    }
}
