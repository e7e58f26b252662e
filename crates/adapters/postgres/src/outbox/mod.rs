//! Facts on their way out: the rows of `outbox`.
//!
//! A payload's keys are as stable as the fact's name: whoever reads old rows relies on them. Ids
//! are strings. The matches are exhaustive and destructure in full, so that a new fact, or a new
//! particular of one, does not compile until it has been given its key. Each context has a file.
//!
//! The account that a fact is about: of money whose it is; of an order its client, but of an
//! invitation the provider who is invited and of a review whoever is reviewed; of bids, contracts,
//! milestones and disputes the provider, whose offer or work it is; of a proposal whoever is to answer it;
//! of a chat the side that did not do it; of the books as a whole nobody.
//! Everybody else concerned is in the payload.

mod agreements;
mod audit;
mod bidding;
mod contracts;
mod dispatch;
mod identity;
mod messaging;
mod money;
mod orders;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::event::{Event, Fact};
use domain::ids::{EventId, UserId};
use domain::money::{ContractParties, Money};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::link::Line;
use crate::statement::statement;

/// Facts get their positions in the order in which they are given.
const APPEND: &str = "\
    INSERT INTO outbox (id, name, user_id, payload, occurred_at)
    SELECT id, name, user_id, payload, occurred_at
    FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY
        AS told (id, name, user_id, payload, occurred_at, place)
    ORDER BY place";

/// For the one fact of most commands, which it writes at half the cost of the other.
const APPEND_ONE: &str =
    "INSERT INTO outbox (id, name, user_id, payload, occurred_at) VALUES ($1, $2, $3, $4, $5)";

/// A fact in the form of a row.
pub(crate) struct Told {
    id: Uuid,
    name: &'static str,
    user_id: Option<UserId>,
    payload: Value,
    occurred_at: DateTime<Utc>,
}

/// A fact under its identifier, in the form of a row.
pub(crate) fn told((id, event): &(EventId, Event)) -> Told {
    let Event { fact, occurred_at } = event;
    let (user_id, payload) = match fact {
        Fact::Identity(event) => (Some(event.user_id()), identity::payload(event)),
        Fact::Order(event) => (Some(orders::about(event)), orders::payload(event)),
        Fact::Bid(event) => (Some(event.bid().provider_id), bidding::payload(event)),
        Fact::Contract(event) => (Some(event.contract().provider_id), contracts::payload(event)),
        Fact::Proposal(event) => (Some(event.proposal().answerer()), agreements::of_proposal(event)),
        Fact::Dispute(event) => (Some(event.dispute().contract.provider_id), agreements::of_dispute(event)),
        Fact::Money(event) => (Some(money::about(event)), money::payload(event)),
        Fact::Messaging(event) => (Some(event.recipient()), messaging::payload(event)),
        Fact::Audit(event) => (event.user_id(), audit::payload(event)),
    };
    Told { id: id.uuid(), name: fact.name(), user_id, payload, occurred_at: *occurred_at }
}

fn amount(amount: Money) -> Value {
    json!({ "amount_minor": amount.minor(), "currency": amount.currency().as_str() })
}

fn contract(contract: &ContractParties) -> Map<String, Value> {
    let ContractParties { contract_id, order_id, client_id, provider_id } = contract;
    object([
        ("contract_id", json!(contract_id.to_string())),
        ("order_id", json!(order_id.to_string())),
        ("client_id", json!(client_id.to_string())),
        ("provider_id", json!(provider_id.to_string())),
    ])
}

fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What is known of the thing itself, and these particulars.
fn with(
    mut known: Map<String, Value>,
    particulars: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    known.extend(object(particulars));
    Value::Object(known)
}

/// Appends facts in their order, in one statement, if there are any.
pub(crate) async fn append(mut line: Line<'_>, facts: &[Told]) -> QueryResult<()> {
    if facts.is_empty() {
        return Ok(());
    }
    if let [Told { id, name, user_id, payload, occurred_at }] = facts {
        let one = statement(APPEND_ONE)
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(name)
            .bind::<Nullable<SqlUuid>, _>(user_id.map(UserId::uuid))
            .bind::<Jsonb, _>(payload)
            .bind::<Timestamptz, _>(occurred_at);
        return one.execute(&mut line).await.map(drop);
    }
    let (mut ids, mut names, mut user_ids) = (Vec::new(), Vec::new(), Vec::new());
    let (mut payloads, mut times) = (Vec::new(), Vec::new());
    for Told { id, name, user_id, payload, occurred_at } in facts {
        ids.push(id);
        names.push(name);
        user_ids.push(user_id.map(UserId::uuid));
        payloads.push(payload);
        times.push(occurred_at);
    }
    let all = statement(APPEND)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Nullable<SqlUuid>>, _>(user_ids)
        .bind::<Array<Jsonb>, _>(payloads)
        .bind::<Array<Timestamptz>, _>(times);
    all.execute(&mut line).await.map(drop)
}
