//! Names and keys are promises: whoever reads old facts relies on them.

use chrono::DateTime;
use domain::actor::Party;
use domain::bidding::{BidEvent, BidRef, DeclineReason};
use domain::contracts::{ContractEvent, Stars};
use domain::identity::{IdentityEvent, Role};
use domain::ids::{
    BidId, BonusId, ChatId, ContractId, DepositId, MessageId, MilestoneNumber, OrderId, SessionId, UserId,
    WithdrawalId,
};
use domain::messaging::{ChatRef, MessagingEvent, OpeningReason};
use domain::money::{Currency, MoneyEvent, WithdrawalRef};
use domain::orders::{Cancellation, OrderEvent, Progress};
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
        (IdentityEvent::ProfileChanged { user_id }, "user.profile_changed", json!({"user_id": user})),
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
        (IdentityEvent::Unblocked { user_id, by }, "user.unblocked", json!({"user_id": user, "by": admin})),
        (IdentityEvent::Deactivated { user_id }, "user.deactivated", json!({"user_id": user})),
    ];
    for (event, name, payload) in cases {
        let told = told(&Fact::Identity(event));
        assert_eq!((told.name, told.payload), (name, payload));
        assert_eq!(told.user_id, Some(user_id));
    }
}

#[test]
fn keys_about_money_that_becomes_available_are_stable() {
    let (me, them) = (provider().to_string(), client().to_string());
    let contract_id = ContractId::new(Uuid::from_u128(7));
    let contract = ContractParties {
        contract_id,
        order_id: OrderId::new(95).unwrap(),
        client_id: client(),
        provider_id: provider(),
    };
    let id = contract_id.to_string();
    let usd = |minor| Money::total(minor, Currency::Usd).unwrap();
    let amount = |minor: i64| json!({"amount_minor": minor, "currency": "USD"});
    let cases = [
        (
            MoneyEvent::BonusReceived {
                bonus_id: BonusId::new(Uuid::from_u128(5)),
                contract,
                amount: usd(100),
                fee: usd(10),
            },
            "payment.bonus",
            json!({"contract_id": id, "order_id": "ORD-095", "client_id": them, "provider_id": me,
                   "bonus_id": "00000000-0000-0000-0000-000000000005", "amount": amount(100), "fee": amount(10)}),
        ),
        (
            MoneyEvent::PaymentCleared { contract, milestone: MilestoneNumber::FIRST, amount: usd(90) },
            "payment.cleared",
            json!({"contract_id": id, "order_id": "ORD-095", "client_id": them, "provider_id": me,
                   "milestone": 1, "amount": amount(90)}),
        ),
    ];
    for (event, name, payload) in cases {
        let told = told(&Fact::Money(event));
        assert_eq!((told.name, told.payload), (name, payload));
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
            MoneyEvent::PaymentRefunded { contract: parties(user_id, other), milestone, amount: usd(105) },
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

/// Each fact beside what is told of it: the name, the account, and the payload.
fn check<F: Into<Fact>>(cases: impl IntoIterator<Item = (F, &'static str, UserId, Value)>) {
    for (event, name, about, payload) in cases {
        let told = told(&event.into());
        assert_eq!((told.name, told.payload), (name, payload));
        assert_eq!(told.user_id, Some(about), "{name}");
    }
}

fn client() -> UserId {
    UserId::new(Uuid::from_u128(1))
}

fn provider() -> UserId {
    UserId::new(Uuid::from_u128(2))
}

/// An object with these keys, beside those that all facts of its kind have.
fn beside(known: &Value, particulars: Value) -> Value {
    let (Value::Object(mut known), Value::Object(particulars)) = (known.clone(), particulars) else {
        panic!("objects")
    };
    known.extend(particulars);
    Value::Object(known)
}

#[test]
fn keys_about_orders_are_stable() {
    let (order_id, client_id, provider_id) = (OrderId::new(95).unwrap(), client(), provider());
    let reason = Cancellation::NotFunded;
    let alone = json!({"order_id": "ORD-095", "client_id": client_id.to_string()});
    let both = beside(&alone, json!({"provider_id": provider_id.to_string()}));
    check([
        (OrderEvent::Posted { order_id, client_id }, "order.posted", client_id, alone.clone()),
        (
            OrderEvent::Invited { order_id, client_id, provider_id },
            "order.invited",
            provider_id,
            both.clone(),
        ),
        (
            OrderEvent::InvitationDeclined { order_id, client_id, provider_id },
            "order.invitation_declined",
            provider_id,
            both.clone(),
        ),
        (
            OrderEvent::Edited { order_id, client_id, revision: 2, is_material: true },
            "order.edited",
            client_id,
            beside(&alone, json!({"revision": 2, "is_material": true})),
        ),
        (OrderEvent::Expired { order_id, client_id }, "order.expired", client_id, alone.clone()),
        (OrderEvent::Started { order_id, client_id, provider_id }, "order.started", client_id, both.clone()),
        (
            OrderEvent::Completed { order_id, client_id, provider_id, settled_by: Party::System },
            "order.completed",
            client_id,
            beside(&both, json!({"settled_by": "system"})),
        ),
        (
            OrderEvent::Cancelled { order_id, client_id, provider_id: Some(provider_id), reason },
            "order.cancelled",
            client_id,
            beside(&both, json!({"reason": "not_funded"})),
        ),
        (
            OrderEvent::Cancelled { order_id, client_id, provider_id: None, reason },
            "order.cancelled",
            client_id,
            beside(&alone, json!({"provider_id": null, "reason": "not_funded"})),
        ),
        (
            OrderEvent::Reopened { order_id, client_id, provider_id },
            "order.reopened",
            client_id,
            both.clone(),
        ),
    ]);
}

#[test]
fn keys_about_the_work_on_orders_are_stable() {
    let (order_id, client_id, provider_id) = (OrderId::new(95).unwrap(), client(), provider());
    let progress = Progress::new(65).unwrap();
    let rating = Stars::new(4).unwrap();
    let (client, provider) = (client_id.to_string(), provider_id.to_string());
    check([
        (
            OrderEvent::Progressed { order_id, client_id, provider_id, progress },
            "order.progressed",
            client_id,
            json!({"order_id": "ORD-095", "client_id": client, "provider_id": provider, "progress": 65}),
        ),
        (
            OrderEvent::Reviewed { order_id, author_id: client_id, subject_id: provider_id, rating },
            "order.reviewed",
            provider_id,
            json!({"order_id": "ORD-095", "author_id": client, "subject_id": provider, "rating": 4}),
        ),
    ]);
}

#[test]
fn keys_about_bids_are_stable() {
    let bid = BidRef {
        bid_id: BidId::new(24).unwrap(),
        order_id: OrderId::new(95).unwrap(),
        client_id: client(),
        provider_id: provider(),
    };
    let known = json!({"bid_id": "BID-024", "order_id": "ORD-095", "client_id": client().to_string(),
                       "provider_id": provider().to_string()});
    type Plain = fn(BidRef) -> BidEvent;
    let plain: [(Plain, &str); 9] = [
        (BidEvent::Placed, "bid.placed"),
        (BidEvent::Edited, "bid.edited"),
        (BidEvent::Confirmed, "bid.confirmed"),
        (BidEvent::Outdated, "bid.outdated"),
        (BidEvent::Countered, "bid.countered"),
        (BidEvent::CounterAccepted, "bid.counter_accepted"),
        (BidEvent::CounterRejected, "bid.counter_rejected"),
        (BidEvent::Accepted, "bid.accepted"),
        (BidEvent::Withdrawn, "bid.withdrawn"),
    ];
    check(plain.map(|(event, name)| (event(bid), name, provider(), known.clone())));
    check(DeclineReason::ALL.iter().map(|reason| {
        let payload = beside(&known, json!({"reason": reason.as_str()}));
        (BidEvent::Declined { bid, reason: *reason }, "bid.declined", provider(), payload)
    }));
}

#[test]
fn keys_about_contracts_are_stable() {
    let contract = ContractParties {
        contract_id: ContractId::new(Uuid::from_u128(4)),
        order_id: OrderId::new(95).unwrap(),
        client_id: client(),
        provider_id: provider(),
    };
    let usd = |minor| Money::total(minor, Currency::Usd).unwrap();
    let amount = |minor: i64| json!({"amount_minor": minor, "currency": "USD"});
    let milestone = MilestoneNumber::FIRST;
    let known = json!({"contract_id": contract.contract_id.to_string(), "order_id": "ORD-095",
                       "client_id": client().to_string(), "provider_id": provider().to_string()});
    let step = beside(&known, json!({"milestone": 1}));
    let cases = [
        (
            ContractEvent::Made { contract, price: usd(100) },
            "contract.made",
            beside(&known, json!({"price": amount(100)})),
        ),
        (
            ContractEvent::Funded { contract, amount: usd(105) },
            "contract.funded",
            beside(&known, json!({"amount": amount(105)})),
        ),
        (ContractEvent::Ended { contract }, "contract.ended", known.clone()),
        (ContractEvent::Completed { contract }, "contract.completed", known.clone()),
        (ContractEvent::MilestoneStarted { contract, milestone }, "milestone.started", step.clone()),
        (
            ContractEvent::MilestoneSubmitted { contract, milestone, submission: 2 },
            "milestone.submitted",
            beside(&step, json!({"submission": 2})),
        ),
        (
            ContractEvent::ReleaseDue { contract, milestone, releases_at: DateTime::UNIX_EPOCH },
            "milestone.release_due",
            beside(&step, json!({"releases_at": "1970-01-01T00:00:00.000000Z"})),
        ),
        (
            ContractEvent::ChangesRequested { contract, milestone, message: "again".into() },
            "milestone.changes_requested",
            beside(&step, json!({"message": "again"})),
        ),
        (
            ContractEvent::MilestoneApproved { contract, milestone, by_clock: true },
            "milestone.approved",
            beside(&step, json!({"by_clock": true})),
        ),
        (ContractEvent::MilestoneRefunded { contract, milestone }, "milestone.refunded", step.clone()),
        (
            ContractEvent::MilestoneDisputed { contract, milestone, opened_by: Party::Client },
            "milestone.disputed",
            beside(&step, json!({"opened_by": "client"})),
        ),
        (
            ContractEvent::DisputeDecided { contract, milestone, to_provider: usd(60), to_client: usd(40) },
            "dispute.decided",
            beside(&step, json!({"to_provider": amount(60), "to_client": amount(40)})),
        ),
    ];
    check(cases.map(|(event, name, payload)| (event, name, provider(), payload)));
}

#[test]
fn keys_about_chats_are_stable() {
    let chat = ChatRef {
        chat_id: ChatId::new(Uuid::from_u128(8)),
        order_id: OrderId::new(95).unwrap(),
        client_id: client(),
        provider_id: provider(),
    };
    let message_id = MessageId::new(Uuid::from_u128(9));
    let known = json!({"chat_id": chat.chat_id.to_string(), "order_id": "ORD-095",
                       "client_id": client().to_string(), "provider_id": provider().to_string()});
    // The account is always that of the other side.
    let reason = OpeningReason::CounterOffer;
    check([
        (
            MessagingEvent::ChatOpened { chat, opened_by: client(), reason },
            "chat.opened",
            provider(),
            beside(&known, json!({"opened_by": client().to_string(), "reason": "counter_offer"})),
        ),
        (
            MessagingEvent::MessageSent { chat, message_id, sender_id: provider() },
            "message.sent",
            client(),
            beside(
                &known,
                json!({"message_id": message_id.to_string(), "sender_id": provider().to_string()}),
            ),
        ),
        (
            MessagingEvent::MessagesRead { chat, reader_id: client(), up_to: message_id },
            "chat.read",
            provider(),
            beside(&known, json!({"reader_id": client().to_string(), "up_to": message_id.to_string()})),
        ),
    ]);
}
