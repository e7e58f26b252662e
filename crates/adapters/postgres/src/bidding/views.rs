//! Bids as they are shown: beside their orders, and beside their bidders.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::bidding::{Bid, BidCounts, BidMessage, BidState};
use domain::ids::{BidId, OrderId, UserId};
use domain::orders::Award;
use futures_util::FutureExt;
use ports::bidding::{BidView, ReceivedBid};
use ports::store::StoreError;
use uuid::Uuid;

use super::rows::BidRow;
use crate::list::{Beside, Range};
use crate::money::{currency, named};
use crate::pool::Database;
use crate::profiles::{PersonRow, PersonSql, person, person_view};
use crate::statement::{Bound, Statement, Text as Plain, statement};

/// What is shown of the bid in `bids` and its order in `orders`.
macro_rules! columns {
    () => {
        "bids.*, orders.client_id, orders.title AS order_title, orders.subject AS order_subject,
         orders.budget_minor AS order_budget_minor, orders.currency AS order_currency,
         orders.deadline AS order_deadline, orders.accepted_bid_id AS order_accepted_bid_id,
         orders.posted_deadline AS order_posted_deadline"
    };
}

const ONE: &str =
    concat!("SELECT ", columns!(), " FROM bids JOIN orders ON orders.id = bids.order_id WHERE bids.id = $1");

/// How many there are in one state: a range of an index, also where it is most of the table.
macro_rules! count {
    ($mine:literal, $state:literal) => {
        concat!(
            "(SELECT count(*) FROM wanted JOIN bids ON ",
            $mine,
            " AND bids.state = '",
            $state,
            "') AS ",
            $state
        )
    };
}

/// How many bids there are in which state, beside the bids of a page that is cut out of an index,
/// state by state and newest first, no further than it needs.
macro_rules! listed {
    ($whose:literal, $mine:literal, $beside:expr, $people:expr) => {
        concat!(
            "WITH wanted AS NOT MATERIALIZED (SELECT $1 AS ",
            $whose,
            ", $2 AS states, $3 AS before),
             tally AS (
                SELECT ",
            count!($mine, "open"),
            ", ",
            count!($mine, "changed"),
            ", ",
            count!($mine, "countered"),
            ", ",
            count!($mine, "accepted"),
            ", ",
            count!($mine, "declined"),
            ", ",
            count!($mine, "withdrawn"),
            ")
             SELECT tally.open, tally.changed, tally.countered, tally.accepted, tally.declined,
                    tally.withdrawn, shown.*
             FROM tally LEFT JOIN (
                SELECT ",
            columns!(),
            $beside,
            "   FROM (
                    SELECT newest.id
                    FROM wanted CROSS JOIN unnest(wanted.states) AS chosen (state) CROSS JOIN LATERAL (
                        SELECT bids.id FROM bids
                        WHERE ",
            $mine,
            "             AND bids.state = chosen.state AND bids.id < wanted.before
                        ORDER BY bids.id DESC LIMIT $4
                    ) AS newest
                    ORDER BY newest.id DESC OFFSET $5 LIMIT $6
                ) AS page
                CROSS JOIN LATERAL (SELECT * FROM bids WHERE id = page.id OFFSET 0) AS bids
                CROSS JOIN LATERAL (SELECT * FROM orders WHERE id = bids.order_id OFFSET 0) AS orders",
            $people,
            ") AS shown ON true
             ORDER BY shown.id DESC"
        )
    };
}

const PLACED: &str = listed!("provider", "bids.provider_id = wanted.provider", "", "");
const ALL: &str = listed!("provider", "true", "", "");
const RECEIVED: &str = listed!(
    "number",
    "bids.order_id = wanted.number",
    ", writer.person AS writer ",
    concat!(" CROSS JOIN LATERAL ", person!("bids.provider_id"), " AS writer")
);

/// A bid and what it shows of its order.
#[derive(QueryableByName)]
pub(super) struct ViewRow {
    #[diesel(embed)]
    bid: BidRow,
    #[diesel(sql_type = SqlUuid)]
    client_id: Uuid,
    #[diesel(sql_type = Text)]
    order_title: String,
    #[diesel(sql_type = Text)]
    order_subject: String,
    #[diesel(sql_type = BigInt)]
    order_budget_minor: i64,
    #[diesel(sql_type = Text)]
    order_currency: String,
    #[diesel(sql_type = Timestamptz)]
    order_deadline: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    order_accepted_bid_id: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    order_posted_deadline: Option<DateTime<Utc>>,
}

/// A bid beside its bidder.
#[derive(QueryableByName)]
pub(super) struct ReceivedRow {
    #[diesel(embed)]
    view: ViewRow,
    #[diesel(sql_type = PersonSql)]
    writer: PersonRow,
}

/// How many bids there are in which state.
#[derive(QueryableByName)]
pub(super) struct TallyRow {
    #[diesel(sql_type = BigInt)]
    open: i64,
    #[diesel(sql_type = BigInt)]
    changed: i64,
    #[diesel(sql_type = BigInt)]
    countered: i64,
    #[diesel(sql_type = BigInt)]
    accepted: i64,
    #[diesel(sql_type = BigInt)]
    declined: i64,
    #[diesel(sql_type = BigInt)]
    withdrawn: i64,
}

impl TryFrom<ViewRow> for BidView {
    type Error = StoreError;

    fn try_from(row: ViewRow) -> Result<Self, StoreError> {
        let ViewRow {
            bid,
            client_id,
            order_title,
            order_subject,
            order_budget_minor,
            order_currency,
            order_deadline,
            order_accepted_bid_id,
            order_posted_deadline,
        } = row;
        let bid = Bid::try_from(bid)?;
        let response_date = bid.response_date();
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
            asked_at: _,
            answered_at: _,
            updated_at,
            version,
        } = bid;
        let awarded = order_accepted_bid_id.and_then(BidId::new).zip(order_posted_deadline);
        let order_currency = currency("orders", order_id, &order_currency)?;
        Ok(Self {
            id,
            order_id,
            client_id: UserId::new(client_id),
            provider_id,
            order_title,
            subject: order_subject,
            original_budget: named("orders", "budget_minor", order_id, order_budget_minor, order_currency)?,
            order_deadline: Award::deadline_for(id, order_deadline, awarded),
            amount,
            proposed_deadline,
            message: BidMessage::as_str(&message).to_owned(),
            state,
            revision,
            counter,
            submitted_at,
            response_date,
            updated_at,
            version,
        })
    }
}

impl TryFrom<ReceivedRow> for ReceivedBid {
    type Error = StoreError;

    fn try_from(row: ReceivedRow) -> Result<Self, StoreError> {
        let ReceivedRow { view, writer } = row;
        Ok(Self { bid: view.try_into()?, writer: person_view(writer)? })
    }
}

impl From<TallyRow> for BidCounts {
    fn from(row: TallyRow) -> Self {
        let TallyRow { open, changed, countered, accepted, declined, withdrawn } = row;
        Self { open, changed, countered, accepted, declined, withdrawn }
    }
}

/// The question for one bid.
pub(super) fn one(id: BidId) -> Statement<Bound<Plain, i64, BigInt>> {
    statement(ONE).bind::<BigInt, _>(id.number())
}

fn words(states: &[BidState]) -> Vec<&'static str> {
    states.iter().map(|state| state.as_str()).collect()
}

impl Database {
    pub(super) async fn placed(
        &self,
        provider_id: Option<UserId>,
        states: &[BidState],
        range: Range,
    ) -> Result<Vec<Beside<TallyRow, ViewRow>>, StoreError> {
        let Range { before, offset, limit, reach } = range;
        let question = statement(if provider_id.is_some() { PLACED } else { ALL })
            .bind::<Nullable<SqlUuid>, _>(provider_id.map(UserId::uuid))
            .bind::<Array<Text>, _>(words(states))
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(reach)
            .bind::<BigInt, _>(offset)
            .bind::<BigInt, _>(limit);
        self.reads()
            .ask(|connection| {
                let question = question.clone();
                async move {
                    let mut connection = connection;
                    question.load(&mut connection).await
                }
                .boxed()
            })
            .await
    }

    pub(super) async fn received(
        &self,
        order_id: OrderId,
        states: &[BidState],
        range: Range,
    ) -> Result<Vec<Beside<TallyRow, ReceivedRow>>, StoreError> {
        let Range { before, offset, limit, reach } = range;
        let question = statement(RECEIVED)
            .bind::<BigInt, _>(order_id.number())
            .bind::<Array<Text>, _>(words(states))
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(reach)
            .bind::<BigInt, _>(offset)
            .bind::<BigInt, _>(limit);
        self.reads()
            .ask(|connection| {
                let question = question.clone();
                async move {
                    let mut connection = connection;
                    question.load(&mut connection).await
                }
                .boxed()
            })
            .await
    }
}
