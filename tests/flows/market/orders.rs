//! Posting, editing, finding.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, command, conflict, deposit, id, named};

fn ids(data: &Value) -> Vec<&str> {
    data["orders"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_posted_is_shown() {
    let market = Market::open().await;
    let invited = market.app.register("freelancer", "invited@example.com").await;
    let order = market
        .post(json!({
            "title": "  Cafe\u{301} menu ", "pages": 15, "budget": 300.5, "requirements": "MBA level",
            "detailed_requirements": ["Executive Summary", "Market Analysis"],
            "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)",
                "additional_notes": "Charts"},
            "milestones": [{"title": "All", "due_date": market.at(24)}],
            "invited_writers": [invited.id],
        }))
        .await;
    assert_eq!(order["title"], "Caf\u{e9} menu", "trimmed and normalised");
    assert_eq!((&order["pages"], &order["budget"]), (&json!(15), &json!(300.5)));
    assert_eq!(order["requirements"], json!(["Executive Summary", "Market Analysis"]));
    assert_eq!(order["requirements_text"], "MBA level");
    assert_eq!(order["specifications"]["citation_style"], "APA");
    assert_eq!(order["milestones"][0]["amount"], Value::Null);
    assert_eq!(order["files"], json!([]));
    assert_eq!((&order["accepted_bid"], &order["started_at"]), (&Value::Null, &Value::Null));
    assert_eq!(order["client"]["email"], Value::Null, "only for whoever holds the order");

    let path = format!("/api/v1/orders/{}", id(&order));
    for who in [&market.writer, &invited, &market.client, &market.app.admin().await] {
        assert_eq!(who.client.get(&path).await.data(200)["order"]["title"], order["title"]);
    }
    let stranger = market.app.register("client", "stranger@example.com").await;
    stranger.client.get(&path).await.error(404, "NOT_FOUND");
    let available = invited.client.get("/api/v1/available-orders?type=invited").await.data(200);
    assert_eq!(ids(&available), ["ORD-001"]);
    assert_eq!(available["orders"][0]["is_invited"], true);
    assert_eq!(available["orders"][0]["requirements"], "MBA level");
    let others = market.writer.client.get("/api/v1/available-orders").await.data(200);
    assert_eq!(others["orders"][0]["is_invited"], false);
    assert_eq!(
        (&others["summary"]["invited_orders"], &others["summary"]["avg_budget"]),
        (&json!(0), &json!(300.5))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_orders_are_422() {
    let market = Market::open().await;
    let past = market.at(-1);
    let nobody = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11";
    for (fields, field) in [
        (json!({"deadline": past}), "deadline"),
        (json!({"milestones": [{"title": "a", "due_date": past}]}), "milestones[0].due_date"),
        (json!({"milestones": [{"title": "a", "due_date": market.at(10_000)}]}), "milestones[0].due_date"),
        (json!({"invited_writers": [market.writer.id, nobody]}), "invited_writers[1]"),
        (json!({"invited_writers": [market.client.id]}), "invited_writers[0]"),
    ] {
        let answer = market.client.client.post("/api/v1/orders", &market.draft(&fields)).await;
        let error = answer.error(422, "UNPROCESSABLE_ENTITY");
        assert_eq!(error["details"]["field"], field, "{fields}");
    }
    let data = market.client.client.get("/api/v1/orders").await.data(200);
    assert_eq!(data["pagination"]["total"], 0, "nothing is half done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_material_change_asks_bidders_to_think_again() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let order = id(&market.post(json!({})).await);
    let bid = id(&market.bid(writer, &order, json!(100)).await);
    let (path, bid_path) = (format!("/api/v1/orders/{order}"), format!("/api/v1/bids/{bid}"));

    let same = client.client.patch(&path, &json!({"budget": 200})).await.data(200)["order"].clone();
    assert_eq!(same["revision"], 1, "values equal to the present ones change nothing");
    let steps = json!({"milestones": [{"title": "a", "due_date": market.at(10)}]});
    let planned = client.client.patch(&path, &steps).await.data(200)["order"].clone();
    assert_eq!(planned["revision"], 1, "milestones are not material");
    let changed = client.client.patch(&path, &json!({"pages": 9})).await.data(200)["order"].clone();
    assert_eq!((&changed["revision"], &changed["pages"]), (&json!(2), &json!(9)));
    assert_eq!(writer.client.get(&bid_path).await.data(200)["bid"]["status"], "unconfirmed");

    let refused = command(client, &format!("{bid_path}/accept")).await;
    assert_eq!(conflict(&refused), ("bid_unconfirmed".into(), "changed".into()));
    let stale = writer.client.post(&format!("{bid_path}/confirm"), &json!({"revision": 1})).await;
    let error = stale.error(409, "CONFLICT");
    assert_eq!(
        (&error["details"]["reason"], &error["details"]["revision"]),
        (&json!("order_changed"), &json!(2))
    );
    let confirmed = writer.client.post(&format!("{bid_path}/confirm"), &json!({"revision": 2})).await;
    assert_eq!(confirmed.data(200)["bid"]["status"], "open");
    let wrong = json!({"bid_amount": 99.99, "revision": 2});
    let error = client.client.post(&format!("{bid_path}/accept"), &wrong).await.error(409, "CONFLICT");
    assert_eq!(error["details"]["reason"], "bid_changed");
    assert_eq!(error["details"]["bid"]["bid_amount"], json!(100.0), "the present bid");
    let right = json!({"bid_amount": 100, "revision": 2});
    client.client.post(&format!("{bid_path}/accept"), &right).await.data(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_changes_what_is_its_own() {
    let market = Market::open().await;
    let Market { client, writer, app, .. } = &market;
    let order = market.active(json!({}), "10").await;
    let path = format!("/api/v1/orders/{order}");
    let other = app.register("writer", "other@example.com").await;

    for body in [json!({"title": "mine"}), json!({"budget": 1}), json!({"progress": 10, "pages": 2})] {
        writer.client.patch(&path, &body).await.error(400, "VALIDATION_ERROR");
    }
    let error = client.client.patch(&path, &json!({"progress": 10})).await.error(400, "VALIDATION_ERROR");
    assert_eq!(error["details"]["field"], "progress");
    app.admin().await.client.patch(&path, &json!({"progress": 10})).await.error(403, "FORBIDDEN");
    other.client.patch(&path, &json!({"progress": 10})).await.error(404, "NOT_FOUND");
    // All or nothing: the milestone is not there, so the progress is not noted either.
    let body = json!({"progress": 50, "milestone_id": 2, "status": "in-progress"});
    writer.client.patch(&path, &body).await.error(404, "NOT_FOUND");
    assert_eq!(market.order(writer, &order).await["progress"], 0);
    for body in [
        json!({"progress": 101}),
        json!({"progress": -1}),
        json!({"progress": 1.5}),
        json!({"milestone_id": 1}),
        json!({"status": "in-progress"}),
        json!({"milestone_id": 1, "status": "completed"}),
    ] {
        writer.client.patch(&path, &body).await.error(400, "VALIDATION_ERROR");
    }
    let refused = client.client.patch(&path, &json!({"title": "later"})).await;
    assert_eq!(conflict(&refused).1, "active");
    let progress = writer.client.patch(&path, &json!({"progress": 75})).await;
    let etag = progress.header("etag").unwrap().to_owned();
    assert_eq!(progress.data(200)["order"]["progress"], 75);

    // Whoever has not seen the present order is told.
    let request = |tag: &str| {
        let request = writer.client.request(reqwest::Method::PATCH, &path).json(&json!({"progress": 80}));
        writer.client.send(request.header("if-match", tag))
    };
    request("\"0\"").await.error(412, "PRECONDITION_FAILED");
    request(&etag).await.data(200);
    request(&etag).await.error(412, "PRECONDITION_FAILED");
    request("*").await.data(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_filters_summaries_and_cursors() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    deposit(client, &json!(1_000)).await;
    let mut orders = Vec::new();
    for title in ["Climate Change", "Climate models", "Tax law", "Gardens"] {
        orders.push(id(&market.post(json!({"title": title})).await));
    }
    let bid = id(&market.bid(writer, &orders[0], json!(40)).await);
    command(client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
    market.submit(&orders[0], 1).await;
    command(client, &format!("/api/v1/orders/{}/milestones/1/approve", orders[0])).await.data(200);
    command(client, &format!("/api/v1/orders/{}/cancel", orders[3])).await.data(200);

    let list = |query: &str| {
        let path = format!("/api/v1/orders{query}");
        async move { client.client.get(&path).await.data(200) }
    };
    let all = list("").await;
    assert_eq!(ids(&all), ["ORD-003", "ORD-002", "ORD-001"], "newest first, cancelled ones left out");
    assert_eq!(
        all["summary"],
        json!({"total_orders": 3, "open": 2, "active": 0, "pending": 0, "completed": 1, "total_earned": 0.0})
    );
    assert_eq!(ids(&list("?status=cancelled").await), ["ORD-004"]);
    assert_eq!(ids(&list("?status=completed&search=climate").await), ["ORD-001"]);
    assert_eq!(ids(&list("?search=CLIM%20mod").await), ["ORD-002"]);
    assert_eq!(ids(&list("?search=ord-003").await), ["ORD-003"]);
    assert_eq!(list("?search=zebra").await["pagination"]["total"], 0);
    let first = list("?limit=2").await;
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    market.post(json!({})).await;
    assert_eq!(ids(&list(&format!("?limit=2&cursor={cursor}")).await), ["ORD-001"]);
    let foreign = format!("/api/v1/orders?cursor={cursor}");
    writer.client.get(&foreign).await.error(400, "VALIDATION_ERROR");
    let held = writer.client.get("/api/v1/orders").await.data(200);
    assert_eq!(ids(&held), ["ORD-001"]);
    assert_eq!(held["summary"]["total_earned"], json!(40.0));
    assert_eq!(held["summary"]["total_orders"], 1);
    client.client.get("/api/v1/orders?status=done").await.error(400, "VALIDATION_ERROR");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_is_offered() {
    let market = Market::open().await;
    let Market { client, writer, app } = &market;
    client.client.get("/api/v1/available-orders").await.error(403, "FORBIDDEN");
    let cheap = id(&market.post(json!({"budget": 100, "deadline": market.at(96), "subject": "Law"})).await);
    let dear = id(&market.post(json!({"budget": 300, "deadline": market.at(241)})).await);
    let late = id(&market.post(json!({"budget": 999, "deadline": market.at(2)})).await);
    let other = app.register("writer", "other@example.com").await;
    market.bid(&other, &dear, json!(1)).await;
    app.clock.advance(TimeDelta::hours(2));
    let writer = app.log_in(&writer.email).await;
    let list = |query: &str| {
        let (client, path) = (writer.client.clone(), format!("/api/v1/available-orders{query}"));
        async move { client.get(&path).await.data(200) }
    };
    let all = list("").await;
    assert_eq!(ids(&all), [dear.as_str(), cheap.as_str()], "{late} is over");
    assert_eq!(
        all["summary"],
        json!({"total_available": 2, "invited_orders": 0, "avg_budget": 200.0, "avg_competition": 0.5})
    );
    assert_eq!(
        (&all["orders"][0]["urgency"], &all["orders"][1]["urgency"]),
        (&json!("medium"), &json!("high"))
    );
    assert_eq!(all["orders"][0]["client"]["total_orders"], 3);
    assert_eq!(all["orders"][0]["client"]["completion_rate"], Value::Null);
    assert_eq!(ids(&list("?subject=LAW").await), [cheap.as_str()]);
    assert_eq!(ids(&list("?min_budget=100.01").await), [dear.as_str()]);
    assert_eq!(ids(&list("?max_budget=100").await), [cheap.as_str()]);
    assert_eq!(list("?min_budget=400").await["summary"]["avg_budget"], json!(0.0));
    for query in ["?min_budget=x", "?type=mine", "?min_budget=1.234", "?min_budget=5&max_budget=4"] {
        let path = format!("/api/v1/available-orders{query}");
        writer.client.get(&path).await.error(400, "VALIDATION_ERROR");
    }
    // Nobody bids after the deadline, until there is a new one.
    let bid = json!({"bid_amount": 5, "message": "me"});
    let answer = writer.client.post(&format!("/api/v1/orders/{late}/bids"), &bid).await;
    assert_eq!(conflict(&answer).0, "deadline_passed");
    let client = app.log_in(&client.email).await;
    let later = json!({"deadline": market.at(50)});
    client.client.patch(&format!("/api/v1/orders/{late}"), &later).await.data(200);
    writer.client.post(&format!("/api/v1/orders/{late}/bids"), &bid).await.data(201);
}

/// `AO-001` is `ORD-001`, also for what tells requests with one key apart.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_knows_an_order_by_either_of_its_names() {
    let market = Market::open().await;
    let order = id(&market.post(json!({})).await);
    let body = json!({"bid_amount": 100, "message": "m"});
    let paths = [order.clone(), order.replace("ORD-", "AO-")].map(|id| format!("/api/v1/orders/{id}/bids"));
    let first = named(&market.writer, &paths[0], &body, "k").await;
    let again = named(&market.writer, &paths[1], &body, "k").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"), "{}", again.text);
    assert_eq!((again.data(201), again.text), (first.data(201), first.text));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_can_be_declined_for_good() {
    let market = Market::open().await;
    let Market { client, writer, .. } = &market;
    let order = id(&market.post(json!({})).await);
    let (invite, decline) =
        (format!("/api/v1/orders/{order}/invitations"), format!("/api/v1/orders/{order}/decline-invitation"));
    command(writer, &decline).await.error(404, "NOT_FOUND");
    let invited = client.client.post(&invite, &json!({"writer_id": writer.id})).await.data(201);
    assert_eq!(invited["invitation"]["order_id"], order.as_str());
    assert_eq!(invited["invitation"]["writer_id"], writer.id.as_str());
    assert!(invited["invitation"]["created_at"].is_string());
    let again = client.client.post(&invite, &json!({"writer_id": writer.id})).await.data(200);
    assert_eq!(again, invited, "the one that stands");
    client.client.post(&invite, &json!({"writer_id": client.id})).await.error(422, "UNPROCESSABLE_ENTITY");
    command(writer, &decline).await.data(200);
    command(writer, &decline).await.data(200);
    let left = writer.client.get("/api/v1/available-orders").await.data(200);
    assert_eq!(left["summary"]["total_available"], 0);
    let again = client.client.post(&invite, &json!({"writer_id": writer.id})).await;
    assert_eq!(conflict(&again).0, "invitation_declined");
}
