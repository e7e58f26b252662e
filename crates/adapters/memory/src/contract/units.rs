//! Beginning, committing, rolling back and dropping.

use std::pin::pin;

use domain::actor::Party;
use domain::audit::AuditEvent;
use domain::bidding::{BidEvent, BidRef, DeclineReason};
use domain::contracts::{ContractEvent, ProposalEvent, ProposalKind, ProposalRef, Resolver, Stars};
use domain::disputes::{DisputeEvent, DisputeRef};
use domain::event::{Event, Fact};
use domain::identity::{IdentityEvent, Role, User};
use domain::ids::{
    BidId, BonusId, ChargebackId, ChatId, ContractId, DepositId, DisputeId, LedgerCheckId, MessageId,
    MilestoneNumber, OrderId, ProposalId, SessionId, UserId, WithdrawalId,
};
use domain::messaging::{ChatRef, MessagingEvent, OpeningReason};
use domain::money::{ChargebackRef, ContractParties, MoneyEvent, WithdrawalRef};
use domain::orders::{Cancellation, OrderEvent, Progress};
use ports::identity::Lock;
use ports::store::StoreError;

use super::Subject;
use super::money_scene::usd;
use super::scene::{
    begin, commit, event_of, fresh_email, fresh_event_id, fresh_uuid, insert, locked, must_end, must_wait,
    name, new_user, now, reloaded, rollback, save, stored_user,
};

pub(super) async fn what_is_committed_is_seen_by_everybody(subject: &Subject) {
    let user = new_user(fresh_email());
    let mut work = begin(subject).await;
    insert(work.as_mut(), &user).await;
    work.outbox().append(&[(fresh_event_id(), event_of(user.id))]).await.expect("a fact is appended");
    commit(work).await;
    let view = subject.accounts.account(user.id).await.expect("the question is answered");
    assert!(view.is_some(), "the account is shown");
    assert_eq!(reloaded(subject, user.id).await, user, "and can be loaded");
}

pub(super) async fn what_is_not_committed_is_seen_only_inside(subject: &Subject) {
    let user = new_user(fresh_email());
    let mut inside = begin(subject).await;
    insert(inside.as_mut(), &user).await;
    let own = inside.users().lock(user.id, Lock::Exclusive).await.expect("the account is loaded");
    assert_eq!(own.as_ref(), Some(&user), "the transaction sees what it wrote");

    let mut outside = begin(subject).await;
    let seen = must_end(outside.users().lock(user.id, Lock::Exclusive), "who loads an unseen row").await;
    assert_eq!(seen.expect("the question is answered"), None, "another transaction does not");
    let view = subject.accounts.account(user.id).await.expect("the question is answered");
    assert_eq!(view, None, "nor does a question");
    let found = subject.accounts.credentials(&user.email).await.expect("the question is answered");
    assert!(found.is_none(), "nor does a login attempt");
    rollback(outside).await;
    rollback(inside).await;
}

pub(super) async fn a_rollback_leaves_nothing(subject: &Subject) {
    let kept = stored_user(subject).await;
    let user = new_user(fresh_email());
    let mut work = begin(subject).await;
    insert(work.as_mut(), &user).await;
    let mut changed = locked(work.as_mut(), kept.id).await;
    changed.full_name = name("Somebody Else");
    save(work.as_mut(), &mut changed).await;
    rollback(work).await;
    let view = subject.accounts.account(user.id).await.expect("the question is answered");
    assert_eq!(view, None, "the inserted account is gone");
    assert_eq!(reloaded(subject, kept.id).await, kept, "the changed one is as before");
}

pub(super) async fn a_drop_leaves_nothing(subject: &Subject) {
    let kept = stored_user(subject).await;
    let user = new_user(fresh_email());
    let mut work = begin(subject).await;
    insert(work.as_mut(), &user).await;
    let mut changed = locked(work.as_mut(), kept.id).await;
    changed.full_name = name("Somebody Else");
    save(work.as_mut(), &mut changed).await;
    drop(work);
    let loaded = must_end(reloaded(subject, kept.id), "who wants a row of a dropped transaction").await;
    assert_eq!(loaded, kept, "the changed account is as before");
    let view = subject.accounts.account(user.id).await.expect("the question is answered");
    assert_eq!(view, None, "the inserted one is gone");
}

pub(super) async fn a_drop_while_waiting_frees_everything(subject: &Subject) {
    let (wanted, held) = (stored_user(subject).await, stored_user(subject).await);
    let mut first = begin(subject).await;
    locked(first.as_mut(), wanted.id).await;
    let mut second = begin(subject).await;
    locked(second.as_mut(), held.id).await;
    {
        let waiting = pin!(second.users().lock(wanted.id, Lock::Exclusive));
        must_wait(waiting, "the second transaction").await;
    }
    drop(second);
    // PostgreSQL notices that a waiting client is gone only when its wait is over.
    commit(first).await;
    let third = must_end(reloaded(subject, held.id), "who wants a row of a dropped transaction").await;
    assert_eq!(third, held);
    assert_eq!(must_end(reloaded(subject, wanted.id), "who comes after them").await, wanted);
}

pub(super) async fn dropping_many_costs_no_connection_for_good(subject: &Subject) {
    let user = stored_user(subject).await;
    for _ in 0..20 {
        let mut work = begin(subject).await;
        must_end(work.users().lock(user.id, Lock::Exclusive), "who comes after a drop")
            .await
            .expect("the account is loaded");
    }
    assert_eq!(reloaded(subject, user.id).await, user);
}

pub(super) async fn a_refused_call_spoils_the_transaction(subject: &Subject) {
    let user = new_user(fresh_email());
    let twin = User { id: user.id, ..new_user(fresh_email()) };
    let mut work = begin(subject).await;
    insert(work.as_mut(), &user).await;
    let again = work.users().insert(&twin).await;
    assert!(matches!(again, Err(StoreError::Refused(_))), "one account, one identifier: {again:?}");
    let committed = work.commit().await;
    assert!(matches!(committed, Err(StoreError::Spoilt)), "{committed:?}");
    let view = subject.accounts.account(user.id).await.expect("the question is answered");
    assert_eq!(view, None, "nothing was written");
}

/// When it is appended or when it is committed: more than once, as a connection may learn how to do that.
pub(super) async fn a_fact_has_one_identifier(subject: &Subject) {
    for count in [1, 1, 1, 2, 2, 2] {
        let user = stored_user(subject).await;
        let facts: Vec<_> = (0..count).map(|_| (fresh_event_id(), event_of(user.id))).collect();
        let mut work = begin(subject).await;
        work.outbox().append(&facts).await.expect("facts are appended");
        commit(work).await;
        let other = new_user(fresh_email());
        let mut work = begin(subject).await;
        insert(work.as_mut(), &other).await;
        let refused = match work.outbox().append(&facts).await {
            Ok(()) => work.commit().await,
            at_once => at_once,
        };
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        let view = subject.accounts.account(other.id).await.expect("the question is answered");
        assert_eq!(view, None, "nothing was written");
    }
}

pub(super) async fn a_stale_save_spoils_the_transaction(subject: &Subject) {
    let mut stale = stored_user(subject).await;
    let mut current = stale.clone();
    current.full_name = name("Changed In Between");
    let mut first = begin(subject).await;
    save(first.as_mut(), &mut current).await;
    commit(first).await;

    let other = new_user(fresh_email());
    let mut work = begin(subject).await;
    insert(work.as_mut(), &other).await;
    let saved = work.users().save(&mut stale).await;
    assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
    let committed = work.commit().await;
    assert!(matches!(committed, Err(StoreError::Spoilt)), "{committed:?}");
    let view = subject.accounts.account(other.id).await.expect("the question is answered");
    assert_eq!(view, None, "nothing was written");
    assert_eq!(reloaded(subject, current.id).await, current, "the first change stands");
}

pub(super) async fn a_spoilt_transaction_can_be_rolled_back(subject: &Subject) {
    let user = stored_user(subject).await;
    let mut work = begin(subject).await;
    locked(work.as_mut(), user.id).await;
    let mut unknown = new_user(fresh_email());
    assert!(work.users().save(&mut unknown).await.is_err(), "it was never inserted");
    rollback(work).await;
    assert_eq!(must_end(reloaded(subject, user.id), "who comes after a rollback").await, user);
}

fn money_facts(user_id: UserId, other: UserId) -> Vec<MoneyEvent> {
    let deposit_id = DepositId::new(fresh_uuid());
    let withdrawal_id = WithdrawalId::new(1).expect("a number");
    let withdrawal = WithdrawalRef { withdrawal_id, user_id, amount: usd(500) };
    let contract = ContractParties {
        contract_id: ContractId::new(fresh_uuid()),
        order_id: OrderId::new(95).expect("a number"),
        client_id: user_id,
        provider_id: other,
    };
    let milestone = MilestoneNumber::FIRST;
    let chargeback_id = ChargebackId::new(fresh_uuid());
    let chargeback = ChargebackRef { chargeback_id, deposit_id, user_id, amount: usd(1) };
    vec![
        MoneyEvent::DepositCompleted { deposit_id, user_id, amount: usd(1) },
        MoneyEvent::DepositFailed { deposit_id, user_id, amount: usd(1) },
        MoneyEvent::PaymentReceived { contract, milestone, gross: usd(100), fee: usd(0) },
        MoneyEvent::BonusReceived {
            bonus_id: BonusId::new(fresh_uuid()),
            contract,
            amount: usd(100),
            fee: usd(10),
        },
        MoneyEvent::PaymentCleared { contract, milestone, amount: usd(100) },
        MoneyEvent::PaymentRefunded { contract, milestone, amount: usd(100) },
        MoneyEvent::PaymentReturned {
            contract,
            milestone,
            gross: usd(100),
            fee: usd(10),
            refunded: usd(105),
        },
        MoneyEvent::PaymentChargedBack {
            contract,
            milestone,
            gross: usd(100),
            fee: usd(10),
            refunded: usd(105),
        },
        MoneyEvent::WithdrawalRequested(withdrawal),
        MoneyEvent::WithdrawalFirstApproved(withdrawal),
        MoneyEvent::WithdrawalApproved(withdrawal),
        MoneyEvent::WithdrawalSent(withdrawal),
        MoneyEvent::WithdrawalPaid(withdrawal),
        MoneyEvent::WithdrawalRejected { withdrawal, reason: "no \"money\"".to_owned() },
        MoneyEvent::WithdrawalCancelled(withdrawal),
        MoneyEvent::WithdrawalFailed(withdrawal),
        MoneyEvent::WithdrawalNeedsReview(withdrawal),
        MoneyEvent::ChargebackReceived { chargeback, debt: usd(1) },
        MoneyEvent::ChargebackWon { chargeback, available: usd(1) },
        MoneyEvent::ChargebackLost(chargeback),
        MoneyEvent::DebtSettled { user_id, amount: usd(1), left: usd(0) },
    ]
}

/// Every fact about orders, bids and contracts.
fn market_facts(client_id: UserId, provider_id: UserId) -> Vec<Fact> {
    let order_id = OrderId::new(95).expect("a number");
    let bid = BidRef { bid_id: BidId::new(1).expect("a number"), order_id, client_id, provider_id };
    let contract_id = ContractId::new(fresh_uuid());
    let contract = ContractParties { contract_id, order_id, client_id, provider_id };
    let milestone = MilestoneNumber::FIRST;
    let progress = Progress::new(45).expect("a percentage");
    let rating = Stars::new(5).expect("one to five");
    let message = "Zeile 1\n\"Zeile\" 2\t\\ \u{1F512}".to_owned();
    let cancelled = |provider_id, reason| OrderEvent::Cancelled { order_id, client_id, provider_id, reason };
    let orders = [
        OrderEvent::Posted { order_id, client_id },
        OrderEvent::Invited { order_id, client_id, provider_id },
        OrderEvent::InvitationDeclined { order_id, client_id, provider_id },
        OrderEvent::Edited { order_id, client_id, revision: 2, is_material: true },
        OrderEvent::Expired { order_id, client_id },
        OrderEvent::Started { order_id, client_id, provider_id },
        OrderEvent::Progressed { order_id, client_id, provider_id, progress },
        OrderEvent::Completed { order_id, client_id, provider_id, settled_by: Party::Provider },
        cancelled(None, Cancellation::ByClient),
        cancelled(Some(provider_id), Cancellation::NotFunded),
        cancelled(Some(provider_id), Cancellation::Refunded),
        cancelled(Some(provider_id), Cancellation::ByConsent),
        cancelled(None, Cancellation::ClientUnavailable),
        OrderEvent::Reopened { order_id, client_id, provider_id },
        OrderEvent::Reviewed { order_id, author_id: client_id, subject_id: provider_id, rating },
    ];
    let bids = [
        BidEvent::Placed(bid),
        BidEvent::Edited(bid),
        BidEvent::Confirmed(bid),
        BidEvent::Outdated(bid),
        BidEvent::Countered(bid),
        BidEvent::CounterAccepted(bid),
        BidEvent::CounterRejected(bid),
        BidEvent::Accepted(bid),
        BidEvent::Withdrawn(bid),
    ];
    let declined = DeclineReason::ALL.iter().map(|reason| BidEvent::Declined { bid, reason: *reason });
    let contracts = [
        ContractEvent::Made { contract, price: usd(100) },
        ContractEvent::Funded { contract, amount: usd(105) },
        ContractEvent::Ended { contract },
        ContractEvent::Completed { contract },
        ContractEvent::MilestoneStarted { contract, milestone },
        ContractEvent::MilestoneSubmitted { contract, milestone, submission: 2 },
        ContractEvent::ReleaseDue { contract, milestone, releases_at: now() },
        ContractEvent::ChangesRequested { contract, milestone, message },
        ContractEvent::MilestoneApproved { contract, milestone, by_clock: true },
        ContractEvent::MilestoneRefunded { contract, milestone },
        ContractEvent::MilestoneChargedBack { contract, milestone },
        ContractEvent::MilestoneDisputed { contract, milestone, opened_by: Party::Provider },
        ContractEvent::MilestoneDivided { contract, milestone, to_provider: usd(60), to_client: usd(40) },
    ];
    let decided = Resolver::ALL.iter().map(|resolver| ContractEvent::DisputeDecided {
        contract,
        milestone,
        to_provider: usd(60),
        to_client: usd(40),
        resolver: *resolver,
    });
    let orders = orders.into_iter().map(Fact::from);
    let bids = bids.into_iter().chain(declined).map(Fact::from);
    let contracts = contracts.into_iter().chain(decided).map(Fact::from);
    orders.chain(bids).chain(contracts).chain(agreement_facts(contract)).collect()
}

/// Every fact about what the two sides of a contract agree on, or do not.
fn agreement_facts(contract: ContractParties) -> impl Iterator<Item = Fact> {
    let proposal = move |kind: &ProposalKind| ProposalRef {
        proposal_id: ProposalId::new(fresh_uuid()),
        contract,
        kind: *kind,
        milestone: (*kind != ProposalKind::Cancellation).then_some(MilestoneNumber::FIRST),
        amount: usd(60),
        proposed_by: Party::Client,
    };
    let proposals = ProposalKind::ALL.iter().flat_map(move |kind| {
        let proposal = proposal(kind);
        [
            ProposalEvent::Made(proposal),
            ProposalEvent::Accepted { proposal, accepted_by: Party::Provider },
            ProposalEvent::Rejected(proposal),
            ProposalEvent::Withdrawn(proposal),
            ProposalEvent::Lapsed(proposal),
            ProposalEvent::Superseded(proposal),
        ]
    });
    let dispute_id = DisputeId::new(fresh_uuid());
    let dispute = DisputeRef { dispute_id, contract, milestone: MilestoneNumber::FIRST };
    let (to_provider, by) = (usd(0), Party::Provider);
    let disputes = [
        DisputeEvent::EvidenceAdded { dispute, evidence: 1, by },
        DisputeEvent::OfferMade { dispute, offer: 2, to_provider, by },
        DisputeEvent::OfferRejected { dispute, offer: 2, to_provider, by },
        DisputeEvent::Escalated { dispute, by: Party::System },
    ];
    proposals.map(Fact::from).chain(disputes.into_iter().map(Fact::from))
}

/// Every fact about chats.
fn chat_facts(client_id: UserId, provider_id: UserId) -> Vec<MessagingEvent> {
    let order_id = OrderId::new(95).expect("a number");
    let chat = ChatRef { chat_id: ChatId::new(fresh_uuid()), order_id, client_id, provider_id };
    let message_id = MessageId::new(fresh_uuid());
    let opened = OpeningReason::ALL.iter().map(|reason| MessagingEvent::ChatOpened {
        chat,
        opened_by: client_id,
        reason: *reason,
    });
    let said = [
        MessagingEvent::MessageSent { chat, message_id, sender_id: client_id },
        MessagingEvent::MessagesRead { chat, reader_id: provider_id, up_to: message_id },
    ];
    opened.chain(said).collect()
}

/// Every fact about the check of the books.
fn audit_facts(user_id: UserId, by: UserId) -> Vec<AuditEvent> {
    let check_id = LedgerCheckId::new(fresh_uuid());
    vec![
        AuditEvent::Disagreed { check_id, offending: 3, administrators: vec![user_id, by] },
        AuditEvent::Disagreed { check_id, offending: 1, administrators: vec![] },
        AuditEvent::PayoutsStopped { user_id, check_id },
        AuditEvent::PayoutsResumed { user_id, by, reason: "Zeile 1\n\"Zeile\" 2".to_owned() },
    ]
}

/// Facts of every kind that there is, about these two people.
pub(super) fn facts_of_every_kind(user_id: UserId, by: UserId) -> Vec<Fact> {
    let session_id = SessionId::new(fresh_uuid());
    let reason = "Zeile 1\n\"Zeile\" 2\t\\ \u{1F512}".to_owned();
    let mut facts = vec![
        IdentityEvent::IdentityChanged { user_id, email_changed: true },
        IdentityEvent::ProfileChanged { user_id },
        IdentityEvent::PasswordChanged { user_id },
        IdentityEvent::TokenReuseDetected { user_id, session_id },
        IdentityEvent::Blocked { user_id, by, reason },
        IdentityEvent::Unblocked { user_id, by },
        IdentityEvent::Deactivated { user_id },
    ];
    facts.extend(Role::ALL.map(|role| IdentityEvent::Registered { user_id, role }));
    let mut facts: Vec<Fact> = facts.into_iter().map(Fact::from).collect();
    facts.extend(money_facts(user_id, by).into_iter().map(Fact::from));
    facts.extend(market_facts(user_id, by));
    facts.extend(chat_facts(user_id, by).into_iter().map(Fact::from));
    facts.extend(audit_facts(user_id, by).into_iter().map(Fact::from));
    facts
}

pub(super) async fn facts_of_every_kind_are_taken(subject: &Subject) {
    let (user_id, by) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let facts = facts_of_every_kind(user_id, by);
    let event = |fact| (fresh_event_id(), Event { fact, occurred_at: now() });
    let events: Vec<_> = facts.into_iter().map(event).collect();
    let mut work = begin(subject).await;
    for event in &events {
        let appended = work.outbox().append(std::slice::from_ref(event)).await;
        assert!(appended.is_ok(), "{event:?}: {appended:?}");
    }
    rollback(work).await;
    let mut work = begin(subject).await;
    work.outbox().append(&events).await.expect("all at once");
    commit(work).await;
}
