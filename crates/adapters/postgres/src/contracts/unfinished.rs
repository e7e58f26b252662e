//! What somebody has under way that is not paid for.

use async_trait::async_trait;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{BidId, OrderId, UserId};
use futures_util::FutureExt;
use ports::contracts::UnfinishedBusiness;
use ports::store::StoreError;

use crate::bidding::bid_id;
use crate::orders::order_id;
use crate::pool::Database;
use crate::statement::statement;
use crate::states::live;

/// The index on client and state has just these.
const ORDERS: &str = "\
    SELECT theirs.id AS number
    FROM (SELECT $1 AS client, $2 AS after) AS wanted
    CROSS JOIN (VALUES ('open'), ('pending')) AS unfinished (state)
    CROSS JOIN LATERAL (
        SELECT id FROM orders
        WHERE client_id = wanted.client AND orders.state = unfinished.state AND id > wanted.after
        ORDER BY id OFFSET 0
    ) AS theirs
    ORDER BY theirs.id
    LIMIT $3";

/// So have those on provider and state. Whoever has done a thousand orders has a thousand accepted bids:
/// those that count are found by their orders.
const BIDS: &str = concat!(
    "SELECT theirs.number
    FROM (SELECT $1 AS provider) AS wanted
    CROSS JOIN LATERAL (
        SELECT id AS number FROM bids
        WHERE provider_id = wanted.provider AND state IN ",
    live!(),
    "
        UNION ALL
        SELECT accepted_bid_id FROM orders WHERE provider_id = wanted.provider AND state = 'pending'
    ) AS theirs
    WHERE theirs.number > $2
    ORDER BY theirs.number
    LIMIT $3"
);

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Database {
    async fn unfinished(
        &self,
        question: &'static str,
        user_id: UserId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<i64>, StoreError> {
        let rows: Vec<Numbered> = self
            .reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    statement(question)
                        .bind::<SqlUuid, _>(user_id.uuid())
                        .bind::<BigInt, _>(after)
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        Ok(rows.into_iter().map(|Numbered { number }| number).collect())
    }
}

#[async_trait]
impl UnfinishedBusiness for Database {
    async fn unfinished_orders(
        &self,
        client_id: UserId,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<OrderId>, StoreError> {
        let numbers = self.unfinished(ORDERS, client_id, after.map_or(0, OrderId::number), limit).await?;
        numbers.into_iter().map(|number| order_id("orders", "id", number)).collect()
    }

    async fn unfinished_bids(
        &self,
        provider_id: UserId,
        after: Option<BidId>,
        limit: u32,
    ) -> Result<Vec<BidId>, StoreError> {
        let numbers = self.unfinished(BIDS, provider_id, after.map_or(0, BidId::number), limit).await?;
        numbers.into_iter().map(|number| bid_id("bids", "id", number)).collect()
    }
}
