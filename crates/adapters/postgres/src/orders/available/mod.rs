//! What a provider may bid on.
//!
//! The summary speaks of all that match. Where these are few enough they are counted with the page. Where they
//! are many, what they come to is shared by all who ask ([`crate::shared`]), what is hidden from this provider
//! is taken away from it, and the page is cut from the newest orders, no further than it needs: that costs the
//! same however many orders are open.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::money::Money;
use domain::orders::{average_budget, average_competition, subject_key, urgency};
use futures_util::FutureExt;
use ports::list::Window;
use ports::orders::{AvailableFilter, AvailableList, AvailableOrder};
use ports::store::StoreError;
use serde_json::Value;

use super::json::form_from_json;
use super::order_id;
use super::search::query;
use crate::error::refused;
use crate::list::{Beside, Range};
use crate::money::{currency, named};
use crate::pool::Database;
use crate::profiles::{PersonRow, PersonSql, person_view};
use crate::shared::Count;
use crate::statement::statement;
use domain::money::MARKET_CURRENCY;

mod sql;

/// What all that somebody is looking for have in common, whoever asks. What one is invited to is one's own
/// affair, and little; it is not among this.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sought {
    least: i64,
    most: i64,
    subject_key: Option<String>,
    words: Option<String>,
}

impl Sought {
    fn by(filter: &AvailableFilter) -> Self {
        let AvailableFilter { invited_only: _, subject, min_budget, max_budget, search } = filter;
        Self {
            least: min_budget.map_or(0, Money::minor),
            most: max_budget.map_or(i64::MAX, Money::minor),
            subject_key: subject.as_deref().map(subject_key),
            words: search.as_ref().map(query),
        }
    }
}

/// What the orders that many seek come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub(crate) struct Sums {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    budgets: i64,
    #[diesel(sql_type = BigInt)]
    bids: i64,
}

/// The statement that says these filters and no others: what is not asked for must not stand in it,
/// or no index would serve what is.
const fn collecting(filter: &AvailableFilter) -> &'static str {
    match (filter.invited_only, filter.search.is_some(), filter.subject.is_some()) {
        (false, false, false) if filter.min_budget.is_none() && filter.max_budget.is_none() => {
            sql::EVERYTHING
        }
        (false, false, false) => sql::WITHIN_BUDGET,
        (false, false, true) => sql::OF_SUBJECT,
        (false, true, false) => sql::FOUND,
        (false, true, true) => sql::FOUND_OF_SUBJECT,
        (true, false, false) => sql::INVITED,
        (true, false, true) => sql::INVITED_OF_SUBJECT,
        (true, true, false) => sql::INVITED_FOUND,
        (true, true, true) => sql::INVITED_FOUND_OF_SUBJECT,
    }
}

/// The same where many match.
const fn walking(sought: &Sought) -> &'static str {
    match (sought.words.is_some(), sought.subject_key.is_some()) {
        (false, false) => sql::WALKED,
        (false, true) => sql::WALKED_OF_SUBJECT,
        (true, false) => sql::WALKED_FOUND,
        (true, true) => sql::WALKED_FOUND_OF_SUBJECT,
    }
}

/// What they come to.
const fn counting(sought: &Sought) -> &'static str {
    match (sought.words.is_some(), sought.subject_key.is_some()) {
        (false, false) => sql::COUNTED,
        (false, true) => sql::COUNTED_OF_SUBJECT,
        (true, false) => sql::COUNTED_FOUND,
        (true, true) => sql::COUNTED_FOUND_OF_SUBJECT,
    }
}

/// What all that match come to.
#[derive(QueryableByName)]
struct SummaryRow {
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
struct OfferedRow {
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
fn into_list(
    rows: Vec<Beside<SummaryRow, OfferedRow>>,
    range: Range,
    now: DateTime<Utc>,
) -> Result<AvailableList, StoreError> {
    let (SummaryRow { total, budgets, bids, invited }, rows) = Beside::split(rows)?;
    let count = |number: i64| u64::try_from(number).map_err(|_| refused("a count is below zero"));
    let avg_budget = average_budget(i128::from(budgets), count(total)?, MARKET_CURRENCY)
        .map_err(|problem| refused(problem.to_string()))?;
    let offered = rows.into_iter().map(|row| row.into_order(now)).collect::<Result<_, _>>()?;
    Ok(AvailableList {
        orders: range.slice(offered, total, |order: &AvailableOrder| order.id.number()),
        invited,
        avg_budget,
        avg_competition_tenths: average_competition(count(bids)?, count(total)?),
    })
}

/// The page beside the summary.
type Rows = Vec<Beside<SummaryRow, OfferedRow>>;

impl Database {
    pub(super) async fn offered(
        &self,
        provider_id: UserId,
        filter: &AvailableFilter,
        window: Window,
        now: DateTime<Utc>,
    ) -> Result<AvailableList, StoreError> {
        let (sought, range) = (Sought::by(filter), Range::of(window));
        let sums = if filter.invited_only {
            None
        } else {
            self.come_to(
                |totals| &totals.available,
                sought.clone(),
                move |database, sought| async move { database.count_offered(sought, now).await },
            )
            .await
        };
        let rows = match sums {
            Some(sums) => self.walked(provider_id, &sought, sums, range, now).await?,
            None => self.collected(provider_id, filter, &sought, range, now).await?,
        };
        into_list(rows, range, now)
    }

    /// All that match are looked at.
    async fn collected(
        &self,
        provider_id: UserId,
        filter: &AvailableFilter,
        sought: &Sought,
        range: Range,
        now: DateTime<Utc>,
    ) -> Result<Rows, StoreError> {
        let Range { before, offset, limit, reach: _ } = range;
        let Sought { least, most, subject_key, words } = sought.clone();
        let question = statement(collecting(filter))
            .bind::<SqlUuid, _>(provider_id.uuid())
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(least)
            .bind::<BigInt, _>(most)
            .bind::<Nullable<Text>, _>(subject_key)
            .bind::<Nullable<Text>, _>(words)
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

    /// No more are looked at than the page needs.
    async fn walked(
        &self,
        provider_id: UserId,
        sought: &Sought,
        sums: Sums,
        range: Range,
        now: DateTime<Utc>,
    ) -> Result<Rows, StoreError> {
        let Range { before, offset, limit, reach: _ } = range;
        let Sums { total, budgets, bids } = sums;
        let text = walking(sought);
        let Sought { least, most, subject_key, words } = sought.clone();
        let question = statement(text)
            .bind::<SqlUuid, _>(provider_id.uuid())
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(least)
            .bind::<BigInt, _>(most)
            .bind::<Nullable<Text>, _>(subject_key)
            .bind::<Nullable<Text>, _>(words)
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(total)
            .bind::<BigInt, _>(budgets)
            .bind::<BigInt, _>(bids)
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

    /// Counts what many seek.
    async fn count_offered(self, sought: Sought, now: DateTime<Utc>) -> Count<Sums> {
        let text = counting(&sought);
        let Sought { least, most, subject_key, words } = sought;
        let question = statement(text)
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(least)
            .bind::<BigInt, _>(most)
            .bind::<Nullable<Text>, _>(subject_key)
            .bind::<Nullable<Text>, _>(words);
        let sums: Sums = self
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
        Ok((sums.total, sums))
    }
}
