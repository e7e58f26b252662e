//! Orders, invitations, bids, contracts and reviews.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::bidding::{Bid, BidRef, Offer};
use domain::contracts::{Bonus, Contract, Review, Submission};
use domain::ids::{BidId, MilestoneNumber, OrderId, UserId};
use domain::orders::{Invitation, Order, Title};
use ports::bidding::{BidStage, Bids, WhichBids};
use ports::contracts::{Contracts, ReviewClaim, Reviews};
use ports::orders::{Invitations, OrderDetail, Orders};
use ports::store::StoreError;

use super::PgUnitOfWork;
use super::kept::Kept;
use crate::link::Scene;
use crate::{bidding, contracts, orders};

#[async_trait]
impl Orders for PgUnitOfWork {
    async fn next_id(&mut self) -> Result<OrderId, StoreError> {
        bounded!(self, |connection| orders::repository::next_id(connection))
    }

    async fn insert(&mut self, order: &Order) -> Result<(), StoreError> {
        bounded!(self, |connection| orders::repository::insert(connection, order))
    }

    async fn lock(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        opening!(self, |connection| orders::repository::lock(connection, id))
    }

    async fn save(&mut self, order: &mut Order) -> Result<(), StoreError> {
        bounded!(self, |connection| orders::repository::save(connection, order))
    }

    async fn save_expiry(&mut self, order: &Order) -> Result<(), StoreError> {
        bounded!(self, |connection| orders::repository::save_expiry(connection, order))
    }

    async fn detail(&mut self, id: OrderId) -> Result<Option<OrderDetail>, StoreError> {
        bounded!(self, |connection| orders::detail::detail(connection, id))
    }

    async fn titles(&mut self, ids: &[OrderId]) -> Result<BTreeMap<OrderId, Title>, StoreError> {
        bounded!(self, |connection| orders::repository::titles(connection, ids))
    }
}

#[async_trait]
impl Invitations for PgUnitOfWork {
    async fn insert(&mut self, invitations: &[Invitation]) -> Result<(), StoreError> {
        bounded!(self, |connection| orders::invitations::insert(connection, invitations))
    }

    async fn lock(
        &mut self,
        order_id: OrderId,
        provider_id: UserId,
    ) -> Result<Option<Invitation>, StoreError> {
        bounded!(self, |connection| orders::invitations::lock(connection, order_id, provider_id))
    }

    async fn save(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        bounded!(self, |connection| orders::invitations::save(connection, invitation))
    }
}

#[async_trait]
impl Bids for PgUnitOfWork {
    async fn stage(&mut self, order_id: OrderId, provider_id: UserId) -> Result<BidStage, StoreError> {
        // Three of the statements may wait for a lock.
        let patience = self.patience;
        self.patience = patience.saturating_mul(3);
        let staged = opening!(self, at_once = Scene::Bidding, |connection| bidding::stage::stage(
            connection,
            order_id,
            provider_id,
            at_once
        ))?;
        self.patience = patience;
        self.rehearsed(Scene::Bidding);
        Ok(staged)
    }

    async fn insert(&mut self, bid: &Bid, offer: &Offer) -> Result<(), StoreError> {
        self.keep(Kept::Bid(Box::new((bid.clone(), offer.clone())))).await
    }

    async fn find(&mut self, id: BidId) -> Result<Option<BidRef>, StoreError> {
        opening!(self, |connection| bidding::repository::find(connection, id))
    }

    async fn lock(&mut self, order_id: OrderId, which: WhichBids) -> Result<Vec<Bid>, StoreError> {
        bounded!(self, |connection| bidding::repository::lock(connection, order_id, which))
    }

    async fn save(&mut self, bids: &mut [Bid]) -> Result<(), StoreError> {
        bounded!(self, |connection| bidding::saving::save(connection, bids))
    }

    async fn add_offer(&mut self, offer: &Offer) -> Result<(), StoreError> {
        bounded!(self, |connection| bidding::offers::add(connection, offer))
    }
}

#[async_trait]
impl Contracts for PgUnitOfWork {
    async fn insert(&mut self, contract: &Contract) -> Result<(), StoreError> {
        bounded!(self, |connection| contracts::repository::insert(connection, contract))
    }

    async fn lock(&mut self, order_id: OrderId) -> Result<Option<Contract>, StoreError> {
        opening!(self, |connection| contracts::repository::lock(connection, order_id))
    }

    async fn save(&mut self, contract: &mut Contract) -> Result<(), StoreError> {
        bounded!(self, |connection| contracts::repository::save(connection, contract))
    }

    async fn save_reminder(
        &mut self,
        contract: &Contract,
        number: MilestoneNumber,
    ) -> Result<(), StoreError> {
        bounded!(self, |connection| contracts::repository::save_reminder(connection, contract, number))
    }

    async fn add_submission(&mut self, submission: &Submission) -> Result<(), StoreError> {
        bounded!(self, |connection| contracts::submissions::add(connection, submission))
    }

    async fn add_bonus(&mut self, bonus: &Bonus) -> Result<(), StoreError> {
        bounded!(self, |connection| contracts::bonuses::add(connection, bonus))
    }

    async fn holding(&mut self, client_id: UserId) -> Result<Vec<OrderId>, StoreError> {
        bounded!(self, |connection| contracts::repository::holding(connection, client_id))
    }

    async fn has_running(&mut self, user_id: UserId) -> Result<bool, StoreError> {
        bounded!(self, |connection| contracts::repository::has_running(connection, user_id))
    }
}

#[async_trait]
impl Reviews for PgUnitOfWork {
    async fn find(&mut self, order_id: OrderId, author_id: UserId) -> Result<Option<Review>, StoreError> {
        bounded!(self, |connection| contracts::reviews::find(connection, order_id, author_id))
    }

    async fn insert(&mut self, review: &Review) -> Result<ReviewClaim, StoreError> {
        bounded!(self, |connection| contracts::reviews::insert(connection, review))
    }
}
