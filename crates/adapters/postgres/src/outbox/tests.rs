//! Names and keys are promises: whoever reads old facts relies on them.

use chrono::DateTime;
use domain::actor::Party;
use domain::audit::AuditEvent;
use domain::bidding::{BidEvent, BidRef, DeclineReason};
use domain::contracts::{ContractEvent, ProposalEvent, ProposalKind, ProposalRef, Resolver, Stars};
use domain::disputes::{DisputeEvent, DisputeRef};
use domain::identity::{IdentityEvent, Role};
use domain::ids::{
    BidId, BonusId, ChargebackId, ChatId, ContractId, DepositId, DisputeId, LedgerCheckId, MessageId,
    MilestoneNumber, OrderId, ProposalId, SessionId, UserId, WithdrawalId,
};
use domain::messaging::{ChatRef, MessagingEvent, OpeningReason};
use domain::money::{ChargebackRef, Currency, MoneyEvent, WithdrawalRef};
use domain::orders::{Cancellation, OrderEvent, Progress};
use uuid::Uuid;

use super::*;

/// A fact in the form of a row, whatever its identifier and its time.
fn told(fact: &Fact) -> Told {
    super::told(&(EventId::new(Uuid::nil()), Event { fact: fact.clone(), occurred_at: DateTime::default() }))
}

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
#[expect(clippy::too_many_lines, reason = "a table")]
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
            MoneyEvent::PaymentChargedBack {
                contract: parties(user_id, other),
                milestone,
                gross: usd(100),
                fee: usd(10),
                refunded: usd(105),
            },
            "payment.charged_back",
            json!({"contract_id": contract, "order_id": "ORD-095", "client_id": me, "provider_id": them,
                   "milestone": 1, "gross": amount(100), "fee": amount(10), "refunded": amount(105)}),
        ),
        (
            MoneyEvent::WithdrawalRejected { withdrawal, reason: "no".into() },
            "withdrawal.rejected",
            json!({"withdrawal_id": "WD-042", "user_id": me, "amount": amount(500), "reason": "no"}),
        ),
    ];
    let deposit_id = DepositId::new(Uuid::from_u128(3));
    let chargeback_id = ChargebackId::new(Uuid::from_u128(4));
    let chargeback = ChargebackRef { chargeback_id, deposit_id, user_id, amount: usd(500) };
    let taken_back = json!({"chargeback_id": chargeback_id.to_string(), "deposit_id": deposit_id.to_string(),
                            "user_id": me, "amount": amount(500)});
    let and = |key: &str, minor| {
        let mut payload = taken_back.clone();
        payload[key] = amount(minor);
        payload
    };
    cases.extend([
        (
            MoneyEvent::ChargebackReceived { chargeback, debt: usd(40) },
            "chargeback.received",
            and("debt", 40),
        ),
        (
            MoneyEvent::ChargebackWon { chargeback, available: usd(60) },
            "chargeback.won",
            and("available", 60),
        ),
        (MoneyEvent::ChargebackLost(chargeback), "chargeback.lost", taken_back.clone()),
        (
            MoneyEvent::DebtSettled { user_id, amount: usd(7), left: usd(3) },
            "debt.settled",
            json!({"user_id": me, "amount": amount(7), "left": amount(3)}),
        ),
    ]);
    type Plain = fn(WithdrawalRef) -> MoneyEvent;
    let plain: [(Plain, &str); 8] = [
        (MoneyEvent::WithdrawalRequested, "withdrawal.requested"),
        (MoneyEvent::WithdrawalFirstApproved, "withdrawal.first_approved"),
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
#[expect(clippy::too_many_lines, reason = "a table")]
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
        (ContractEvent::MilestoneChargedBack { contract, milestone }, "milestone.charged_back", step.clone()),
        (
            ContractEvent::MilestoneDisputed { contract, milestone, opened_by: Party::Client },
            "milestone.disputed",
            beside(&step, json!({"opened_by": "client"})),
        ),
        (
            ContractEvent::MilestoneDivided { contract, milestone, to_provider: usd(60), to_client: usd(40) },
            "milestone.divided",
            beside(&step, json!({"to_provider": amount(60), "to_client": amount(40)})),
        ),
        (
            ContractEvent::DisputeDecided {
                contract,
                milestone,
                to_provider: usd(60),
                to_client: usd(40),
                resolver: Resolver::Default,
            },
            "dispute.decided",
            beside(&step, json!({"to_provider": amount(60), "to_client": amount(40), "resolver": "default"})),
        ),
    ];
    check(cases.map(|(event, name, payload)| (event, name, provider(), payload)));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn keys_about_agreements_are_stable() {
    let contract = ContractParties {
        contract_id: ContractId::new(Uuid::from_u128(7)),
        order_id: OrderId::new(95).unwrap(),
        client_id: client(),
        provider_id: provider(),
    };
    let proposal_id = ProposalId::new(Uuid::from_u128(8));
    let proposal = |kind, milestone, proposed_by| ProposalRef {
        proposal_id,
        contract,
        kind,
        milestone,
        amount: Money::total(60, Currency::Usd).unwrap(),
        proposed_by,
    };
    let refund = proposal(ProposalKind::Refund, Some(MilestoneNumber::FIRST), Party::Client);
    let end = proposal(ProposalKind::Cancellation, None, Party::Provider);
    let parties = json!({"contract_id": contract.contract_id.to_string(), "order_id": "ORD-095",
                         "client_id": client().to_string(), "provider_id": provider().to_string()});
    let sixty = json!({"amount_minor": 60, "currency": "USD"});
    let of = |kind: &str, milestone: Value, by: &str| {
        beside(
            &parties,
            json!({"proposal_id": proposal_id.to_string(), "kind": kind, "milestone": milestone,
                   "amount": sixty.clone(), "proposed_by": by}),
        )
    };
    let (of_refund, of_end) = (of("refund", json!(1), "client"), of("cancellation", Value::Null, "provider"));
    // The account is always that of the side that is to answer.
    check([
        (ProposalEvent::Made(refund), "proposal.made", provider(), of_refund.clone()),
        (
            ProposalEvent::Accepted { proposal: end, accepted_by: Party::Client },
            "proposal.accepted",
            client(),
            beside(&of_end, json!({"accepted_by": "client"})),
        ),
        (ProposalEvent::Rejected(end), "proposal.rejected", client(), of_end.clone()),
        (ProposalEvent::Withdrawn(refund), "proposal.withdrawn", provider(), of_refund.clone()),
        (ProposalEvent::Lapsed(end), "proposal.lapsed", client(), of_end),
        (ProposalEvent::Superseded(refund), "proposal.superseded", provider(), of_refund),
    ]);
    let dispute_id = DisputeId::new(Uuid::from_u128(9));
    let dispute = DisputeRef { dispute_id, contract, milestone: MilestoneNumber::FIRST };
    let to_provider = Money::total(60, Currency::Usd).unwrap();
    let known = beside(&parties, json!({"dispute_id": dispute_id.to_string(), "milestone": 1}));
    let offer = json!({"offer": 2, "to_provider": sixty, "by": "client"});
    let by = Party::Client;
    check([
        (
            DisputeEvent::EvidenceAdded { dispute, evidence: 3, by },
            "dispute.evidence_added",
            provider(),
            beside(&known, json!({"evidence": 3, "by": "client"})),
        ),
        (
            DisputeEvent::OfferMade { dispute, offer: 2, to_provider, by },
            "dispute.offer_made",
            provider(),
            beside(&known, offer.clone()),
        ),
        (
            DisputeEvent::OfferRejected { dispute, offer: 2, to_provider, by },
            "dispute.offer_rejected",
            provider(),
            beside(&known, offer),
        ),
        (
            DisputeEvent::Escalated { dispute, by: Party::System },
            "dispute.escalated",
            provider(),
            beside(&known, json!({"by": "system"})),
        ),
    ]);
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

#[test]
fn keys_about_the_books_are_stable() {
    let (user_id, by) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
    let check_id = LedgerCheckId::new(Uuid::from_u128(3));
    let (person, admin, check) = (user_id.to_string(), by.to_string(), check_id.to_string());
    let cases = [
        (
            AuditEvent::Disagreed { check_id, offending: 3, administrators: vec![by] },
            "ledger.disagreed",
            None,
            json!({"check_id": check, "offending": 3, "administrators": [admin]}),
        ),
        (
            AuditEvent::PayoutsStopped { user_id, check_id },
            "payouts.stopped",
            Some(user_id),
            json!({"user_id": person, "check_id": check}),
        ),
        (
            AuditEvent::PayoutsResumed { user_id, by, reason: "repaired".into() },
            "payouts.resumed",
            Some(user_id),
            json!({"user_id": person, "by": admin, "reason": "repaired"}),
        ),
    ];
    for (event, name, about, payload) in cases {
        let told = told(&Fact::Audit(event));
        assert_eq!((told.name, told.user_id, told.payload), (name, about, payload));
    }
}
