//! Many at once on one thing: exactly one wins, the others are told why, nobody gets a 5xx, and the
//! books balance after each round.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Market, balance, command, conflict, deposit, id, named};
use crate::harness::Answer;

const ROUNDS: usize = 8;

/// The one answer that is a success; all others must be conflicts.
#[track_caller]
fn one_winner(answers: &[Answer]) -> &Answer {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status < 300);
    for answer in lost {
        conflict(answer);
    }
    assert_eq!(won.len(), 1, "exactly one wins: {:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    won[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_bids_are_accepted_at_once() {
    let market = Market::open().await;
    let crowd = market.crowd().await;
    deposit(&market.client, &json!(100_000)).await;
    let mut spent = 0.0;
    for _ in 0..ROUNDS {
        let order = id(&market.post(json!({})).await);
        let mut bids = Vec::new();
        for (index, writer) in crowd.iter().enumerate() {
            bids.push(id(&market.bid(writer, &order, json!(100 + index)).await));
        }
        let paths: Vec<_> = bids.iter().map(|bid| format!("/api/v1/bids/{bid}/accept")).collect();
        let answers = join_all(paths.iter().map(|path| command(&market.client, path))).await;
        let won = one_winner(&answers).data(200);
        let list =
            market.client.client.get(&format!("/api/v1/orders/{order}/bids?limit=100")).await.data(200);
        let count = |status: &str| {
            list["bids"].as_array().unwrap().iter().filter(|bid| bid["status"] == status).count()
        };
        assert_eq!((count("accepted"), count("declined")), (1, 19));
        spent += won["bid"]["bid_amount"].as_f64().unwrap();
        let wallet = balance(&market.client).await;
        assert_eq!(wallet["in_escrow"], json!(spent), "paid for once");
        assert_eq!(wallet["available"], json!(100_000.0 - spent));
        market.app.assert_books_balance().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_milestone_is_approved_twenty_times_at_once() {
    let market = Market::open().await;
    let milestones: Vec<Value> = (0..ROUNDS)
        .map(|number| json!({"title": format!("Step {number}"), "due_date": market.at(24), "amount": 10}))
        .collect();
    let order = market.active(json!({"milestones": milestones}), "80").await;
    for round in 1..=ROUNDS {
        market.submit(&order, i64::try_from(round).unwrap()).await;
        let path = format!("/api/v1/orders/{order}/milestones/{round}/approve");
        let answers = join_all((0..20).map(|_| command(&market.client, &path))).await;
        one_winner(&answers);
        let earned = f64::from(u32::try_from(round * 10).unwrap());
        assert_eq!(balance(&market.writer).await["available"], json!(earned), "paid once");
        market.app.assert_books_balance().await;
    }
    assert_eq!(market.order(&market.client, &order).await["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_paid_for_and_called_off_at_once() {
    let market = Market::open().await;
    let mut available = 0.0;
    for round in 0..ROUNDS {
        let order = id(&market.post(json!({})).await);
        let bid = id(&market.bid(&market.writer, &order, json!(100)).await);
        // Paid with what is left over from rounds in which it was called off, else with new money.
        if available > 0.0 {
            let request = json!({"amount": available, "method": "paypal",
                "account_details": {"email": "client@example.com"}});
            market.client.client.post("/api/v1/withdrawals", &request).await.data(201);
        }
        let accepted = command(&market.client, &format!("/api/v1/bids/{bid}/accept")).await.data(200);
        assert_eq!(accepted["order"]["status"], "pending");
        deposit(&market.client, &json!(100)).await;
        let (fund, cancel) =
            (format!("/api/v1/orders/{order}/fund"), format!("/api/v1/orders/{order}/cancel"));
        let paths = (0..20).map(|index| if (index + round) % 2 == 0 { &fund } else { &cancel });
        let answers = join_all(paths.map(|path| command(&market.client, path))).await;
        let won = one_winner(&answers).data(200);
        available = match won["order"]["status"].as_str() {
            Some("active") => 0.0,
            Some("cancelled") => 100.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(balance(&market.client).await["available"], json!(available));
        market.app.assert_books_balance().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_writer_bids_twenty_times_at_once() {
    let market = Market::open().await;
    for _ in 0..ROUNDS {
        let order = id(&market.post(json!({})).await);
        let path = format!("/api/v1/orders/{order}/bids");
        let body = json!({"bid_amount": 10, "message": "me"});
        let answers = join_all((0..20).map(|_| market.writer.client.post(&path, &body))).await;
        one_winner(&answers).data(201);
        let lost = answers.iter().find(|answer| answer.status == 409).unwrap();
        assert_eq!(conflict(lost), ("duplicate_bid".into(), "open".into()));
        assert_eq!(market.order(&market.client, &order).await["bids_count"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_is_accepted_taken_back_and_outdated_at_once() {
    let market = Market::open().await;
    let Market { app, client, writer } = &market;
    deposit(client, &json!(1_000)).await;
    for round in 0..ROUNDS {
        let order = id(&market.post(json!({})).await);
        let bid = id(&market.bid(writer, &order, json!(10)).await);
        let (accept, withdraw) =
            (format!("/api/v1/bids/{bid}/accept"), format!("/api/v1/bids/{bid}/withdraw"));
        let (path, edit) = (format!("/api/v1/orders/{order}"), json!({"budget": 50 + round}));
        let (accepted, withdrawn, edited) = tokio::join!(
            command(client, &accept),
            command(writer, &withdraw),
            client.client.patch(&path, &edit)
        );
        let seen = market.order(client, &order).await;
        // Whichever came first decides; the others know.
        match (accepted.status, withdrawn.status) {
            (200, 409) => assert_eq!(seen["status"], "active"),
            (409, 200) => assert_eq!((&seen["status"], &seen["bids_count"]), (&json!("open"), &json!(0))),
            other => panic!("{other:?}: {} {}", accepted.text, withdrawn.text),
        }
        match edited.status {
            200 => {}
            _ => assert_eq!(conflict(&edited).1, "active"),
        }
        app.assert_books_balance().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_award_under_one_key_from_everywhere() {
    let market = Market::open().await;
    deposit(&market.client, &json!(1_000)).await;
    for round in 0..ROUNDS {
        let order = id(&market.post(json!({})).await);
        let bid = id(&market.bid(&market.writer, &order, json!(10)).await);
        let (path, key) = (format!("/api/v1/bids/{bid}/accept"), format!("award-{round}"));
        let body = json!({"bid_amount": 10});
        let answers = join_all((0..20).map(|_| named(&market.client, &path, &body, &key))).await;
        let mut texts: Vec<_> = Vec::new();
        for answer in &answers {
            match answer.status {
                200 => texts.push(&answer.text),
                _ => assert_eq!(conflict(answer).0, "in_progress"),
            }
        }
        texts.dedup();
        assert_eq!(texts.len(), 1, "everybody gets the same answer");
        let later = named(&market.client, &path, &body, &key).await;
        assert_eq!((later.status, &later.text), (200, texts[0]));
        assert_eq!(later.header("idempotent-replayed"), Some("true"));
        let other = named(&market.client, &path, &json!({"bid_amount": 11}), &key).await;
        other.error(422, "UNPROCESSABLE_ENTITY");
    }
    assert_eq!(balance(&market.client).await["in_escrow"], json!(80.0));
    market.app.assert_books_balance().await;
}
