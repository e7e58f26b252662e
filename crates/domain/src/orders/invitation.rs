//! A client's request that a certain provider bid.

use chrono::{DateTime, Utc};

use super::{Order, OrderEvent};
use crate::actor::Issuer;
use crate::ids::{OrderId, UserId};
use crate::machine::Refusal;

/// An invitation; one per provider and order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// To which order.
    pub order_id: OrderId,
    /// Who is invited.
    pub provider_id: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When the provider said no; the order is then not available to them any more.
    pub declined_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// The provider says no. Saying it again changes nothing, and neither does the order's state:
    /// then there is no event and nothing to save.
    ///
    /// # Errors
    /// [`Refusal::NotParty`] for anybody but the invited provider.
    pub fn decline(
        &mut self,
        order: &Order,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Option<OrderEvent>, Refusal> {
        if by.user_id() != Some(self.provider_id) || order.id != self.order_id {
            return Err(Refusal::NotParty { object: "invitation" });
        }
        if self.declined_at.is_some() {
            return Ok(None);
        }
        self.declined_at = Some(now);
        Ok(Some(OrderEvent::InvitationDeclined {
            order_id: self.order_id,
            client_id: order.client_id,
            provider_id: self.provider_id,
        }))
    }
}
