//! Orders that are awarded, for the cases: with their contracts, and all the steps of the work.

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::bidding::{Bid, BidState};
use domain::contracts::{self, AutoReleasePeriod, AwardCommand, Awarded, Contract, ContractError, Outcome};
use domain::event::Event;
use domain::ids::ContractId;
use domain::money::{BasisPoints, FeeRule, PayoutTo};
use domain::orders::{Order, OrderDetails};
use domain::profiles::figure_changes;
use ports::store::UnitOfWork;

use super::Subject;
use super::market_scene::{
    a_client, a_provider, client, few_details, number, placed, plan, posted, provider,
};
use super::money_scene::{book, booked, paid_in, usd};
use super::scene::{begin, commit, fresh_event_id, fresh_uuid, now};

/// No fees.
pub(super) const FREE: FeeRule = FeeRule::NONE;

/// A tenth of the provider, a twentieth of the client.
pub(super) fn fees() -> FeeRule {
    let rate = |basis_points| BasisPoints::new(basis_points).expect("a rate");
    FeeRule { provider: rate(1_000), client: rate(500) }
}

/// An order that is awarded, with all that goes with it, as it is stored.
#[derive(Clone, Debug)]
pub(super) struct Deal {
    pub(super) order: Order,
    pub(super) bid: Bid,
    pub(super) contract: Contract,
}

impl Deal {
    pub(super) fn client(&self) -> Issuer {
        client(self.order.client_id)
    }

    pub(super) fn provider(&self) -> Issuer {
        provider(self.bid.provider_id)
    }

    /// Takes a step and commits what it led to.
    pub(super) async fn step(
        &mut self,
        subject: &Subject,
        step: impl FnOnce(&mut Order, &mut Contract, DateTime<Utc>) -> Result<Outcome, ContractError>,
    ) {
        let outcome = step(&mut self.order, &mut self.contract, now()).expect("the step is taken");
        let mut work = begin(subject).await;
        self.save(work.as_mut(), outcome).await;
        commit(work).await;
    }

    /// Saves order and contract, and books what a step led to.
    pub(super) async fn save(&mut self, work: &mut dyn UnitOfWork, outcome: Outcome) {
        work.orders().save(&mut self.order).await.expect("the order is saved");
        work.contracts().save(&mut self.contract).await.expect("the contract is saved");
        record(work, outcome).await;
    }

    /// The client pays in what is needed, and pays.
    pub(super) async fn fund(&mut self, subject: &Subject) {
        let required = self.contract.escrow.required().expect("an amount");
        booked(subject, &paid_in(self.order.client_id, required)).await;
        let by = self.client();
        self.step(subject, |order, contract, now| contracts::fund(order, contract, required, by, now)).await;
    }

    /// The provider begins a milestone and hands it in.
    pub(super) async fn submit(&mut self, subject: &Subject, milestone: i32) {
        let by = self.provider();
        self.step(subject, |_, contract, now| {
            contract.start(number(milestone), by, now)?;
            let (_, event) =
                contract.submit(number(milestone), None, AutoReleasePeriod::default(), by, now)?;
            Ok(Outcome { events: vec![event.into()], ..Outcome::default() })
        })
        .await;
    }

    /// The client approves a milestone that is handed in.
    pub(super) async fn approve(&mut self, subject: &Subject, milestone: i32) {
        let (by, to) = (self.client(), PayoutTo::Available);
        self.step(subject, |order, contract, now| {
            contracts::approve(order, contract, number(milestone), to, by, now)
        })
        .await;
    }

    /// The same, and what is released rests for no time at all.
    pub(super) async fn approve_to_rest(&mut self, subject: &Subject, milestone: i32) {
        let by = self.client();
        self.step(subject, |order, contract, now| {
            let to = PayoutTo::Clearing { until: now };
            contracts::approve(order, contract, number(milestone), to, by, now)
        })
        .await;
    }

    /// The provider gives a milestone's money back.
    pub(super) async fn refund(&mut self, subject: &Subject, milestone: i32) {
        let by = self.provider();
        self.step(subject, |order, contract, now| {
            contracts::refund_milestone(order, contract, number(milestone), by, now)
        })
        .await;
    }

    /// The client calls the order off.
    pub(super) async fn cancel(&mut self, subject: &Subject) {
        let by = self.client();
        let (order, bids, contract) =
            (&mut self.order, std::slice::from_mut(&mut self.bid), Some(&mut self.contract));
        let outcome = contracts::cancel_order(order, bids, contract, by, now()).expect("it is cancelled");
        let mut work = begin(subject).await;
        work.bids().save(std::slice::from_mut(&mut self.bid)).await.expect("the bid is saved");
        self.save(work.as_mut(), outcome).await;
        commit(work).await;
    }

    /// The provider leaves before it is paid for.
    pub(super) async fn leave(&mut self, subject: &Subject) {
        let by = self.provider();
        let (order, bid, contract) = (&mut self.order, &mut self.bid, Some(&mut self.contract));
        let outcome = contracts::withdraw_bid(order, bid, contract, by, now()).expect("they leave");
        let mut work = begin(subject).await;
        work.bids().save(std::slice::from_mut(&mut self.bid)).await.expect("the bid is saved");
        self.save(work.as_mut(), outcome).await;
        commit(work).await;
    }
}

/// Writes down what a step led to, as a command does.
pub(super) async fn record(work: &mut dyn UnitOfWork, outcome: Outcome) {
    let Outcome { events, transactions } = outcome;
    for transaction in &transactions {
        book(work, transaction).await;
    }
    let changes = figure_changes(&events);
    if !changes.is_empty() {
        work.figures().change(&changes).await.expect("figures are changed");
    }
    let event = |fact| (fresh_event_id(), Event { fact, occurred_at: now() });
    let events: Vec<_> = events.into_iter().map(event).collect();
    if !events.is_empty() {
        work.outbox().append(&events).await.expect("facts are appended");
    }
}

/// The client accepts a bid without having the money: the order is pending.
pub(super) async fn awarded(subject: &Subject, mut order: Order, bid: Bid, fees: FeeRule) -> Deal {
    let mut bids = [bid];
    let command = AwardCommand {
        bid_id: bids[0].id,
        expected: domain::bidding::Expected::default(),
        contract_id: ContractId::new(fresh_uuid()),
        fees,
        available: usd(0),
        bidder_may_enter: true,
    };
    let by = client(order.client_id);
    let awarded = contracts::award(&mut order, &mut bids, command, by, now()).expect("it is awarded");
    let Awarded { contract, payment_required: _, outcome } = awarded;
    let mut work = begin(subject).await;
    work.orders().save(&mut order).await.expect("the order is saved");
    work.bids().save(&mut bids).await.expect("the bid is saved");
    work.contracts().insert(&contract).await.expect("the contract is inserted");
    record(work.as_mut(), outcome).await;
    commit(work).await;
    let [bid] = bids;
    assert_eq!(bid.state, BidState::Accepted, "it won");
    Deal { order, bid, contract }
}

/// An order of somebody new in steps of these weights, awarded to somebody new at this price.
pub(super) async fn a_deal(subject: &Subject, minor: i64, weights: &[Option<i64>], fees: FeeRule) -> Deal {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    let details = OrderDetails { milestones: plan(weights), ..few_details() };
    let order = posted(subject, client_id, details, &[]).await;
    let bid = placed(subject, &order, provider_id, minor).await;
    awarded(subject, order, bid, fees).await
}
