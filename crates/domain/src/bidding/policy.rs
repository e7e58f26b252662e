//! Who may see which bid (404). Who may use which function is in [`crate::orders::policy`].

use super::BidRef;
use crate::actor::Actor;
use crate::identity::Role;

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
