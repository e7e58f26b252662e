//! A client's request that a certain provider bid.

use chrono::{DateTime, Utc};

use super::{Order, OrderError, OrderEvent};
use crate::actor::Issuer;
use crate::identity::Standing;
use crate::ids::{OrderId, UserId};
use crate::machine::Refusal;

/// The most people whom a client names at once.
pub const MAX_INVITED: usize = 100;

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

/// Somebody whom a client names to be asked, and what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitee {
    /// Who is named.
    pub id: UserId,
    /// Their account; `None` where there is no such person.
    pub account: Option<Standing>,
}

impl Invitee {
    /// Those who are named, in their order, by what was `found` of their accounts.
    #[must_use]
    pub fn named(ids: &[UserId], found: &[Standing]) -> Vec<Self> {
        let account = |id| found.iter().find(|account| account.id == id).cloned();
        ids.iter().map(|id| Self { id: *id, account: account(*id) }).collect()
    }

    /// Only a provider whose account may be used is asked. Somebody who is not there is as little of
    /// one as a client is; which of them it is stays untold.
    pub(super) fn is_provider(&self) -> bool {
        self.account.as_ref().is_some_and(Standing::is_provider_at_hand)
    }

    /// Looks at those who are named together, but for whoever need not be asked.
    pub(super) fn must_be_providers(
        named: &[Self],
        was_asked: impl Fn(&Self) -> bool,
    ) -> Result<(), OrderError> {
        match named.iter().position(|one| !was_asked(one) && !one.is_provider()) {
            None => Ok(()),
            Some(index) => Err(OrderError::NotAProvider { index: Some(index) }),
        }
    }
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
