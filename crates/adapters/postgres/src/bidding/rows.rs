//! Bids as rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::bidding::{Bid, BidMessage, Counter, CounterTerms};
use domain::ids::{BidId, UserId};
use domain::money::{Currency, Money};
use ports::store::StoreError;
use uuid::Uuid;

use super::{bid_id, state};
use crate::money::{currency, named};
use crate::orders::order_id;
use crate::schema::bids;
use crate::stored::Place;

/// A row of `bids`.
#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = bids, check_for_backend(diesel::pg::Pg))]
pub(super) struct BidRow {
    pub(super) id: i64,
    pub(super) order_id: i64,
    pub(super) provider_id: Uuid,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) proposed_deadline: Option<DateTime<Utc>>,
    pub(super) message: String,
    pub(super) state: String,
    pub(super) revision: i64,
    #[diesel(embed)]
    pub(super) counter: CounterColumns,
    pub(super) submitted_at: DateTime<Utc>,
    pub(super) asked_at: DateTime<Utc>,
    pub(super) answered_at: Option<DateTime<Utc>>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) version: i64,
}

/// The columns that have a value while the client's terms stand.
#[derive(Default, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = bids, check_for_backend(diesel::pg::Pg))]
pub(super) struct CounterColumns {
    pub(super) counter_minor: Option<i64>,
    pub(super) counter_deadline: Option<DateTime<Utc>>,
    pub(super) counter_message: Option<String>,
    pub(super) counter_at: Option<DateTime<Utc>>,
}

impl From<&Bid> for BidRow {
    fn from(bid: &Bid) -> Self {
        let Bid {
            id,
            order_id,
            provider_id,
            amount,
            proposed_deadline,
            message,
            state,
            revision,
            counter,
            submitted_at,
            asked_at,
            answered_at,
            updated_at,
            version,
        } = bid;
        Self {
            id: id.number(),
            order_id: order_id.number(),
            provider_id: provider_id.uuid(),
            amount_minor: amount.minor(),
            currency: amount.currency().as_str().to_owned(),
            proposed_deadline: *proposed_deadline,
            message: message.as_str().to_owned(),
            state: state.as_str().to_owned(),
            revision: *revision,
            counter: counter.as_ref().map(CounterColumns::from).unwrap_or_default(),
            submitted_at: *submitted_at,
            asked_at: *asked_at,
            answered_at: *answered_at,
            updated_at: *updated_at,
            version: *version,
        }
    }
}

impl From<&Counter> for CounterColumns {
    fn from(counter: &Counter) -> Self {
        let Counter { terms: CounterTerms { amount, proposed_deadline, message }, created_at } = counter;
        Self {
            counter_minor: Some(Money::minor(*amount)),
            counter_deadline: *proposed_deadline,
            counter_message: message.as_ref().map(|message| message.as_str().to_owned()),
            counter_at: Some(*created_at),
        }
    }
}

impl CounterColumns {
    fn into_counter(self, id: BidId, currency: Currency) -> Result<Option<Counter>, StoreError> {
        let Self { counter_minor, counter_deadline, counter_message, counter_at } = self;
        let place = Place { table: "bids", row: id };
        match (counter_minor, counter_at) {
            (Some(minor), Some(created_at)) => {
                let message =
                    place.optional("counter_message", counter_message.as_deref(), BidMessage::parse)?;
                let amount = named("bids", "counter_minor", id, minor, currency)?;
                let terms = CounterTerms { amount, proposed_deadline: counter_deadline, message };
                Ok(Some(Counter { terms, created_at }))
            }
            (None, None) if counter_deadline.is_none() && counter_message.is_none() => Ok(None),
            _ => Err(place.corrupt("counter_minor", "does not fit the rest of the counter-offer")),
        }
    }
}

impl TryFrom<BidRow> for Bid {
    type Error = StoreError;

    fn try_from(row: BidRow) -> Result<Self, StoreError> {
        let BidRow {
            id: number,
            order_id: order_number,
            provider_id,
            amount_minor,
            currency: currency_word,
            proposed_deadline,
            message,
            state: state_word,
            revision,
            counter,
            submitted_at,
            asked_at,
            answered_at,
            updated_at,
            version,
        } = row;
        let id = bid_id("bids", "id", number)?;
        let currency = currency("bids", id, &currency_word)?;
        let place = Place { table: "bids", row: id };
        Ok(Self {
            id,
            order_id: order_id("bids", "order_id", order_number)?,
            provider_id: UserId::new(provider_id),
            amount: named("bids", "amount_minor", id, amount_minor, currency)?,
            proposed_deadline,
            message: place.text("message", &message, BidMessage::parse)?,
            state: state(id, &state_word)?,
            revision,
            counter: counter.into_counter(id, currency)?,
            submitted_at,
            asked_at,
            answered_at,
            updated_at,
            version,
        })
    }
}
