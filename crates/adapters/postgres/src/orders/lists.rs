//! Lists of orders: somebody's, or everybody's.
//!
//! One statement tells the summary and the page. Without a search the page is cut out of an index,
//! state by state and newest first, no further than it needs; its total follows from the summary.
//! With a search all that match are counted: of a person's orders each is looked at, because they
//! are few; of everybody's the index of words is asked.

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::orders::policy::OrderScope;
use domain::orders::{OrderCounts, OrderState};
use domain::search::SearchTerms;
use futures_util::FutureExt;
use ports::orders::{OrderFilter, OrderTally};
use ports::store::StoreError;
use uuid::Uuid;

use super::cards::{CardRow, card_columns, people};
use super::search::query;
use crate::list::{Beside, Range};
use crate::money::total;
use crate::pool::Database;
use crate::statement::statement;
use crate::states::earning;
use domain::money::MARKET_CURRENCY;

/// What is asked for. Not materialised: then conditions on it can use indexes.
macro_rules! wanted {
    () => {
        "WITH wanted AS NOT MATERIALIZED (
            SELECT $1 AS person, $2 AS currency, $3 AS states, $4::tsquery AS words, $5 AS before
        )"
    };
}

/// How many of the scope's orders are in which state, what they have brought in, and how many were
/// found.
macro_rules! tally {
    ($mine:expr, $earned:expr, $found:expr) => {
        concat!(
            "SELECT count(*) FILTER (WHERE orders.state = 'open') AS open,
                    count(*) FILTER (WHERE orders.state = 'pending') AS pending,
                    count(*) FILTER (WHERE orders.state = 'active') AS active,
                    count(*) FILTER (WHERE orders.state = 'completed') AS completed,
                    count(*) FILTER (WHERE orders.state = 'cancelled') AS cancelled, ",
            $earned,
            " AS earned, ",
            $found,
            " AS found FROM wanted JOIN orders ON ",
            $mine
        )
    };
}

pub(super) use tally;

/// The cards of a page of numbers, beside the tally.
macro_rules! cards {
    ($page:expr) => {
        concat!(
            "SELECT tally.*, card.* FROM tally LEFT JOIN (
                SELECT ",
            card_columns!(),
            " FROM (",
            $page,
            ") AS page
                CROSS JOIN LATERAL (SELECT * FROM orders WHERE id = page.id OFFSET 0) AS orders
                CROSS JOIN LATERAL (SELECT * FROM order_texts WHERE order_id = page.id OFFSET 0) AS texts ",
            people!(),
            ") AS card ON true
            ORDER BY card.id DESC"
        )
    };
}

pub(super) use cards;

/// The newest orders of several states: each state's are a range of an index, read no further than the page
/// needs.
macro_rules! states_newest {
    ($mine:expr, $reach:expr, $offset:expr, $limit:expr) => {
        concat!(
            "SELECT newest.id
             FROM wanted CROSS JOIN unnest(wanted.states) AS chosen (state) CROSS JOIN LATERAL (
                 SELECT orders.id FROM orders
                 WHERE ",
            $mine,
            " AND orders.state = chosen.state AND orders.id < wanted.before
                 ORDER BY orders.id DESC LIMIT ",
            $reach,
            "
             ) AS newest
             ORDER BY newest.id DESC OFFSET ",
            $offset,
            " LIMIT ",
            $limit
        )
    };
}
pub(super) use states_newest;

macro_rules! listed {
    ($mine:expr, $earned:expr) => {
        concat!(
            wanted!(),
            ", tally AS (",
            tally!($mine, $earned, "NULL::bigint"),
            ") ",
            cards!(states_newest!($mine, "$6", "$7", "$8"))
        )
    };
}

macro_rules! found {
    ($mine:expr, $earned:expr, $matching:expr) => {
        concat!(
            wanted!(),
            ", found AS MATERIALIZED (SELECT orders.id FROM wanted ",
            $matching,
            "), tally AS (",
            tally!($mine, $earned, "(SELECT count(*) FROM found)"),
            ") ",
            cards!(
                "SELECT found.id FROM wanted JOIN found ON found.id < wanted.before
                 ORDER BY found.id DESC OFFSET $6 LIMIT $7"
            )
        )
    };
}

/// What contracts have brought a provider, net of fees. Those of orders that were called off are not listed.
macro_rules! earned {
    () => {
        concat!(
            "(SELECT coalesce(sum(contract.provider_net_minor), 0)::bigint
          FROM wanted JOIN contracts contract
            ON contract.provider_id = wanted.person AND contract.currency = wanted.currency
          WHERE contract.state IN ",
            earning!(),
            ")"
        )
    };
}

/// Those of a person that are in the right state and have the words.
macro_rules! with_words {
    ($mine:expr) => {
        concat!(
            "JOIN orders ON ",
            $mine,
            " AND orders.state = ANY (wanted.states)
             CROSS JOIN LATERAL (SELECT search_words FROM order_texts WHERE order_id = orders.id OFFSET 0) AS texts
             WHERE texts.search_words @@ wanted.words"
        )
    };
}

const POSTED: &str = listed!("orders.client_id = wanted.person", "0::bigint");
const AWARDED: &str = listed!("orders.provider_id = wanted.person", earned!());
const ALL: &str = listed!("true", "0::bigint");
const POSTED_FOUND: &str =
    found!("orders.client_id = wanted.person", "0::bigint", with_words!("orders.client_id = wanted.person"));
const AWARDED_FOUND: &str = found!(
    "orders.provider_id = wanted.person",
    earned!(),
    with_words!("orders.provider_id = wanted.person")
);
const ALL_FOUND: &str = found!(
    "true",
    "0::bigint",
    "JOIN order_texts texts ON texts.search_words @@ wanted.words
     JOIN orders ON orders.id = texts.order_id AND orders.state = ANY (wanted.states)"
);

/// What [`tally!`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct TallyRow {
    #[diesel(sql_type = BigInt)]
    pub(super) open: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) pending: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) active: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) completed: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) cancelled: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) earned: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) found: Option<i64>,
}

impl TallyRow {
    /// How many orders the list has: those that were found or, without a search, all of these states.
    pub(super) fn total(&self, states: &[OrderState]) -> i64 {
        self.found.unwrap_or_else(|| self.counts().total(states))
    }

    /// How many orders there are at all.
    pub(super) fn all(&self) -> i64 {
        self.counts().total(OrderState::ALL)
    }

    const fn counts(&self) -> OrderCounts {
        let Self { open, pending, active, completed, cancelled, earned: _, found: _ } = *self;
        OrderCounts { open, pending, active, completed, cancelled }
    }

    pub(super) fn into_tally(self, scope: OrderScope) -> Result<OrderTally, StoreError> {
        let whose = person(scope).unwrap_or_default();
        let earned = total("contracts", "provider_net_minor", whose, self.earned, MARKET_CURRENCY)?;
        Ok(OrderTally { counts: self.counts(), earned })
    }
}

pub(super) type ListedRow = Beside<TallyRow, CardRow>;

fn person(scope: OrderScope) -> Option<Uuid> {
    match scope {
        OrderScope::PostedBy(user_id) | OrderScope::AwardedTo(user_id) => Some(user_id.uuid()),
        OrderScope::Everybody => None,
    }
}

/// The states that are wanted, each once: a state named twice would be listed twice.
pub(super) fn each_once(filter: &OrderFilter) -> Vec<OrderState> {
    OrderState::ALL.iter().filter(|state| filter.states.contains(state)).copied().collect()
}

impl Database {
    /// Lists without a search.
    pub(super) async fn listed(
        &self,
        scope: OrderScope,
        states: &[OrderState],
        range: Range,
    ) -> Result<Vec<ListedRow>, StoreError> {
        let text = match scope {
            OrderScope::PostedBy(_) => POSTED,
            OrderScope::AwardedTo(_) => AWARDED,
            OrderScope::Everybody => ALL,
        };
        let Range { before, offset, limit, reach } = range;
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let question = statement(text)
            .bind::<Nullable<SqlUuid>, _>(person(scope))
            .bind::<Text, _>(MARKET_CURRENCY.as_str())
            .bind::<Array<Text>, _>(states)
            .bind::<Nullable<Text>, _>(None::<String>)
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

    /// Lists what a search finds.
    pub(super) async fn found(
        &self,
        scope: OrderScope,
        states: &[OrderState],
        search: &SearchTerms,
        range: Range,
    ) -> Result<Vec<ListedRow>, StoreError> {
        let text = match scope {
            OrderScope::PostedBy(_) => POSTED_FOUND,
            OrderScope::AwardedTo(_) => AWARDED_FOUND,
            OrderScope::Everybody => ALL_FOUND,
        };
        let Range { before, offset, limit, reach: _ } = range;
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let question = statement(text)
            .bind::<Nullable<SqlUuid>, _>(person(scope))
            .bind::<Text, _>(MARKET_CURRENCY.as_str())
            .bind::<Array<Text>, _>(states)
            .bind::<Nullable<Text>, _>(Some(query(search)))
            .bind::<BigInt, _>(before)
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
