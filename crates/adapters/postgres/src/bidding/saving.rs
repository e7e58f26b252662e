//! Saving bids.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::bidding::Bid;
use ports::store::StoreError;

use super::rows::{BidRow, CounterColumns};
use crate::error::{refused, store_error};
use crate::link::Line;
use crate::statement::statement;
use crate::states::live;

/// Saves bids of one order and sets the order's count to what it is then: the live ones that are not
/// saved here, as this statement finds them, and those that are, as it leaves them. Whoever changes
/// bids holds the lock on their order.
const SAVE: &str = concat!(
    "WITH given AS (
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            AS given (id, version, amount_minor, currency, proposed_deadline, message, state, revision,
                      counter_minor, counter_deadline, counter_message, counter_at, asked_at, answered_at,
                      updated_at)
    ), saved AS (
        UPDATE bids
        SET amount_minor = given.amount_minor, currency = given.currency,
            proposed_deadline = given.proposed_deadline, message = given.message, state = given.state,
            revision = given.revision, counter_minor = given.counter_minor,
            counter_deadline = given.counter_deadline, counter_message = given.counter_message,
            counter_at = given.counter_at, asked_at = given.asked_at, answered_at = given.answered_at,
            updated_at = given.updated_at, version = given.version + 1
        FROM given
        WHERE bids.id = given.id AND bids.version = given.version AND bids.order_id = $16
        RETURNING bids.id, bids.order_id, bids.state
    ), live AS (
        SELECT saved.order_id,
               count(*) FILTER (WHERE saved.state IN ",
    live!(),
    ")
               + (SELECT count(*) FROM bids
                  WHERE bids.order_id = saved.order_id AND bids.state IN ",
    live!(),
    "
                    AND NOT EXISTS (SELECT FROM given WHERE given.id = bids.id)) AS bids
        FROM saved GROUP BY saved.order_id
    ), counted AS (
        UPDATE orders SET bids_count = live.bids
        FROM live
        WHERE orders.id = live.order_id AND orders.bids_count <> live.bids
    )
    SELECT count(*) AS total FROM saved"
);

/// The columns of the changes.
#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    versions: Vec<i64>,
    amounts: Vec<i64>,
    currencies: Vec<String>,
    proposed_deadlines: Vec<Option<DateTime<Utc>>>,
    messages: Vec<String>,
    states: Vec<String>,
    revisions: Vec<i64>,
    counter_amounts: Vec<Option<i64>>,
    counter_deadlines: Vec<Option<DateTime<Utc>>>,
    counter_messages: Vec<Option<String>>,
    counter_times: Vec<Option<DateTime<Utc>>>,
    asked: Vec<DateTime<Utc>>,
    answered: Vec<Option<DateTime<Utc>>>,
    updated: Vec<DateTime<Utc>>,
}

impl Columns {
    fn push(&mut self, row: BidRow) {
        let BidRow {
            id,
            order_id: _,
            provider_id: _,
            amount_minor,
            currency,
            proposed_deadline,
            message,
            state,
            revision,
            counter: CounterColumns { counter_minor, counter_deadline, counter_message, counter_at },
            submitted_at: _,
            asked_at,
            answered_at,
            updated_at,
            version,
        } = row;
        self.ids.push(id);
        self.versions.push(version);
        self.amounts.push(amount_minor);
        self.currencies.push(currency);
        self.proposed_deadlines.push(proposed_deadline);
        self.messages.push(message);
        self.states.push(state);
        self.revisions.push(revision);
        self.counter_amounts.push(counter_minor);
        self.counter_deadlines.push(counter_deadline);
        self.counter_messages.push(counter_message);
        self.counter_times.push(counter_at);
        self.asked.push(asked_at);
        self.answered.push(answered_at);
        self.updated.push(updated_at);
    }

    async fn write(self, connection: &mut Line<'_>, order: i64) -> Result<i64, StoreError> {
        #[derive(QueryableByName)]
        struct Saved {
            #[diesel(sql_type = BigInt)]
            total: i64,
        }
        let Saved { total } = statement(SAVE)
            .bind::<Array<BigInt>, _>(self.ids)
            .bind::<Array<BigInt>, _>(self.versions)
            .bind::<Array<BigInt>, _>(self.amounts)
            .bind::<Array<Text>, _>(self.currencies)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.proposed_deadlines)
            .bind::<Array<Text>, _>(self.messages)
            .bind::<Array<Text>, _>(self.states)
            .bind::<Array<BigInt>, _>(self.revisions)
            .bind::<Array<Nullable<BigInt>>, _>(self.counter_amounts)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.counter_deadlines)
            .bind::<Array<Nullable<Text>>, _>(self.counter_messages)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.counter_times)
            .bind::<Array<Timestamptz>, _>(self.asked)
            .bind::<Array<Nullable<Timestamptz>>, _>(self.answered)
            .bind::<Array<Timestamptz>, _>(self.updated)
            .bind::<BigInt, _>(order)
            .get_result(connection)
            .await
            .map_err(store_error)?;
        Ok(total)
    }
}

/// Saves bids of one order that a command changed, raises their versions, and counts the live ones
/// on their order. Bidder, order and time of placing stay for good.
pub(crate) async fn save(connection: &mut Line<'_>, bids: &mut [Bid]) -> Result<(), StoreError> {
    let Some(order_id) = bids.iter().next().map(|bid| bid.order_id) else { return Ok(()) };
    let next_version =
        |bid: &Bid| bid.version.checked_add(1).ok_or_else(|| refused("a bid was saved too often to count"));
    let next_versions = bids.iter().map(next_version).collect::<Result<Vec<_>, _>>()?;
    let mut columns = Columns::default();
    bids.iter().for_each(|bid| columns.push(BidRow::from(bid)));
    let saved = columns.write(connection, order_id.number()).await?;
    if usize::try_from(saved) != Ok(bids.len()) {
        return Err(StoreError::Stale { what: "bid" });
    }
    for (bid, version) in bids.iter_mut().zip(next_versions) {
        bid.version = version;
    }
    Ok(())
}
