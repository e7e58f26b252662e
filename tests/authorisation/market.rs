//! Orders, bids and contracts: role × own, other's, unknown id, malformed id → status.
//!
//! Each row gets an order of its own, in the state in which its owner may do what the row asks.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Person, TestApp};

/// How far the order of a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Open, and the writer is invited.
    Invited,
    /// Open, with a bid of the writer's.
    Bid,
    /// The bid awaits an answer to a counter-offer.
    Countered,
    /// The client has changed the order.
    Changed,
    /// Awarded, not paid for.
    Pending,
    /// Paid for.
    Active,
    /// The client has proposed to end it.
    Proposed,
    /// The client disputes the milestone, and the writer has offered to divide its money.
    Disputed,
    /// They have left that to an administrator.
    InReview,
    /// The milestone is handed in.
    Submitted,
    /// It is approved.
    Completed,
}

/// What somebody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// This status; the function is theirs, and so is the object, or it needs none.
    Theirs(u16),
    /// 404, whether it is somebody else's, unknown or malformed.
    Hidden,
    /// 403, whatever the object.
    Forbidden,
}
use For::{Forbidden, Hidden, Theirs};

/// Who gets what.
#[derive(Clone, Copy)]
struct Who {
    /// The order's client.
    client: For,
    /// The writer who was invited, bids, or holds it.
    writer: For,
    /// A client who has nothing to do with it.
    other_client: For,
    /// A provider who has nothing to do with it.
    other_writer: For,
    /// An administrator.
    admin: For,
}

/// A command of the order's client.
const fn of_client(status: u16) -> Who {
    Who {
        client: Theirs(status),
        writer: Forbidden,
        other_client: Hidden,
        other_writer: Forbidden,
        admin: Forbidden,
    }
}

/// A command of the writer's.
const fn of_writer(status: u16) -> Who {
    Who {
        client: Forbidden,
        writer: Theirs(status),
        other_client: Forbidden,
        other_writer: Hidden,
        admin: Forbidden,
    }
}

pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    stage: Stage,
    who: Who,
    body: Option<Value>,
}

#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn table() -> Vec<Row> {
    let row = |method, path, stage, who, body| Row { method, path, stage, who, body };
    let all = |status| Who { client: Theirs(status), writer: Theirs(status), other_client: Theirs(status),
        other_writer: Theirs(status), admin: Theirs(status) };
    // What the two sides do with each other, and nobody else.
    let sides = Who { client: Theirs(200), writer: Theirs(200), other_client: Hidden, other_writer: Hidden,
        admin: Forbidden };
    let of_admin = Who { client: Forbidden, writer: Forbidden, other_client: Forbidden, other_writer: Forbidden,
        admin: Theirs(200) };
    let order = json!({"title": "t", "subject": "s", "type": "t", "deadline": "2030-01-01T00:00:00Z", "budget": 10,
        "description": "d"});
    let bid = json!({"bid_amount": 9, "message": "m"});
    vec![
        row("get", "/api/v1/orders", Stage::Bid, all(200), None),
        row("post", "/api/v1/orders", Stage::Bid,
            Who { other_client: Theirs(201), other_writer: Forbidden, ..of_client(201) }, Some(order)),
        row("get", "/api/v1/available-orders", Stage::Bid,
            Who { other_writer: Theirs(200), ..of_writer(200) }, None),
        row("get", "/api/v1/orders/{order_id}", Stage::Bid, Who { other_client: Hidden, ..all(200) }, None),
        row("get", "/api/v1/orders/{order_id}", Stage::Active,
            Who { other_client: Hidden, other_writer: Hidden, ..all(200) }, None),
        row("patch", "/api/v1/orders/{order_id}", Stage::Bid,
            Who { client: Theirs(200), writer: Hidden, other_client: Hidden, other_writer: Hidden, admin: Forbidden },
            Some(json!({}))),
        row("patch", "/api/v1/orders/{order_id}", Stage::Active,
            Who { client: Theirs(409), writer: Theirs(200), other_client: Hidden, other_writer: Hidden, admin: Forbidden },
            Some(json!({}))),
        row("post", "/api/v1/orders/{order_id}/cancel", Stage::Pending, of_client(200), None),
        row("post", "/api/v1/orders/{order_id}/fund", Stage::Pending, of_client(402), None),
        row("post", "/api/v1/orders/{order_id}/invitations", Stage::Invited, of_client(422),
            Some(json!({"writer_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"}))),
        row("post", "/api/v1/orders/{order_id}/decline-invitation", Stage::Invited, of_writer(200), None),
        row("get", "/api/v1/orders/{order_id}/bids", Stage::Bid, Who { admin: Theirs(200), ..of_client(200) }, None),
        row("post", "/api/v1/orders/{order_id}/bids", Stage::Invited,
            Who { other_writer: Theirs(201), ..of_writer(201) }, Some(bid)),
        row("post", "/api/v1/orders/{order_id}/milestones/{milestone_id}/approve", Stage::Submitted, of_client(200), None),
        row("post", "/api/v1/orders/{order_id}/milestones/{milestone_id}/request-changes", Stage::Submitted, of_client(200),
            Some(json!({"message": "again"}))),
        row("post", "/api/v1/orders/{order_id}/milestones/{milestone_id}/submissions", Stage::Active, of_writer(200), None),
        // A file that is nobody's.
        row("post", "/api/v1/orders/{order_id}/files", Stage::Active,
            Who { client: Theirs(422), writer: Theirs(422), other_client: Hidden, other_writer: Hidden, admin: Forbidden },
            Some(json!({"file_ids": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"]}))),
        row("post", "/api/v1/orders/{order_id}/files", Stage::Bid,
            Who { client: Theirs(422), writer: Hidden, other_client: Hidden, other_writer: Hidden, admin: Forbidden },
            Some(json!({"file_ids": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"]}))),
        row("post", "/api/v1/orders/{order_id}/bonus", Stage::Completed, of_client(402), Some(json!({"amount": 99_999}))),
        row("post", "/api/v1/orders/{order_id}/review", Stage::Completed,
            Who { client: Theirs(201), writer: Theirs(201), other_client: Hidden, other_writer: Hidden, admin: Forbidden },
            Some(json!({"rating": 5}))),
        row("get", "/api/v1/bids", Stage::Bid,
            Who { other_writer: Theirs(200), admin: Theirs(200), ..of_writer(200) }, None),
        row("get", "/api/v1/bids/{bid_id}", Stage::Bid,
            Who { other_client: Hidden, other_writer: Hidden, ..all(200) }, None),
        row("get", "/api/v1/bids/{bid_id}/offers", Stage::Bid,
            Who { other_client: Hidden, other_writer: Hidden, ..all(200) }, None),
        row("patch", "/api/v1/bids/{bid_id}", Stage::Bid, of_writer(200), Some(json!({"bid_amount": 8}))),
        row("post", "/api/v1/bids/{bid_id}/confirm", Stage::Changed, of_writer(200), None),
        row("post", "/api/v1/bids/{bid_id}/withdraw", Stage::Pending, of_writer(200), None),
        row("post", "/api/v1/bids/{bid_id}/accept-counter", Stage::Countered, of_writer(200), None),
        row("post", "/api/v1/bids/{bid_id}/reject-counter", Stage::Countered, of_writer(200), None),
        row("post", "/api/v1/bids/{bid_id}/counter", Stage::Bid, of_client(200), Some(json!({"bid_amount": 7}))),
        row("post", "/api/v1/bids/{bid_id}/decline", Stage::Bid, of_client(200), None),
        row("post", "/api/v1/bids/{bid_id}/accept", Stage::Bid, of_client(200), None),
        // These give money back, which pays for the orders of later rows.
        row("post", "/api/v1/orders/{order_id}/milestones/{milestone_id}/refund", Stage::Active, of_writer(200), None),
        row("get", "/api/v1/orders/{order_id}/proposals", Stage::Proposed,
            Who { other_client: Hidden, other_writer: Hidden, ..all(200) }, None),
        // The writer is the first.
        row("post", "/api/v1/orders/{order_id}/proposals", Stage::Active,
            Who { client: Theirs(409), writer: Theirs(201), ..sides }, Some(json!({"kind": "cancellation", "amount": 1}))),
        row("get", "/api/v1/proposals/{proposal_id}", Stage::Proposed,
            Who { other_client: Hidden, other_writer: Hidden, ..all(200) }, None),
        row("post", "/api/v1/proposals/{proposal_id}/accept", Stage::Proposed,
            Who { client: Theirs(409), writer: Theirs(200), ..sides }, None),
        row("post", "/api/v1/proposals/{proposal_id}/reject", Stage::Proposed,
            Who { client: Theirs(409), writer: Theirs(200), ..sides }, None),
        row("post", "/api/v1/proposals/{proposal_id}/withdraw", Stage::Proposed,
            Who { client: Theirs(200), writer: Theirs(409), ..sides }, None),
        row("get", "/api/v1/disputes", Stage::Disputed, Who { admin: Forbidden, ..all(200) }, None),
        // The writer is the first.
        row("post", "/api/v1/disputes", Stage::Active, Who { client: Theirs(409), writer: Theirs(201), ..sides },
            Some(json!({"order_id": "{order_id}", "milestone_id": 1, "reason": "r", "to_provider": 0}))),
        row("get", "/api/v1/disputes/{dispute_id}", Stage::Disputed,
            Who { other_client: Hidden, other_writer: Hidden, ..all(200) }, None),
        row("post", "/api/v1/disputes/{dispute_id}/evidence", Stage::Disputed, sides, Some(json!({"text": "t"}))),
        row("post", "/api/v1/disputes/{dispute_id}/offers", Stage::Disputed, sides, Some(json!({"to_provider": 1}))),
        row("post", "/api/v1/disputes/{dispute_id}/offers/{number}/accept", Stage::Disputed,
            Who { client: Theirs(200), writer: Theirs(409), ..sides }, None),
        row("post", "/api/v1/disputes/{dispute_id}/offers/{number}/reject", Stage::Disputed,
            Who { client: Theirs(200), writer: Theirs(409), ..sides }, None),
        row("post", "/api/v1/disputes/{dispute_id}/escalate", Stage::Disputed,
            Who { client: Theirs(409), writer: Theirs(200), ..sides }, None),
        row("get", "/api/v1/admin/disputes", Stage::InReview, of_admin, None),
        row("post", "/api/v1/admin/disputes/{dispute_id}/decide", Stage::InReview, of_admin,
            Some(json!({"to_provider": 1, "reason": "r"}))),
    ]
}

/// What stands in paths: of things that are there, or might be.
pub(crate) struct Ids {
    pub(crate) order: String,
    pub(crate) bid: String,
    /// Where there is one.
    pub(crate) proposal: String,
    /// Where there is one.
    pub(crate) dispute: String,
}

impl Default for Ids {
    fn default() -> Self {
        let nothing = String::new();
        Self {
            order: "ORD-001".to_owned(),
            bid: "BID-001".to_owned(),
            proposal: nothing.clone(),
            dispute: nothing,
        }
    }
}

async fn call(client: &Client, row: &Row, ids: &Ids) -> Answer {
    let method = Method::from_bytes(row.method.to_uppercase().as_bytes()).unwrap();
    let path = row.path.replace("{order_id}", &ids.order).replace("{bid_id}", &ids.bid);
    let path = path.replace("{proposal_id}", &ids.proposal).replace("{dispute_id}", &ids.dispute);
    let request = client.request(method, &path.replace("{milestone_id}", "1").replace("{number}", "1"));
    let request = match row.body.clone() {
        Some(mut body) => {
            if let Some(order) = body.get_mut("order_id") {
                *order = ids.order.clone().into();
            }
            request.json(&body)
        }
        None => request,
    };
    client.send(request).await
}

fn id(data: &Value, noun: &str) -> String {
    data[noun]["id"].as_str().unwrap().to_owned()
}

/// An order that has come as far as this; of the bid's only where there is one.
pub(crate) async fn bring(stage: Stage, client: &Person, writer: &Person) -> Ids {
    let mut order = json!({"title": "t", "subject": "s", "type": "t", "deadline": "2030-01-01T00:00:00Z",
        "budget": 10, "description": "d"});
    if stage == Stage::Invited {
        order["invited_writers"] = json!([writer.id]);
    }
    let order = id(&client.client.post("/api/v1/orders", &order).await.data(201), "order");
    if stage == Stage::Invited {
        return Ids { order, ..Ids::default() };
    }
    let path = format!("/api/v1/orders/{order}");
    let offer = json!({"bid_amount": 9, "message": "m"});
    let bid = id(&writer.client.post(&format!("{path}/bids"), &offer).await.data(201), "bid");
    let bid_path = format!("/api/v1/bids/{bid}");
    match stage {
        Stage::Invited | Stage::Bid => {}
        Stage::Countered => {
            let terms = json!({"bid_amount": 8});
            client.client.post(&format!("{bid_path}/counter"), &terms).await.data(200);
        }
        Stage::Changed => drop(client.client.patch(&path, &json!({"budget": 11})).await.data(200)),
        Stage::Pending
        | Stage::Active
        | Stage::Proposed
        | Stage::Disputed
        | Stage::InReview
        | Stage::Submitted
        | Stage::Completed => {
            client.client.post_nothing(&format!("{bid_path}/accept")).await.data(200);
        }
    }
    if !matches!(stage, Stage::Bid | Stage::Countered | Stage::Changed | Stage::Pending) {
        // What came back of an earlier order may have paid for it at the award.
        if client.client.get(&path).await.data(200)["order"]["status"] == "pending" {
            client.client.post("/api/v1/payments/deposits", &json!({"amount": 9})).await.data(201);
            client.client.post_nothing(&format!("{path}/fund")).await.data(200);
        }
    }
    if matches!(stage, Stage::Submitted | Stage::Completed) {
        let work = json!({"milestone_id": 1, "status": "submitted"});
        writer.client.patch(&path, &work).await.data(200);
    }
    if stage == Stage::Completed {
        client.client.post_nothing(&format!("{path}/milestones/1/approve")).await.data(200);
    }
    let mut proposal = String::new();
    if stage == Stage::Proposed {
        let terms = json!({"kind": "cancellation", "amount": 1});
        proposal = id(&client.client.post(&format!("{path}/proposals"), &terms).await.data(201), "proposal");
    }
    let mut dispute = String::new();
    if matches!(stage, Stage::Disputed | Stage::InReview) {
        let terms = json!({"order_id": order, "milestone_id": 1, "reason": "r", "to_provider": 0});
        dispute = id(&client.client.post("/api/v1/disputes", &terms).await.data(201), "dispute");
        let path = format!("/api/v1/disputes/{dispute}");
        writer.client.post(&format!("{path}/offers"), &json!({"to_provider": 5})).await.data(200);
        if stage == Stage::InReview {
            writer.client.post_nothing(&format!("{path}/escalate")).await.data(200);
        }
    }
    Ids { order, bid, proposal, dispute }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_the_answer_of_the_table_in_the_marketplace() {
    let app = TestApp::start().await;
    let [client, other_client] =
        [app.register("client", "c1@example.com").await, app.register("client", "c2@example.com").await];
    let [writer, other_writer] = [
        app.register("writer", "w1@example.com").await,
        app.register("professional", "w2@example.com").await,
    ];
    let admin = app.admin().await;
    for row in table() {
        let name = format!("{} {} ({:?})", row.method, row.path, row.stage);
        let ids = bring(row.stage, &client, &writer).await;
        call(&app.client, &row, &ids).await.error(401, "UNAUTHORIZED");
        let Who {
            client: of_client,
            writer: of_writer,
            other_client: theirs,
            other_writer: others,
            admin: root,
        } = row.who;
        // Those who may do it come last.
        let mut people = [
            ("admin", &admin, root),
            ("another client", &other_client, theirs),
            ("another writer", &other_writer, others),
            ("the writer", &writer, of_writer),
            ("the client", &client, of_client),
        ];
        people.sort_by_key(|(_, _, expected)| matches!(expected, Theirs(_)));
        for (who, person, expected) in people {
            check(&name, who, &row, (person, expected), &ids).await;
        }
    }
    app.assert_books_balance().await;
}

async fn check(name: &str, who: &str, row: &Row, (person, expected): (&Person, For), ids: &Ids) {
    let answer = call(&person.client, row, ids).await;
    let unknown = ["ORD-999999", "ord-001", "ORD-1", "ORD-0001", "1", "%00", "'"].map(|order| Ids {
        order: order.to_owned(),
        bid: order.replace("ORD", "BID").replace("ord", "bid"),
        proposal: order.replace("ORD-999999", "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"),
        dispute: order.replace("ORD-999999", "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"),
    });
    match expected {
        Theirs(status) => assert_eq!(answer.status, status, "{who}: {name}: {}", answer.text),
        Hidden => drop(answer.error(404, "NOT_FOUND")),
        Forbidden => drop(answer.error(403, "FORBIDDEN")),
    }
    if !row.path.contains('{') {
        return;
    }
    for ids in unknown {
        let other = call(&person.client, row, &ids).await;
        match expected {
            Forbidden => drop(other.error(403, "FORBIDDEN")),
            Theirs(_) => drop(other.error(404, "NOT_FOUND")),
            Hidden => assert_eq!(other.text, answer.text, "{who}: {name}: 404s are the same byte for byte"),
        }
    }
}
