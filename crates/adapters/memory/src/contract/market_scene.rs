//! What the cases about orders, bids and contracts are played with.

use chrono::{DateTime, TimeDelta, Utc};
use domain::actor::Issuer;
use domain::bidding::{Bid, BidMessage, BidStep, NewBid, Offer};
use domain::contracts::Contract;
use domain::identity::{AccountState, Role, Standing, User};
use domain::ids::{BidId, MilestoneNumber, OrderId, UserId};
use domain::orders::{
    Description, Invitee, MilestonePlan, MilestoneTitle, NewOrder, Order, OrderDetails, OrderType, Pages,
    PlannedMilestone, Posted, Requirement, RequirementsText, SpecificationNotes, SpecificationWord,
    Specifications, Subject as Field, Title,
};
use ports::bidding::WhichBids;
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::Subject;
use super::money_scene::usd;
use super::scene::{begin, commit, fresh_email, fresh_uuid, insert, new_user, now, rollback};

/// A word that is in no other row of the database.
pub(super) fn fresh_word() -> String {
    format!("w{}", fresh_uuid().simple())
}

/// So many days from now on.
pub(super) fn in_days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

/// Somebody with this role, committed.
pub(super) async fn stored_person(subject: &Subject, role: Role) -> User {
    let mut user = new_user(fresh_email());
    user.role = role;
    let mut work = begin(subject).await;
    insert(work.as_mut(), &user).await;
    commit(work).await;
    user
}

pub(super) async fn a_client(subject: &Subject) -> UserId {
    stored_person(subject, Role::Client).await.id
}

pub(super) async fn a_provider(subject: &Subject) -> UserId {
    stored_person(subject, Role::Writer).await.id
}

pub(super) fn client(user_id: UserId) -> Issuer {
    Issuer::Person { user_id, role: Role::Client }
}

pub(super) fn provider(user_id: UserId) -> Issuer {
    Issuer::Person { user_id, role: Role::Writer }
}

pub(super) fn number(number: i32) -> MilestoneNumber {
    MilestoneNumber::new(number).expect("a number")
}

pub(super) fn title(raw: &str) -> Title {
    Title::parse(raw).expect("a title")
}

pub(super) fn field(raw: &str) -> Field {
    Field::parse(raw).expect("a field")
}

pub(super) fn description(raw: &str) -> Description {
    Description::parse(raw).expect("a description")
}

pub(super) fn message(raw: &str) -> BidMessage {
    BidMessage::parse(raw).expect("a message")
}

/// A plan of steps with these weights, due one day after the other.
pub(super) fn plan(weights: &[Option<i64>]) -> MilestonePlan {
    let step = |(weight, days): (&Option<i64>, i64)| PlannedMilestone {
        title: MilestoneTitle::parse(&format!("Step {days} \"ä\"")).expect("a title"),
        due_date: in_days(days),
        amount: weight.map(usd),
    };
    MilestonePlan::new(weights.iter().zip(1..).map(step).collect()).expect("a plan")
}

/// As little as an order needs; of a budget of 120.00, due in thirty days.
pub(super) fn few_details() -> OrderDetails {
    OrderDetails {
        title: title("Research Paper on Climate Change"),
        subject: field("Environmental Science"),
        order_type: OrderType::parse("Research Paper").expect("a kind"),
        pages: None,
        deadline: in_days(30),
        budget: usd(12_000),
        description: description("Comprehensive analysis"),
        requirements: None,
        detailed_requirements: vec![],
        specifications: None,
        milestones: MilestonePlan::default(),
    }
}

/// As much as an order can have.
pub(super) fn all_details() -> OrderDetails {
    let word = |raw| SpecificationWord::parse(raw).ok();
    let line = |raw| Requirement::parse(raw).expect("a requirement");
    OrderDetails {
        pages: Pages::new(8).ok(),
        description: description("Zeile 1\n\"Zeile\" 2\t\\ {curly} \u{1F512}"),
        requirements: RequirementsText::parse("APA,\nplease: 'all' of it").ok(),
        detailed_requirements: vec![line("Ten sources, \"peer-reviewed\""), line("No \\ nonsense")],
        specifications: Some(Specifications {
            format: word("PDF"),
            citation_style: word("APA"),
            language: word("English (US)"),
            additional_notes: SpecificationNotes::parse("None,\nreally").ok(),
        }),
        milestones: plan(&[Some(5_000), Some(7_000)]),
        ..few_details()
    }
}

/// Somebody who can be invited, as far as the domain is told.
fn a_writer(id: UserId) -> Invitee {
    let account = Some(Standing { id, role: Role::Writer, state: AccountState::Active });
    Invitee { id, account }
}

pub(super) fn new_order(
    id: OrderId,
    client_id: UserId,
    details: OrderDetails,
    invited: Vec<UserId>,
) -> Posted {
    let invited = invited.into_iter().map(a_writer).collect();
    let new = NewOrder { id, details, invited };
    Order::post(new, client(client_id), now()).expect("an order is posted")
}

pub(super) async fn next_order_id(work: &mut dyn UnitOfWork) -> OrderId {
    work.orders().next_id().await.expect("a number")
}

pub(super) async fn next_bid_id(work: &mut dyn UnitOfWork) -> BidId {
    // On no order and by nobody: nothing is locked.
    let (order_id, nobody) = (OrderId::new(i64::MAX).expect("a number"), UserId::new(fresh_uuid()));
    work.bids().stage(order_id, nobody).await.expect("a number").next_id
}

/// An order, committed, with its invitations.
pub(super) async fn posted(
    subject: &Subject,
    client_id: UserId,
    details: OrderDetails,
    invited: &[UserId],
) -> Order {
    let mut work = begin(subject).await;
    let id = next_order_id(work.as_mut()).await;
    let Posted { order, invitations, events: _ } = new_order(id, client_id, details, invited.to_vec());
    work.orders().insert(&order).await.expect("an order is inserted");
    if !invitations.is_empty() {
        work.invitations().insert(&invitations).await.expect("invitations are inserted");
    }
    commit(work).await;
    order
}

/// An order with few details of somebody new.
pub(super) async fn some_order(subject: &Subject) -> Order {
    let client_id = a_client(subject).await;
    posted(subject, client_id, few_details(), &[]).await
}

/// A bid that is stored nowhere yet, with the first line of its history.
pub(super) fn new_bid(id: BidId, order: &Order, provider_id: UserId, minor: i64) -> (Bid, Offer) {
    let message = message("I have 5+ years\nof \"experience\"");
    let new = NewBid { id, amount: usd(minor), proposed_deadline: None, message };
    let placed = Bid::place(new, order, None, provider(provider_id), now());
    let (bid, BidStep { offer, .. }) = placed.expect("a bid is placed");
    (bid, offer.expect("it names terms"))
}

/// A bid, committed.
pub(super) async fn placed(subject: &Subject, order: &Order, provider_id: UserId, minor: i64) -> Bid {
    let mut work = begin(subject).await;
    let bid = place(work.as_mut(), order, provider_id, minor).await;
    commit(work).await;
    bid
}

/// A bid, inserted.
pub(super) async fn place(work: &mut dyn UnitOfWork, order: &Order, provider_id: UserId, minor: i64) -> Bid {
    let (bid, offer) = new_bid(next_bid_id(work).await, order, provider_id, minor);
    work.bids().insert(&bid, &offer).await.expect("a bid is inserted");
    bid
}

pub(super) async fn save_bids(subject: &Subject, bids: &mut [Bid]) {
    let mut work = begin(subject).await;
    work.bids().save(bids).await.expect("bids are saved");
    commit(work).await;
}

/// An order as it is stored, locked by `work`.
pub(super) async fn locked_order(work: &mut dyn UnitOfWork, id: OrderId) -> Order {
    work.orders().lock(id).await.expect("an order is locked").expect("the order is there")
}

/// Bids as they are stored, locked by `work`.
pub(super) async fn locked_bids(work: &mut dyn UnitOfWork, order_id: OrderId, which: WhichBids) -> Vec<Bid> {
    work.bids().lock(order_id, which).await.expect("bids are locked")
}

pub(super) async fn locked_contract(work: &mut dyn UnitOfWork, order_id: OrderId) -> Option<Contract> {
    work.contracts().lock(order_id).await.expect("a contract is locked")
}

/// What is committed of an order.
pub(super) async fn reloaded_order(subject: &Subject, id: OrderId) -> Order {
    let mut work = begin(subject).await;
    let order = locked_order(work.as_mut(), id).await;
    rollback(work).await;
    order
}

/// What is committed of a bid.
pub(super) async fn reloaded_bid(subject: &Subject, bid: &Bid) -> Bid {
    let mut work = begin(subject).await;
    let found = locked_bids(work.as_mut(), bid.order_id, WhichBids::One(bid.id)).await;
    rollback(work).await;
    let [found] = <[Bid; 1]>::try_from(found).expect("the bid is there");
    found
}

/// What is committed of the contract that an order is awarded by.
pub(super) async fn reloaded_contract(subject: &Subject, order_id: OrderId) -> Option<Contract> {
    let mut work = begin(subject).await;
    let contract = locked_contract(work.as_mut(), order_id).await;
    rollback(work).await;
    contract
}

/// An order as everybody sees it.
pub(super) async fn detail(subject: &Subject, id: OrderId) -> OrderDetail {
    let found = subject.orders.order(id).await.expect("the question is answered");
    found.expect("the order is shown")
}

/// An order as a transaction sees it.
pub(super) async fn detail_inside(work: &mut dyn UnitOfWork, id: OrderId) -> OrderDetail {
    let found = work.orders().detail(id).await.expect("the question is answered");
    found.expect("the order is shown")
}
