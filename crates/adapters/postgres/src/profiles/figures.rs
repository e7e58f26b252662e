//! Figures: the rows of `user_figures`.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::profiles::{FigureChange, Figures};
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::schema::user_figures;
use crate::statement::statement;

/// Somebody's figures as they are stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = user_figures, check_for_backend(diesel::pg::Pg))]
pub(crate) struct FiguresRow {
    pub(crate) orders_posted: i32,
    pub(crate) orders_total: i32,
    pub(crate) orders_completed: i32,
    pub(crate) orders_cancelled: i32,
    pub(crate) rating_sum: i32,
    pub(crate) rating_count: i32,
}

impl FiguresRow {
    pub(crate) fn into_figures(self, user: Uuid) -> Result<Figures, StoreError> {
        let Self {
            orders_posted,
            orders_total,
            orders_completed,
            orders_cancelled,
            rating_sum,
            rating_count,
        } = self;
        let figure = |column: &'static str, value: i32| {
            u32::try_from(value).map_err(|_| corrupt("user_figures", column, user, "is negative"))
        };
        Ok(Figures {
            orders_posted: figure("orders_posted", orders_posted)?,
            orders_total: figure("orders_total", orders_total)?,
            orders_completed: figure("orders_completed", orders_completed)?,
            orders_cancelled: figure("orders_cancelled", orders_cancelled)?,
            rating_sum: figure("rating_sum", rating_sum)?,
            rating_count: figure("rating_count", rating_count)?,
        })
    }
}

/// The rows are locked in the order of their ids before any of them is changed, so that two of these
/// never wait for each other. The changes are added to what the lock has found.
const CHANGE: &str = "\
    WITH change AS (
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            AS change (user_id, posted, total, completed, cancelled, rating_sum, rating_count)
    ), locked AS (
        SELECT figures.user_id FROM user_figures figures JOIN change USING (user_id)
        ORDER BY figures.user_id
        FOR NO KEY UPDATE OF figures
    )
    UPDATE user_figures figures
    SET orders_posted = figures.orders_posted + change.posted,
        orders_total = figures.orders_total + change.total,
        orders_completed = figures.orders_completed + change.completed,
        orders_cancelled = figures.orders_cancelled + change.cancelled,
        rating_sum = figures.rating_sum + change.rating_sum,
        rating_count = figures.rating_count + change.rating_count
    FROM change JOIN locked USING (user_id)
    WHERE figures.user_id = change.user_id";

/// The columns of the changes.
#[derive(Default)]
struct Changes {
    user_ids: Vec<Uuid>,
    posted: Vec<i32>,
    total: Vec<i32>,
    completed: Vec<i32>,
    cancelled: Vec<i32>,
    rating_sums: Vec<i32>,
    rating_counts: Vec<i32>,
}

impl Changes {
    fn new(changes: &BTreeMap<UserId, FigureChange>) -> Self {
        let mut columns = Self::default();
        for (user_id, change) in changes {
            let FigureChange {
                orders_posted,
                orders_total,
                orders_completed,
                orders_cancelled,
                rating_sum,
                rating_count,
            } = change;
            columns.user_ids.push(user_id.uuid());
            columns.posted.push(*orders_posted);
            columns.total.push(*orders_total);
            columns.completed.push(*orders_completed);
            columns.cancelled.push(*orders_cancelled);
            columns.rating_sums.push(*rating_sum);
            columns.rating_counts.push(*rating_count);
        }
        columns
    }
}

/// Changes people's figures.
pub(crate) async fn change(
    connection: &mut Line<'_>,
    changes: &BTreeMap<UserId, FigureChange>,
) -> Result<(), StoreError> {
    let Changes { user_ids, posted, total, completed, cancelled, rating_sums, rating_counts } =
        Changes::new(changes);
    let changed = statement(CHANGE)
        .bind::<Array<SqlUuid>, _>(user_ids)
        .bind::<Array<Integer>, _>(posted)
        .bind::<Array<Integer>, _>(total)
        .bind::<Array<Integer>, _>(completed)
        .bind::<Array<Integer>, _>(cancelled)
        .bind::<Array<Integer>, _>(rating_sums)
        .bind::<Array<Integer>, _>(rating_counts)
        .execute(connection)
        .await
        .map_err(store_error)?;
    if changed == changes.len() { Ok(()) } else { Err(StoreError::Stale { what: "figures" }) }
}
