//! Whoever is not there any more keeps neither orders nor bids; whoever is back keeps both.

use super::*;
use crate::bidding::{BidState, DeclineReason};
use crate::identity::{AccountState, EmailAddress, FullName, NewUser, PasswordHash, Role, User};
use crate::machine::Refusal;
use crate::orders::{Cancellation, OrderEvent, OrderState};
use crate::sample::{bid, bid_in, bid_of};

/// User `id`, as they stand.
fn account(id: u128, state: AccountState) -> User {
    let new = NewUser {
        id: user(id),
        email: EmailAddress::parse("ada@example.com").unwrap(),
        full_name: FullName::parse("Ada Lovelace").unwrap(),
        role: if id == 1 { Role::Client } else { Role::Writer },
        phone: None,
        password: PasswordHash::new("hash".into()),
    };
    User { state, ..User::register(new, at(0)).0 }
}

fn gone() -> [AccountState; 2] {
    let since = at(3);
    [AccountState::Blocked { reason: "spam".into(), since }, AccountState::Deactivated { since }]
}

fn pending() -> (Order, Bid, Contract) {
    let (order, contract, _) = awarded(order(), 11_500, FeeRule::NONE, 0);
    (order, bid_in(BidState::Accepted), contract)
}

#[test]
fn an_order_without_its_client_is_called_off() {
    for state in gone() {
        let client = account(1, state);
        let mut order = order();
        let mut bids = [bid_of(1, 2), bid_in(BidState::Countered), bid_in(BidState::Withdrawn)];
        let outcome = wind_up_order(&mut order, &mut bids, None, &client, at(4)).unwrap();
        assert_eq!(names(&outcome), ["order.cancelled", "bid.declined", "bid.declined"]);
        assert_eq!((order.state, order.cancelled_at), (OrderState::Cancelled, Some(at(4))));
        let states = bids.each_ref().map(|bid| bid.state);
        assert_eq!(states, [BidState::Declined, BidState::Declined, BidState::Withdrawn]);
        let reasons: Vec<_> = outcome.events.iter().filter_map(reason_told).collect();
        assert_eq!(reasons, ["client_unavailable"; 3]);
        let again = wind_up_order(&mut order, &mut bids, None, &client, at(5));
        assert_eq!(reason(again), "invalid_transition");
    }
}

fn reason_told(fact: &Fact) -> Option<&'static str> {
    use crate::bidding::BidEvent::Declined;
    match fact {
        Fact::Order(OrderEvent::Cancelled { reason, .. }) => Some(Cancellation::as_str(*reason)),
        Fact::Bid(Declined { reason, .. }) => Some(DeclineReason::as_str(*reason)),
        Fact::Identity(_)
        | Fact::Bid(_)
        | Fact::Order(_)
        | Fact::Contract(_)
        | Fact::Proposal(_)
        | Fact::Dispute(_)
        | Fact::Money(_)
        | Fact::Messaging(_)
        | Fact::Audit(_) => None,
    }
}

#[test]
fn an_awarded_order_that_is_not_paid_for_ends_with_its_client() {
    for state in gone() {
        let (mut order, bid, mut contract) = pending();
        let mut bids = [bid];
        let outcome =
            wind_up_order(&mut order, &mut bids, Some(&mut contract), &account(1, state), at(4)).unwrap();
        assert_eq!(names(&outcome), ["order.cancelled", "bid.declined", "contract.ended"]);
        let states = (order.state, bids[0].state, contract.state);
        assert_eq!(states, (OrderState::Cancelled, BidState::Declined, ContractState::Cancelled));
    }
}

#[test]
fn a_bid_without_its_bidder_is_taken_back() {
    for state in gone() {
        for live in [BidState::Open, BidState::Changed, BidState::Countered] {
            let (mut order, mut bid) = (order(), bid_in(live));
            let outcome = wind_up_bid(&mut order, &mut bid, None, &account(2, state.clone()), at(4)).unwrap();
            assert_eq!(names(&outcome), ["bid.withdrawn"], "{live}");
            assert_eq!((order.state, bid.state, bid.counter), (OrderState::Open, BidState::Withdrawn, None));
        }
    }
}

#[test]
fn an_awarded_order_that_is_not_paid_for_is_open_again_without_its_provider() {
    for state in gone() {
        let (mut order, mut bid, mut contract) = pending();
        let bidder = account(2, state);
        let outcome = wind_up_bid(&mut order, &mut bid, Some(&mut contract), &bidder, at(4)).unwrap();
        assert_eq!(names(&outcome), ["bid.withdrawn", "contract.ended", "order.reopened"]);
        assert_eq!((order.state, order.award), (OrderState::Open, None));
        assert_eq!((bid.state, contract.state), (BidState::Withdrawn, ContractState::Cancelled));
    }
}

#[test]
fn work_that_is_paid_for_goes_on() {
    for state in gone() {
        let (mut order, mut contract, _) = awarded(order(), 11_500, FeeRule::NONE, 11_500);
        let mut bids = [bid_in(BidState::Accepted)];
        let before = (order.clone(), contract.clone(), bids.clone());
        let client = account(1, state.clone());
        let ended = wind_up_order(&mut order, &mut bids, Some(&mut contract), &client, at(4));
        assert_eq!(reason(ended), "invalid_transition");
        let left = wind_up_bid(&mut order, &mut bids[0], Some(&mut contract), &account(2, state), at(4));
        assert_eq!(reason(left), "invalid_transition");
        assert_eq!((order, contract, bids), before, "a refused command changes nothing");
    }
}

#[test]
fn whoever_is_back_looks_after_it_themselves() {
    let (mut order, mut bid) = (order(), bid());
    let before = (order.clone(), bid.clone());
    let active = |id| account(id, AccountState::Active);
    let kept = wind_up_order(&mut order, std::slice::from_mut(&mut bid), None, &active(1), at(4));
    assert_eq!(kept, Err(ContractError::AccountActive { state: "active" }));
    let kept = wind_up_bid(&mut order, &mut bid, None, &active(2), at(4));
    assert_eq!(reason(kept), "account_active");
    assert_eq!((order, bid), before);
}

#[test]
fn nobody_elses_business_is_wound_up() {
    for state in gone() {
        let (mut order, mut bid) = (order(), bid());
        let others = wind_up_order(&mut order, &mut [], None, &account(2, state.clone()), at(4));
        assert_eq!(others, Err(Refusal::NotParty { object: "account" }.into()));
        let others = wind_up_bid(&mut order, &mut bid, None, &account(1, state), at(4));
        assert_eq!(others, Err(Refusal::NotParty { object: "account" }.into()));
    }
}
