//! Bids, the award and what follows from it: the source document's examples, who may do what, and
//! what is wrong with a request. What is done with a good one is tested with the use cases.

use std::sync::Arc;

use actix_web::http::Method;
use async_trait::async_trait;
use domain::actor::Party;
use domain::bidding::{BidCounts, BidMessage, BidState, Counter, CounterTerms};
use domain::ids::{BidId, OrderId, UserId};
use domain::money::FeeRule;
use ports::bidding::{BidList, BidQueries, BidView, OfferView, ReceivedBid};
use ports::list::{Slice, Window};
use ports::store::StoreError;
use serde_json::{Value, json};
use usecases::bidding::{
    AcceptBid, AcceptCounter, ConfirmBid, CounterBid, DeclineBid, EditBid, ListBids, ListBidsOnOrder,
    ListOffers, PlaceBid, RejectCounter, ViewBid, WithdrawBid,
};
use usecases::contracts::{
    ApproveMilestone, FundOrder, GiveBonus, RequestChanges, ReviewOrder, SubmitMilestone,
};
use uuid::Uuid;

use super::orders::{desk, moment, person, usd, user};
use super::support::{Faults, World, command, covers, example, faults, get, post, start};
use crate::bidding::BidUseCases;
use crate::contracts::ContractUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> BidUseCases {
    let bids: Arc<dyn BidQueries> = world.clone();
    let desk = || desk(world);
    BidUseCases {
        place: Arc::new(PlaceBid(desk())),
        edit: Arc::new(EditBid(desk())),
        confirm: Arc::new(ConfirmBid(desk())),
        counter: Arc::new(CounterBid(desk())),
        accept_counter: Arc::new(AcceptCounter(desk())),
        reject_counter: Arc::new(RejectCounter(desk())),
        accept: Arc::new(AcceptBid { desk: desk(), fees: FeeRule::NONE }),
        decline: Arc::new(DeclineBid(desk())),
        withdraw: Arc::new(WithdrawBid(desk())),
        list: Arc::new(ListBids { bids: bids.clone() }),
        list_on_order: Arc::new(ListBidsOnOrder { bids: bids.clone(), orders: world.clone() }),
        view: Arc::new(ViewBid { bids: bids.clone() }),
        list_offers: Arc::new(ListOffers { bids }),
    }
}

pub(super) fn contract_use_cases(world: &Arc<World>) -> ContractUseCases {
    let desk = || desk(world);
    ContractUseCases {
        fund: Arc::new(FundOrder(desk())),
        review: Arc::new(ReviewOrder(desk())),
        approve: Arc::new(ApproveMilestone(desk())),
        request_changes: Arc::new(RequestChanges(desk())),
        submit: Arc::new(SubmitMilestone(desk())),
        give_bonus: Arc::new(GiveBonus(desk())),
    }
}

/// The source's bid: of person 1 on an order of person 2.
pub(super) fn bid(state: BidState) -> BidView {
    let counter = Counter {
        terms: CounterTerms {
            amount: usd(14_000),
            proposed_deadline: Some(moment("2024-01-19T00:00:00Z")),
            message: BidMessage::parse("Could you do it for 140?").ok(),
        },
        created_at: moment("2024-01-11T09:00:00Z"),
    };
    BidView {
        id: BidId::new(1).unwrap(),
        order_id: OrderId::new(101).unwrap(),
        client_id: user(2),
        provider_id: user(1),
        order_title: "Marketing Research Paper".into(),
        subject: "Marketing".into(),
        original_budget: usd(20_000),
        order_deadline: moment("2024-01-20T23:59:59Z"),
        amount: usd(15_000),
        proposed_deadline: None,
        message: "I have extensive experience in marketing research...".into(),
        state,
        revision: 1,
        counter: (state == BidState::Countered).then_some(counter),
        submitted_at: moment("2024-01-10T14:30:00.7Z"),
        response_date: moment("2024-01-15T10:00:00Z"),
        updated_at: moment("2024-01-10T14:30:00Z"),
        version: 6,
    }
}

/// Bid 1 is open, bid 2 is countered; every question for a list is written down.
#[async_trait]
impl BidQueries for World {
    async fn bid(&self, id: BidId) -> Result<Option<BidView>, StoreError> {
        Ok(match id.number() {
            1 => Some(bid(BidState::Open)),
            2 => Some(BidView { id, ..bid(BidState::Countered) }),
            _ => None,
        })
    }

    async fn bids(
        &self,
        provider_id: Option<UserId>,
        states: &[BidState],
        window: Window,
    ) -> Result<BidList, StoreError> {
        let number = provider_id.map(|id| id.uuid().as_u128());
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let question = format!("bids of {number:?}: {} {window:?}", states.join(","));
        self.questions.lock().unwrap().push(question);
        let tally = BidCounts { open: 12, changed: 2, countered: 1, accepted: 16, declined: 8, withdrawn: 5 };
        Ok(BidList { bids: Slice { rows: vec![bid(BidState::Open)], total: 23, next: Some(1) }, tally })
    }

    async fn bids_on(
        &self,
        order_id: OrderId,
        states: &[BidState],
        window: Window,
    ) -> Result<Slice<ReceivedBid>, StoreError> {
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let question = format!("bids on {order_id}: {} {window:?}", states.join(","));
        self.questions.lock().unwrap().push(question);
        let received = ReceivedBid { bid: bid(BidState::Open), writer: person(1, "Sarah Johnson") };
        Ok(Slice { rows: vec![received], total: 1, next: Some(1) })
    }

    async fn offers(&self, _: BidId) -> Result<Vec<OfferView>, StoreError> {
        let offer = |author, number, message: Option<&str>| OfferView {
            author,
            author_id: user(number),
            author_name: "John Doe".into(),
            amount: usd(14_000),
            proposed_deadline: None,
            message: message.map(str::to_owned),
            made_at: moment("2024-01-11T09:00:00Z"),
        };
        Ok(vec![offer(Party::Provider, 1, Some("Me")), offer(Party::Client, 2, None)])
    }
}

fn shown() -> Value {
    json!({
        "id": "BID-001", "order_id": "ORD-101", "writer_id": user(1).to_string(),
        "order_title": "Marketing Research Paper",
        "subject": "Marketing", "bid_amount": 150.0, "original_budget": 200.0, "status": "open",
        "state": "open", "revision": 1, "is_counter_offer": false,
        "message": "I have extensive experience in marketing research...", "proposed_deadline": null,
        "counter": null, "submitted_date": "2024-01-10T14:30:00Z", "response_date": "2024-01-15T10:00:00Z",
        "order_deadline": "2024-01-20T23:59:59Z", "updated_at": "2024-01-10T14:30:00Z"
    })
}

#[actix_web::test]
async fn bids_are_listed_as_in_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/bids", "writer:1")).await;
    let cursor = answer.json()["data"]["pagination"]["next_cursor"].clone();
    let expected = json!({
        "bids": [shown()],
        "pagination": {"page": 1, "limit": 20, "total": 23, "pages": 2, "has_next": true, "has_prev": false,
            "next_cursor": cursor},
        "summary": {"total_bids": 23, "open": 12, "unconfirmed": 3, "declined": 8, "success_rate": 67}
    });
    assert_eq!(answer.json()["data"], expected);
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("\"bid_amount\":150.00,\"original_budget\":200.00,"), "{text}");
}

#[actix_web::test]
async fn one_bid_is_shown_to_its_parties() {
    let app = start().await;
    for token in ["writer:1", "client:2", "admin:9"] {
        let answer = app.send(get("/api/v1/bids/BID-001", token)).await;
        assert_eq!(answer.header("etag"), Some("\"6\""));
        assert_eq!(answer.json()["data"], json!({"bid": shown()}), "{token}");
    }
    let mut countered = shown();
    countered.as_object_mut().unwrap().extend(
        json!({"id": "BID-002", "status": "unconfirmed", "state": "countered", "is_counter_offer": true,
            "counter": {"bid_amount": 140.0, "proposed_deadline": "2024-01-19T00:00:00Z",
                "message": "Could you do it for 140?", "created_at": "2024-01-11T09:00:00Z"}})
        .as_object()
        .unwrap()
        .clone(),
    );
    assert_eq!(app.send(get("/api/v1/bids/BID-002", "writer:1")).await.json()["data"]["bid"], countered);
    let offers = app.send(get("/api/v1/bids/BID-001/offers", "client:2")).await.json();
    let offer = |author: &str, number, message: Value| {
        json!({"author": author, "author_id": Uuid::from_u128(number), "author_name": "John Doe",
            "bid_amount": 140.0, "proposed_deadline": null, "message": message,
            "created_at": "2024-01-11T09:00:00Z"})
    };
    let expected = json!({"offers": [offer("provider", 1, "Me".into()), offer("client", 2, Value::Null)]});
    assert_eq!(offers["data"], expected);
    let unknown = app.send(get("/api/v1/bids/BID-099", "writer:1")).await;
    unknown.expect_error(404, "NOT_FOUND");
    for (path, token) in [
        ("BID-001", "writer:3"),
        ("BID-001", "client:3"),
        ("BID-1", "writer:1"),
        ("BID-001/offers", "writer:3"),
        ("BID-099/offers", "admin:9"),
    ] {
        let answer = app.send(get(&format!("/api/v1/bids/{path}"), token)).await;
        assert_eq!(answer.body, unknown.body, "{path} {token}");
    }
}

#[actix_web::test]
async fn the_bids_on_an_order_come_with_their_bidders() {
    let app = start().await;
    const PATH: &str = "/api/v1/orders/ORD-002/bids";
    let answer = app.send(get(PATH, "client:2")).await;
    let mut expected = shown();
    expected["writer"] = json!({"id": Uuid::from_u128(1), "name": "Sarah Johnson",
        "avatar_url": "https://cdn.example.com/avatars/sarah.jpg", "rating": 4.8, "orders_completed": 158,
        "success_rate": 98.7});
    assert_eq!(answer.json()["data"]["bids"], json!([expected]));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("\"bid_amount\":150.00,"), "{text}");
    let keys: Vec<_> = answer.json()["data"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["bids", "pagination"]);

    let cursor = answer.json()["data"]["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    for path in [PATH, "/api/v1/orders/AO-002/bids"] {
        let next = app.send(get(&format!("{path}?cursor={cursor}&status=all"), "client:2")).await;
        assert_eq!(next.status, 200, "{path}");
    }
    for (path, token) in [
        (format!("/api/v1/orders/ORD-001/bids?cursor={cursor}"), "client:2"),
        (format!("{PATH}?cursor={cursor}&status=open"), "client:2"),
        (format!("{PATH}?cursor={cursor}"), "admin:9"),
    ] {
        let details = app.send(get(&path, token)).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["field"], "cursor", "{path}");
    }
    for (path, token) in [("ORD-002", "client:3"), ("ORD-099", "admin:9"), ("x", "admin:9")] {
        app.send(get(&format!("/api/v1/orders/{path}/bids"), token)).await.expect_error(404, "NOT_FOUND");
    }
}

#[actix_web::test]
async fn filters_reach_the_question() {
    let app = start().await;
    const FIRST: &str = "Page { offset: 0, limit: 20 }";
    const STATUS: &str = "must be one of all, open, unconfirmed, accepted, declined, withdrawn";
    let cases = [
        ("writer:1", "bids", format!("bids of Some(1): open,changed,countered,declined {FIRST}")),
        ("writer:1", "bids?status=all", format!("bids of Some(1): open,changed,countered,declined {FIRST}")),
        ("writer:1", "bids?status=unconfirmed", format!("bids of Some(1): changed,countered {FIRST}")),
        ("admin:9", "bids?status=accepted", format!("bids of None: accepted {FIRST}")),
        (
            "client:2",
            "orders/AO-002/bids",
            format!("bids on ORD-002: open,changed,countered,accepted,declined,withdrawn {FIRST}"),
        ),
        ("admin:9", "orders/ORD-002/bids?status=withdrawn", format!("bids on ORD-002: withdrawn {FIRST}")),
    ];
    for (token, path, question) in cases {
        assert_eq!(app.send(get(&format!("/api/v1/{path}"), token)).await.status, 200, "{path}");
        assert_eq!(app.world.questions.lock().unwrap().pop(), Some(question), "{path}");
    }
    for (token, path) in [("writer:1", "bids?status=x"), ("client:2", "orders/ORD-002/bids?status=changed")] {
        let answer = app.send(get(&format!("/api/v1/{path}"), token)).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(&[("status", STATUS)]), "{path}");
    }
}

#[actix_web::test]
async fn bodies_are_checked() {
    const REQUIRED: &str = "is required";
    const POSITIVE: &str = "must be greater than zero";
    const AMOUNT: &str = "must be a number with at most two decimals, such as 115.00";
    const MOMENT: &str = "must be a moment such as 2024-01-15T10:30:00Z";
    const TEXT: &str = "must be a string";
    const NUMBER: &str = "must be a whole number";
    const UNKNOWN: &str = "is not a known field";
    const EMPTY: &str = "must not be empty";
    let long = format!("{{\"bid_amount\":1,\"message\":\"{}\"}}", "x".repeat(10_001));
    let cases: [(&str, &str, &str, &str, Faults<'_>); 40] = [
        ("POST", "orders/ORD-001/bids", "writer:1", "{}", &[("bid_amount", REQUIRED)]),
        ("POST", "orders/ORD-001/bids", "writer:1", "{\"bid_amount\":1}", &[("message", REQUIRED)]),
        (
            "POST",
            "orders/ORD-001/bids",
            "writer:1",
            "{\"message\":\" \",\"proposed_deadline\":\"x\",\"bid_amount\":0}",
            &[("message", EMPTY), ("proposed_deadline", MOMENT), ("bid_amount", POSITIVE)],
        ),
        (
            "POST",
            "orders/ORD-001/bids",
            "writer:1",
            "{\"bid_amount\":\"1\",\"message\":\"a\"}",
            &[("bid_amount", AMOUNT)],
        ),
        (
            "POST",
            "orders/ORD-001/bids",
            "writer:1",
            "{\"bid_amount\":1.001,\"message\":\"a\"}",
            &[("bid_amount", AMOUNT)],
        ),
        (
            "POST",
            "orders/ORD-001/bids",
            "writer:1",
            "{\"bid_amount\":1,\"message\":null}",
            &[("message", TEXT)],
        ),
        (
            "POST",
            "orders/ORD-001/bids",
            "writer:1",
            &long,
            &[("message", "must have at most 10000 characters")],
        ),
        ("POST", "orders/ORD-001/bids", "writer:1", "{\"amount\":1}", &[("amount", UNKNOWN)]),
        ("PATCH", "bids/BID-001", "writer:1", "{\"bid_amount\":null}", &[("bid_amount", AMOUNT)]),
        ("PATCH", "bids/BID-001", "writer:1", "{\"bid_amount\":0}", &[("bid_amount", POSITIVE)]),
        ("PATCH", "bids/BID-001", "writer:1", "{\"message\":\"\"}", &[("message", EMPTY)]),
        ("PATCH", "bids/BID-001", "writer:1", "{\"message\":null}", &[("message", TEXT)]),
        (
            "PATCH",
            "bids/BID-001",
            "writer:1",
            "{\"proposed_deadline\":\"\"}",
            &[("proposed_deadline", MOMENT)],
        ),
        ("PATCH", "bids/BID-001", "writer:1", "{\"proposed_deadline\":1}", &[("proposed_deadline", TEXT)]),
        ("PATCH", "bids/BID-001", "writer:1", "{\"status\":\"open\"}", &[("status", UNKNOWN)]),
        ("POST", "bids/BID-001/confirm", "writer:1", "{\"revision\":\"1\"}", &[("revision", NUMBER)]),
        (
            "POST",
            "bids/BID-001/confirm",
            "writer:1",
            "{\"revision\":0}",
            &[("revision", "must be at least 1")],
        ),
        ("POST", "bids/BID-001/confirm", "writer:1", "{\"revision\":1.5}", &[("revision", NUMBER)]),
        ("POST", "bids/BID-001/confirm", "writer:1", "{\"revision\":null}", &[("revision", NUMBER)]),
        ("POST", "bids/BID-001/confirm", "writer:1", "{\"bid_amount\":1}", &[("bid_amount", UNKNOWN)]),
        ("POST", "bids/BID-001/counter", "client:2", "", &[("bid_amount", REQUIRED)]),
        (
            "POST",
            "bids/BID-001/counter",
            "client:2",
            "{\"bid_amount\":-1}",
            &[("bid_amount", "must not be negative")],
        ),
        (
            "POST",
            "bids/BID-001/counter",
            "client:2",
            "{\"bid_amount\":1,\"proposed_deadline\":\"2024-01-01\",\"message\":\"\\u0007\"}",
            &[("proposed_deadline", MOMENT), ("message", "must not contain control characters")],
        ),
        (
            "POST",
            "bids/BID-001/counter",
            "client:2",
            "{\"bid_amount\":1,\"message\":1}",
            &[("message", TEXT)],
        ),
        ("POST", "bids/BID-001/accept", "client:2", "{\"bid_amount\":0}", &[("bid_amount", POSITIVE)]),
        ("POST", "bids/BID-001/accept", "client:2", "{\"bid_amount\":null}", &[("bid_amount", AMOUNT)]),
        (
            "POST",
            "bids/BID-001/accept",
            "client:2",
            "{\"revision\":-1,\"bid_amount\":0}",
            &[("revision", "must be at least 1"), ("bid_amount", "must be greater than zero")],
        ),
        ("POST", "bids/BID-001/accept", "client:2", "{\"revision\":true}", &[("revision", NUMBER)]),
        ("POST", "bids/BID-001/accept", "client:2", "{\"message\":\"a\"}", &[("message", UNKNOWN)]),
        ("POST", "bids/BID-001/accept-counter", "writer:1", "{\"revision\":1}", &[("revision", UNKNOWN)]),
        ("POST", "bids/BID-001/reject-counter", "writer:1", "{\"revision\":1}", &[("revision", UNKNOWN)]),
        ("POST", "bids/BID-001/withdraw", "writer:1", "{\"revision\":1}", &[("revision", UNKNOWN)]),
        ("POST", "bids/BID-001/decline", "client:2", "[]", &[("body", "must be an object")]),
        ("POST", "orders/ORD-001/fund", "client:2", "{\"amount\":1}", &[("amount", UNKNOWN)]),
        ("POST", "orders/ORD-001/milestones/1/approve", "client:2", "{\"x\":1}", &[("x", UNKNOWN)]),
        ("POST", "orders/ORD-001/milestones/1/request-changes", "client:2", "{}", &[("message", REQUIRED)]),
        ("POST", "orders/ORD-001/review", "client:2", "{}", &[("rating", REQUIRED)]),
        (
            "POST",
            "orders/ORD-001/review",
            "writer:1",
            r#"{"rating": 6, "comment": "\u0000"}"#,
            &[("rating", "must be between 1 and 5"), ("comment", "must not contain control characters")],
        ),
        (
            "POST",
            "orders/ORD-001/review",
            "writer:1",
            "{\"rating\": -99999999999}",
            &[("rating", "must be between 1 and 5")],
        ),
        (
            "POST",
            "orders/ORD-001/milestones/1/request-changes",
            "client:2",
            "{\"message\":\"\"}",
            &[("message", EMPTY)],
        ),
    ];
    let app = start().await;
    for (method, path, token, body, expected) in cases {
        let request = command(method.parse().unwrap(), &format!("/api/v1/{path}"), token, body);
        let details = app.send(request).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(expected), "{method} {path} {body}");
    }
    // The store is down: whoever gets that far has passed all checks of the request.
    for (method, path, token, body) in [
        ("POST", "orders/AO-001/bids", "writer:1", "{\"bid_amount\":150.00,\"message\":\"a\\nb\"}"),
        (
            "POST",
            "orders/ORD-001/bids",
            "writer:1",
            "{\"bid_amount\":1,\"message\":\"a\",\"proposed_deadline\":null}",
        ),
        ("PATCH", "bids/BID-001", "writer:1", ""),
        (
            "PATCH",
            "bids/BID-001",
            "writer:1",
            "{\"proposed_deadline\":null,\"bid_amount\":1,\"message\":\"a\"}",
        ),
        ("POST", "bids/BID-001/confirm", "writer:1", ""),
        ("POST", "bids/BID-001/confirm", "writer:1", "{\"revision\":2}"),
        ("POST", "bids/BID-001/counter", "client:2", "{\"bid_amount\":140,\"message\":\"\"}"),
        (
            "POST",
            "bids/BID-001/counter",
            "client:2",
            "{\"bid_amount\":140,\"message\":null,\"proposed_deadline\":null}",
        ),
        ("POST", "bids/BID-001/accept", "client:2", ""),
        ("POST", "bids/BID-001/accept", "client:2", "{\"bid_amount\":150.0,\"revision\":1}"),
        ("POST", "orders/ORD-001/milestones/1/request-changes", "client:2", "{\"message\":\"a\"}"),
        ("POST", "orders/ORD-001/review", "writer:1", "{\"rating\":5}"),
    ] {
        let request = command(method.parse().unwrap(), &format!("/api/v1/{path}"), token, body);
        let answer = app.send(request).await;
        assert_eq!(answer.status, 503, "{method} {path} {body}: {}", answer.json());
    }
}

/// 401, 403, 400, 404, in this order, whoever asks for what.
#[actix_web::test]
async fn roles_come_before_the_request_and_the_request_before_the_object() {
    let app = start().await;
    let all = ["writer:1", "freelancer:3", "professional:4", "client:2", "admin:9"];
    let providers = &all[..3];
    let sides = &all[..4];
    let client = &all[3..4];
    let client_or_admin = &all[3..];
    let not_clients = ["writer:1", "freelancer:3", "professional:4", "admin:9"];
    // The body with which everything but the id is right; none for questions.
    let table: [(&str, &str, &[&str], Option<&str>); 26] = [
        ("GET", "orders", &all, None),
        ("GET", "orders/x", &all, None),
        ("POST", "orders", client, Some("")),
        ("PATCH", "orders/x", sides, Some("{}")),
        ("POST", "orders/x/cancel", client, Some("{}")),
        (
            "POST",
            "orders/x/invitations",
            client,
            Some("{\"writer_id\":\"0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22\"}"),
        ),
        ("POST", "orders/x/decline-invitation", providers, Some("{}")),
        ("POST", "orders/x/fund", client, Some("{}")),
        ("POST", "orders/x/milestones/1/approve", client, Some("{}")),
        ("POST", "orders/ORD-001/milestones/x/approve", client, Some("{}")),
        ("POST", "orders/ORD-001/milestones/0/approve", client, Some("{}")),
        ("POST", "orders/ORD-001/milestones/x/request-changes", client, Some("{\"message\":\"a\"}")),
        ("GET", "available-orders", providers, None),
        ("GET", "orders/x/bids", client_or_admin, None),
        ("POST", "orders/x/bids", providers, Some("{\"bid_amount\":1,\"message\":\"a\"}")),
        ("GET", "bids", &not_clients, None),
        ("GET", "bids/x", &all, None),
        ("GET", "bids/x/offers", &all, None),
        ("PATCH", "bids/x", providers, Some("{}")),
        ("POST", "bids/x/withdraw", providers, Some("{}")),
        ("POST", "bids/x/confirm", providers, Some("{}")),
        ("POST", "bids/x/counter", client, Some("{\"bid_amount\":1}")),
        ("POST", "bids/x/accept-counter", providers, Some("{}")),
        ("POST", "bids/x/reject-counter", providers, Some("{}")),
        ("POST", "bids/x/accept", client, Some("{}")),
        ("POST", "bids/x/decline", client, Some("{}")),
    ];
    for (method, path, permitted, good) in table {
        let name = format!("{method} {path}");
        let path = format!("/api/v1/{path}");
        let method: Method = method.parse().unwrap();
        let call = |token: &str, body: &str| match good {
            Some(_) => command(method.clone(), &path, token, body),
            None => get(&path, token),
        };
        app.send(call("nobody", "{")).await.expect_error(401, "UNAUTHORIZED");
        for token in all {
            if !permitted.contains(&token) {
                app.send(call(token, "{")).await.expect_error(403, "FORBIDDEN");
                continue;
            }
            if good.is_some() {
                app.send(call(token, "{\"unknown\":1}")).await.expect_error(400, "VALIDATION_ERROR");
                let bad_key = call(token, "{}").insert_header(("idempotency-key", "x".repeat(256)));
                let details = app.send(bad_key).await.expect_error(400, "VALIDATION_ERROR");
                assert_eq!(details["field"], "Idempotency-Key", "{name}");
            }
            if path.contains("/x") || path.contains("/0") {
                app.send(call(token, good.unwrap_or_default())).await.expect_error(404, "NOT_FOUND");
            }
        }
    }
    let declined = post("/api/v1/orders/ORD-001/decline-invitation", "writer:1", "");
    assert_eq!(app.send(declined).await.status, 503, "no body is as good as an empty one");
}

#[actix_web::test]
async fn refusals_say_what_is_needed_and_what_is_there() {
    let app = start().await;
    let answer = app.get("/test/refused/payment").await;
    answer.expect_error(402, "PAYMENT_REQUIRED");
    let expected = "{\"status\":\"error\",\"error\":{\"code\":\"PAYMENT_REQUIRED\",\
        \"message\":\"115.00 is needed, but only 20.10 is available\",\
        \"details\":{\"available\":20.10,\"required\":115.00}}}";
    assert_eq!(answer.body, expected, "to the letter: amounts have two decimals");

    let stale = app.get("/test/refused/stale").await.expect_error(412, "PRECONDITION_FAILED");
    assert_eq!(stale, json!({}));
    let changed = app.get("/test/refused/bid").await;
    let details = changed.expect_error(409, "CONFLICT");
    assert_eq!(details, json!({"reason": "bid_changed", "state": "open", "bid": shown()}));
    assert!(String::from_utf8_lossy(&changed.body).contains("\"bid_amount\":150.00,"));
    let details = app.get("/test/refused/revision").await.expect_error(409, "CONFLICT");
    assert_eq!(details, json!({"reason": "order_changed", "state": "open", "revision": 7}));
    let details = app.get("/test/refused/deadline").await.expect_error(422, "UNPROCESSABLE_ENTITY");
    assert_eq!(details, json!({"reason": "deadline_not_in_future", "field": "deadline"}));
}

/// Every key of the source's examples is in ours, with a value of the same kind.
#[test]
fn the_examples_of_the_description_have_the_sources_keys() {
    let list = json!({
        "bids": [{"id": "BID-001", "order_id": "ORD-101", "order_title": "Marketing Research Paper",
            "subject": "Marketing", "bid_amount": 150.00, "original_budget": 200.00, "status": "open",
            "is_counter_offer": false, "message": "I have extensive experience in marketing research...",
            "submitted_date": "2024-01-10T14:30:00Z", "response_date": "2024-01-15T10:00:00Z",
            "order_deadline": "2024-01-20T23:59:59Z"}],
        "pagination": {"page": 1, "limit": 20, "total": 23, "pages": 2, "has_next": true, "has_prev": false},
        "summary": {"total_bids": 23, "open": 12, "unconfirmed": 3, "declined": 8, "success_rate": 67}});
    let placed = json!({
        "bid": {"id": "BID-024", "order_id": "AO-001", "bid_amount": 150.00, "status": "open",
            "submitted_date": "2024-01-15T11:30:00Z", "message": "I have 5+ years of experience..."},
        "message": "Bid submitted successfully"});
    let description = serde_json::to_value(crate::openapi()).unwrap();
    for (method, path, status, source) in
        [("get", "/api/v1/bids", "200", list), ("post", "/api/v1/orders/{order_id}/bids", "201", placed)]
    {
        let ours = example(&description, method, path, status);
        assert_eq!(ours["status"], "success", "{path}");
        covers(&ours["data"], &source, path);
    }
}

#[actix_web::test]
async fn the_machines_are_those_that_run() {
    let app = start().await;
    let answer = app.send(get("/api/v1/meta/state-machines", "nobody")).await;
    let machines = answer.json()["data"]["state_machines"].clone();
    let tables = domain::machine::tables();
    assert_eq!(machines.as_array().unwrap().len(), tables.len());
    for (machine, table) in machines.as_array().unwrap().iter().zip(tables) {
        assert_eq!(machine["object"], table.object);
        assert_eq!(machine["transitions"].as_array().unwrap().len(), table.rows.len());
        assert_eq!(machine["refusals"].as_array().unwrap().len(), table.refusals.len());
    }
}
