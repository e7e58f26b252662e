//! Who is told of which fact.
//!
//! The matches are exhaustive and have no catch-all, so that a new fact does not compile until
//! somebody has decided who is told of it. An empty list means: nobody, on purpose.

use super::words::{self, Text};
use super::{Details, Draft, NotificationKind};
use crate::actor::Party;
use crate::audit::AuditEvent;
use crate::bidding::{BidEvent, BidRef, DeclineReason};
use crate::contracts::{ContractEvent, ProposalEvent, ProposalKind, ProposalRef, Resolver};
use crate::disputes::{DisputeEvent, DisputeRef};
use crate::event::Fact;
use crate::identity::IdentityEvent;
use crate::ids::{MilestoneNumber, OrderId, UserId};
use crate::messaging::MessagingEvent;
use crate::money::{ContractParties, Money, MoneyError, MoneyEvent, WithdrawalRef};
use crate::orders::{Cancellation, OrderEvent};

/// What those whom the fact concerns are to be told: each of them one thing at most.
#[must_use]
pub fn drafts(fact: &Fact) -> Vec<Draft> {
    let name = fact.name();
    match fact {
        Fact::Identity(event) => of_account(name, event),
        Fact::Order(event) => of_order(name, event),
        Fact::Bid(event) => of_bid(name, event),
        Fact::Contract(event) => of_contract(name, event),
        Fact::Proposal(event) => of_proposal(name, event),
        Fact::Dispute(event) => of_dispute(name, event),
        Fact::Money(event) => of_money(name, event),
        Fact::Messaging(event) => of_chat(event),
        Fact::Audit(event) => of_audit(name, event),
    }
}

/// What happened, so far as one person is told of it.
struct Told {
    event: &'static str,
    kind: NotificationKind,
    details: Details,
}

impl Told {
    fn to(self, recipient: UserId, text: Text) -> Vec<Draft> {
        let Self { event, kind, details } = self;
        vec![Draft { recipient, kind, event, details, text }]
    }
}

/// Chats count what is unread by themselves: a notification for each message would be noise.
const fn of_chat(fact: &MessagingEvent) -> Vec<Draft> {
    match fact {
        MessagingEvent::ChatOpened { .. }
        | MessagingEvent::MessageSent { .. }
        | MessagingEvent::MessagesRead { .. } => Vec::new(),
    }
}

/// Whoever is held is not told: what disagrees is the program's fault, and nothing has been decided.
fn of_audit(event: &'static str, fact: &AuditEvent) -> Vec<Draft> {
    let told = || Told { event, kind: NotificationKind::System, details: Details::default() };
    match fact {
        AuditEvent::Disagreed { check_id: _, offending: _, administrators } => {
            administrators.iter().flat_map(|id| told().to(*id, words::BOOKS_DISAGREE)).collect()
        }
        AuditEvent::PayoutsStopped { .. } | AuditEvent::PayoutsResumed { .. } => vec![],
    }
}

fn of_account(event: &'static str, fact: &IdentityEvent) -> Vec<Draft> {
    let told = || Told { event, kind: NotificationKind::System, details: Details::default() };
    match fact {
        IdentityEvent::IdentityChanged { user_id, email_changed: true } => {
            told().to(*user_id, words::EMAIL_CHANGED)
        }
        IdentityEvent::PasswordChanged { user_id } => told().to(*user_id, words::PASSWORD_CHANGED),
        IdentityEvent::TokenReuseDetected { user_id, session_id: _ } => {
            told().to(*user_id, words::TOKEN_REUSED)
        }
        // The reason is for the record.
        IdentityEvent::Blocked { user_id, by: _, reason: _ } => told().to(*user_id, words::ACCOUNT_BLOCKED),
        IdentityEvent::Unblocked { user_id, by: _ } => told().to(*user_id, words::ACCOUNT_UNBLOCKED),
        // Their own doing, in plain sight.
        IdentityEvent::Registered { .. }
        | IdentityEvent::IdentityChanged { email_changed: false, .. }
        | IdentityEvent::ProfileChanged { .. }
        | IdentityEvent::Deactivated { .. } => vec![],
    }
}

fn about_order(order_id: OrderId) -> Details {
    Details { order_id: Some(order_id), ..Details::default() }
}

fn of_order(event: &'static str, fact: &OrderEvent) -> Vec<Draft> {
    let told = |order_id| Told { event, kind: NotificationKind::Order, details: about_order(order_id) };
    match fact {
        OrderEvent::Invited { order_id, provider_id, .. } => {
            told(*order_id).to(*provider_id, words::ORDER_INVITED)
        }
        OrderEvent::InvitationDeclined { order_id, client_id, .. } => {
            told(*order_id).to(*client_id, words::INVITATION_DECLINED)
        }
        OrderEvent::Expired { order_id, client_id } => told(*order_id).to(*client_id, words::ORDER_EXPIRED),
        OrderEvent::Started { order_id, provider_id, .. } => {
            told(*order_id).to(*provider_id, words::ORDER_STARTED)
        }
        // The other side of whoever settled it, and both where neither of them did.
        OrderEvent::Completed { order_id, client_id, provider_id, settled_by } => {
            let to = |person| told(*order_id).to(person, words::ORDER_COMPLETED);
            match settled_by {
                Party::Client => to(*provider_id),
                Party::Provider => to(*client_id),
                Party::Owner | Party::Admin | Party::System => [to(*client_id), to(*provider_id)].concat(),
            }
        }
        // The provider hears of it by their bid, or gave the money back, or by the decision.
        OrderEvent::Cancelled { order_id, client_id, reason: Cancellation::NotFunded, .. } => {
            told(*order_id).to(*client_id, words::ORDER_LAPSED)
        }
        OrderEvent::Cancelled { order_id, client_id, reason: Cancellation::Refunded, .. } => {
            told(*order_id).to(*client_id, words::ORDER_REFUNDED)
        }
        OrderEvent::Cancelled { order_id, client_id, reason: Cancellation::ClientUnavailable, .. } => {
            told(*order_id).to(*client_id, words::ORDER_WITHOUT_CLIENT)
        }
        // Who proposed it hears that it was accepted.
        OrderEvent::Cancelled { reason: Cancellation::ByConsent, .. } => vec![],
        OrderEvent::Reviewed { order_id, author_id: _, subject_id, rating } => Told {
            event,
            kind: NotificationKind::Review,
            details: Details { rating: Some(*rating), ..about_order(*order_id) },
        }
        .to(*subject_id, words::REVIEW_RECEIVED),
        // Bidders hear of the first three by their bids, and the client of the last one.
        OrderEvent::Edited { .. }
        | OrderEvent::Cancelled { reason: Cancellation::ByClient, .. }
        | OrderEvent::Reopened { .. }
        | OrderEvent::Posted { .. }
        | OrderEvent::Progressed { .. } => vec![],
    }
}

/// Whoever held or bid on an order that comes to its end hears of the order.
const ORDER_CANCELLED: &str = "order.cancelled";

fn of_bid(event: &'static str, fact: &BidEvent) -> Vec<Draft> {
    let BidRef { bid_id, order_id, client_id, provider_id } = fact.bid();
    let details = Details { bid_id: Some(bid_id), ..about_order(order_id) };
    let told = Told { event, kind: NotificationKind::Bid, details };
    match fact {
        BidEvent::Placed(_) => told.to(client_id, words::BID_PLACED),
        BidEvent::Edited(_) => told.to(client_id, words::BID_EDITED),
        BidEvent::Confirmed(_) => told.to(client_id, words::BID_CONFIRMED),
        BidEvent::CounterAccepted(_) => told.to(client_id, words::COUNTER_ACCEPTED),
        BidEvent::CounterRejected(_) => told.to(client_id, words::COUNTER_REJECTED),
        BidEvent::Withdrawn(_) => told.to(client_id, words::BID_WITHDRAWN),
        BidEvent::Outdated(_) => told.to(provider_id, words::BID_OUTDATED),
        BidEvent::Countered(_) => told.to(provider_id, words::BID_COUNTERED),
        BidEvent::Accepted(_) => told.to(provider_id, words::BID_ACCEPTED),
        BidEvent::Declined { bid: _, reason } => match reason {
            DeclineReason::ByClient => told.to(provider_id, words::BID_DECLINED),
            DeclineReason::AnotherBidWon => told.to(provider_id, words::ANOTHER_BID_WON),
            DeclineReason::OrderCancelled => of_end(told).to(provider_id, words::ORDER_CANCELLED),
            DeclineReason::OrderLapsed => of_end(told).to(provider_id, words::ORDER_LAPSED),
            DeclineReason::ClientUnavailable => of_end(told).to(provider_id, words::CLIENT_UNAVAILABLE),
        },
    }
}

fn of_end(told: Told) -> Told {
    Told { event: ORDER_CANCELLED, kind: NotificationKind::Order, ..told }
}

fn of_contract(event: &'static str, fact: &ContractEvent) -> Vec<Draft> {
    let ContractParties { contract_id: _, order_id, client_id, provider_id } = *fact.contract();
    let told = |milestone: MilestoneNumber| Told {
        event,
        kind: NotificationKind::Order,
        details: Details { milestone: Some(milestone), ..about_order(order_id) },
    };
    match fact {
        ContractEvent::MilestoneSubmitted { milestone, .. } => {
            told(*milestone).to(client_id, words::MILESTONE_SUBMITTED)
        }
        ContractEvent::ChangesRequested { milestone, .. } => {
            told(*milestone).to(provider_id, words::CHANGES_REQUESTED)
        }
        ContractEvent::ReleaseDue { milestone, releases_at, .. } => {
            let mut told = told(*milestone);
            told.details.due_at = Some(*releases_at);
            told.to(client_id, words::RELEASE_DUE)
        }
        ContractEvent::MilestoneApproved { milestone, by_clock: true, .. } => {
            told(*milestone).to(client_id, words::APPROVED_BY_CLOCK)
        }
        ContractEvent::MilestoneChargedBack { milestone, .. } => {
            told(*milestone).to(provider_id, words::MILESTONE_CHARGED_BACK)
        }
        ContractEvent::MilestoneDisputed { milestone, opened_by, .. } => {
            let other = if *opened_by == Party::Client { provider_id } else { client_id };
            told(*milestone).to(other, words::MILESTONE_DISPUTED)
        }
        ContractEvent::DisputeDecided { milestone, resolver, .. } => {
            let text = match resolver {
                Resolver::Administrator => words::DISPUTE_DECIDED,
                Resolver::Agreement => words::DISPUTE_AGREED,
                Resolver::Default => words::DISPUTE_DEFAULTED,
            };
            let to = |person| told(*milestone).to(person, text);
            [to(client_id), to(provider_id)].concat()
        }
        // Those concerned hear of the bid, of the order or of the money.
        ContractEvent::Made { .. }
        | ContractEvent::Funded { .. }
        | ContractEvent::Ended { .. }
        | ContractEvent::Completed { .. }
        | ContractEvent::MilestoneStarted { .. }
        | ContractEvent::MilestoneApproved { by_clock: false, .. }
        | ContractEvent::MilestoneDivided { .. }
        | ContractEvent::MilestoneRefunded { .. } => vec![],
    }
}

/// The other side of whoever did something, and both where neither of them did.
fn of_proposal(event: &'static str, fact: &ProposalEvent) -> Vec<Draft> {
    let proposal = fact.proposal();
    let ProposalRef { proposal_id: _, contract, kind, milestone, amount, proposed_by: _ } = *proposal;
    let details = Details { milestone, amount: Some(amount), ..about_order(contract.order_id) };
    let told =
        |to, text| Told { event, kind: NotificationKind::Order, details: details.clone() }.to(to, text);
    let (proposer, answerer) = (proposal.proposer(), proposal.answerer());
    match fact {
        ProposalEvent::Made(_) => told(
            answerer,
            match kind {
                ProposalKind::PartialRelease => words::PART_OFFERED,
                ProposalKind::Refund => words::REFUND_ASKED,
                ProposalKind::Return => words::RETURN_ASKED,
                ProposalKind::Cancellation => words::END_OFFERED,
            },
        ),
        ProposalEvent::Accepted { accepted_by: Party::System, .. } => {
            [told(proposer, words::REFUNDED_BY_CLOCK), told(answerer, words::REFUNDED_BY_CLOCK)].concat()
        }
        ProposalEvent::Accepted { .. } => told(proposer, words::PROPOSAL_ACCEPTED),
        ProposalEvent::Rejected(_) => told(proposer, words::PROPOSAL_REJECTED),
        ProposalEvent::Withdrawn(_) => told(answerer, words::PROPOSAL_WITHDRAWN),
        ProposalEvent::Lapsed(_) => {
            [told(proposer, words::PROPOSAL_LAPSED), told(answerer, words::PROPOSAL_LAPSED)].concat()
        }
        // They hear of what has been done instead, or did it.
        ProposalEvent::Superseded(_) => vec![],
    }
}

/// The other side of whoever did something, and both where neither of them did.
fn of_dispute(event: &'static str, fact: &DisputeEvent) -> Vec<Draft> {
    let DisputeRef { dispute_id: _, contract, milestone } = *fact.dispute();
    let ContractParties { client_id, provider_id, .. } = contract;
    let told = |amount: Option<Money>, to, text| {
        let details = Details { milestone: Some(milestone), amount, ..about_order(contract.order_id) };
        Told { event, kind: NotificationKind::Order, details }.to(to, text)
    };
    let other = |by: Party| if by == Party::Client { provider_id } else { client_id };
    match fact {
        DisputeEvent::EvidenceAdded { by, .. } => told(None, other(*by), words::EVIDENCE_ADDED),
        DisputeEvent::OfferMade { by, to_provider, .. } => {
            told(Some(*to_provider), other(*by), words::SPLIT_OFFERED)
        }
        DisputeEvent::OfferRejected { by, to_provider, .. } => {
            told(Some(*to_provider), other(*by), words::SPLIT_REJECTED)
        }
        DisputeEvent::Escalated { by: by @ (Party::Client | Party::Provider), .. } => {
            told(None, other(*by), words::DISPUTE_ESCALATED)
        }
        DisputeEvent::Escalated { .. } => {
            [client_id, provider_id].map(|person| told(None, person, words::DISPUTE_ESCALATED)).concat()
        }
    }
}

fn of_money(event: &'static str, fact: &MoneyEvent) -> Vec<Draft> {
    let told = |amount: Money, details: Details| Told {
        event,
        kind: NotificationKind::Payment,
        details: Details { amount: Some(amount), ..details },
    };
    // What reaches or leaves the provider: without their fee, which is never more than the price.
    let net = |contract: &ContractParties, milestone, amount: Result<Money, _>, text| {
        let details = Details { milestone, ..about_order(contract.order_id) };
        amount.map_or_else(|_: MoneyError| vec![], |net| told(net, details).to(contract.provider_id, text))
    };
    let deposit = |deposit_id| Details { deposit_id: Some(deposit_id), ..Details::default() };
    let withdrawal = |withdrawal: &WithdrawalRef, reason: Option<&String>, text| {
        let WithdrawalRef { withdrawal_id, user_id, amount } = *withdrawal;
        let withdrawal_id = Some(withdrawal_id);
        let details = Details { withdrawal_id, reason: reason.cloned(), ..Details::default() };
        told(amount, details).to(user_id, text)
    };
    match fact {
        MoneyEvent::PaymentReceived { contract, gross, fee, .. } => {
            net(contract, None, gross.minus(*fee), words::PAYMENT_RECEIVED)
        }
        MoneyEvent::BonusReceived { contract, amount, fee, .. } => {
            net(contract, None, amount.minus(*fee), words::BONUS_RECEIVED)
        }
        MoneyEvent::PaymentCleared { contract, amount, .. } => {
            told(*amount, about_order(contract.order_id)).to(contract.provider_id, words::PAYMENT_CLEARED)
        }
        MoneyEvent::PaymentRefunded { contract, amount, .. } => {
            told(*amount, about_order(contract.order_id)).to(contract.client_id, words::PAYMENT_REFUNDED)
        }
        MoneyEvent::PaymentReturned { contract, refunded, .. } => {
            told(*refunded, about_order(contract.order_id)).to(contract.client_id, words::PAYMENT_REFUNDED)
        }
        // Neither of them has agreed to it.
        MoneyEvent::PaymentChargedBack { contract, milestone, gross, fee, refunded } => [
            told(*refunded, about_order(contract.order_id)).to(contract.client_id, words::PAYMENT_REFUNDED),
            net(contract, Some(*milestone), gross.minus(*fee), words::PAYMENT_CHARGED_BACK),
        ]
        .concat(),
        MoneyEvent::DepositCompleted { deposit_id, user_id, amount } => {
            told(*amount, deposit(*deposit_id)).to(*user_id, words::DEPOSIT_COMPLETED)
        }
        MoneyEvent::DepositFailed { deposit_id, user_id, amount } => {
            told(*amount, deposit(*deposit_id)).to(*user_id, words::DEPOSIT_FAILED)
        }
        MoneyEvent::WithdrawalPaid(paid) => withdrawal(paid, None, words::WITHDRAWAL_PAID),
        MoneyEvent::WithdrawalRejected { withdrawal: rejected, reason } => {
            withdrawal(rejected, Some(reason), words::WITHDRAWAL_REJECTED)
        }
        MoneyEvent::WithdrawalFailed(failed) => withdrawal(failed, None, words::WITHDRAWAL_FAILED),
        MoneyEvent::ChargebackReceived { chargeback, debt } => {
            let text = if debt.is_zero() { words::CHARGEBACK_RECEIVED } else { words::CHARGEBACK_OWED };
            told(chargeback.amount, deposit(chargeback.deposit_id)).to(chargeback.user_id, text)
        }
        MoneyEvent::ChargebackWon { chargeback, available: _ } => {
            told(chargeback.amount, deposit(chargeback.deposit_id))
                .to(chargeback.user_id, words::CHARGEBACK_WON)
        }
        MoneyEvent::ChargebackLost(lost) => {
            told(lost.amount, deposit(lost.deposit_id)).to(lost.user_id, words::CHARGEBACK_LOST)
        }
        MoneyEvent::DebtSettled { user_id, amount, left: _ } => {
            told(*amount, Details::default()).to(*user_id, words::DEBT_SETTLED)
        }
        // Their owner's own doing, or no outcome yet.
        MoneyEvent::WithdrawalRequested(_)
        | MoneyEvent::WithdrawalFirstApproved(_)
        | MoneyEvent::WithdrawalApproved(_)
        | MoneyEvent::WithdrawalSent(_)
        | MoneyEvent::WithdrawalCancelled(_)
        | MoneyEvent::WithdrawalNeedsReview(_) => vec![],
    }
}
