//! Everybody's orders, for administrators.
//!
//! How many are in which state, and how many a search finds, is shared by all who ask where it is many
//! ([`crate::shared`]); then a page costs the same however many orders there are.

use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain::orders::OrderState;
use domain::orders::policy::OrderScope;
use domain::search::SearchTerms;
use futures_util::FutureExt;
use ports::store::StoreError;

use super::cards::{card_columns, people};
use super::lists::{ListedRow, TallyRow, cards, states_newest, tally};
use super::search::query;
use crate::list::{Counted, Range};
use crate::pool::Database;
use crate::shared::Count;
use crate::statement::statement;

/// What administrators seek.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Everybodys {
    states: Vec<&'static str>,
    words: String,
}

/// What is asked for, how many orders are in which state, and how many were found, if that is known.
macro_rules! wanted {
    () => {
        "WITH wanted AS NOT MATERIALIZED (SELECT $1 AS states, $2::tsquery AS words, $3 AS before),
         known AS NOT MATERIALIZED (
            SELECT $4::bigint AS open, $5::bigint AS pending, $6::bigint AS active, $7::bigint AS completed,
                   $8::bigint AS cancelled, 0::bigint AS earned, $9::bigint AS found
         ), "
    };
}

/// A page out of what comes newest first.
macro_rules! page {
    ($newest:expr) => {
        concat!(
            "SELECT newest.id FROM (",
            $newest,
            " LIMIT $10) AS newest ORDER BY newest.id DESC OFFSET $11 LIMIT $12"
        )
    };
}

const LISTED: &str = concat!(
    wanted!(),
    "tally AS (SELECT * FROM known) ",
    cards!(states_newest!("true", "$10", "$11", "$12"))
);

/// Few are found: all of them are looked at.
const COLLECTED: &str = concat!(
    wanted!(),
    "matching AS MATERIALIZED (
        SELECT orders.id FROM wanted
        JOIN order_texts texts ON texts.search_words @@ wanted.words
        JOIN orders ON orders.id = texts.order_id AND orders.state = ANY (wanted.states)
     ), tally AS (
        SELECT open, pending, active, completed, cancelled, earned,
               coalesce(found, (SELECT count(*) FROM matching)) AS found
        FROM known
     ) ",
    cards!(page!(
        "SELECT matching.id FROM wanted JOIN matching ON matching.id < wanted.before ORDER BY matching.id DESC"
    ))
);

/// Many are found: no more are looked at than the page needs.
const WALKED: &str = concat!(
    wanted!(),
    "tally AS (SELECT * FROM known) ",
    cards!(page!(
        "SELECT walked.id
         FROM (
             SELECT id, state FROM orders WHERE id < (SELECT before FROM wanted) ORDER BY id DESC OFFSET 0
         ) AS walked
         WHERE walked.state = ANY ((SELECT states FROM wanted)::text[])
           AND (SELECT search_words FROM order_texts WHERE order_id = walked.id) @@ (SELECT words FROM wanted)
         ORDER BY walked.id DESC"
    ))
);

const COUNTED: &str = concat!("WITH wanted AS (SELECT true) ", tally!("true", "0::bigint", "NULL::bigint"));

const COUNTED_FOUND: &str = "\
    SELECT count(*) AS total FROM order_texts texts JOIN orders ON orders.id = texts.order_id
    WHERE texts.search_words @@ $1::tsquery AND orders.state = ANY ($2)";

impl Database {
    /// A page of everybody's orders.
    pub(super) async fn everybodys(
        &self,
        states: &[OrderState],
        search: Option<&SearchTerms>,
        range: Range,
    ) -> Result<Vec<ListedRow>, StoreError> {
        let tally = self.come_to(|totals| &totals.orders, (), |database, ()| database.count_orders()).await;
        let Some(tally) = tally else {
            return match search {
                None => self.listed(OrderScope::Everybody, states, range).await,
                Some(search) => self.found(OrderScope::Everybody, states, search, range).await,
            };
        };
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let Some(search) = search else {
            return self.beside(LISTED, states, None, (tally, None), range).await;
        };
        let sought = Everybodys { states, words: query(search) };
        let found = self
            .come_to(
                |totals| &totals.found_orders,
                sought.clone(),
                |database, sought| database.count_found(sought),
            )
            .await;
        let text = if found.is_some() { WALKED } else { COLLECTED };
        let Everybodys { states, words } = sought;
        self.beside(text, states, Some(words), (tally, found), range).await
    }

    /// A page beside what is known of the whole list.
    async fn beside(
        &self,
        text: &'static str,
        states: Vec<&'static str>,
        words: Option<String>,
        (tally, found): (TallyRow, Option<i64>),
        range: Range,
    ) -> Result<Vec<ListedRow>, StoreError> {
        let TallyRow { open, pending, active, completed, cancelled, earned: _, found: _ } = tally;
        let Range { before, offset, limit, reach } = range;
        let question = statement(text)
            .bind::<Array<Text>, _>(states)
            .bind::<Nullable<Text>, _>(words)
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(open)
            .bind::<BigInt, _>(pending)
            .bind::<BigInt, _>(active)
            .bind::<BigInt, _>(completed)
            .bind::<BigInt, _>(cancelled)
            .bind::<Nullable<BigInt>, _>(found)
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

    async fn count_orders(self) -> Count<TallyRow> {
        let tally: TallyRow = self
            .reads()
            .count(|connection| {
                async move {
                    let mut connection = connection;
                    statement(COUNTED).get_result(&mut connection).await
                }
                .boxed()
            })
            .await?;
        Ok((tally.all(), tally))
    }

    async fn count_found(self, sought: Everybodys) -> Count<i64> {
        let Everybodys { states, words } = sought;
        let question = statement(COUNTED_FOUND).bind::<Text, _>(words).bind::<Array<Text>, _>(states);
        let Counted { total } = self
            .reads()
            .count(|connection| {
                let question = question.clone();
                async move {
                    let mut connection = connection;
                    question.get_result(&mut connection).await
                }
                .boxed()
            })
            .await?;
        Ok((total, total))
    }
}
