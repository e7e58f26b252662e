//! Notifications: the source document's example, filters, and what is wrong with a request. What
//! becomes of marks is tested with the use cases and on the stores.

use std::sync::Arc;

use actix_web::http::Method;
use async_trait::async_trait;
use domain::ids::{BidId, NotificationId, OrderId, UserId};
use domain::money::{Currency, Money};
use domain::notifications::{Details, NotificationKind};
use ports::list::{Slice, Window};
use ports::notifications::{NotificationFilter, NotificationList, NotificationQueries, NotificationView};
use ports::store::StoreError;
use serde_json::json;
use usecases::notifications::{ListNotifications, MarkAllNotificationsRead, MarkNotificationRead};
use uuid::Uuid;

use super::support::{World, command, covers, example, get, post, start};
use crate::notifications::NotificationUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> NotificationUseCases {
    NotificationUseCases {
        list: Arc::new(ListNotifications { notifications: world.clone() }),
        mark_read: Arc::new(MarkNotificationRead { store: world.clone(), clock: world.clone() }),
        mark_all_read: Arc::new(MarkAllNotificationsRead { store: world.clone(), clock: world.clone() }),
    }
}

fn view(id: u128, kind: NotificationKind, texts: [&str; 3], details: Details) -> NotificationView {
    let [event, title, message] = texts.map(str::to_owned);
    let is_read = kind == NotificationKind::Payment;
    let created_at = if is_read { "2024-01-14T15:20:00Z" } else { "2024-01-15T10:30:00.9Z" };
    NotificationView {
        id: NotificationId::new(Uuid::from_u128(id)),
        position: 41,
        kind,
        event,
        title,
        message,
        details,
        is_read,
        created_at: created_at.parse().unwrap(),
    }
}

/// Those of the source document; every question is written down.
#[async_trait]
impl NotificationQueries for World {
    async fn notifications(
        &self,
        owner: UserId,
        filter: NotificationFilter,
        window: Window,
    ) -> Result<NotificationList, StoreError> {
        let number = owner.uuid().as_u128();
        let NotificationFilter { is_read, kind } = filter;
        let question = format!("notifications of {number}: {is_read:?} {kind:?} {window:?}");
        self.questions.lock().unwrap().push(question);
        let bid = Details {
            order_id: OrderId::new(101),
            bid_id: BidId::new(1),
            order_title: Some("Marketing Research Paper".into()),
            ..Details::default()
        };
        let payment = Details {
            amount: Money::total(11_500, Currency::Usd).ok(),
            order_id: OrderId::new(95),
            ..Details::default()
        };
        let texts =
            ["bid.accepted", "Bid Accepted", "Your bid for 'Marketing Research Paper' has been accepted!"];
        let paid =
            ["payment.received", "Payment Received", "Payment of $115.00 has been credited to your account"];
        let rows = vec![
            view(1, NotificationKind::Bid, texts, bid),
            view(2, NotificationKind::Payment, paid, payment),
        ];
        Ok(NotificationList { notifications: Slice { rows, total: 145, next: Some(41) }, unread: 5 })
    }
}

#[actix_web::test]
async fn notifications_are_those_of_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/notifications", "writer:1")).await;
    assert_eq!(answer.status, 200);
    let cursor = answer.json()["data"]["pagination"]["next_cursor"].clone();
    assert!(cursor.is_string());
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("\"amount\":115.00"), "amounts have two decimals: {text}");
    let expected = json!({
        "notifications": [
            {"id": Uuid::from_u128(1), "type": "bid", "event": "bid.accepted", "title": "Bid Accepted",
             "message": "Your bid for 'Marketing Research Paper' has been accepted!", "is_read": false,
             "created_at": "2024-01-15T10:30:00Z",
             "details": {"order_id": "ORD-101", "bid_id": "BID-001",
                "order_title": "Marketing Research Paper"}},
            {"id": Uuid::from_u128(2), "type": "payment", "event": "payment.received",
             "title": "Payment Received",
             "message": "Payment of $115.00 has been credited to your account", "is_read": true,
             "created_at": "2024-01-14T15:20:00Z", "details": {"amount": 115.0, "order_id": "ORD-095"}}],
        "unread_count": 5,
        "pagination": {"page": 1, "limit": 20, "total": 145, "pages": 8, "has_next": true,
            "has_prev": false, "next_cursor": cursor}
    });
    assert_eq!(answer.json()["data"], expected);
    // What is shown as the example in the description has the same keys.
    let description = serde_json::to_value(crate::openapi()).unwrap();
    let shown = example(&description, "get", "/api/v1/notifications", "200");
    covers(&answer.json()["data"], &shown["data"], "data");
}

#[actix_web::test]
async fn filters_and_parts_of_the_list_reach_the_question() {
    let app = start().await;
    const PATH: &str = "/api/v1/notifications";
    let unread = app.send(get(&format!("{PATH}?is_read=false"), "writer:1")).await.json();
    let cursor = unread["data"]["pagination"]["next_cursor"].as_str().unwrap();
    let next = format!("?is_read=false&cursor={cursor}");
    let cases = [
        ("writer:1", "", "1: None None Page { offset: 0, limit: 20 }"),
        ("admin:9", "?type=all", "9: None None Page { offset: 0, limit: 20 }"),
        (
            "client:2",
            "?is_read=true&type=payment",
            "2: Some(true) Some(Payment) Page { offset: 0, limit: 20 }",
        ),
        ("client:2", "?type=system&page=2&limit=5&x=1", "2: None Some(System) Page { offset: 5, limit: 5 }"),
        ("writer:1", &next, "1: Some(false) None Before { position: 41, limit: 20 }"),
    ];
    for (token, query, question) in cases {
        assert_eq!(app.send(get(&format!("{PATH}{query}"), token)).await.status, 200, "{query}");
        let asked = app.world.questions.lock().unwrap().pop();
        assert_eq!(asked, Some(format!("notifications of {question}")), "{query}");
    }
    app.world.questions.lock().unwrap().clear();
    const CURSOR: &str = "is not a cursor of this list";
    const TYPE: &str = "must be one of all, order, bid, payment, review, system";
    for (token, query, field, message) in [
        ("writer:1", "?is_read=1", "is_read", "must be one of true, false"),
        ("writer:1", "?is_read=", "is_read", "must be one of true, false"),
        ("writer:1", "?is_read=all", "is_read", "must be one of true, false"),
        ("writer:1", "?is_read=true&is_read=true", "is_read", "must be given only once"),
        ("writer:1", "?type=orders", "type", TYPE),
        ("writer:1", "?type=Bid", "type", TYPE),
        ("writer:1", "?page=0", "page", "must be a whole number of at least 1"),
        // Somebody else's, and of another filter.
        ("writer:2", &next, "cursor", CURSOR),
        ("writer:1", &next.replace("false", "true"), "cursor", CURSOR),
    ] {
        let answer = app.send(get(&format!("{PATH}{query}"), token)).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], json!([{"field": field, "message": message}]), "{query}");
    }
    assert!(app.world.questions.lock().unwrap().is_empty(), "nothing is asked for a faulty request");
}

#[actix_web::test]
async fn marks_are_checked_before_anything_is_done() {
    let app = start().await;
    const ALL: &str = "/api/v1/notifications/mark-all-read";
    let one = format!("/api/v1/notifications/{}/read", Uuid::from_u128(1));
    // The store is down: whoever gets that far has passed all checks of the request.
    for body in ["", "{}"] {
        let mark = command(Method::PATCH, &one, "writer:1", body);
        app.send(mark).await.expect_error(503, "SERVICE_UNAVAILABLE");
        app.send(post(ALL, "admin:9", body)).await.expect_error(503, "SERVICE_UNAVAILABLE");
    }
    for request in
        [post(ALL, "writer:1", "{\"x\":1}"), command(Method::PATCH, &one, "writer:1", "{\"is_read\":false}")]
    {
        app.send(request).await.expect_error(400, "VALIDATION_ERROR");
    }
    for id in ["1", "malformed", "notif-uuid-1", "0190c2a47e1b7cc39f431b0d3c5a7e11"] {
        let path = format!("/api/v1/notifications/{id}/read");
        app.send(command(Method::PATCH, &path, "writer:1", "")).await.expect_error(404, "NOT_FOUND");
    }
    for request in [
        command(Method::PATCH, &one, "nobody", ""),
        post(ALL, "nobody", ""),
        get("/api/v1/notifications", "nobody"),
    ] {
        app.send(request).await.expect_error(401, "UNAUTHORIZED");
    }
}
