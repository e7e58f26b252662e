//! Questions about orders: one statement each.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{OrderId, UserId};
use domain::orders::policy::{OrderAccess, OrderScope};
use futures_util::FutureExt;
use ports::list::Window;
use ports::orders::{
    AvailableFilter, AvailableList, OrderCard, OrderDetail, OrderFilter, OrderList, OrderQueries,
};
use ports::store::StoreError;
use uuid::Uuid;

use super::detail::{DetailRow, one};
use super::lists::each_once;
use super::state;
use crate::list::{Beside, Range};
use crate::pool::Database;
use crate::schema::orders;

#[async_trait]
impl OrderQueries for Database {
    async fn order(&self, id: OrderId) -> Result<Option<OrderDetail>, StoreError> {
        let row: Option<DetailRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    one(id).get_result(&mut connection).await.optional()
                }
                .boxed()
            })
            .await?;
        row.map(OrderDetail::try_from).transpose()
    }

    async fn orders(
        &self,
        scope: OrderScope,
        filter: &OrderFilter,
        window: Window,
    ) -> Result<OrderList, StoreError> {
        let (states, range) = (each_once(filter), Range::of(window));
        let rows = match (scope, &filter.search) {
            (OrderScope::Everybody, search) => self.everybodys(&states, search.as_ref(), range).await?,
            (_, None) => self.listed(scope, &states, range).await?,
            (_, Some(search)) => self.found(scope, &states, search, range).await?,
        };
        let (tally, rows) = Beside::split(rows)?;
        let total = tally.total(&states);
        let cards = rows.into_iter().map(OrderCard::try_from).collect::<Result<_, _>>()?;
        Ok(OrderList {
            orders: range.slice(cards, total, |card: &OrderCard| card.id.number()),
            tally: tally.into_tally(scope)?,
        })
    }

    async fn available_orders(
        &self,
        provider_id: UserId,
        filter: &AvailableFilter,
        window: Window,
        now: DateTime<Utc>,
    ) -> Result<AvailableList, StoreError> {
        self.offered(provider_id, filter, window, now).await
    }

    async fn order_access(&self, id: OrderId) -> Result<Option<OrderAccess>, StoreError> {
        let found: Option<(String, Uuid, Option<Uuid>)> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    orders::table
                        .find(id.number())
                        .select((orders::state, orders::client_id, orders::provider_id))
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        let access = found.map(|(word, client_id, provider_id)| {
            Ok(OrderAccess {
                state: state(id, &word)?,
                client_id: UserId::new(client_id),
                provider_id: provider_id.map(UserId::new),
            })
        });
        access.transpose()
    }
}
