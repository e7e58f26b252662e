//! Orders for which time has run out.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::ids::OrderId;
use futures_util::FutureExt;
use ports::orders::DueOrders;
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
}
