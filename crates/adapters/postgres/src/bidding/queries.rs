//! Questions about bids: one statement each.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::bidding::{BidCounts, BidState};
use domain::ids::{BidId, OrderId, UserId};
use futures_util::FutureExt;
use ports::bidding::{BidList, BidQueries, BidView, OfferView, ReceivedBid};
use ports::list::{Slice, Window};
use ports::store::StoreError;

use super::offers::{OfferRow, history};
use super::views::{ViewRow, one};
use crate::list::{Beside, Range};
use crate::pool::Database;

/// The states that are wanted, each once: a state named twice would be listed twice.
fn each_once(states: &[BidState]) -> Vec<BidState> {
    BidState::ALL.iter().filter(|state| states.contains(state)).copied().collect()
}

#[async_trait]
impl BidQueries for Database {
    async fn bid(&self, id: BidId) -> Result<Option<BidView>, StoreError> {
        let row: Option<ViewRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    one(id).get_result(&mut connection).await.optional()
                }
                .boxed()
            })
            .await?;
        row.map(BidView::try_from).transpose()
    }

    async fn bids(
        &self,
        provider_id: Option<UserId>,
        states: &[BidState],
        window: Window,
    ) -> Result<BidList, StoreError> {
        let (states, range) = (each_once(states), Range::of(window));
        let (tally, rows) = Beside::split(self.placed(provider_id, &states, range).await?)?;
        let tally = BidCounts::from(tally);
        let total = tally.total(&states);
        let views = rows.into_iter().map(BidView::try_from).collect::<Result<_, _>>()?;
        let bids = range.slice(views, total, |view: &BidView| view.id.number());
        Ok(BidList { bids, tally })
    }

    async fn bids_on(
        &self,
        order_id: OrderId,
        states: &[BidState],
        window: Window,
    ) -> Result<Slice<ReceivedBid>, StoreError> {
        let (states, range) = (each_once(states), Range::of(window));
        let (tally, rows) = Beside::split(self.received(order_id, &states, range).await?)?;
        let bids = rows.into_iter().map(ReceivedBid::try_from).collect::<Result<_, _>>()?;
        Ok(range.slice(bids, BidCounts::from(tally).total(&states), |received: &ReceivedBid| {
            received.bid.id.number()
        }))
    }

    async fn offers(&self, id: BidId) -> Result<Vec<OfferView>, StoreError> {
        let rows: Vec<OfferRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    history(id).load(&mut connection).await
                }
                .boxed()
            })
            .await?;
        rows.into_iter().map(OfferView::try_from).collect()
    }
}
