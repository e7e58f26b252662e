//! What a provider may bid on.
//!
//! The summary speaks of all that match, so all of them are looked at. Without a filter that an index
//! answers, that is every open order: then it is reckoned once over all of them, and what is hidden
//! from this provider (few orders, known from two indexes) is taken away again, which is three times
//! as fast as asking of each order whether it is hidden. The page is cut newest first, no further than
//! it needs. With such a filter what matches is collected once, and counted and cut from there.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::money::Money;
use domain::orders::{average_budget, average_competition, urgency};
use futures_util::FutureExt;
use ports::orders::{AvailableFilter, AvailableList, AvailableOrder};
use ports::store::StoreError;
use serde_json::Value;

use super::json::form_from_json;
use super::rows::subject_key;
use super::search::query;
use super::{CURRENCY, order_id};
use crate::error::refused;
use crate::list::{Beside, Range};
use crate::money::{currency, named};
use crate::pool::Database;
use crate::profiles::{PersonRow, PersonSql, person, person_view};
use crate::statement::statement;

/// What is asked for. Not materialised: then the planner sees the values where they are used.
macro_rules! wanted {
    () => {
        "WITH wanted AS NOT MATERIALIZED (
            SELECT $1 AS provider_id, $2 AS now, $3 AS least, $4 AS most, $5 AS subject_key,
                   $6::tsquery AS words, $7 AS before
        )"
    };
}

/// Whether `orders` is open to bids.
macro_rules! biddable {
    () => {
        "orders.state = 'open' AND orders.deadline > wanted.now"
    };
}

/// The orders that the provider is not to see: those with a bid of theirs that was not withdrawn, and
/// those to which they said no. Asked for as `NOT IN`, which is hashed whatever the planner expects.
macro_rules! hidden {
    () => {
        "hidden AS MATERIALIZED (
            SELECT bids.order_id
            FROM wanted JOIN bids ON bids.provider_id = wanted.provider_id
                                 AND bids.state IN ('open', 'changed', 'countered', 'declined')
            UNION
            SELECT invitations.order_id
            FROM wanted JOIN invitations ON invitations.provider_id = wanted.provider_id
            WHERE invitations.declined_at IS NOT NULL
        )"
    };
}

/// The orders of a page of numbers, beside the summary.
macro_rules! offered {
    ($page:expr) => {
        concat!(
            "SELECT summary.*, offered.* FROM summary LEFT JOIN (
                SELECT orders.id, orders.title, orders.subject, orders.order_type, orders.pages,
                       orders.deadline, orders.budget_minor, orders.currency, texts.description,
                       texts.requirements_text, texts.detailed_requirements, texts.specifications,
                       invitation.order_id IS NOT NULL AS is_invited,
                       orders.bids_count, client.person AS client, orders.created_at
                FROM (",
            $page,
            ") AS page
                CROSS JOIN LATERAL (SELECT * FROM orders WHERE id = page.id OFFSET 0) AS orders
                CROSS JOIN LATERAL (SELECT * FROM order_texts WHERE order_id = page.id OFFSET 0) AS texts
                CROSS JOIN LATERAL ",
            person!("orders.client_id"),
            " AS client
                LEFT JOIN LATERAL (
                    SELECT order_id FROM invitations
                    WHERE order_id = page.id AND provider_id = page.provider_id OFFSET 0
                ) AS invitation ON true
            ) AS offered ON true
            ORDER BY offered.id DESC"
        )
    };
}

const EVERYTHING: &str = concat!(
    wanted!(),
    ", ",
    hidden!(),
    ", everything AS (
        SELECT count(*) AS total, coalesce(sum(orders.budget_minor), 0) AS budgets,
               coalesce(sum(orders.bids_count), 0) AS bids
        FROM wanted JOIN orders ON ",
    biddable!(),
    "), less AS (
        SELECT count(*) AS total, coalesce(sum(orders.budget_minor), 0) AS budgets,
               coalesce(sum(orders.bids_count), 0) AS bids
        FROM wanted CROSS JOIN hidden JOIN orders ON orders.id = hidden.order_id AND ",
    biddable!(),
    "), summary AS (
        SELECT everything.total - less.total AS total,
               (everything.budgets - less.budgets)::bigint AS budgets,
               (everything.bids - less.bids)::bigint AS bids,
               (SELECT count(*)
                FROM wanted JOIN invitations ON invitations.provider_id = wanted.provider_id
                JOIN orders ON orders.id = invitations.order_id AND ",
    biddable!(),
    "           WHERE orders.id NOT IN (SELECT order_id FROM hidden)) AS invited
        FROM everything CROSS JOIN less
    ) ",
    offered!(concat!(
        "SELECT orders.id, wanted.provider_id FROM wanted JOIN orders ON ",
        biddable!(),
        " WHERE orders.id < wanted.before AND orders.id NOT IN (SELECT order_id FROM hidden)
          ORDER BY orders.id DESC OFFSET $8 LIMIT $9"
    ))
);

/// Collects what matches some filters first.
macro_rules! filtered {
    ($($also:expr),*) => {
        concat!(
            wanted!(),
            ", ",
            hidden!(),
            ", matching AS MATERIALIZED (
                SELECT orders.id, orders.budget_minor, orders.bids_count, wanted.provider_id
                FROM wanted JOIN orders ON ",
            biddable!(),
            " AND orders.budget_minor >= wanted.least AND orders.budget_minor <= wanted.most",
            $($also,)*
            " WHERE orders.id NOT IN (SELECT order_id FROM hidden)
            ), summary AS (
                SELECT count(*) AS total, coalesce(sum(matching.budget_minor), 0)::bigint AS budgets,
                       coalesce(sum(matching.bids_count), 0)::bigint AS bids,
                       count(*) FILTER (WHERE matching.id IN (
                           SELECT invitations.order_id
                           FROM wanted JOIN invitations ON invitations.provider_id = wanted.provider_id
                       )) AS invited
                FROM matching
            ) ",
            offered!(
                "SELECT matching.id, matching.provider_id
                 FROM wanted JOIN matching ON matching.id < wanted.before
                 ORDER BY matching.id DESC OFFSET $8 LIMIT $9"
            )
        )
    };
}

macro_rules! of_subject {
    () => {
        " AND orders.subject_key = wanted.subject_key"
    };
}

macro_rules! found {
    () => {
        " JOIN order_texts sought ON sought.order_id = orders.id AND sought.is_open
                                 AND sought.search_words @@ wanted.words"
    };
}

/// The same of few orders: each is looked at.
macro_rules! with_words {
    () => {
        " JOIN LATERAL (
              SELECT search_words FROM order_texts WHERE order_id = orders.id OFFSET 0
          ) AS sought ON sought.search_words @@ wanted.words"
    };
}

macro_rules! invited {
    () => {
        " JOIN invitations ON invitations.order_id = orders.id
                          AND invitations.provider_id = wanted.provider_id"
    };
}

const WITHIN_BUDGET: &str = filtered!();
const OF_SUBJECT: &str = filtered!(of_subject!());
const FOUND: &str = filtered!(found!());
const FOUND_OF_SUBJECT: &str = filtered!(of_subject!(), found!());
const INVITED: &str = filtered!(invited!());
const INVITED_OF_SUBJECT: &str = filtered!(of_subject!(), invited!());
const INVITED_FOUND: &str = filtered!(invited!(), with_words!());
const INVITED_FOUND_OF_SUBJECT: &str = filtered!(of_subject!(), invited!(), with_words!());

/// The statement that says these filters and no others: what is not asked for must not stand in it,
/// or no index would serve what is.
const fn text(filter: &AvailableFilter) -> &'static str {
    match (filter.invited_only, filter.search.is_some(), filter.subject.is_some()) {
        (false, false, false) if filter.min_budget.is_none() && filter.max_budget.is_none() => EVERYTHING,
        (false, false, false) => WITHIN_BUDGET,
        (false, false, true) => OF_SUBJECT,
        (false, true, false) => FOUND,
        (false, true, true) => FOUND_OF_SUBJECT,
        (true, false, false) => INVITED,
        (true, false, true) => INVITED_OF_SUBJECT,
        (true, true, false) => INVITED_FOUND,
        (true, true, true) => INVITED_FOUND_OF_SUBJECT,
    }
}

/// What all that match come to.
#[derive(QueryableByName)]
pub(super) struct SummaryRow {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    budgets: i64,
    #[diesel(sql_type = BigInt)]
    bids: i64,
    #[diesel(sql_type = BigInt)]
    invited: i64,
}

/// What [`offered!`] tells of one order.
#[derive(QueryableByName)]
pub(super) struct OfferedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    order_type: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pages: Option<i32>,
    #[diesel(sql_type = Timestamptz)]
    deadline: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    budget_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Nullable<Text>)]
    requirements_text: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    detailed_requirements: Vec<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    specifications: Option<Value>,
    #[diesel(sql_type = Bool)]
    is_invited: bool,
    #[diesel(sql_type = BigInt)]
    bids_count: i64,
    #[diesel(sql_type = PersonSql)]
    client: PersonRow,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

impl OfferedRow {
    fn into_order(self, now: DateTime<Utc>) -> Result<AvailableOrder, StoreError> {
        let Self {
            id: number,
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget_minor,
            currency: currency_word,
            description,
            requirements_text,
            detailed_requirements,
            specifications,
            is_invited,
            bids_count,
            client,
            created_at,
        } = self;
        let id = order_id("orders", "id", number)?;
        let currency = currency("orders", id, &currency_word)?;
        Ok(AvailableOrder {
            id,
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget: named("orders", "budget_minor", id, budget_minor, currency)?,
            description,
            requirements_text,
            requirements: detailed_requirements,
            specifications: specifications.as_ref().map(|form| form_from_json(id, form)).transpose()?,
            is_invited,
            urgency: urgency(deadline, now),
            bids_count,
            client: person_view(client)?,
            posted_at: created_at,
        })
    }
}

/// Puts the list together.
pub(super) fn into_list(
    rows: Vec<Beside<SummaryRow, OfferedRow>>,
    range: Range,
    now: DateTime<Utc>,
) -> Result<AvailableList, StoreError> {
    let (SummaryRow { total, budgets, bids, invited }, rows) = Beside::split(rows)?;
    let count = |number: i64| u64::try_from(number).map_err(|_| refused("a count is below zero"));
    let avg_budget = average_budget(i128::from(budgets), count(total)?, CURRENCY)
        .map_err(|problem| refused(problem.to_string()))?;
    let offered = rows.into_iter().map(|row| row.into_order(now)).collect::<Result<_, _>>()?;
    Ok(AvailableList {
        orders: range.slice(offered, total, |order: &AvailableOrder| order.id.number()),
        invited,
        avg_budget,
        avg_competition_tenths: average_competition(count(bids)?, count(total)?),
    })
}

impl Database {
    pub(super) async fn offered(
        &self,
        provider_id: UserId,
        filter: &AvailableFilter,
        range: Range,
        now: DateTime<Utc>,
    ) -> Result<Vec<Beside<SummaryRow, OfferedRow>>, StoreError> {
        let text = text(filter);
        let AvailableFilter { invited_only: _, subject, min_budget, max_budget, search } = filter;
        let Range { before, offset, limit, reach: _ } = range;
        let question = statement(text)
            .bind::<SqlUuid, _>(provider_id.uuid())
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(min_budget.map_or(0, Money::minor))
            .bind::<BigInt, _>(max_budget.map_or(i64::MAX, Money::minor))
            .bind::<Nullable<Text>, _>(subject.as_deref().map(subject_key))
            .bind::<Nullable<Text>, _>(search.as_ref().map(query))
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
