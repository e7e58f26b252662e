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

use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::event::{Event, Fact};
use domain::ids::{EventId, UserId};
use domain::money::{ContractParties, Money};
use ports::store::StoreError;
use serde_json::{Map, Value, json};

use crate::error::{refused, store_error};
use crate::statement::statement;

/// Facts get their positions in the order in which they are given.
const APPEND: &str = "\
    INSERT INTO outbox (id, name, user_id, payload, occurred_at)
    SELECT id, name, user_id, payload, occurred_at
    FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY
        AS told (id, name, user_id, payload, occurred_at, place)
    ORDER BY place";

/// A fact in the form of a row.
struct Told {
    name: &'static str,
    user_id: Option<UserId>,
    payload: Value,
}

fn told(fact: &Fact) -> Told {
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
    Told { name: fact.name(), user_id, payload }
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

/// Appends facts in their order, in one statement.
pub(crate) async fn append(
    connection: &mut AsyncPgConnection,
    events: &[(EventId, Event)],
) -> Result<(), StoreError> {
    let (mut ids, mut names, mut user_ids) = (Vec::new(), Vec::new(), Vec::new());
    let (mut payloads, mut times) = (Vec::new(), Vec::new());
    for (id, Event { fact, occurred_at }) in events {
        let Told { name, user_id, payload } = told(fact);
        ids.push(id.uuid());
        names.push(name);
        user_ids.push(user_id.map(UserId::uuid));
        payloads.push(payload);
        times.push(*occurred_at);
    }
    let appended = statement(APPEND)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Nullable<SqlUuid>>, _>(user_ids)
        .bind::<Array<Jsonb>, _>(payloads)
        .bind::<Array<Timestamptz>, _>(times)
        .execute(connection)
        .await
        .map_err(store_error)?;
    if appended == events.len() { Ok(()) } else { Err(refused("not every fact was written")) }
}
