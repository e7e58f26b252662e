//! Orders, people and moments for the tests of several contexts.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use uuid::Uuid;

use crate::actor::{Issuer, Party};
use crate::bidding::{Bid, BidMessage, BidState, CounterTerms, NewBid};
use crate::identity::Role;
use crate::ids::{BidId, ContractId, OrderId, UserId};
use crate::money::{Currency, Money};
use crate::orders::{
    Award, Description, MilestonePlan, NewOrder, Order, OrderDetails, OrderState, OrderType, Pages, Subject,
    Title,
};

/// So many hours after everything began.
pub(crate) fn at(hours: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(1_704_700_800, 0).unwrap() + TimeDelta::hours(hours)
}

/// So many days after everything began. Orders are due on day 30.
pub(crate) fn day(days: i64) -> DateTime<Utc> {
    at(24 * days)
}

pub(crate) fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

pub(crate) fn user(id: u128) -> UserId {
    UserId::new(Uuid::from_u128(id))
}

/// User 1 posts the orders.
pub(crate) fn client() -> Issuer {
    issuer(Party::Client)
}

/// User 2 wins them.
pub(crate) fn provider() -> Issuer {
    issuer(Party::Provider)
}

pub(crate) fn issuer(party: Party) -> Issuer {
    let person = |id, role| Issuer::Person { user_id: user(id), role };
    match party {
        Party::Client | Party::Owner => person(1, Role::Client),
        Party::Provider => person(2, Role::Writer),
        Party::Admin => person(99, Role::Admin),
        Party::System => Issuer::System,
    }
}

pub(crate) fn details() -> OrderDetails {
    OrderDetails {
        title: Title::parse("Research Paper on Climate Change").unwrap(),
        subject: Subject::parse("Environmental Science").unwrap(),
        order_type: OrderType::parse("Research Paper").unwrap(),
        pages: Pages::new(8).ok(),
        deadline: day(30),
        budget: usd(12_000),
        description: Description::parse("Comprehensive analysis").unwrap(),
        requirements: None,
        detailed_requirements: vec![],
        specifications: None,
        milestones: MilestonePlan::default(),
    }
}

/// An open order of user 1, posted at hour 0, due on day 30.
pub(crate) fn order() -> Order {
    let new = NewOrder { id: OrderId::new(95).unwrap(), details: details(), invited: vec![] };
    Order::post(new, client(), at(0)).unwrap().order
}

pub(crate) fn award() -> Award {
    Award {
        provider_id: user(2),
        bid_id: BidId::new(1).unwrap(),
        contract_id: ContractId::new(Uuid::from_u128(7)),
        amount: usd(11_500),
        awarded_at: at(1),
        posted_deadline: day(30),
    }
}

/// The same order, further on; awarded to user 2 unless it is open.
pub(crate) fn order_in(state: OrderState) -> Order {
    let mut order = order();
    order.award = (state != OrderState::Open).then(award);
    order.state = state;
    order
}

/// The bid of user 2 on the order above: 115.00, placed at hour 1.
pub(crate) fn bid() -> Bid {
    bid_of(1, 2)
}

pub(crate) fn bid_of(number: i64, provider: u128) -> Bid {
    let new = NewBid {
        id: BidId::new(number).unwrap(),
        amount: usd(11_500),
        proposed_deadline: None,
        message: BidMessage::parse("I have 5+ years of experience").unwrap(),
    };
    let by = Issuer::Person { user_id: user(provider), role: Role::Writer };
    Bid::place(new, &order(), None, by, at(1)).unwrap().0
}

/// The same bid, further on.
pub(crate) fn bid_in(state: BidState) -> Bid {
    let mut bid = bid();
    if state == BidState::Countered {
        let terms = CounterTerms { amount: usd(11_000), proposed_deadline: None, message: None };
        let _step = bid.counter(terms, &order(), client(), at(1)).unwrap();
    }
    bid.state = state;
    bid
}
