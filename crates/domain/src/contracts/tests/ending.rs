//! Orders that come to another end than completion.

use super::*;
use crate::actor::Party;
use crate::bidding::{BidEvent, BidState, DeclineReason};
use crate::machine::Refusal;
use crate::money::PayoutTo;
use crate::orders::{Cancellation, OrderEvent, OrderState};
use crate::sample::{bid, bid_in, bid_of, issuer, provider};

fn pending() -> (Order, Bid, Contract) {
    let (order, contract, _) = awarded(order(), 11_500, FeeRule::NONE, 0);
    (order, bid_in(BidState::Accepted), contract)
}

fn decline_reasons(outcome: &Outcome) -> Vec<DeclineReason> {
    let reason = |event: &Fact| match event {
        Fact::Bid(BidEvent::Declined { reason, .. }) => Some(*reason),
        Fact::Identity(_)
        | Fact::Bid(_)
        | Fact::Order(_)
        | Fact::Contract(_)
        | Fact::Proposal(_)
        | Fact::Dispute(_)
        | Fact::Money(_)
        | Fact::Messaging(_)
        | Fact::Audit(_) => None,
    };
    outcome.events.iter().filter_map(reason).collect()
}

#[test]
fn an_open_order_is_called_off() {
    let mut order = order();
    let mut bids = [bid_of(1, 2), bid_in(BidState::Countered), bid_in(BidState::Withdrawn)];
    let outcome = cancel_order(&mut order, &mut bids, None, client(), at(3)).unwrap();
    assert_eq!(names(&outcome), ["order.cancelled", "bid.declined", "bid.declined"]);
    assert_eq!(decline_reasons(&outcome), [DeclineReason::OrderCancelled; 2]);
    assert_eq!((order.state, order.cancelled_at), (OrderState::Cancelled, Some(at(3))));
    assert_eq!(bids.map(|bid| bid.state), [BidState::Declined, BidState::Declined, BidState::Withdrawn]);
    let again = cancel_order(&mut order, &mut [], None, client(), at(4));
    assert_eq!(reason(again), "invalid_transition");
}

#[test]
fn a_pending_order_is_called_off() {
    let (mut order, bid, mut contract) = pending();
    let mut bids = [bid];
    assert_eq!(
        cancel_order(&mut order, &mut bids, None, client(), at(3)),
        Err(ContractError::WrongContract),
        "its contract cannot be forgotten"
    );
    let outcome = cancel_order(&mut order, &mut bids, Some(&mut contract), client(), at(3)).unwrap();
    assert_eq!(names(&outcome), ["order.cancelled", "bid.declined", "contract.ended"]);
    assert_eq!((bids[0].state, contract.state), (BidState::Declined, ContractState::Cancelled));
    assert!(order.award.is_some(), "it counts as called off after the award");
}

#[test]
fn an_active_order_is_not_called_off() {
    let (mut order, mut contract, _) = awarded(order(), 11_500, FeeRule::NONE, 11_500);
    let mut bids = [bid_in(BidState::Accepted)];
    let before = (order.clone(), contract.clone(), bids.clone());
    let error = cancel_order(&mut order, &mut bids, Some(&mut contract), client(), at(3)).unwrap_err();
    let conflict = error.conflict().unwrap();
    assert_eq!((conflict.reason, conflict.state), ("invalid_transition", "active"));
    let left = withdraw_bid(&mut order, &mut bids[0], Some(&mut contract), provider(), at(3));
    assert_eq!(left.unwrap_err().conflict(), Some(conflict), "nor left");
    assert_eq!((order, contract, bids), before, "a refused command changes nothing");
}

#[test]
fn only_the_client_calls_off() {
    let (mut order, bid, mut contract) = pending();
    for party in [Party::Provider, Party::Admin] {
        let mut bids = [bid.clone()];
        let result = cancel_order(&mut order, &mut bids, Some(&mut contract), issuer(party), at(3));
        let refused = Refusal::NotPermitted { object: "order", command: "cancel" };
        assert_eq!(result, Err(ContractError::Order(refused.into())), "{party:?}");
    }
}

#[test]
fn a_bidder_takes_a_bid_back() {
    let (mut order, mut bid) = (order(), bid());
    let outcome = withdraw_bid(&mut order, &mut bid, None, provider(), at(3)).unwrap();
    assert_eq!(names(&outcome), ["bid.withdrawn"]);
    assert_eq!((order.state, bid.state), (OrderState::Open, BidState::Withdrawn));
    let again = withdraw_bid(&mut order, &mut bid, None, provider(), at(4));
    assert_eq!(reason(again), "invalid_transition");
}

#[test]
fn the_winner_leaves_before_it_is_paid_for() {
    let (mut order, mut bid, mut contract) = pending();
    let outcome = withdraw_bid(&mut order, &mut bid, Some(&mut contract), provider(), at(3)).unwrap();
    assert_eq!(names(&outcome), ["bid.withdrawn", "contract.ended", "order.reopened"]);
    assert_eq!((order.state, order.award, bid.state), (OrderState::Open, None, BidState::Withdrawn));
    assert_eq!(contract.state, ContractState::Cancelled);
    let late = fund(&mut order, &mut contract, usd(11_500), client(), at(4));
    assert_eq!(reason(late), "invalid_transition", "nobody pays for what was left");
    let mut bids = [bid_of(5, 3)];
    let terms = command(&bids[0], FeeRule::NONE, 11_500);
    assert!(award(&mut order, &mut bids, terms, client(), at(5)).is_ok(), "another may have it");
}

#[test]
fn an_order_that_nobody_pays_for_lapses() {
    let (mut order, bid, mut contract) = pending();
    let mut bids = [bid];
    let mut lapse = |by, now| lapse_order(&mut order, &mut bids, &mut contract, by, now);
    let due = at(2) + crate::orders::FUNDING_PERIOD;
    assert_eq!(reason(lapse(Issuer::System, due - chrono::TimeDelta::seconds(1))), "too_early");
    assert!(matches!(lapse(client(), due), Err(ContractError::Order(_))));
    let outcome = lapse(Issuer::System, due).unwrap();
    assert_eq!(decline_reasons(&outcome), [DeclineReason::OrderLapsed]);
    assert!(matches!(
        outcome.events.first(),
        Some(Fact::Order(OrderEvent::Cancelled { reason: Cancellation::NotFunded, .. }))
    ));
    assert_eq!(reason(lapse(Issuer::System, due)), "invalid_transition");
    assert_eq!(contract.state, ContractState::Cancelled);
}

#[test]
fn everything_refunded_is_cancelled_and_a_part_is_completed() {
    let refund_all = |released_first: bool| {
        let (mut order, mut contract, funding) =
            awarded(planned(&[None, None]), 10_000, fees(1_000, 500), 10_500);
        let mut books = books(10_500);
        book(&mut books, &funding.transactions);
        let mut last = Outcome::default();
        for place in [1, 2] {
            last = if released_first && place == 1 {
                contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
                approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(4)).unwrap()
            } else {
                refund_milestone(&mut order, &mut contract, number(place), provider(), at(5)).unwrap()
            };
            book(&mut books, &last.transactions);
        }
        assert_eq!(balance(&books, Account::ContractEscrow(contract.id)), 0);
        (order.state, contract.state, wallet(&books, 1), wallet(&books, 2), names(&last))
    };
    let refunded = ["milestone.refunded", "payment.refunded"];
    assert_eq!(
        refund_all(false),
        (
            OrderState::Cancelled,
            ContractState::Cancelled,
            10_500,
            0,
            [&refunded[..], &["contract.ended", "order.cancelled"]].concat()
        )
    );
    assert_eq!(
        refund_all(true),
        (
            OrderState::Completed,
            ContractState::Completed,
            5_250,
            4_500,
            [&refunded[..], &["contract.completed", "order.completed"]].concat()
        )
    );
}

#[test]
fn a_dispute_is_decided_to_the_cent() {
    // to the provider; wallets of client and provider, fees; state of milestone and order
    let table = [
        (0, (10_500, 0, 0), MilestoneState::Refunded, OrderState::Cancelled),
        (1, (10_499, 1, 0), MilestoneState::Completed, OrderState::Completed),
        (4_000, (6_300, 3_600, 600), MilestoneState::Completed, OrderState::Completed),
        (10_000, (0, 9_000, 1_500), MilestoneState::Completed, OrderState::Completed),
    ];
    for (to_provider, wallets, milestone, state) in table {
        let (mut order, mut contract, funding) = awarded(order(), 10_000, fees(1_000, 500), 10_500);
        let mut books = books(10_500);
        book(&mut books, &funding.transactions);
        let opened = open_dispute(&mut contract, number(1), why(), client(), at(3)).unwrap();
        book(&mut books, &opened.transactions);
        assert_eq!(balance(&books, Account::ContractDisputed(contract.id)), 10_000);
        assert_eq!(contract.state, ContractState::Disputed);
        let terms = (number(1), usd(to_provider));
        let admin = issuer(Party::Admin);
        let decided = decide_dispute(
            &mut order,
            &mut contract,
            terms,
            PayoutTo::Available,
            (Resolver::Administrator, admin),
            at(4),
        )
        .unwrap();
        book(&mut books, &decided.transactions);
        let got = (wallet(&books, 1), wallet(&books, 2), balance(&books, Account::PlatformFees));
        assert_eq!(got, wallets, "{to_provider}");
        let settled = contract.milestone(number(1)).unwrap();
        assert_eq!((settled.state, order.state), (milestone, state), "{to_provider}");
        let back = settled.refunded_amount().map_or(0, Money::minor);
        assert_eq!(back, 10_000 - to_provider);
        assert_eq!(balance(&books, Account::ContractEscrow(contract.id)), 0);
    }
}

#[test]
fn nobody_decides_about_more_than_there_is() {
    let (mut order, mut contract, _) = awarded(order(), 10_000, FeeRule::NONE, 10_000);
    drop(open_dispute(&mut contract, number(1), why(), provider(), at(3)).unwrap());
    let before = contract.clone();
    let terms = (number(1), usd(10_001));
    let admin = issuer(Party::Admin);
    let result = decide_dispute(
        &mut order,
        &mut contract,
        terms,
        PayoutTo::Available,
        (Resolver::Administrator, admin),
        at(4),
    );
    assert_eq!(result, Err(ContractError::MoreThanDisputed { amount: usd(10_000) }));
    assert_eq!(contract, before);
}

#[test]
fn the_other_milestones_go_on_during_a_dispute() {
    let (mut order, mut contract, _) = awarded(planned(&[None; 3]), 9_000, FeeRule::NONE, 9_000);
    for place in [1, 2] {
        drop(open_dispute(&mut contract, number(place), why(), client(), at(3)).unwrap());
    }
    contract.submit(number(3), None, AutoReleasePeriod::default(), provider(), at(4)).unwrap();
    drop(approve(&mut order, &mut contract, number(3), PayoutTo::Available, client(), at(5)).unwrap());
    let mut states = vec![contract.state];
    for place in [1, 2] {
        let terms = (number(place), usd(0));
        let admin = issuer(Party::Admin);
        drop(
            decide_dispute(
                &mut order,
                &mut contract,
                terms,
                PayoutTo::Available,
                (Resolver::Administrator, admin),
                at(6),
            )
            .unwrap(),
        );
        states.push(contract.state);
    }
    assert_eq!(states, [ContractState::Disputed, ContractState::Disputed, ContractState::Completed]);
}

#[test]
fn another_orders_contract_is_of_no_use() {
    let (mut order, mut contract, _) = awarded(order(), 10_000, FeeRule::NONE, 10_000);
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    contract.id = ContractId::new(Uuid::from_u128(8));
    let result = approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(4));
    assert_eq!(result, Err(ContractError::WrongContract));
    let (mut order, _, mut contract) = pending();
    contract.id = ContractId::new(Uuid::from_u128(8));
    let result = fund(&mut order, &mut contract, usd(11_500), client(), at(4));
    assert_eq!(result, Err(ContractError::WrongContract));
}

/// Whoever settles the last milestone completes the order; that the other side is told of it is decided
/// in `notifications`.
#[test]
fn an_order_is_completed_by_whoever_settles_its_last_milestone() {
    let settled_by = |last: fn(&mut Order, &mut Contract) -> Outcome| {
        let (mut order, mut contract, _) = awarded(planned(&[None, None]), 10_000, FeeRule::NONE, 10_000);
        for place in [1, 2] {
            contract.submit(number(place), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
        }
        let first = approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(4));
        assert!(first.is_ok());
        let outcome = last(&mut order, &mut contract);
        outcome.events.iter().find_map(|fact| {
            if let Fact::Order(OrderEvent::Completed { settled_by, .. }) = fact {
                Some(*settled_by)
            } else {
                None
            }
        })
    };
    let approved = settled_by(|order, contract| {
        approve(order, contract, number(2), PayoutTo::Available, client(), at(5)).unwrap()
    });
    let by_clock = settled_by(|order, contract| {
        let due = AutoReleasePeriod::default().ends(at(3));
        auto_release(order, contract, number(2), PayoutTo::Available, Issuer::System, due).unwrap()
    });
    let given_back = settled_by(|order, contract| {
        refund_milestone(order, contract, number(2), provider(), at(5)).unwrap()
    });
    let decided = settled_by(|order, contract| {
        drop(open_dispute(contract, number(2), why(), client(), at(5)).unwrap());
        let terms = (number(2), usd(1));
        decide_dispute(
            order,
            contract,
            terms,
            PayoutTo::Available,
            (Resolver::Administrator, issuer(Party::Admin)),
            at(6),
        )
        .unwrap()
    });
    assert_eq!(
        [approved, by_clock, given_back, decided].map(Option::unwrap),
        [Party::Client, Party::System, Party::Provider, Party::Admin]
    );
}
