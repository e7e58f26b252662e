//! Every fact, and who is told what of it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;
use crate::actor::Party;
use crate::audit::AuditEvent;
use crate::bidding::{BidEvent, BidRef, DeclineReason};
use crate::contracts::{ContractEvent, ProposalEvent, ProposalKind, ProposalRef, Resolver};
use crate::disputes::{DisputeEvent, DisputeRef};
use crate::event::Fact;
use crate::identity::{IdentityEvent, Role};
use crate::ids::{
    BonusId, ChargebackId, ChatId, ContractId, DisputeId, LedgerCheckId, MessageId, ProposalId, SessionId,
};
use crate::messaging::{ChatRef, MessagingEvent, OpeningReason};
use crate::money::{ChargebackRef, ContractParties, MoneyEvent, WithdrawalRef};
use crate::orders::{Cancellation, OrderEvent, Progress};
use crate::sample::{at, usd, user};

const CLIENT: u128 = 1;
const PROVIDER: u128 = 2;
const OWNER: u128 = 3;

/// Recipient, type, title and message.
type Told = (u128, &'static str, &'static str, &'static str);
type Case = (Fact, &'static [Told]);

const NOBODY: &[Told] = &[];

fn order_id() -> OrderId {
    OrderId::new(101).unwrap()
}

fn accounts() -> Vec<Case> {
    let (user_id, by) = (user(OWNER), user(99));
    let changed = |email_changed| IdentityEvent::IdentityChanged { user_id, email_changed };
    let session_id = SessionId::new(Uuid::nil());
    let cases: Vec<(IdentityEvent, &'static [Told])> = vec![
        (IdentityEvent::Registered { user_id, role: Role::Writer }, NOBODY),
        (changed(false), NOBODY),
        (
            changed(true),
            &[(OWNER, "system", "Email Changed", "The e-mail address of your account has been changed")],
        ),
        (
            IdentityEvent::PasswordChanged { user_id },
            &[(OWNER, "system", "Password Changed", "Your password has been changed")],
        ),
        (
            IdentityEvent::TokenReuseDetected { user_id, session_id },
            &[(
                OWNER,
                "system",
                "Login Ended",
                "A login of yours has been ended because its token was used a second time",
            )],
        ),
        (
            IdentityEvent::Blocked { user_id, by, reason: "spam".into() },
            &[(OWNER, "system", "Account Blocked", "Your account has been blocked")],
        ),
        (
            IdentityEvent::Unblocked { user_id, by },
            &[(OWNER, "system", "Account Unblocked", "Your account has been unblocked")],
        ),
        (IdentityEvent::ProfileChanged { user_id }, NOBODY),
        (IdentityEvent::Deactivated { user_id }, NOBODY),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

fn orders() -> Vec<Case> {
    let (order_id, client_id, provider_id) = (order_id(), user(CLIENT), user(PROVIDER));
    let completed = |settled_by| OrderEvent::Completed { order_id, client_id, provider_id, settled_by };
    let progress = Progress::new(65).unwrap();
    let rating = Stars::new(4).unwrap();
    let cases: Vec<(OrderEvent, &'static [Told])> = vec![
        (OrderEvent::Posted { order_id, client_id }, NOBODY),
        (
            OrderEvent::Invited { order_id, client_id, provider_id },
            &[(PROVIDER, "order", "Order Invitation", "You have been invited to bid on 'A Title'")],
        ),
        (
            OrderEvent::InvitationDeclined { order_id, client_id, provider_id },
            &[(
                CLIENT,
                "order",
                "Invitation Declined",
                "A provider has declined your invitation to 'A Title'",
            )],
        ),
        (OrderEvent::Edited { order_id, client_id, revision: 2, is_material: true }, NOBODY),
        (
            OrderEvent::Expired { order_id, client_id },
            &[(CLIENT, "order", "Order Expired", "The deadline of 'A Title' has passed without an award")],
        ),
        (
            OrderEvent::Started { order_id, client_id, provider_id },
            &[(PROVIDER, "order", "Order Started", "'A Title' has been paid for, and the work can begin")],
        ),
        (OrderEvent::Progressed { order_id, client_id, provider_id, progress }, NOBODY),
        (
            completed(Party::Client),
            &[(PROVIDER, "order", "Order Completed", "'A Title' has been completed!")],
        ),
        (
            completed(Party::Provider),
            &[(CLIENT, "order", "Order Completed", "'A Title' has been completed!")],
        ),
        (
            completed(Party::System),
            &[
                (CLIENT, "order", "Order Completed", "'A Title' has been completed!"),
                (PROVIDER, "order", "Order Completed", "'A Title' has been completed!"),
            ],
        ),
        (
            completed(Party::Admin),
            &[
                (CLIENT, "order", "Order Completed", "'A Title' has been completed!"),
                (PROVIDER, "order", "Order Completed", "'A Title' has been completed!"),
            ],
        ),
        (OrderEvent::Reopened { order_id, client_id, provider_id }, NOBODY),
        (
            OrderEvent::Reviewed { order_id, author_id: client_id, subject_id: provider_id, rating },
            &[(PROVIDER, "review", "New Review", "You have received a 4-star review for 'A Title'")],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).chain(cancellations()).collect()
}

fn cancellations() -> Vec<Case> {
    let (order_id, client_id, provider_id) = (order_id(), user(CLIENT), user(PROVIDER));
    let cancelled =
        |reason| OrderEvent::Cancelled { order_id, client_id, provider_id: Some(provider_id), reason };
    let cases: Vec<(OrderEvent, &'static [Told])> = vec![
        (cancelled(Cancellation::ByClient), NOBODY),
        (cancelled(Cancellation::ByConsent), NOBODY),
        (
            cancelled(Cancellation::NotFunded),
            &[(
                CLIENT,
                "order",
                "Order Cancelled",
                "'A Title' has been cancelled because it was not paid for in time",
            )],
        ),
        (
            cancelled(Cancellation::Refunded),
            &[(
                CLIENT,
                "order",
                "Order Cancelled",
                "'A Title' has been cancelled, and what was paid for it has been refunded",
            )],
        ),
        (
            cancelled(Cancellation::ClientUnavailable),
            &[(
                CLIENT,
                "order",
                "Order Cancelled",
                "'A Title' has been cancelled because your account was closed or blocked",
            )],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

fn bid() -> BidRef {
    BidRef {
        bid_id: BidId::new(1).unwrap(),
        order_id: order_id(),
        client_id: user(CLIENT),
        provider_id: user(PROVIDER),
    }
}

fn bids() -> Vec<Case> {
    let bid = bid();
    let cases: Vec<(BidEvent, &'static [Told])> = vec![
        (BidEvent::Placed(bid), &[(CLIENT, "bid", "New Bid", "You have received a new bid on 'A Title'")]),
        (BidEvent::Edited(bid), &[(CLIENT, "bid", "Bid Updated", "A bid on 'A Title' has been updated")]),
        (
            BidEvent::Confirmed(bid),
            &[(CLIENT, "bid", "Bid Confirmed", "A bid on 'A Title' has been confirmed")],
        ),
        (
            BidEvent::Outdated(bid),
            &[(PROVIDER, "bid", "Order Changed", "'A Title' has changed; please confirm or update your bid")],
        ),
        (
            BidEvent::Countered(bid),
            &[(
                PROVIDER,
                "bid",
                "Counter-Offer Received",
                "You have received a counter-offer for your bid on 'A Title'",
            )],
        ),
        (
            BidEvent::CounterAccepted(bid),
            &[(
                CLIENT,
                "bid",
                "Counter-Offer Accepted",
                "Your counter-offer for 'A Title' has been accepted!",
            )],
        ),
        (
            BidEvent::CounterRejected(bid),
            &[(
                CLIENT,
                "bid",
                "Counter-Offer Rejected",
                "Your counter-offer for 'A Title' has been rejected",
            )],
        ),
        (
            BidEvent::Accepted(bid),
            &[(PROVIDER, "bid", "Bid Accepted", "Your bid for 'A Title' has been accepted!")],
        ),
        (
            BidEvent::Withdrawn(bid),
            &[(CLIENT, "bid", "Bid Withdrawn", "A bid on 'A Title' has been withdrawn")],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

fn lost_bids() -> Vec<Case> {
    let declined = |reason| BidEvent::Declined { bid: bid(), reason };
    let cases: Vec<(BidEvent, &'static [Told])> = vec![
        (
            declined(DeclineReason::ByClient),
            &[(PROVIDER, "bid", "Bid Declined", "Your bid for 'A Title' has been declined")],
        ),
        (
            declined(DeclineReason::AnotherBidWon),
            &[(
                PROVIDER,
                "bid",
                "Bid Declined",
                "Your bid for 'A Title' has been declined because another bid was accepted",
            )],
        ),
        (
            declined(DeclineReason::OrderCancelled),
            &[(PROVIDER, "order", "Order Cancelled", "'A Title' has been cancelled by the client")],
        ),
        (
            declined(DeclineReason::ClientUnavailable),
            &[(
                PROVIDER,
                "order",
                "Order Cancelled",
                "'A Title' has been cancelled because its client is not available any more",
            )],
        ),
        (
            declined(DeclineReason::OrderLapsed),
            &[(
                PROVIDER,
                "order",
                "Order Cancelled",
                "'A Title' has been cancelled because it was not paid for in time",
            )],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

fn parties() -> ContractParties {
    ContractParties {
        contract_id: ContractId::new(Uuid::nil()),
        order_id: order_id(),
        client_id: user(CLIENT),
        provider_id: user(PROVIDER),
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn contracts() -> Vec<Case> {
    const DECIDED: &str = "The dispute on milestone 2 of 'A Title' has been decided";
    const AGREED: &str = "The dispute on milestone 2 of 'A Title' has been settled by agreement";
    const CLOSED: &str =
        "The dispute on milestone 2 of 'A Title' has been closed because its deadline has passed";
    const DISPUTED: &str = "A dispute has been opened on milestone 2 of 'A Title'; please answer within seven days, or it is settled without you";
    let (contract, milestone) = (parties(), MilestoneNumber::new(2).unwrap());
    let approved = |by_clock| ContractEvent::MilestoneApproved { contract, milestone, by_clock };
    let disputed = |opened_by| ContractEvent::MilestoneDisputed { contract, milestone, opened_by };
    let (to_provider, to_client) = (usd(60), usd(40));
    let decided =
        |resolver| ContractEvent::DisputeDecided { contract, milestone, to_provider, to_client, resolver };
    let cases: Vec<(ContractEvent, &'static [Told])> = vec![
        (ContractEvent::Made { contract, price: usd(1) }, NOBODY),
        (ContractEvent::Funded { contract, amount: usd(1) }, NOBODY),
        (ContractEvent::Ended { contract }, NOBODY),
        (ContractEvent::Completed { contract }, NOBODY),
        (ContractEvent::MilestoneStarted { contract, milestone }, NOBODY),
        (
            ContractEvent::MilestoneSubmitted { contract, milestone, submission: 1 },
            &[(
                CLIENT,
                "order",
                "Work Submitted",
                "Milestone 2 of 'A Title' has been submitted for your approval",
            )],
        ),
        (
            ContractEvent::ChangesRequested { contract, milestone, message: "more".into() },
            &[(
                PROVIDER,
                "order",
                "Changes Requested",
                "Changes have been requested on milestone 2 of 'A Title'",
            )],
        ),
        (
            ContractEvent::ReleaseDue { contract, milestone, releases_at: at(24 * 3) },
            &[(
                CLIENT,
                "order",
                "Approval Due",
                "Milestone 2 of 'A Title' will be approved automatically on 11 January 2024, 08:00 UTC",
            )],
        ),
        (approved(false), NOBODY),
        (
            approved(true),
            &[(
                CLIENT,
                "order",
                "Milestone Approved",
                "Milestone 2 of 'A Title' has been approved automatically",
            )],
        ),
        (ContractEvent::MilestoneRefunded { contract, milestone }, NOBODY),
        (
            ContractEvent::MilestoneDivided { contract, milestone, to_provider: usd(60), to_client: usd(40) },
            NOBODY,
        ),
        (
            ContractEvent::MilestoneChargedBack { contract, milestone },
            &[(
                PROVIDER,
                "order",
                "Milestone Cancelled",
                "Milestone 2 of 'A Title' has been cancelled because the client's payment was taken back; \
                 please stop working on it",
            )],
        ),
        (disputed(Party::Client), &[(PROVIDER, "order", "Dispute Opened", DISPUTED)]),
        (disputed(Party::Provider), &[(CLIENT, "order", "Dispute Opened", DISPUTED)]),
        (
            decided(Resolver::Administrator),
            &[(CLIENT, "order", "Dispute Decided", DECIDED), (PROVIDER, "order", "Dispute Decided", DECIDED)],
        ),
        (
            decided(Resolver::Agreement),
            &[(CLIENT, "order", "Dispute Settled", AGREED), (PROVIDER, "order", "Dispute Settled", AGREED)],
        ),
        (
            decided(Resolver::Default),
            &[(CLIENT, "order", "Dispute Closed", CLOSED), (PROVIDER, "order", "Dispute Closed", CLOSED)],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn proposals() -> Vec<Case> {
    const LAPSED: &str = "A proposal for 'A Title' was not answered in time";
    const GRANTED: &str = "Milestone 2 of 'A Title' has been refunded because the request was not answered";
    let proposal = |kind, proposed_by| ProposalRef {
        proposal_id: ProposalId::new(Uuid::nil()),
        contract: parties(),
        kind,
        milestone: (kind != ProposalKind::Cancellation).then(|| MilestoneNumber::new(2).unwrap()),
        amount: usd(11_500),
        proposed_by,
    };
    let (by_client, refund) = (|kind| proposal(kind, Party::Client), ProposalKind::Refund);
    let end = proposal(ProposalKind::Cancellation, Party::Provider);
    let accepted = |proposal, accepted_by| ProposalEvent::Accepted { proposal, accepted_by };
    let cases: Vec<(ProposalEvent, &'static [Told])> = vec![
        (
            ProposalEvent::Made(by_client(ProposalKind::PartialRelease)),
            &[(
                PROVIDER,
                "order",
                "Partial Payment Offered",
                "You have been offered $115.00 for milestone 2 of 'A Title'",
            )],
        ),
        (
            ProposalEvent::Made(by_client(refund)),
            &[(
                PROVIDER,
                "order",
                "Refund Requested",
                "A refund of $115.00 has been requested for milestone 2 of 'A Title'",
            )],
        ),
        (
            ProposalEvent::Made(by_client(ProposalKind::Return)),
            &[(
                PROVIDER,
                "order",
                "Return Requested",
                "You have been asked to return $115.00 for milestone 2 of 'A Title'",
            )],
        ),
        (
            ProposalEvent::Made(end),
            &[(
                CLIENT,
                "order",
                "Cancellation Proposed",
                "It has been proposed to cancel 'A Title' with $115.00 for the provider",
            )],
        ),
        (
            accepted(end, Party::Client),
            &[(PROVIDER, "order", "Proposal Accepted", "Your proposal for 'A Title' has been accepted")],
        ),
        (
            accepted(by_client(refund), Party::System),
            &[(CLIENT, "order", "Refund Granted", GRANTED), (PROVIDER, "order", "Refund Granted", GRANTED)],
        ),
        (
            ProposalEvent::Rejected(end),
            &[(PROVIDER, "order", "Proposal Rejected", "Your proposal for 'A Title' has been rejected")],
        ),
        (
            ProposalEvent::Withdrawn(end),
            &[(CLIENT, "order", "Proposal Withdrawn", "A proposal for 'A Title' has been withdrawn")],
        ),
        (
            ProposalEvent::Lapsed(end),
            &[(PROVIDER, "order", "Proposal Lapsed", LAPSED), (CLIENT, "order", "Proposal Lapsed", LAPSED)],
        ),
        (ProposalEvent::Superseded(end), NOBODY),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

fn disputes() -> Vec<Case> {
    const ESCALATED: &str = "The dispute on milestone 2 of 'A Title' will be decided by an administrator";
    let dispute = DisputeRef {
        dispute_id: DisputeId::new(Uuid::nil()),
        contract: parties(),
        milestone: MilestoneNumber::new(2).unwrap(),
    };
    let to_provider = usd(6_000);
    let escalated = |by| DisputeEvent::Escalated { dispute, by };
    let cases: Vec<(DisputeEvent, &'static [Told])> = vec![
        (
            DisputeEvent::EvidenceAdded { dispute, evidence: 1, by: Party::Client },
            &[(
                PROVIDER,
                "order",
                "Evidence Added",
                "Evidence has been added to the dispute on milestone 2 of 'A Title'",
            )],
        ),
        (
            DisputeEvent::OfferMade { dispute, offer: 1, to_provider, by: Party::Provider },
            &[(
                CLIENT,
                "order",
                "Settlement Offered",
                "$60.00 for the provider has been offered to settle the dispute on milestone 2 of 'A Title'",
            )],
        ),
        (
            DisputeEvent::OfferRejected { dispute, offer: 1, to_provider, by: Party::Client },
            &[(
                PROVIDER,
                "order",
                "Settlement Rejected",
                "Your offer of $60.00 for the provider in the dispute on milestone 2 of 'A Title' has been rejected",
            )],
        ),
        (escalated(Party::Provider), &[(CLIENT, "order", "Dispute Escalated", ESCALATED)]),
        (
            escalated(Party::System),
            &[
                (CLIENT, "order", "Dispute Escalated", ESCALATED),
                (PROVIDER, "order", "Dispute Escalated", ESCALATED),
            ],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

/// What becomes available beside a release.
fn late_money() -> Vec<Case> {
    let (contract, milestone, amount) = (parties(), MilestoneNumber::FIRST, usd(11_500));
    let bonus_id = BonusId::new(Uuid::nil());
    let cases: Vec<(MoneyEvent, &'static [Told])> = vec![
        (
            MoneyEvent::BonusReceived { bonus_id, contract, amount: usd(12_000), fee: usd(500) },
            &[(PROVIDER, "payment", "Bonus Received", "Bonus of $115.00 has been credited to your account")],
        ),
        (
            MoneyEvent::PaymentCleared { contract, milestone, amount },
            &[(
                PROVIDER,
                "payment",
                "Payment Available",
                "Payment of $115.00 has cleared and can be used now",
            )],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn money() -> Vec<Case> {
    let (contract, milestone) = (parties(), MilestoneNumber::FIRST);
    let (user_id, deposit_id) = (user(OWNER), DepositId::new(Uuid::nil()));
    let amount = usd(11_500);
    let withdrawal = WithdrawalRef { withdrawal_id: WithdrawalId::new(42).unwrap(), user_id, amount };
    let chargeback_id = ChargebackId::new(Uuid::nil());
    let chargeback = ChargebackRef { chargeback_id, deposit_id, user_id, amount };
    let cases: Vec<(MoneyEvent, &'static [Told])> = vec![
        (
            MoneyEvent::DepositCompleted { deposit_id, user_id, amount },
            &[(
                OWNER,
                "payment",
                "Deposit Completed",
                "Deposit of $115.00 has been credited to your account",
            )],
        ),
        (
            MoneyEvent::DepositFailed { deposit_id, user_id, amount },
            &[(OWNER, "payment", "Deposit Failed", "Deposit of $115.00 has failed")],
        ),
        (
            MoneyEvent::PaymentReceived { contract, milestone, gross: usd(12_000), fee: usd(500) },
            &[(
                PROVIDER,
                "payment",
                "Payment Received",
                "Payment of $115.00 has been credited to your account",
            )],
        ),
        (
            MoneyEvent::PaymentRefunded { contract, milestone, amount },
            &[(CLIENT, "payment", "Payment Refunded", "Refund of $115.00 has been credited to your account")],
        ),
        (
            MoneyEvent::PaymentReturned {
                contract,
                milestone,
                gross: usd(11_000),
                fee: usd(1_100),
                refunded: amount,
            },
            &[(CLIENT, "payment", "Payment Refunded", "Refund of $115.00 has been credited to your account")],
        ),
        (
            MoneyEvent::PaymentChargedBack {
                contract,
                milestone,
                gross: usd(10_000),
                fee: usd(1_000),
                refunded: amount,
            },
            &[
                (
                    CLIENT,
                    "payment",
                    "Payment Refunded",
                    "Refund of $115.00 has been credited to your account",
                ),
                (
                    PROVIDER,
                    "payment",
                    "Payment Taken Back",
                    "$90.00 that you were to get for milestone 1 of 'ORD-101' has gone back because the \
                     client's payment was taken back",
                ),
            ],
        ),
        (MoneyEvent::WithdrawalRequested(withdrawal), NOBODY),
        (MoneyEvent::WithdrawalFirstApproved(withdrawal), NOBODY),
        (MoneyEvent::WithdrawalApproved(withdrawal), NOBODY),
        (MoneyEvent::WithdrawalSent(withdrawal), NOBODY),
        (
            MoneyEvent::WithdrawalPaid(withdrawal),
            &[(OWNER, "payment", "Withdrawal Completed", "Withdrawal of $115.00 has been paid out")],
        ),
        (
            MoneyEvent::WithdrawalRejected { withdrawal, reason: "no such account".into() },
            &[(
                OWNER,
                "payment",
                "Withdrawal Rejected",
                "Withdrawal of $115.00 has been rejected: no such account",
            )],
        ),
        (MoneyEvent::WithdrawalCancelled(withdrawal), NOBODY),
        (
            MoneyEvent::WithdrawalFailed(withdrawal),
            &[(
                OWNER,
                "payment",
                "Withdrawal Failed",
                "Withdrawal of $115.00 has failed; the money is back in your account",
            )],
        ),
        (MoneyEvent::WithdrawalNeedsReview(withdrawal), NOBODY),
        (
            MoneyEvent::ChargebackReceived { chargeback, debt: usd(0) },
            &[(
                OWNER,
                "payment",
                "Payment Taken Back",
                "Your bank has taken back the payment of $115.00; it has left your account",
            )],
        ),
        (
            MoneyEvent::ChargebackReceived { chargeback, debt: usd(1) },
            &[(
                OWNER,
                "payment",
                "Payment Taken Back",
                "Your bank has taken back the payment of $115.00; what your account did not cover you owe, \
                 and it is paid from what comes in",
            )],
        ),
        (
            MoneyEvent::ChargebackWon { chargeback, available: usd(0) },
            &[(
                OWNER,
                "payment",
                "Chargeback Returned",
                "The chargeback of $115.00 has been decided against your bank, and the money is back",
            )],
        ),
        (
            MoneyEvent::ChargebackLost(chargeback),
            &[(OWNER, "payment", "Chargeback Final", "The chargeback of $115.00 has become final")],
        ),
        (
            MoneyEvent::DebtSettled { user_id, amount, left: usd(1) },
            &[(
                OWNER,
                "payment",
                "Debt Paid",
                "$115.00 of what came into your account has been used to pay what you owed",
            )],
        ),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

/// Chats count what is unread by themselves.
fn chats() -> Vec<Case> {
    let chat = ChatRef {
        chat_id: ChatId::new(Uuid::nil()),
        order_id: order_id(),
        client_id: user(CLIENT),
        provider_id: user(PROVIDER),
    };
    let (message, client) = (MessageId::new(Uuid::nil()), user(CLIENT));
    let cases = [
        MessagingEvent::ChatOpened { chat, opened_by: client, reason: OpeningReason::Award },
        MessagingEvent::MessageSent { chat, message_id: message, sender_id: client },
        MessagingEvent::MessagesRead { chat, reader_id: client, up_to: message },
    ];
    cases.into_iter().map(|event| (event.into(), NOBODY)).collect()
}

/// Each administrator, and nobody whose payouts stop.
fn audits() -> Vec<Case> {
    const SAID: &str = "The check of the books found rows that disagree; payouts to the people concerned are \
                        stopped until you have looked";
    let (check_id, user_id) = (LedgerCheckId::new(Uuid::nil()), user(OWNER));
    let administrators = vec![user(98), user(99)];
    let cases: Vec<(AuditEvent, &'static [Told])> = vec![
        (
            AuditEvent::Disagreed { check_id, offending: 3, administrators },
            &[(98, "system", "Books Disagree", SAID), (99, "system", "Books Disagree", SAID)],
        ),
        (AuditEvent::Disagreed { check_id, offending: 3, administrators: vec![] }, NOBODY),
        (AuditEvent::PayoutsStopped { user_id, check_id }, NOBODY),
        (AuditEvent::PayoutsResumed { user_id, by: user(99), reason: "repaired".into() }, NOBODY),
    ];
    cases.into_iter().map(|(event, told)| (event.into(), told)).collect()
}

fn all() -> Vec<Case> {
    [
        accounts(),
        orders(),
        bids(),
        lost_bids(),
        contracts(),
        proposals(),
        disputes(),
        money(),
        late_money(),
        chats(),
        audits(),
    ]
    .concat()
}

fn written(fact: &Fact) -> Vec<Notification> {
    let titles = BTreeMap::from([(order_id(), Title::parse("A Title").unwrap())]);
    let id = |number| NotificationId::new(Uuid::from_u128(number));
    let event_id = EventId::new(Uuid::nil());
    drafts(fact).into_iter().zip(1..).map(|(draft, n)| draft.write(id(n), event_id, &titles, at(1))).collect()
}

#[test]
fn everybody_is_told_what_the_table_says() {
    for (fact, expected) in all() {
        let written = written(&fact);
        let told: Vec<_> = written
            .iter()
            .map(|one| (one.recipient, one.kind.as_str(), one.title, one.message.as_str()))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(who, kind, title, message)| (user(*who), *kind, *title, *message))
            .collect();
        assert_eq!(told, expected, "{fact:?}");
    }
}

#[test]
fn nobody_is_told_twice_of_a_fact() {
    for (fact, _) in all() {
        let drafts = drafts(&fact);
        let recipients: BTreeSet<_> = drafts.iter().map(|draft| draft.recipient).collect();
        assert_eq!(recipients.len(), drafts.len(), "{fact:?}");
    }
}

#[test]
fn the_event_is_the_facts_name_unless_an_order_ends() {
    for (fact, _) in all() {
        let ends = matches!(
            &fact,
            Fact::Bid(BidEvent::Declined {
                reason: DeclineReason::OrderCancelled
                    | DeclineReason::OrderLapsed
                    | DeclineReason::ClientUnavailable,
                ..
            })
        );
        for draft in drafts(&fact) {
            assert_eq!(draft.event, if ends { "order.cancelled" } else { fact.name() });
        }
    }
}

/// A new fact must be in the table above, with its recipients or with nobody.
#[test]
fn every_fact_of_the_domain_is_in_the_table() {
    let sources = [
        include_str!("../identity/event.rs"),
        include_str!("../orders/event.rs"),
        include_str!("../bidding/event.rs"),
        include_str!("../contracts/event.rs"),
        include_str!("../contracts/proposal_event.rs"),
        include_str!("../disputes/event.rs"),
        include_str!("../money/event.rs"),
        include_str!("../messaging/event.rs"),
        include_str!("../audit/event.rs"),
    ];
    let is_name = |word: &&str| {
        word.contains('.') && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.".contains(&byte))
    };
    let named: BTreeSet<_> =
        sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2)).filter(is_name).collect();
    assert!(named.len() > 40, "the sources are read: {named:?}");
    let decided: BTreeSet<_> = all().iter().map(|(fact, _)| fact.name()).collect();
    assert_eq!(decided, named);
}

#[test]
fn details_are_those_of_the_source() {
    let of = |fact: &Fact| written(fact).remove(0).details;
    let bid = bids().into_iter().find(|(fact, _)| fact.name() == "bid.accepted").unwrap().0;
    let expected = Details {
        order_id: Some(order_id()),
        bid_id: BidId::new(1),
        order_title: Some("A Title".into()),
        ..Details::default()
    };
    assert_eq!(of(&bid), expected);
    let payment = money().into_iter().find(|(fact, _)| fact.name() == "payment.received").unwrap().0;
    let expected = Details { amount: Some(usd(11_500)), order_id: Some(order_id()), ..Details::default() };
    assert_eq!(of(&payment), expected);
}

#[test]
fn an_order_without_a_title_goes_by_its_number() {
    let bid = bids().into_iter().find(|(fact, _)| fact.name() == "bid.accepted").unwrap().0;
    let (id, event_id) = (NotificationId::new(Uuid::nil()), EventId::new(Uuid::nil()));
    let written = drafts(&bid).remove(0).write(id, event_id, &BTreeMap::new(), at(1));
    assert_eq!(written.message, "Your bid for 'ORD-101' has been accepted!");
    assert_eq!(written.details.order_title, None);
}
