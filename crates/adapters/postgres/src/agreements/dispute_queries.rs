//! Questions about disputes: one statement each.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::deserialize;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::disputes::{Dispute, DisputeState};
use domain::ids::{DisputeId, UserId};
use futures_util::FutureExt;
use ports::disputes::{DisputeQueries, DisputeScope, DisputeView, DueDispute};
use ports::list::{Slice, Window};
use ports::store::StoreError;

use super::disputes::{DisputeRow, VIEW, ViewRow, dispute_columns};
use super::due::Due;
use crate::list::Range;
use crate::pool::Database;
use crate::statement::statement;

/// An index has just those that wait, in this order.
const DUE: &str = "\
    SELECT id, due_at FROM disputes
    WHERE due_at IS NOT NULL AND due_at <= $1 AND (due_at, id) > ($2, $3)
    ORDER BY due_at, id
    LIMIT $4";

/// A page beside the number of all: one row without a dispute where the page is empty. People have few
/// disputes, and so has a marketplace: they are counted.
macro_rules! listed {
    ($whose:literal) => {
        concat!(
            "WITH wanted AS NOT MATERIALIZED (SELECT $1 AS person, $2 AS state, $3 AS before)
             SELECT tally.total, shown.*
             FROM (
                SELECT count(*) AS total FROM wanted JOIN disputes ON ",
            $whose,
            "   AND (wanted.state IS NULL OR disputes.state = wanted.state)
             ) AS tally
             LEFT JOIN (
                SELECT ",
            dispute_columns!(),
            "
                FROM (
                    SELECT disputes.* FROM wanted JOIN disputes ON ",
            $whose,
            "       AND (wanted.state IS NULL OR disputes.state = wanted.state) AND disputes.position < wanted.before
                    ORDER BY disputes.position DESC OFFSET $4 LIMIT $5
                ) AS dispute
             ) AS shown ON true
             ORDER BY shown.position DESC"
        )
    };
}

const OWN: &str = listed!("wanted.person IN (disputes.client_id, disputes.provider_id)");
const ALL: &str = listed!("wanted.person IS NULL");

struct Listed {
    total: i64,
    row: Option<DisputeRow>,
}

impl QueryableByName<Pg> for Listed {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let total = NamedRow::get::<BigInt, _>(row, "total")?;
        let position: Option<i64> = NamedRow::get::<Nullable<BigInt>, _>(row, "position")?;
        let row = position.map(|_| <DisputeRow as QueryableByName<Pg>>::build(row)).transpose()?;
        Ok(Self { total, row })
    }
}

#[async_trait]
impl DisputeQueries for Database {
    async fn dispute(&self, id: DisputeId) -> Result<Option<DisputeView>, StoreError> {
        let row: Option<ViewRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    let one = statement(VIEW).bind::<SqlUuid, _>(id.uuid());
                    one.get_result(&mut connection).await.optional()
                }
                .boxed()
            })
            .await?;
        row.map(DisputeView::try_from).transpose()
    }

    async fn disputes(
        &self,
        scope: DisputeScope,
        state: Option<DisputeState>,
        window: Window,
    ) -> Result<Slice<Dispute>, StoreError> {
        let range = Range::of(window);
        let (text, person) = match scope {
            DisputeScope::Of(user_id) => (OWN, Some(user_id)),
            DisputeScope::Everybody => (ALL, None),
        };
        let rows: Vec<Listed> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    statement(text)
                        .bind::<Nullable<SqlUuid>, _>(person.map(UserId::uuid))
                        .bind::<Nullable<Text>, _>(state.map(DisputeState::as_str))
                        .bind::<BigInt, _>(range.before)
                        .bind::<BigInt, _>(range.offset)
                        .bind::<BigInt, _>(range.limit)
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        let total = rows.as_slice().first().map_or(0, |listed| listed.total);
        let page: Vec<DisputeRow> = rows.into_iter().filter_map(|listed| listed.row).collect();
        let Slice { rows, total, next } = range.slice(page, total, |row| row.position);
        let rows = rows.into_iter().map(Dispute::try_from).collect::<Result<_, _>>()?;
        Ok(Slice { rows, total, next })
    }

    async fn due_disputes(
        &self,
        now: DateTime<Utc>,
        after: Option<DueDispute>,
        limit: u32,
    ) -> Result<Vec<DueDispute>, StoreError> {
        let after = after.map(|after| Due { due_at: after.due_at, id: after.id.uuid() });
        let rows = self.due(DUE, now, after, limit).await?;
        Ok(rows.into_iter().map(|Due { due_at, id }| DueDispute { due_at, id: DisputeId::new(id) }).collect())
    }
}
