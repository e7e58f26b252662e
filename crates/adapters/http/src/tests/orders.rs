//! Orders, invitations and available orders: the source document's examples, who may do what, and
//! what is wrong with a request. What is done with a good one is tested with the use cases.

use std::sync::Arc;

use actix_web::http::Method;
use adapter_memory::PlainDownloadSigner;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::contracts::{Clocks, MilestoneState};
use domain::files::{FileName, MediaType};
use domain::identity::Role;
use domain::ids::{BonusId, FileId, MilestoneNumber, OrderId, UserId};
use domain::money::{Currency, Money};
use domain::orders::policy::OrderAccess;
use domain::orders::policy::OrderScope;
use domain::orders::{
    OrderCounts, OrderState, Progress, SpecificationNotes, SpecificationWord, Specifications, Urgency,
};
use domain::profiles::Figures;
use ports::list::{Slice, Window};
use ports::orders::{
    AvailableFilter, AvailableList, AvailableOrder, BonusView, MilestoneView, OrderCard, OrderDetail,
    OrderFileView, OrderFilter, OrderList, OrderQueries, OrderTally, OrderVersion, SubmissionView,
};
use ports::profiles::PersonView;
use ports::store::StoreError;
use serde_json::{Value, json};
use usecases::desk::Desk;
use usecases::files::PassOffice;
use usecases::orders::{
    AttachFiles, CancelOrder, DeclineInvitation, EditOrder, InviteProvider, ListAvailableOrders, ListOrders,
    PostOrder, ReportWork, ViewOrder,
};
use usecases::recorder::Recorder;
use uuid::Uuid;

use super::support::{Faults, World, command, covers, example, faults, get, post, start};
use crate::files::link_form;
use crate::orders::OrderUseCases;

fn passes(world: &Arc<World>) -> PassOffice {
    PassOffice { clock: world.clone(), signer: Arc::new(PlainDownloadSigner), link: link_form("") }
}

pub(super) fn desk(world: &Arc<World>) -> Desk {
    let recorder = Recorder { clock: world.clone(), ids: world.clone() };
    Desk { store: world.clone(), recorder, passes: passes(world), clocks: Clocks::default() }
}

pub(super) fn use_cases(world: &Arc<World>) -> OrderUseCases {
    let orders: Arc<dyn OrderQueries> = world.clone();
    let desk = || desk(world);
    OrderUseCases {
        post: Arc::new(PostOrder(desk())),
        edit: Arc::new(EditOrder(desk())),
        report: Arc::new(ReportWork(desk())),
        cancel: Arc::new(CancelOrder(desk())),
        attach_files: Arc::new(AttachFiles(desk())),
        invite: Arc::new(InviteProvider(desk())),
        decline_invitation: Arc::new(DeclineInvitation(desk())),
        view: Arc::new(ViewOrder { orders: orders.clone(), passes: desk().passes }),
        list: Arc::new(ListOrders { orders: orders.clone() }),
        list_available: Arc::new(ListAvailableOrders { orders, clock: world.clone() }),
    }
}

pub(super) fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

pub(super) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

/// Person 1 is the provider, person 2 the client.
pub(super) fn person(number: u128, name: &str) -> PersonView {
    PersonView {
        id: user(number),
        name: name.to_owned(),
        avatar_url: (number == 1).then(|| "https://cdn.example.com/avatars/sarah.jpg".to_owned()),
        figures: Figures {
            orders_posted: 23,
            orders_total: 160,
            orders_completed: 158,
            orders_cancelled: 6,
            rating_sum: 24,
            rating_count: 5,
        },
    }
}

/// Somebody who is new here.
fn newcomer(number: u128) -> PersonView {
    PersonView { figures: Figures::default(), avatar_url: None, ..person(number, "John Doe") }
}

fn card() -> OrderCard {
    OrderCard {
        id: OrderId::new(1).unwrap(),
        title: "Research Paper on Climate Change".into(),
        subject: "Environmental Science".into(),
        order_type: "Research Paper".into(),
        pages: Some(8),
        deadline: moment("2024-01-15T23:59:59.9Z"),
        budget: usd(12_000),
        accepted_bid: Some(usd(11_500)),
        state: OrderState::Active,
        progress: Progress::new(65).unwrap(),
        description: "Comprehensive analysis...".into(),
        bids_count: 0,
        client: person(2, "John Doe"),
        provider: Some(person(1, "Sarah Johnson")),
        created_at: moment("2024-01-08T10:00:00Z"),
        started_at: Some(moment("2024-01-08T14:30:00Z")),
        completed_at: None,
        updated_at: moment("2024-01-14T10:30:00Z"),
    }
}

fn milestone(number: i32, state: MilestoneState) -> MilestoneView {
    let is_done = state == MilestoneState::Completed;
    MilestoneView {
        number: MilestoneNumber::new(number).unwrap(),
        title: "Revisions".into(),
        due_date: moment("2024-01-14T23:59:59Z"),
        amount: Some(usd(2_875)),
        state,
        submitted_at: is_done.then(|| moment("2024-01-10T15:00:00Z")),
        changes_message: None,
        auto_release_at: None,
        clears_at: None,
        cleared_at: None,
        completed_at: is_done.then(|| moment("2024-01-10T15:30:00Z")),
        refunded_amount: None,
        submissions: vec![],
    }
}

/// A milestone that was handed in once and approved.
fn handed_in() -> MilestoneView {
    let submission = SubmissionView {
        number: 1,
        message: Some("Please have a look.".into()),
        submitted_at: moment("2024-01-10T15:00:00Z"),
    };
    MilestoneView { submissions: vec![submission], ..milestone(1, MilestoneState::Completed) }
}

fn order_file(id: u128, submission: Option<(MilestoneNumber, i32)>) -> OrderFileView {
    OrderFileView {
        id: FileId::new(Uuid::from_u128(id)),
        name: FileName::for_content("research-outline.pdf", MediaType::Pdf).unwrap(),
        size: 159_744,
        media_type: MediaType::Pdf,
        uploaded_at: moment("2024-01-10T15:30:00Z"),
        uploaded_by: Role::Writer,
        submission,
        download_url: None,
    }
}

fn bonus(id: u128, message: Option<&str>) -> BonusView {
    let id = BonusId::new(Uuid::from_u128(id));
    let given_at = moment("2024-01-14T10:30:00Z");
    BonusView { id, amount: usd(2_500), message: message.map(str::to_owned), given_at }
}

fn active() -> OrderDetail {
    OrderDetail {
        card: card(),
        client_email: Some("john@example.com".into()),
        requirements_text: Some("Experience".into()),
        requirements: vec!["APA citation style".into()],
        specifications: Some(specifications()),
        milestones: vec![handed_in(), milestone(2, MilestoneState::InProgress)],
        files: vec![order_file(3, None), order_file(4, Some((MilestoneNumber::FIRST, 1)))],
        bonuses: vec![bonus(5, Some("Thank you!")), bonus(6, None)],
        revision: 4,
        cancelled_at: None,
        version: OrderVersion { order: 3, contract: Some(2) },
    }
}

/// An open order about which as little is said as possible.
fn open() -> OrderDetail {
    let card = OrderCard {
        id: OrderId::new(2).unwrap(),
        pages: None,
        accepted_bid: None,
        state: OrderState::Open,
        progress: Progress::NONE,
        bids_count: 3,
        client: newcomer(2),
        provider: None,
        started_at: None,
        ..card()
    };
    OrderDetail {
        card,
        requirements_text: None,
        requirements: vec![],
        specifications: None,
        milestones: vec![MilestoneView { amount: None, ..milestone(1, MilestoneState::Unfunded) }],
        files: vec![],
        bonuses: vec![],
        revision: 1,
        version: OrderVersion { order: 0, contract: None },
        ..active()
    }
}

fn specifications() -> Specifications {
    let word = |word| SpecificationWord::parse(word).ok();
    Specifications {
        format: word("PDF"),
        citation_style: word("APA"),
        language: word("English (US)"),
        additional_notes: SpecificationNotes::parse("Please include charts and graphs.").ok(),
    }
}

fn available(is_invited: bool) -> AvailableOrder {
    AvailableOrder {
        id: OrderId::new(1).unwrap(),
        title: "Business Plan for Tech Startup".into(),
        subject: "Business".into(),
        order_type: "Business Plan".into(),
        pages: Some(15),
        deadline: moment("2024-01-18T23:59:59Z"),
        budget: usd(30_000),
        description: "Comprehensive business plan...".into(),
        requirements_text: is_invited.then(|| "MBA level writing".into()),
        requirements: vec!["Executive Summary".into()],
        specifications: is_invited.then(specifications),
        is_invited,
        urgency: Urgency::High,
        bids_count: 12,
        client: if is_invited { person(2, "TechStart Inc.") } else { newcomer(2) },
        posted_at: moment("2024-01-10T09:00:00Z"),
    }
}

/// Orders 1 and 2; every question for a list is written down.
#[async_trait]
impl OrderQueries for World {
    async fn order(&self, id: OrderId) -> Result<Option<OrderDetail>, StoreError> {
        Ok(match id.number() {
            1 => Some(active()),
            2 => Some(open()),
            _ => None,
        })
    }

    async fn orders(
        &self,
        scope: OrderScope,
        filter: &OrderFilter,
        window: Window,
    ) -> Result<OrderList, StoreError> {
        let OrderFilter { states, search } = filter;
        let scope = match scope {
            OrderScope::PostedBy(id) => format!("posted by {}", id.uuid().as_u128()),
            OrderScope::AwardedTo(id) => format!("awarded to {}", id.uuid().as_u128()),
            OrderScope::Everybody => "of everybody".to_owned(),
        };
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let search: Vec<_> = search.iter().flat_map(|terms| terms.pieces()).collect();
        let question = format!("{scope}: {} {search:?} {window:?}", states.join(","));
        self.questions.lock().unwrap().push(question);
        let counts = OrderCounts { open: 3, pending: 2, active: 5, completed: 38, cancelled: 9 };
        let tally = OrderTally { counts, earned: usd(284_000) };
        Ok(OrderList { orders: Slice { rows: vec![card()], total: 45, next: Some(1) }, tally })
    }

    async fn available_orders(
        &self,
        provider_id: UserId,
        filter: &AvailableFilter,
        window: Window,
        _: DateTime<Utc>,
    ) -> Result<AvailableList, StoreError> {
        let AvailableFilter { invited_only, subject, min_budget, max_budget, search } = filter;
        let bound = |bound: &Option<Money>| bound.map(|amount| amount.to_string()).unwrap_or_default();
        let search: Vec<_> = search.iter().flat_map(|terms| terms.pieces()).collect();
        let question = format!(
            "available to {}: {invited_only} {subject:?} {}-{} {search:?} {window:?}",
            provider_id.uuid().as_u128(),
            bound(min_budget),
            bound(max_budget)
        );
        self.questions.lock().unwrap().push(question);
        Ok(AvailableList {
            orders: Slice { rows: vec![available(true), available(false)], total: 48, next: Some(1) },
            invited: 5,
            avg_budget: usd(19_000),
            avg_competition_tenths: 83,
        })
    }

    async fn order_access(&self, id: OrderId) -> Result<Option<OrderAccess>, StoreError> {
        Ok(self.order(id).await?.map(|detail| detail.access()))
    }
}

/// Takes the signatures away from all links.
fn unsign(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if key == "download_url" {
                    let link = member.as_str().unwrap();
                    let end = link.find("signature=").unwrap() + "signature=".len();
                    *member = Value::String(link.chars().take(end).collect());
                } else {
                    unsign(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unsign),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[actix_web::test]
async fn an_order_is_shown_in_full() {
    let app = start().await;
    let answer = app.send(get("/api/v1/orders/ORD-001", "writer:1")).await;
    assert_eq!(answer.header("etag"), Some("\"3.2\""));
    let file = |id: u128, milestone: Value| {
        let id = Uuid::from_u128(id);
        // Ten minutes after the beginning of the test's time.
        let link = format!("/api/v1/files/{id}/content?expires=1705315200&signature=");
        json!({"id": id, "name": "research-outline.pdf", "size": 159_744, "size_formatted": "156 KB",
            "mime_type": "application/pdf", "uploaded_at": "2024-01-10T15:30:00Z", "uploaded_by": "writer",
            "milestone_id": milestone, "download_url": link})
    };
    let submission = json!({"number": 1, "message": "Please have a look.",
        "submitted_at": "2024-01-10T15:00:00Z", "files": [file(4, json!(1))]});
    let milestone = |id: u8, status: &str, state: &str, submitted: Value, done: Value, history: Value| {
        json!({"id": id, "title": "Revisions", "status": status, "state": state,
            "due_date": "2024-01-14T23:59:59Z", "completed_at": done, "amount": 28.75,
            "submitted_at": submitted, "changes_message": null, "auto_release_at": null, "clears_at": null, "cleared_at": null,
            "refunded_amount": null, "submissions": history})
    };
    let expected = json!({
        "id": "ORD-001", "title": "Research Paper on Climate Change", "subject": "Environmental Science",
        "type": "Research Paper", "pages": 8, "deadline": "2024-01-15T23:59:59Z", "budget": 120.0,
        "accepted_bid": 115.0, "status": "active", "progress": 65, "description": "Comprehensive analysis...",
        "client": {"id": Uuid::from_u128(2), "name": "John Doe", "email": "john@example.com", "rating": 4.8},
        "provider": {"id": Uuid::from_u128(1), "name": "Sarah Johnson",
            "avatar_url": "https://cdn.example.com/avatars/sarah.jpg", "rating": 4.8},
        "requirements": ["APA citation style"], "requirements_text": "Experience",
        "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)",
            "additional_notes": "Please include charts and graphs."},
        "milestones": [
            milestone(1, "completed", "completed", "2024-01-10T15:00:00Z".into(), "2024-01-10T15:30:00Z".into(),
                json!([submission])),
            milestone(2, "in-progress", "in_progress", Value::Null, Value::Null, json!([]))],
        "files": [file(3, Value::Null), file(4, json!(1))],
        "bonuses": [
            {"id": Uuid::from_u128(5), "amount": 25.0, "message": "Thank you!", "created_at": "2024-01-14T10:30:00Z"},
            {"id": Uuid::from_u128(6), "amount": 25.0, "message": null, "created_at": "2024-01-14T10:30:00Z"}],
        "bids_count": 0, "revision": 4,
        "created_at": "2024-01-08T10:00:00Z", "started_at": "2024-01-08T14:30:00Z", "completed_at": null,
        "cancelled_at": null, "updated_at": "2024-01-14T10:30:00Z"
    });
    let mut shown = answer.json()["data"].clone();
    unsign(&mut shown);
    assert_eq!(shown, json!({"order": expected}));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("\"budget\":120.00,\"accepted_bid\":115.00,"), "{text}");

    let same = app.send(get("/api/v1/orders/AO-001", "writer:1")).await;
    assert_eq!(same.body, answer.body, "two names, one order");
    for token in ["client:2", "admin:9"] {
        let seen = app.send(get("/api/v1/orders/ORD-001", token)).await.json();
        assert_eq!(seen["data"]["order"]["client"]["email"], Value::Null, "{token}");
    }
    let unknown = app.send(get("/api/v1/orders/ORD-099", "writer:1")).await;
    unknown.expect_error(404, "NOT_FOUND");
    for (path, token) in
        [("ORD-001", "writer:3"), ("ORD-001", "client:3"), ("ORD-1", "writer:1"), ("ord-001", "admin:9")]
    {
        let answer = app.send(get(&format!("/api/v1/orders/{path}"), token)).await;
        assert_eq!(answer.body, unknown.body, "{path} {token}");
    }
}

#[actix_web::test]
async fn what_nobody_has_said_is_empty_rather_than_null() {
    let app = start().await;
    let answer = app.send(get("/api/v1/orders/ORD-002", "freelancer:3")).await;
    assert_eq!(answer.header("etag"), Some("\"0\""));
    let order = &answer.json()["data"]["order"];
    let nothing = json!({"format": "", "citation_style": "", "language": "", "additional_notes": ""});
    assert_eq!(order["specifications"], nothing);
    assert_eq!((&order["requirements"], &order["requirements_text"]), (&json!([]), &json!("")));
    for key in ["pages", "accepted_bid", "provider", "started_at", "completed_at", "cancelled_at"] {
        assert!(order[key].is_null(), "{key}");
    }
    assert_eq!(order["client"]["rating"], Value::Null);
    let step = &order["milestones"][0];
    assert_eq!((&step["status"], &step["amount"]), (&json!("pending"), &Value::Null));
}

#[actix_web::test]
async fn orders_are_listed_with_a_summary_for_each_role() {
    let app = start().await;
    let list = app.send(get("/api/v1/orders", "writer:1")).await.json();
    let cursor = list["data"]["pagination"]["next_cursor"].clone();
    let expected = json!({
        "orders": [{
            "id": "ORD-001", "title": "Research Paper on Climate Change", "subject": "Environmental Science",
            "type": "Research Paper", "pages": 8, "deadline": "2024-01-15T23:59:59Z", "budget": 120.0,
            "accepted_bid": 115.0, "status": "active", "progress": 65,
            "client": {"id": Uuid::from_u128(2), "name": "John Doe", "rating": 4.8},
            "provider": {"id": Uuid::from_u128(1), "name": "Sarah Johnson",
                "avatar_url": "https://cdn.example.com/avatars/sarah.jpg", "rating": 4.8},
            "description": "Comprehensive analysis...", "bids_count": 0,
            "created_at": "2024-01-08T10:00:00Z", "started_at": "2024-01-08T14:30:00Z", "completed_at": null,
            "updated_at": "2024-01-14T10:30:00Z"}],
        "pagination": {"page": 1, "limit": 20, "total": 45, "pages": 3, "has_next": true, "has_prev": false,
            "next_cursor": cursor},
        "summary": {"total_orders": 45, "active": 5, "pending": 2, "completed": 38, "total_earned": 2840.0}
    });
    assert_eq!(list["data"], expected);
    for token in ["client:2", "admin:9"] {
        let summary = app.send(get("/api/v1/orders", token)).await.json()["data"]["summary"].clone();
        assert_eq!((&summary["open"], &summary["total_orders"]), (&json!(3), &json!(48)), "{token}");
    }
}

#[actix_web::test]
async fn available_orders_are_those_of_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/available-orders", "writer:1")).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("\"avg_budget\":190.00,\"avg_competition\":8.3}"), "{text}");
    let data = &answer.json()["data"];
    let expected = json!({
        "id": "ORD-001", "title": "Business Plan for Tech Startup", "subject": "Business",
        "type": "Business Plan", "pages": 15, "deadline": "2024-01-18T23:59:59Z", "budget": 300.0,
        "description": "Comprehensive business plan...", "requirements": "MBA level writing",
        "is_invited": true, "urgency": "high", "bids_count": 12,
        "client": {"id": Uuid::from_u128(2), "name": "TechStart Inc.", "rating": 4.8, "total_orders": 23,
            "completion_rate": 96},
        "detailed_requirements": ["Executive Summary"],
        "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)",
            "additional_notes": "Please include charts and graphs."},
        "posted_at": "2024-01-10T09:00:00Z"
    });
    assert_eq!(data["orders"][0], expected);
    let bare = &data["orders"][1];
    assert_eq!((&bare["requirements"], &bare["specifications"]["format"]), (&json!(""), &json!("")));
    assert_eq!(bare["client"]["completion_rate"], Value::Null);
    let summary = json!({"total_available": 48, "invited_orders": 5, "avg_budget": 190.0,
        "avg_competition": 8.3});
    assert_eq!(data["summary"], summary);
}

#[actix_web::test]
async fn filters_reach_the_question() {
    let app = start().await;
    const FIRST: &str = "Page { offset: 0, limit: 20 }";
    let cases = [
        ("writer:1", "orders", format!("awarded to 1: pending,active,completed [] {FIRST}")),
        (
            "client:2",
            "orders?status=all&search=%20-",
            format!("posted by 2: open,pending,active,completed [] {FIRST}"),
        ),
        ("admin:9", "orders?status=cancelled", format!("of everybody: cancelled [] {FIRST}")),
        (
            "writer:1",
            "orders?status=open&search=Climate,%20ORD-001&limit=5&page=2",
            "awarded to 1: open [\"001\", \"climate\", \"ord\"] Page { offset: 5, limit: 5 }".into(),
        ),
        ("writer:1", "available-orders", format!("available to 1: false None - [] {FIRST}")),
        (
            "writer:1",
            "available-orders?type=invited&subject=%20Business%20&min_budget=0&max_budget=99.5&search=plan",
            format!("available to 1: true Some(\"Business\") 0.00-99.50 [\"plan\"] {FIRST}"),
        ),
        (
            "writer:1",
            "available-orders?type=all&subject=&min_budget=7&max_budget=7.00",
            format!("available to 1: false None 7.00-7.00 [] {FIRST}"),
        ),
    ];
    for (token, path, question) in cases {
        assert_eq!(app.send(get(&format!("/api/v1/{path}"), token)).await.status, 200, "{path}");
        assert_eq!(app.world.questions.lock().unwrap().pop(), Some(question), "{path}");
    }
}

#[actix_web::test]
async fn faults_of_a_query_are_told_on_their_parameter() {
    let app = start().await;
    const STATUS: &str = "must be one of all, open, pending, active, completed, cancelled";
    const AMOUNT: &str = "must be a number with at most two decimals, such as 115.00";
    let long = format!("orders?search={}", "x".repeat(201));
    let many = "orders?search=a+b+c+d+e+f+g+h+i+j+k";
    let subject = format!("available-orders?subject={}", "x".repeat(201));
    let cases: [(&str, Faults<'_>); 13] = [
        ("orders?status=in-progress", &[("status", STATUS)]),
        ("orders?status=", &[("status", STATUS)]),
        (&long, &[("search", "must have at most 200 characters")]),
        (many, &[("search", "must have at most 10 words")]),
        ("orders?limit=101", &[("limit", "must be a whole number between 1 and 100")]),
        ("available-orders?type=x", &[("type", "must be one of all, invited")]),
        (&subject, &[("subject", "must have at most 200 characters")]),
        ("available-orders?subject=a%00", &[("subject", "must not contain control characters")]),
        ("available-orders?min_budget=1.150", &[("min_budget", AMOUNT)]),
        ("available-orders?min_budget=1e2&max_budget=", &[("min_budget", AMOUNT), ("max_budget", AMOUNT)]),
        ("available-orders?min_budget=-1", &[("min_budget", "must not be negative")]),
        ("available-orders?min_budget=2&max_budget=1.99", &[("max_budget", "must not be below min_budget")]),
        ("available-orders?max_budget=100000000", &[("max_budget", "must be at most 99999999.99")]),
    ];
    for (path, expected) in cases {
        let answer = app.send(get(&format!("/api/v1/{path}"), "writer:1")).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(expected), "{path}");
    }
    assert!(app.world.questions.lock().unwrap().is_empty(), "nothing is asked for a faulty request");
}

#[actix_web::test]
async fn cursors_are_good_for_one_list_of_one_person() {
    let app = start().await;
    let next = async |path: &str, token: &str| {
        let list = app.send(get(path, token)).await.json();
        list["data"]["pagination"]["next_cursor"].as_str().unwrap().to_owned()
    };
    let orders = next("/api/v1/orders?status=active&search=b+A", "client:2").await;
    let path = |filter: &str| format!("/api/v1/orders?cursor={orders}{filter}");
    for filter in ["&status=active&search=a-b", "&search=A+B+a&status=active&limit=7"] {
        assert_eq!(app.send(get(&path(filter), "client:2")).await.status, 200, "{filter}");
    }
    let budget = next("/api/v1/available-orders?min_budget=5&subject=Art", "writer:1").await;
    let available = |filter: &str| format!("/api/v1/available-orders?cursor={budget}{filter}");
    let same = available("&subject=aRT&min_budget=5.00&type=all");
    assert_eq!(app.send(get(&same, "writer:1")).await.status, 200, "the same filter in other words");
    let foreign = [
        (path("&status=active&search=a"), "client:2"),
        (path("&search=a+b"), "client:2"),
        (path(""), "client:2"),
        (path("&status=active&search=a+b"), "client:3"),
        (available(""), "writer:1"),
        (available("&min_budget=5"), "writer:1"),
        (available("&min_budget=5&subject=Art"), "writer:3"),
        (same.replace("available-orders", "orders"), "writer:1"),
    ];
    for (path, token) in foreign {
        let details = app.send(get(&path, token)).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(
            details["errors"],
            faults(&[("cursor", "is not a cursor of this list")]),
            "{path} {token}"
        );
    }
}

/// A good order, with some members replaced (or removed, by null).
fn order(changes: &Value) -> String {
    let mut order = json!({"title": "Paper", "subject": "Biology", "type": "Essay",
        "deadline": "2024-02-01T00:00:00Z", "budget": 120, "description": "Write it"});
    for (key, value) in changes.as_object().unwrap() {
        if value == "missing" {
            order.as_object_mut().unwrap().remove(key);
        } else {
            order[key] = value.clone();
        }
    }
    order.to_string()
}

#[actix_web::test]
async fn posted_orders_are_checked() {
    const EMPTY: &str = "must not be empty";
    const REQUIRED: &str = "is required";
    const MOMENT: &str = "must be a moment such as 2024-01-15T10:30:00Z";
    const AMOUNT: &str = "must be a number with at most two decimals, such as 115.00";
    const BOTH: &str = "either all milestones have an amount or none has";
    let step = |changes: Value| {
        let mut step = json!({"title": "Draft", "due_date": "2024-01-20T00:00:00Z"});
        step.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        step
    };
    let id = Uuid::from_u128(1);
    let app = start().await;
    let cases: Vec<(Value, Faults<'_>)> = vec![
        (json!({"title": "missing"}), &[("title", REQUIRED)]),
        (json!({"title": null}), &[("title", "must be a string")]),
        (json!({"title": " "}), &[("title", EMPTY)]),
        (json!({"title": "x".repeat(201)}), &[("title", "must have at most 200 characters")]),
        (json!({"title": "a\nb"}), &[("title", "must not contain control characters")]),
        (json!({"subject": ""}), &[("subject", EMPTY)]),
        (json!({"type": ""}), &[("type", EMPTY)]),
        (json!({"type": 1}), &[("type", "must be a string")]),
        (json!({"pages": 0}), &[("pages", "must be between 1 and 10000")]),
        (json!({"pages": 10_001}), &[("pages", "must be between 1 and 10000")]),
        (json!({"pages": 9_999_999_999_i64}), &[("pages", "must be between 1 and 10000")]),
        (json!({"pages": "8"}), &[("pages", "must be a whole number")]),
        (json!({"pages": 1.5}), &[("pages", "must be a whole number")]),
        (json!({"deadline": "tomorrow"}), &[("deadline", MOMENT)]),
        (json!({"deadline": "2024-02-01"}), &[("deadline", MOMENT)]),
        (json!({"deadline": "9999-12-31T23:59:59-01:00"}), &[("deadline", MOMENT)]),
        (json!({"deadline": 1}), &[("deadline", "must be a string")]),
        (json!({"budget": 0}), &[("budget", "must be greater than zero")]),
        (json!({"budget": "120"}), &[("budget", AMOUNT)]),
        (json!({"budget": 1.155}), &[("budget", AMOUNT)]),
        (json!({"budget": null}), &[("budget", AMOUNT)]),
        (json!({"description": ""}), &[("description", EMPTY)]),
        (
            json!({"description": "x".repeat(20_001)}),
            &[("description", "must have at most 20000 characters")],
        ),
        (json!({"requirements": 1}), &[("requirements", "must be a string")]),
        (json!({"requirements": ["a"]}), &[("requirements", "must be a string")]),
        (json!({"requirements": "\u{0}"}), &[("requirements", "must not contain control characters")]),
        (json!({"detailed_requirements": "a"}), &[("detailed_requirements", "must be a list")]),
        (
            json!({"detailed_requirements": ["a", "", "x".repeat(2_001)]}),
            &[
                ("detailed_requirements[1]", EMPTY),
                ("detailed_requirements[2]", "must have at most 2000 characters"),
            ],
        ),
        (
            json!({"detailed_requirements": vec![""; 101]}),
            &[("detailed_requirements", "must have at most 100 entries")],
        ),
        (json!({"specifications": "APA"}), &[("specifications", "must be an object")]),
        (json!({"specifications": {"style": "APA"}}), &[("specifications.style", "is not a known field")]),
        (
            json!({"specifications": {"language": "x".repeat(201), "format": "a\tb"}}),
            &[
                ("specifications.format", "must not contain control characters"),
                ("specifications.language", "must have at most 200 characters"),
            ],
        ),
        (json!({"milestones": {}}), &[("milestones", "must be a list")]),
        (json!({"milestones": [{"title": "a"}]}), &[("milestones[0].due_date", REQUIRED)]),
        (json!({"milestones": [step(json!({"id": 1}))]}), &[("milestones[0].id", "is not a known field")]),
        (
            json!({"milestones": [step(json!({})), step(json!({"title": "", "amount": 0}))]}),
            &[("milestones[1].amount", "must be greater than zero"), ("milestones[1].title", EMPTY)],
        ),
        (json!({"milestones": [step(json!({"due_date": "x"}))]}), &[("milestones[0].due_date", MOMENT)]),
        (
            json!({"milestones": [step(json!({"amount": 1})), step(json!({}))]}),
            &[("milestones[1].amount", BOTH)],
        ),
        (
            json!({"milestones": vec![step(json!({"title": ""})); 51]}),
            &[("milestones", "must have at most 50 entries")],
        ),
        (json!({"invited_writers": null}), &[("invited_writers", "must be a list")]),
        (json!({"invited_writers": [id, "x"]}), &[("invited_writers[1]", "must be a UUID")]),
        (json!({"invited_writers": vec![id; 101]}), &[("invited_writers", "must have at most 100 entries")]),
        (json!({"status": "open"}), &[("status", "is not a known field")]),
        (
            json!({"title": "", "budget": 0, "milestones": [step(json!({"amount": 1})), step(json!({}))]}),
            &[("budget", "must be greater than zero"), ("milestones[1].amount", BOTH), ("title", EMPTY)],
        ),
    ];
    for (changes, expected) in cases {
        let answer = app.send(post("/api/v1/orders", "client:2", &order(&changes))).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(expected), "{changes}");
        assert_eq!(details["field"], expected[0].0, "{changes}");
    }
    // The store is down: whoever gets that far has passed all checks of the request.
    let nothing = json!({"pages": null, "requirements": null, "detailed_requirements": null,
        "specifications": null, "milestones": null, "invited_writers": []});
    for good in [
        json!({}),
        nothing,
        json!({"requirements": " ", "specifications": {"format": "", "language": null}, "pages": 10_000,
            "milestones": [step(json!({"amount": 1})), step(json!({"amount": 0.01}))],
            "detailed_requirements": ["a\nb"], "invited_writers": [id, id], "budget": 99_999_999.99,
            "deadline": "2024-02-01T00:00:00.123+05:30"}),
    ] {
        let answer = app.send(post("/api/v1/orders", "client:2", &order(&good))).await;
        assert_eq!(answer.status, 503, "{good}: {}", answer.json());
    }
}

#[actix_web::test]
async fn each_side_changes_its_own_fields() {
    let app = start().await;
    const CLIENT: &str = "may not be set by a client";
    const PROVIDER: &str = "may not be set by a provider";
    const MOVES: &str = "must be one of in-progress, submitted";
    let cases: [(&str, &str, Faults<'_>); 30] = [
        ("client:2", "{\"progress\":5}", &[("progress", CLIENT)]),
        (
            "client:2",
            "{\"milestone_id\":1,\"status\":\"x\"}",
            &[("milestone_id", CLIENT), ("status", CLIENT)],
        ),
        (
            "client:2",
            "{\"title\":\"\",\"progress\":500}",
            &[("title", "must not be empty"), ("progress", CLIENT)],
        ),
        ("client:2", "{\"title\":null}", &[("title", "must be a string")]),
        ("client:2", "{\"subject\":null}", &[("subject", "must be a string")]),
        ("client:2", "{\"type\":\"\"}", &[("type", "must not be empty")]),
        ("client:2", "{\"pages\":0}", &[("pages", "must be between 1 and 10000")]),
        ("client:2", "{\"deadline\":null}", &[("deadline", "must be a string")]),
        (
            "client:2",
            "{\"deadline\":\"x\"}",
            &[("deadline", "must be a moment such as 2024-01-15T10:30:00Z")],
        ),
        (
            "client:2",
            "{\"budget\":null}",
            &[("budget", "must be a number with at most two decimals, such as 115.00")],
        ),
        ("client:2", "{\"description\":null}", &[("description", "must be a string")]),
        (
            "client:2",
            "{\"detailed_requirements\":[\"\"]}",
            &[("detailed_requirements[0]", "must not be empty")],
        ),
        ("client:2", "{\"specifications\":{\"x\":1}}", &[("specifications.x", "is not a known field")]),
        ("client:2", "{\"milestones\":[{\"title\":\"a\"}]}", &[("milestones[0].due_date", "is required")]),
        ("client:2", "{\"invited_writers\":null}", &[("invited_writers", "must be a list")]),
        ("client:2", "{\"state\":\"open\"}", &[("state", "is not a known field")]),
        ("client:2", "[]", &[("body", "must be an object")]),
        ("writer:1", "{\"title\":\"x\"}", &[("title", PROVIDER)]),
        (
            "freelancer:1",
            "{\"pages\":null,\"progress\":101,\"milestones\":[]}",
            &[("pages", PROVIDER), ("progress", "must be between 0 and 100"), ("milestones", PROVIDER)],
        ),
        ("professional:1", "{\"invited_writers\":[]}", &[("invited_writers", PROVIDER)]),
        ("writer:1", "{\"progress\":-1}", &[("progress", "must be between 0 and 100")]),
        ("writer:1", "{\"progress\":65536}", &[("progress", "must be between 0 and 100")]),
        ("writer:1", "{\"progress\":7.5}", &[("progress", "must be a whole number")]),
        ("writer:1", "{\"progress\":null}", &[("progress", "must be a whole number")]),
        ("writer:1", "{\"milestone_id\":3}", &[("status", "is required together with milestone_id")]),
        ("writer:1", "{\"status\":\"submitted\"}", &[("milestone_id", "is required together with status")]),
        ("writer:1", "{\"milestone_id\":3,\"status\":\"completed\"}", &[("status", MOVES)]),
        ("writer:1", "{\"milestone_id\":3,\"status\":\"in progress\"}", &[("status", MOVES)]),
        (
            "writer:1",
            "{\"milestone_id\":\"3\",\"status\":\"submitted\"}",
            &[("milestone_id", "must be a whole number")],
        ),
        ("writer:1", "{\"milestone_id\":3,\"status\":null}", &[("status", "must be a string")]),
    ];
    const PATH: &str = "/api/v1/orders/ORD-001";
    for (token, body, expected) in cases {
        let answer = app.send(command(Method::PATCH, PATH, token, body)).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(expected), "{token} {body}");
    }
    for (token, body) in [
        ("client:2", ""),
        ("client:2", "{\"pages\":null,\"requirements\":null,\"detailed_requirements\":null}"),
        ("client:2", "{\"specifications\":null,\"milestones\":null,\"requirements\":\"\"}"),
        ("client:2", "{\"title\":\"New\",\"invited_writers\":[]}"),
        ("writer:1", "{}"),
        ("writer:1", "{\"progress\":75,\"milestone_id\":3,\"status\":\"in-progress\"}"),
        ("writer:1", "{\"milestone_id\":3,\"status\":\"in_progress\"}"),
        ("writer:1", "{\"milestone_id\":3,\"status\":\"submitted\",\"progress\":0}"),
    ] {
        let answer = app.send(command(Method::PATCH, PATH, token, body)).await;
        assert_eq!(answer.status, 503, "{token} {body}: {}", answer.json());
    }
    for id in ["0", "-1", "9999999999"] {
        let body = format!("{{\"milestone_id\":{id},\"status\":\"submitted\"}}");
        app.send(command(Method::PATCH, PATH, "writer:1", &body)).await.expect_error(404, "NOT_FOUND");
    }
}

#[actix_web::test]
async fn a_malformed_precondition_is_400() {
    let app = start().await;
    for (path, token) in [("/api/v1/orders/ORD-001", "client:2"), ("/api/v1/bids/BID-001", "writer:1")] {
        for header in ["3", "\"3", "", "*, \"3\""] {
            let request = command(Method::PATCH, path, token, "{}").insert_header(("if-match", header));
            let details = app.send(request).await.expect_error(400, "VALIDATION_ERROR");
            let message = "must be * or a list of entity tags such as \"3\"";
            assert_eq!(details["errors"], faults(&[("If-Match", message)]), "{path} {header}");
        }
        for header in ["*", "\"3\"", "W/\"3\"", "\"3.2\", \"foreign\""] {
            let request = command(Method::PATCH, path, token, "{}").insert_header(("if-match", header));
            assert_eq!(app.send(request).await.status, 503, "{path} {header}");
        }
    }
}

#[actix_web::test]
async fn invitations_name_a_person() {
    let app = start().await;
    const PATH: &str = "/api/v1/orders/ORD-001/invitations";
    for (body, field, message) in [
        ("{}", "writer_id", "is required"),
        ("{\"writer_id\":null}", "writer_id", "must be a UUID"),
        ("{\"writer_id\":\"x\"}", "writer_id", "must be a UUID"),
        ("{\"writer_id\":7}", "writer_id", "must be a UUID"),
        ("{\"writer\":\"x\"}", "writer", "is not a known field"),
    ] {
        let details = app.send(post(PATH, "client:2", body)).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(&[(field, message)]), "{body}");
    }
    let body = json!({"writer_id": Uuid::from_u128(1)}).to_string();
    assert_eq!(app.send(post(PATH, "client:2", &body)).await.status, 503);
}

/// Every key of the source's examples is in ours, with a value of the same kind.
#[test]
fn the_examples_of_the_description_have_the_sources_keys() {
    let list = json!({
        "orders": [{"id": "ORD-001", "title": "Research Paper on Climate Change",
            "subject": "Environmental Science", "type": "Research Paper", "pages": 8,
            "deadline": "2024-01-15T23:59:59Z", "budget": 120.00, "accepted_bid": 115.00, "status": "active",
            "progress": 65, "client": {"id": "client-uuid", "name": "John Doe", "rating": 4.8},
            "description": "Comprehensive analysis of climate change impacts...",
            "created_at": "2024-01-08T10:00:00Z", "started_at": "2024-01-08T14:30:00Z"}],
        "pagination": {"page": 1, "limit": 20, "total": 45, "pages": 3, "has_next": true, "has_prev": false},
        "summary": {"total_orders": 45, "active": 5, "pending": 2, "completed": 38, "total_earned": 2840.00}});
    let detail = json!({"order": {
        "id": "ORD-001", "title": "Research Paper on Climate Change", "subject": "Environmental Science",
        "type": "Research Paper", "pages": 8, "deadline": "2024-01-15T23:59:59Z", "budget": 120.00,
        "accepted_bid": 115.00, "status": "active", "progress": 65,
        "description": "Comprehensive analysis of climate change impacts on global agriculture...",
        "client": {"id": "client-uuid", "name": "John Doe", "email": "john@example.com", "rating": 4.8},
        "requirements": ["APA citation style"],
        "milestones": [{"id": 1, "title": "Research and Outline", "status": "completed",
            "due_date": "2024-01-10T23:59:59Z", "completed_at": "2024-01-10T15:30:00Z"}],
        "files": [{"id": "file-uuid-1", "name": "research-outline.pdf"}],
        "created_at": "2024-01-08T10:00:00Z", "started_at": "2024-01-08T14:30:00Z"}});
    let changed = json!({"order": {"id": "ORD-001", "progress": 75, "updated_at": "2024-01-14T10:30:00Z"}});
    let available = json!({
        "orders": [{"id": "AO-001", "title": "Business Plan for Tech Startup", "subject": "Business",
            "type": "Business Plan", "pages": 15, "deadline": "2024-01-18T23:59:59Z", "budget": 300.00,
            "description": "Comprehensive business plan for a fintech startup...",
            "requirements": "MBA level writing, experience with business plans required",
            "is_invited": false, "urgency": "high", "bids_count": 12,
            "client": {"id": "client-uuid", "name": "TechStart Inc.", "rating": 4.8, "total_orders": 23,
                "completion_rate": 96},
            "detailed_requirements": ["Executive Summary"],
            "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)",
                "additional_notes": "Please include charts and graphs for financial projections."},
            "posted_at": "2024-01-10T09:00:00Z"}],
        "pagination": {"page": 1, "limit": 20, "total": 48, "pages": 3, "has_next": true, "has_prev": false},
        "summary": {"total_available": 48, "invited_orders": 5, "avg_budget": 190.00, "avg_competition": 8.3}});
    let description = serde_json::to_value(crate::openapi()).unwrap();
    for (method, path, source) in [
        ("get", "/api/v1/orders", list),
        ("get", "/api/v1/orders/{order_id}", detail),
        ("patch", "/api/v1/orders/{order_id}", changed),
        ("get", "/api/v1/available-orders", available),
    ] {
        let ours = example(&description, method, path, "200");
        assert_eq!(ours["status"], "success", "{path}");
        covers(&ours["data"], &source, path);
    }
}

#[actix_web::test]
async fn files_are_named_one_by_one() {
    let app = start().await;
    let id = |number: u128| Uuid::from_u128(number).to_string();
    let many: Vec<_> = (0..21).map(id).collect();
    for (path, token) in [
        ("/api/v1/orders/ORD-001/files", "client:2"),
        ("/api/v1/orders/ORD-001/milestones/1/submissions", "writer:1"),
    ] {
        let rules = [
            (json!(many), "must have at most 20 entries"),
            (json!([id(1), id(2), id(1)]), "must name each file once"),
        ];
        for (file_ids, rule) in rules {
            let answer = app.send(post(path, token, &json!({"file_ids": file_ids}).to_string())).await;
            let errors = answer.expect_error(400, "VALIDATION_ERROR")["errors"].clone();
            assert_eq!(errors, faults(&[("file_ids", rule)]), "{path}");
        }
        for body in [json!({"file_ids": ["x"]}), json!({"file_ids": 1}), json!({"files": []})] {
            let answer = app.send(post(path, token, &body.to_string())).await;
            answer.expect_error(400, "VALIDATION_ERROR");
        }
    }
    for body in [json!({}), json!({"file_ids": null})] {
        let answer = app.send(post("/api/v1/orders/ORD-001/files", "client:2", &body.to_string())).await;
        answer.expect_error(400, "VALIDATION_ERROR");
    }
    let nothing = json!({"file_ids": []}).to_string();
    let answer = app.send(post("/api/v1/orders/ORD-001/files", "client:2", &nothing)).await;
    let errors = answer.expect_error(400, "VALIDATION_ERROR")["errors"].clone();
    assert_eq!(errors, faults(&[("file_ids", "must name at least one file")]));
    let long = json!({"message": "x".repeat(10_001)}).to_string();
    let path = "/api/v1/orders/ORD-001/milestones/1/submissions";
    app.send(post(path, "writer:1", &long)).await.expect_error(400, "VALIDATION_ERROR");
}
