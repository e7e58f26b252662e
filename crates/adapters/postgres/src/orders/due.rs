//! Orders for which time has run out.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::ids::OrderId;
use futures_util::FutureExt;
use ports::orders::{DueOrders, PassedDeadline};
use ports::store::StoreError;

use super::order_id;
use crate::pool::Database;
use crate::statement::statement;

/// Few orders are pending, and an index has only those.
const UNPAID: &str = "\
    SELECT id FROM orders
    WHERE state = 'pending' AND awarded_at <= $1 AND id > $2
    ORDER BY id
    LIMIT $3";

/// An index has just those of which nobody has been told, in this order.
const EXPIRED: &str = "\
    SELECT id, deadline FROM orders
    WHERE state = 'open' AND expired_deadline IS DISTINCT FROM deadline AND deadline <= $1
      AND (deadline, id) > ($2, $3)
    ORDER BY deadline, id
    LIMIT $4";

#[derive(QueryableByName)]
struct PassedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Timestamptz)]
    deadline: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[async_trait]
impl DueOrders for Database {
    async fn unpaid_orders(
        &self,
        awarded_until: DateTime<Utc>,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<OrderId>, StoreError> {
        let after = after.map_or(0, OrderId::number);
        let rows: Vec<DueRow> = self
            .reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    statement(UNPAID)
                        .bind::<Timestamptz, _>(awarded_until)
                        .bind::<BigInt, _>(after)
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        rows.into_iter().map(|DueRow { id }| order_id("orders", "id", id)).collect()
    }

    async fn expired_orders(
        &self,
        now: DateTime<Utc>,
        after: Option<PassedDeadline>,
        limit: u32,
    ) -> Result<Vec<PassedDeadline>, StoreError> {
        // No deadline is as early as that.
        let (deadline, number) =
            after.map_or((DateTime::UNIX_EPOCH, 0), |after| (after.deadline, after.order_id.number()));
        let rows: Vec<PassedRow> = self
            .reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    statement(EXPIRED)
                        .bind::<Timestamptz, _>(now)
                        .bind::<Timestamptz, _>(deadline)
                        .bind::<BigInt, _>(number)
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        let passed = |PassedRow { id, deadline }| {
            Ok(PassedDeadline { deadline, order_id: order_id("orders", "id", id)? })
        };
        rows.into_iter().map(passed).collect()
    }
}
