//! Who may list bids (403), and who may see which bid (404). Who may place, edit, counter or accept one
//! is in [`crate::orders::policy`] by their role, and in [`super::BID_MACHINE`] by what they are to it.

use super::{BidRef, BidStatus};
use crate::actor::Actor;
use crate::identity::Role;
use crate::identity::policy::Forbidden;

/// Which bids somebody's list shows unless they ask for others, and which its summary counts:
/// accepted ones are orders by then.
pub const LISTED: [BidStatus; 3] = [BidStatus::Open, BidStatus::Unconfirmed, BidStatus::Declined];

/// Listing the bids that one has placed: administrators see everybody's.
///
/// # Errors
/// [`Forbidden`] for clients, who look at the bids on their orders.
pub fn list_placed(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Client { Err(Forbidden) } else { Ok(()) }
}

/// Listing the bids on an order.
///
/// # Errors
/// [`Forbidden`] for providers: bidders do not see each other.
pub fn list_received(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role.is_provider() { Err(Forbidden) } else { Ok(()) }
}

/// Whether a bid and the history of its offers may be read: by the bidder, by the order's client
/// and by administrators.
#[must_use]
pub fn may_read(actor: &Actor, bid: &BidRef) -> bool {
    actor.role == Role::Admin || actor.user_id == bid.client_id || actor.user_id == bid.provider_id
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{BidId, OrderId, SessionId};
    use crate::sample::user;

    #[test]
    fn by_role() {
        for role in Role::ALL {
            let actor = Actor { user_id: user(1), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(list_placed(&actor).is_ok(), role != Role::Client, "{role}");
            assert_eq!(list_received(&actor).is_ok(), !role.is_provider(), "{role}");
        }
    }

    #[test]
    fn the_two_sides_and_administrators() {
        let bid = BidRef {
            bid_id: BidId::new(1).unwrap(),
            order_id: OrderId::new(1).unwrap(),
            client_id: user(1),
            provider_id: user(2),
        };
        let cases = [
            (1, Role::Client, true),
            (2, Role::Writer, true),
            (3, Role::Writer, false),
            (3, Role::Client, false),
            (3, Role::Admin, true),
        ];
        for (id, role, expected) in cases {
            let actor = Actor { user_id: user(id), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(may_read(&actor, &bid), expected, "{role} {id}");
        }
    }
}
