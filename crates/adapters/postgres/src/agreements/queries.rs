//! Questions about proposals: one statement each.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::deserialize;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Nullable};
use diesel_async::RunQueryDsl;
use domain::contracts::Proposal;
use domain::ids::{OrderId, ProposalId};
use futures_util::FutureExt;
use ports::agreements::{ExpiredProposal, ProposalQueries};
use ports::list::{Slice, Window};
use ports::store::StoreError;

use super::due::Due;
use super::proposals::ProposalRow;
use crate::list::Range;
use crate::pool::Database;
use crate::schema::proposals;
use crate::statement::statement;

/// An index has just those that are open, in this order.
const EXPIRED: &str = "\
    SELECT id, expires_at AS due_at FROM proposals
    WHERE state = 'open' AND expires_at <= $1 AND (expires_at, id) > ($2, $3)
    ORDER BY expires_at, id
    LIMIT $4";

/// A page beside the number of all: one row without a proposal where the page is empty.
const LISTED: &str = "\
    SELECT tally.total, shown.*
    FROM (SELECT count(*) AS total FROM proposals WHERE order_id = $1) AS tally
    LEFT JOIN (
        SELECT * FROM proposals WHERE order_id = $2 AND position < $3 ORDER BY position DESC OFFSET $4 LIMIT $5
    ) AS shown ON true
    ORDER BY shown.position DESC";

struct Listed {
    total: i64,
    row: Option<(i64, ProposalRow)>,
}

impl QueryableByName<Pg> for Listed {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let total = NamedRow::get::<BigInt, _>(row, "total")?;
        let position: Option<i64> = NamedRow::get::<Nullable<BigInt>, _>(row, "position")?;
        let row = position
            .map(|position| <ProposalRow as QueryableByName<Pg>>::build(row).map(|shown| (position, shown)))
            .transpose()?;
        Ok(Self { total, row })
    }
}

#[async_trait]
impl ProposalQueries for Database {
    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
        let row: Option<ProposalRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    let one = proposals::table.find(id.uuid()).select(ProposalRow::as_select());
                    one.first(&mut connection).await.optional()
                }
                .boxed()
            })
            .await?;
        row.map(Proposal::try_from).transpose()
    }

    async fn proposals(&self, order_id: OrderId, window: Window) -> Result<Slice<Proposal>, StoreError> {
        let range = Range::of(window);
        let rows: Vec<Listed> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    statement(LISTED)
                        .bind::<BigInt, _>(order_id.number())
                        .bind::<BigInt, _>(order_id.number())
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
        let page: Vec<(i64, ProposalRow)> = rows.into_iter().filter_map(|listed| listed.row).collect();
        let Slice { rows, total, next } = range.slice(page, total, |(position, _)| *position);
        let rows = rows.into_iter().map(|(_, row)| Proposal::try_from(row)).collect::<Result<_, _>>()?;
        Ok(Slice { rows, total, next })
    }

    async fn expired_proposals(
        &self,
        now: DateTime<Utc>,
        after: Option<ExpiredProposal>,
        limit: u32,
    ) -> Result<Vec<ExpiredProposal>, StoreError> {
        let after = after.map(|after| Due { due_at: after.expires_at, id: after.id.uuid() });
        let rows = self.due(EXPIRED, now, after, limit).await?;
        let expired = |Due { due_at, id }| ExpiredProposal { expires_at: due_at, id: ProposalId::new(id) };
        Ok(rows.into_iter().map(expired).collect())
    }
}
