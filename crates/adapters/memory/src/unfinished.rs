//! What somebody has under way that is not paid for: seen as it is committed, without locks.

use async_trait::async_trait;
use domain::bidding::BidState;
use domain::ids::{BidId, OrderId, UserId};
use domain::orders::OrderState;
use ports::contracts::UnfinishedBusiness;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::store::MemoryStore;

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[async_trait]
impl UnfinishedBusiness for MemoryStore {
    async fn unfinished_orders(
        &self,
        client_id: UserId,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<OrderId>, StoreError> {
        self.shared().enter_or_fail(Operation::UnfinishedOrders).await?;
        Ok(self.look(|seen| {
            let all = seen.all(|rows| &rows.orders).into_values();
            let theirs = all.filter(|order| {
                order.client_id == client_id
                    && matches!(order.state, OrderState::Open | OrderState::Pending)
                    && after.is_none_or(|after| order.id > after)
            });
            theirs.map(|order| order.id).take(count(limit)).collect()
        }))
    }

    async fn unfinished_bids(
        &self,
        provider_id: UserId,
        after: Option<BidId>,
        limit: u32,
    ) -> Result<Vec<BidId>, StoreError> {
        self.shared().enter_or_fail(Operation::UnfinishedBids).await?;
        Ok(self.look(|seen| {
            let holds_a_pending_order =
                |order_id| seen.order(order_id).is_some_and(|order| order.state == OrderState::Pending);
            let all = seen.all(|rows| &rows.bids).into_values();
            let theirs = all.filter(|bid| {
                let counts = bid.state.is_live()
                    || (bid.state == BidState::Accepted && holds_a_pending_order(bid.order_id));
                bid.provider_id == provider_id && counts && after.is_none_or(|after| bid.id > after)
            });
            theirs.map(|bid| bid.id).take(count(limit)).collect()
        }))
    }
}
