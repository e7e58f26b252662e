//! Orders and invitations.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::{OrderId, UserId};
use domain::orders::{Invitation, Order, Title};
use ports::identity::Lock;
use ports::orders::{Invitations, OrderDetail, Orders};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::work::{MemoryWork, duplicate, orphan};

impl MemoryWork {
    pub(crate) fn order(&self, id: OrderId) -> Option<Order> {
        self.look(|seen| seen.order(id).cloned())
    }

    /// That an order is there to which a row is to belong.
    pub(crate) fn must_have_order(&self, id: OrderId, constraint: &str) -> Result<(), StoreError> {
        self.order(id).map(|_| ()).ok_or_else(|| orphan(constraint))
    }

    fn invitation(&self, order_id: OrderId, provider_id: UserId) -> Option<Invitation> {
        self.look(|seen| seen.find(|rows| rows.invitations.get(&(order_id, provider_id))).cloned())
    }

    async fn insert_order(&mut self, order: &Order) -> Result<(), StoreError> {
        self.must_have_account(order.client_id, "orders_client_id_fkey")?;
        self.acquire(Row::Order(order.id), Lock::Exclusive).await?;
        if self.order(order.id).is_some() {
            return Err(duplicate("orders_pkey"));
        }
        self.written.orders.insert(order.id, order.clone());
        Ok(())
    }

    pub(crate) async fn lock_order(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        if self.order(id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Order(id), Lock::Exclusive).await?;
        Ok(self.order(id))
    }

    async fn save_order(&mut self, order: &mut Order) -> Result<(), StoreError> {
        self.acquire(Row::Order(order.id), Lock::Exclusive).await?;
        let stored = self.order(order.id).filter(|stored| stored.version == order.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "order" }) };
        let Order {
            id,
            client_id: _,
            details,
            state,
            progress,
            revision,
            award,
            expired_deadline: _,
            started_at,
            completed_at,
            cancelled_at,
            created_at: _,
            updated_at,
            version,
        } = order;
        *version += 1;
        stored.details.clone_from(details);
        stored.state = *state;
        stored.progress = *progress;
        stored.revision = *revision;
        stored.award = *award;
        stored.started_at = *started_at;
        stored.completed_at = *completed_at;
        stored.cancelled_at = *cancelled_at;
        stored.updated_at = *updated_at;
        stored.version = *version;
        self.written.orders.insert(*id, stored);
        Ok(())
    }

    async fn save_order_expiry(&mut self, order: &Order) -> Result<(), StoreError> {
        self.acquire(Row::Order(order.id), Lock::Exclusive).await?;
        let stored = self.order(order.id).filter(|stored| stored.version == order.version);
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "order" }) };
        stored.expired_deadline = order.expired_deadline;
        self.written.orders.insert(order.id, stored);
        Ok(())
    }

    async fn insert_invitations(&mut self, invitations: &[Invitation]) -> Result<(), StoreError> {
        for invitation in invitations {
            let Invitation { order_id, provider_id, .. } = *invitation;
            self.must_have_order(order_id, "invitations_order_id_fkey")?;
            self.must_have_account(provider_id, "invitations_provider_id_fkey")?;
            self.acquire(Row::Invitation(order_id, provider_id), Lock::Exclusive).await?;
            if self.invitation(order_id, provider_id).is_some() {
                return Err(duplicate("invitations_pkey"));
            }
            self.written.invitations.insert((order_id, provider_id), invitation.clone());
        }
        Ok(())
    }

    async fn lock_invitation(
        &mut self,
        order_id: OrderId,
        provider_id: UserId,
    ) -> Result<Option<Invitation>, StoreError> {
        if self.invitation(order_id, provider_id).is_none() {
            return Ok(None);
        }
        self.acquire(Row::Invitation(order_id, provider_id), Lock::Exclusive).await?;
        Ok(self.invitation(order_id, provider_id))
    }

    async fn save_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        let Invitation { order_id, provider_id, created_at: _, declined_at } = *invitation;
        let stored = self.lock_invitation(order_id, provider_id).await?;
        let Some(mut stored) = stored else { return Err(StoreError::Stale { what: "invitation" }) };
        stored.declined_at = declined_at;
        self.written.invitations.insert((order_id, provider_id), stored);
        Ok(())
    }
}

#[async_trait]
impl Orders for MemoryWork {
    async fn next_id(&mut self) -> Result<OrderId, StoreError> {
        self.start(Operation::NextOrderId).await?;
        let id = OrderId::new(self.shared.next_order_number());
        self.finish(id.ok_or_else(|| StoreError::Refused("the sequence has run out".into())))
    }

    async fn insert(&mut self, order: &Order) -> Result<(), StoreError> {
        self.start(Operation::InsertOrder).await?;
        let outcome = self.insert_order(order).await;
        self.finish(outcome)
    }

    async fn lock(&mut self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.start(Operation::LockOrder).await?;
        let outcome = self.lock_order(id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, order: &mut Order) -> Result<(), StoreError> {
        self.start(Operation::SaveOrder).await?;
        let outcome = self.save_order(order).await;
        self.finish(outcome)
    }

    async fn save_expiry(&mut self, order: &Order) -> Result<(), StoreError> {
        self.start(Operation::SaveExpiry).await?;
        let outcome = self.save_order_expiry(order).await;
        self.finish(outcome)
    }

    async fn detail(&mut self, id: OrderId) -> Result<Option<OrderDetail>, StoreError> {
        self.start(Operation::OrderInside).await?;
        let detail = self.look(|seen| seen.detail(seen.order(id)?));
        self.finish(Ok(detail))
    }

    async fn titles(&mut self, ids: &[OrderId]) -> Result<BTreeMap<OrderId, Title>, StoreError> {
        self.start(Operation::OrderTitles).await?;
        let titles = self.look(|seen| {
            let found = ids.iter().filter_map(|id| seen.order(*id));
            found.map(|order| (order.id, order.details.title.clone())).collect()
        });
        self.finish(Ok(titles))
    }
}

#[async_trait]
impl Invitations for MemoryWork {
    async fn insert(&mut self, invitations: &[Invitation]) -> Result<(), StoreError> {
        self.start(Operation::InsertInvitations).await?;
        let outcome = self.insert_invitations(invitations).await;
        self.finish(outcome)
    }

    async fn lock(
        &mut self,
        order_id: OrderId,
        provider_id: UserId,
    ) -> Result<Option<Invitation>, StoreError> {
        self.start(Operation::LockInvitation).await?;
        let outcome = self.lock_invitation(order_id, provider_id).await;
        self.finish(outcome)
    }

    async fn save(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        self.start(Operation::SaveInvitation).await?;
        let outcome = self.save_invitation(invitation).await;
        self.finish(outcome)
    }
}
