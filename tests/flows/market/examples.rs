//! The source document's JSON examples of sections 2, 3, 4, 6 and (in `messaging.rs`) 7, replayed: each key is there with
//! its type, and null only where the contract allows it.

use serde_json::{Value, json};

use super::files::upload;
use super::{Market, command, deposit, id};

/// Keys that may be null (contract §1).
const NULLABLE: [&str; 13] = [
    "rating",
    "success_rate",
    "avatar_url",
    "bio",
    "education",
    "accepted_bid",
    "started_at",
    "pages",
    "email",
    "completed_at",
    "last_message",
    "current_user_position",
    "completion_rate",
];

/// Every JSON block of the source that follows this heading, up to the next heading of its level.
fn blocks(heading: &str) -> Vec<Value> {
    let source = include_str!("writer-platform-examples.md");
    let section = source.split("\n### ").find(|section| section.starts_with(heading));
    let section = section.unwrap_or_else(|| panic!("no section {heading}"));
    let block = |rest: &str| rest.split("```").next().map(|json| serde_json::from_str(json).expect("JSON"));
    section.split("```json").skip(1).filter_map(block).collect()
}

/// Whether `actual` has everything that `example` has, of the same types.
fn fits(example: &Value, actual: &Value, path: &str) {
    match (example, actual) {
        (Value::Object(wanted), Value::Object(there)) => {
            for (key, value) in wanted {
                let path = format!("{path}.{key}");
                let found = there.get(key).unwrap_or_else(|| panic!("{path} is missing in {actual}"));
                if found.is_null() && NULLABLE.contains(&key.as_str()) {
                    continue;
                }
                fits(value, found, &path);
            }
        }
        (Value::Array(wanted), Value::Array(there)) => {
            let Some(first) = wanted.first() else { return };
            for (index, found) in there.iter().enumerate() {
                fits(first, found, &format!("{path}[{index}]"));
            }
        }
        // What may be null may also be there: the example shows null where nothing is done yet.
        (Value::Null, _) => {}
        _ => {
            let kind = |value: &Value| match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            assert_eq!(kind(example), kind(actual), "{path}: {example} or {actual}");
        }
    }
}

/// The last block of a section is the success answer.
pub(super) fn answers(heading: &str, actual: &Value) {
    let blocks = blocks(heading);
    fits(&blocks[blocks.len() - 1], actual, heading);
}

/// The first block of a section is the request.
pub(super) fn request(heading: &str) -> Value {
    blocks(heading).swap_remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_orders_bids_and_money_is_kept() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let steps: Vec<_> =
        (1..=3).map(|day| json!({"title": "Step", "due_date": market.at(day * 24), "amount": 10})).collect();
    let specifications = json!({"format": "PDF", "citation_style": "APA", "language": "English (US)",
        "additional_notes": "Please include charts"});
    let order = id(&market
        .post(json!({"pages": 8, "requirements": "MBA level", "detailed_requirements": ["Summary"],
            "specifications": specifications, "milestones": steps}))
        .await);
    // An order with nothing that is optional.
    market.post(json!({})).await;

    let available = writer.client.get("/api/v1/available-orders").await;
    answers("GET /api/v1/available-orders", &available.json());
    let mut bid = request("POST /api/v1/orders/{order_id}/bids");
    bid["proposed_deadline"] = json!(market.at(200));
    let placed = writer.client.post(&format!("/api/v1/orders/{order}/bids"), &bid).await;
    assert_eq!(placed.status, 201);
    assert!(placed.text.contains(r#""bid_amount":150.00"#), "{}", placed.text);
    assert_eq!(placed.json()["data"]["message"], "Bid submitted successfully");
    answers("POST /api/v1/orders/{order_id}/bids", &placed.json());
    answers("GET /api/v1/bids", &writer.client.get("/api/v1/bids").await.json());

    deposit(client, &json!(1_000)).await;
    let bid = placed.json()["data"]["bid"]["id"].as_str().unwrap().to_owned();
    command(client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
    let path = format!("/api/v1/orders/{order}");
    let patch = request("PATCH /api/v1/orders/{order_id}");
    let patched = writer.client.patch(&path, &patch).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    answers("PATCH /api/v1/orders/{order_id}", &patched.json());
    for milestone in [1, 2] {
        let outline = upload(writer, "research-outline.txt", "Climate").await;
        let work = json!({"message": "The outline", "file_ids": [outline["id"]]});
        writer.client.post(&format!("{path}/milestones/{milestone}/submissions"), &work).await.data(200);
        command(client, &format!("{path}/milestones/{milestone}/approve")).await.data(200);
    }
    answers("GET /api/v1/orders/{order_id}", &writer.client.get(&path).await.json());
    let list = writer.client.get("/api/v1/orders").await;
    answers("GET /api/v1/orders", &list.json());
    let mine = client.client.get("/api/v1/orders").await;
    answers("GET /api/v1/orders", &mine.json());

    answers("GET /api/v1/balance", &writer.client.get("/api/v1/balance").await.json());
    let mut withdrawal = request("POST /api/v1/withdrawals");
    withdrawal["amount"] = json!(50.00);
    let requested = writer.client.post("/api/v1/withdrawals", &withdrawal).await;
    assert_eq!(requested.status, 201);
    assert_eq!(requested.json()["data"]["message"], "Withdrawal request submitted successfully");
    answers("POST /api/v1/withdrawals", &requested.json());
    let transactions = writer.client.get("/api/v1/transactions").await;
    answers("GET /api/v1/transactions", &transactions.json());
    assert_eq!(transactions.json()["data"]["transactions"].as_array().unwrap().len(), 3);
}
