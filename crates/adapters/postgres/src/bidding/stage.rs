//! What is looked at before a bid is placed.

use domain::ids::{OrderId, UserId};
use futures_util::future::join4;
use ports::bidding::{BidStage, WhichBids};
use ports::identity::Lock;
use ports::store::StoreError;
use tokio::task::unconstrained;

use super::repository;
use crate::identity::users;
use crate::link::Line;
use crate::orders;

/// Loads and locks what a new bid depends on. With `at_once` the four statements travel together, which they may
/// only do where all of them were said before; the server carries them out one after the other all the same, and
/// each sees what the locks before it have waited for.
pub(crate) async fn stage(
    line: &mut Line<'_>,
    order_id: OrderId,
    provider_id: UserId,
    at_once: bool,
) -> Result<BidStage, StoreError> {
    let [mut first, mut second, mut third, mut fourth] = [*line; 4];
    let provider = users::lock(&mut first, provider_id, Lock::Shared);
    let order = orders::repository::lock(&mut second, order_id);
    let live = repository::lock(&mut third, order_id, WhichBids::LiveOf(provider_id));
    let next_id = repository::next_id(&mut fourth);
    let (provider, order, live, next_id) = if at_once {
        let (provider, order, live, next_id) = unconstrained(join4(provider, order, live, next_id)).await;
        (provider?, order?, live?, next_id?)
    } else {
        (provider.await?, order.await?, live.await?, next_id.await?)
    };
    Ok(BidStage { provider, order, live: live.into_iter().next(), next_id })
}
