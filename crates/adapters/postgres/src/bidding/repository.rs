//! Adding and loading bids.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::bidding::{Bid, BidRef, Offer};
use domain::ids::{BidId, OrderId, UserId};
use ports::bidding::WhichBids;
use ports::store::StoreError;
use uuid::Uuid;

use super::bid_id;
use super::offers::NewOffer;
use super::rows::{BidRow, CounterColumns};
use crate::error::{refused, store_error};
use crate::link::Line;
use crate::orders::order_id;
use crate::schema::{bids, orders};
use crate::statement::{Pieces, Statement, statement};
use crate::states::live;

/// Adds a bid, the first line of its history, and one to its order's count. All of it or an error: it may be sent
/// at once with COMMIT.
const INSERT: &str = "\
    WITH placed AS (
        INSERT INTO bids (id, order_id, provider_id, amount_minor, currency, proposed_deadline, message,
                          state, revision, counter_minor, counter_deadline, counter_message, counter_at,
                          submitted_at, asked_at, answered_at, updated_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        RETURNING id, order_id
    ), offered AS (
        INSERT INTO offers (bid_id, author, author_id, amount_minor, currency, proposed_deadline, message,
                            made_at)
        SELECT placed.id, $19, $20, $21, $22, $23, $24, $25 FROM placed
    )
    UPDATE orders SET bids_count = orders.bids_count + $26
    FROM placed
    WHERE orders.id = placed.order_id";

fn with_bid<B: Pieces + Send>(statement: Statement<B>, bid: &Bid) -> Statement<impl Pieces + Send + use<B>> {
    let BidRow {
        id,
        order_id,
        provider_id,
        amount_minor,
        currency,
        proposed_deadline,
        message,
        state,
        revision,
        counter: CounterColumns { counter_minor, counter_deadline, counter_message, counter_at },
        submitted_at,
        asked_at,
        answered_at,
        updated_at,
        version,
    } = BidRow::from(bid);
    statement
        .bind::<BigInt, _>(id)
        .bind::<BigInt, _>(order_id)
        .bind::<SqlUuid, _>(provider_id)
        .bind::<BigInt, _>(amount_minor)
        .bind::<Text, _>(currency)
        .bind::<Nullable<Timestamptz>, _>(proposed_deadline)
        .bind::<Text, _>(message)
        .bind::<Text, _>(state)
        .bind::<BigInt, _>(revision)
        .bind::<Nullable<BigInt>, _>(counter_minor)
        .bind::<Nullable<Timestamptz>, _>(counter_deadline)
        .bind::<Nullable<Text>, _>(counter_message)
        .bind::<Nullable<Timestamptz>, _>(counter_at)
        .bind::<Timestamptz, _>(submitted_at)
        .bind::<Timestamptz, _>(asked_at)
        .bind::<Nullable<Timestamptz>, _>(answered_at)
        .bind::<Timestamptz, _>(updated_at)
        .bind::<BigInt, _>(version)
}

/// The next number of the sequence.
pub(crate) async fn next_id(connection: &mut Line<'_>) -> Result<BidId, StoreError> {
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let Next { number } = statement("SELECT nextval('bid_numbers') AS number")
        .get_result(connection)
        .await
        .map_err(store_error)?;
    BidId::new(number).ok_or_else(|| refused("the sequence of bids counts below one"))
}

/// Adds a bid with the first line of its history, and counts it on its order. Does all of it or fails.
pub(crate) async fn insert(mut line: Line<'_>, bid: &Bid, offer: &Offer) -> QueryResult<()> {
    let NewOffer {
        bid_id: _,
        author,
        author_id,
        amount_minor,
        currency,
        proposed_deadline,
        message,
        made_at,
    } = NewOffer::from(offer);
    with_bid(statement(INSERT), bid)
        .bind::<Text, _>(author)
        .bind::<SqlUuid, _>(author_id)
        .bind::<BigInt, _>(amount_minor)
        .bind::<Text, _>(currency)
        .bind::<Nullable<Timestamptz>, _>(proposed_deadline)
        .bind::<Nullable<Text>, _>(message)
        .bind::<Timestamptz, _>(made_at)
        .bind::<Integer, _>(i32::from(bid.state.is_live()))
        .execute(&mut line)
        .await
        .map(drop)
}

/// A bid's order and people. Takes no lock.
pub(crate) async fn find(connection: &mut Line<'_>, id: BidId) -> Result<Option<BidRef>, StoreError> {
    let found: Option<(i64, i64, Uuid, Uuid)> = bids::table
        .inner_join(orders::table)
        .filter(bids::id.eq(id.number()))
        .select((bids::id, bids::order_id, orders::client_id, bids::provider_id))
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    let reference = found.map(|(bid, order, client, provider)| {
        Ok(BidRef {
            bid_id: bid_id("bids", "id", bid)?,
            order_id: order_id("bids", "order_id", order)?,
            client_id: UserId::new(client),
            provider_id: UserId::new(provider),
        })
    });
    reference.transpose()
}

/// The beginning and the end of the statements below. The rows are locked in the order of their
/// ids, so that two of these never wait for each other.
macro_rules! locked {
    ($which:expr) => {
        concat!("SELECT * FROM bids WHERE order_id = $1 AND ", $which, " ORDER BY id FOR NO KEY UPDATE")
    };
}

const LOCK_ONE: &str = locked!("id = $2");
const LOCK_LIVE_OF: &str = locked!(concat!("provider_id = $2 AND state IN ", live!()));
const LOCK_LIVE: &str = locked!(concat!("state IN ", live!()));
const LOCK_LIVE_AND_ACCEPTED: &str = locked!(concat!("(state IN ", live!(), " OR state = 'accepted')"));
const LOCK_LIVE_AND: &str = locked!(concat!("(state IN ", live!(), " OR id = $2)"));

/// Loads bids of one order and locks them.
pub(crate) async fn lock(
    connection: &mut Line<'_>,
    order_id: OrderId,
    which: WhichBids,
) -> Result<Vec<Bid>, StoreError> {
    let of_order = |text| statement(text).bind::<BigInt, _>(order_id.number());
    let rows: QueryResult<Vec<BidRow>> = match which {
        WhichBids::One(id) => of_order(LOCK_ONE).bind::<BigInt, _>(id.number()).load(connection).await,
        WhichBids::LiveOf(provider_id) => {
            of_order(LOCK_LIVE_OF).bind::<SqlUuid, _>(provider_id.uuid()).load(connection).await
        }
        WhichBids::Live => of_order(LOCK_LIVE).load(connection).await,
        WhichBids::LiveAndAccepted => of_order(LOCK_LIVE_AND_ACCEPTED).load(connection).await,
        WhichBids::LiveAnd(id) => {
            of_order(LOCK_LIVE_AND).bind::<BigInt, _>(id.number()).load(connection).await
        }
    };
    rows.map_err(store_error)?.into_iter().map(Bid::try_from).collect()
}
