//! Adding, loading and saving orders. An order's two rows are written by one statement.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use domain::ids::OrderId;
use domain::orders::{Order, Title, subject_key};
use ports::store::StoreError;

use super::order_id;
use super::rows::{AwardColumns, OrderRow, TextsRow, search_words};
use crate::error::{exactly_one, refused, store_error};
use crate::link::Line;
use crate::list::Counted;
use crate::schema::{order_texts, orders};
use crate::statement::{Pieces, Statement, statement};
use crate::stored::Place;

/// The columns of `orders` that a save may change, in the order in which [`with_columns`] binds them.
macro_rules! columns {
    () => {
        "deadline, budget_minor, revision, updated_at, version, progress, currency, state, title, subject,
         subject_key, order_type, pages, provider_id, accepted_bid_id, contract_id, accepted_minor,
         awarded_at, posted_deadline, started_at, completed_at, cancelled_at"
    };
}

macro_rules! values {
    () => {
        "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22"
    };
}

const INSERT: &str = concat!(
    "WITH added AS (
        INSERT INTO orders (",
    columns!(),
    ", id, client_id, created_at)
        VALUES (",
    values!(),
    ", $23, $24, $25)
        RETURNING id, state
    )
    INSERT INTO order_texts (order_id, is_open, description, requirements_text, detailed_requirements,
                             specifications, milestone_plan, search_words)
    SELECT added.id, added.state = 'open', $26, $27, $28, $29, $30, array_to_tsvector($31) FROM added"
);

/// The long row is left alone unless something in it differs.
const SAVE: &str = concat!(
    "WITH saved AS (
        UPDATE orders SET (",
    columns!(),
    ") = ROW (",
    values!(),
    ")
        WHERE id = $23 AND version = $24
        RETURNING id, state
    ), told AS (
        UPDATE order_texts texts
        SET is_open = given.is_open, description = given.description,
            requirements_text = given.requirements_text,
            detailed_requirements = given.detailed_requirements, specifications = given.specifications,
            milestone_plan = given.milestone_plan, search_words = given.search_words
        FROM (
            SELECT saved.id, saved.state = 'open' AS is_open, $25 AS description, $26 AS requirements_text,
                   $27 AS detailed_requirements, $28 AS specifications, $29 AS milestone_plan,
                   array_to_tsvector($30) AS search_words
            FROM saved
        ) AS given
        WHERE texts.order_id = given.id
          AND (texts.is_open, texts.description, texts.requirements_text, texts.detailed_requirements,
               texts.specifications, texts.milestone_plan, texts.search_words)
              IS DISTINCT FROM
              (given.is_open, given.description, given.requirements_text, given.detailed_requirements,
               given.specifications, given.milestone_plan, given.search_words)
    )
    SELECT count(*) AS total FROM saved"
);

fn with_columns<B: Pieces + Send>(
    statement: Statement<B>,
    row: OrderRow,
    version: i64,
) -> Statement<impl Pieces + Send> {
    let OrderRow {
        id: _,
        client_id: _,
        created_at: _,
        deadline,
        budget_minor,
        revision,
        updated_at,
        version: _,
        progress,
        currency,
        state,
        title,
        subject,
        order_type,
        pages,
        award,
        expired_deadline: _,
        started_at,
        completed_at,
        cancelled_at,
    } = row;
    let AwardColumns {
        provider_id,
        accepted_bid_id,
        contract_id,
        accepted_minor,
        awarded_at,
        posted_deadline,
    } = award;
    let subject_key = subject_key(&subject);
    statement
        .bind::<Timestamptz, _>(deadline)
        .bind::<BigInt, _>(budget_minor)
        .bind::<BigInt, _>(revision)
        .bind::<Timestamptz, _>(updated_at)
        .bind::<BigInt, _>(version)
        .bind::<SmallInt, _>(progress)
        .bind::<Text, _>(currency)
        .bind::<Text, _>(state)
        .bind::<Text, _>(title)
        .bind::<Text, _>(subject)
        .bind::<Text, _>(subject_key)
        .bind::<Text, _>(order_type)
        .bind::<Nullable<Integer>, _>(pages)
        .bind::<Nullable<SqlUuid>, _>(provider_id)
        .bind::<Nullable<BigInt>, _>(accepted_bid_id)
        .bind::<Nullable<SqlUuid>, _>(contract_id)
        .bind::<Nullable<BigInt>, _>(accepted_minor)
        .bind::<Nullable<Timestamptz>, _>(awarded_at)
        .bind::<Nullable<Timestamptz>, _>(posted_deadline)
        .bind::<Nullable<Timestamptz>, _>(started_at)
        .bind::<Nullable<Timestamptz>, _>(completed_at)
        .bind::<Nullable<Timestamptz>, _>(cancelled_at)
}

fn with_texts<B: Pieces + Send>(
    statement: Statement<B>,
    order: &Order,
) -> Statement<impl Pieces + Send + use<B>> {
    let TextsRow { description, requirements_text, detailed_requirements, specifications, milestone_plan } =
        TextsRow::from(&order.details);
    statement
        .bind::<Text, _>(description)
        .bind::<Nullable<Text>, _>(requirements_text)
        .bind::<Array<Text>, _>(detailed_requirements)
        .bind::<Nullable<Jsonb>, _>(specifications)
        .bind::<Jsonb, _>(milestone_plan)
        .bind::<Array<Text>, _>(search_words(order))
}

/// The next number of the sequence.
pub(crate) async fn next_id(connection: &mut Line<'_>) -> Result<OrderId, StoreError> {
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let Next { number } = statement("SELECT nextval('order_numbers') AS number")
        .get_result(connection)
        .await
        .map_err(store_error)?;
    OrderId::new(number).ok_or_else(|| refused("the sequence of orders counts below one"))
}

/// Adds an order, with the words by which it is found.
pub(crate) async fn insert(connection: &mut Line<'_>, order: &Order) -> Result<(), StoreError> {
    let row = OrderRow::from(order);
    let (id, client_id, created_at) = (row.id, row.client_id, row.created_at);
    let added = with_columns(statement(INSERT), row, order.version)
        .bind::<BigInt, _>(id)
        .bind::<SqlUuid, _>(client_id)
        .bind::<Timestamptz, _>(created_at);
    let affected = with_texts(added, order).execute(connection).await.map_err(store_error)?;
    exactly_one(affected, "order")
}

/// Loads an order and locks both its rows: of a row that is not locked, whoever waited for the other
/// would be shown what was there before they waited.
pub(crate) async fn lock(connection: &mut Line<'_>, id: OrderId) -> Result<Option<Order>, StoreError> {
    orders::table
        .inner_join(order_texts::table)
        .filter(orders::id.eq(id.number()))
        .select((OrderRow::as_select(), TextsRow::as_select()))
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(|(row, texts): (OrderRow, TextsRow)| row.into_order(texts))
        .transpose()
}

/// What some orders are called. One question, however many they are.
pub(crate) async fn titles(
    connection: &mut Line<'_>,
    ids: &[OrderId],
) -> Result<BTreeMap<OrderId, Title>, StoreError> {
    let numbers: Vec<_> = ids.iter().map(|id| id.number()).collect();
    let rows: Vec<(i64, String)> = orders::table
        .filter(orders::id.eq_any(numbers))
        .select((orders::id, orders::title))
        .load(connection)
        .await
        .map_err(store_error)?;
    let title = |(number, title): (i64, String)| {
        let id = order_id("orders", "id", number)?;
        Ok((id, Place { table: "orders", row: id }.text("title", &title, Title::parse)?))
    };
    rows.into_iter().map(title).collect()
}

/// Saves what a command changed and raises the version. Client and time of posting stay for good.
pub(crate) async fn save(connection: &mut Line<'_>, order: &mut Order) -> Result<(), StoreError> {
    let next_version =
        order.version.checked_add(1).ok_or_else(|| refused("an order was saved too often to count"))?;
    let changed = with_columns(statement(SAVE), OrderRow::from(&*order), next_version)
        .bind::<BigInt, _>(order.id.number())
        .bind::<BigInt, _>(order.version);
    let Counted { total } = with_texts(changed, order).get_result(connection).await.map_err(store_error)?;
    if total != 1 {
        return Err(StoreError::Stale { what: "order" });
    }
    order.version = next_version;
    Ok(())
}

/// Saves of which deadline it was told that it had passed. The version is looked at, and stays.
pub(crate) async fn save_expiry(connection: &mut Line<'_>, order: &Order) -> Result<(), StoreError> {
    let stored = orders::table.find(order.id.number()).filter(orders::version.eq(order.version));
    let affected = diesel::update(stored)
        .set(orders::expired_deadline.eq(order.expired_deadline))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "order")
}
