//! Who may list bids (403), and who may see which bid (404). Who may place, edit, counter or accept one
//! is in [`crate::orders::policy`] by their role, and in [`super::BID_MACHINE`] by what they are to it.

use super::{BidRef, BidState, BidStatus};
use crate::actor::{Actor, Issuer};
use crate::identity::Role;
use crate::identity::policy::Forbidden;
use crate::ids::UserId;

/// Which bids somebody's list shows unless they ask for others, and which its summary counts:
/// accepted ones are orders by then.
pub const LISTED: [BidStatus; 3] = [BidStatus::Open, BidStatus::Unconfirmed, BidStatus::Declined];

/// The states that a list of the bids that were placed holds when somebody asks for those of `one`
/// coarse word, or for none in particular.
#[must_use]
pub fn placed_states(one: Option<BidStatus>) -> Vec<BidState> {
    one.map_or_else(|| LISTED.iter().flat_map(|status| status.states()).collect(), BidStatus::states)
}

/// The same for the list of the bids on an order, which holds all of them.
#[must_use]
pub fn received_states(one: Option<BidStatus>) -> Vec<BidState> {
    one.map_or_else(|| BidState::ALL.to_vec(), BidStatus::states)
}

/// Listing the bids that one has placed: whose they are; administrators see everybody's.
///
/// # Errors
/// [`Forbidden`] for clients, who look at the bids on their orders.
pub const fn list_placed(actor: &Actor) -> Result<Option<UserId>, Forbidden> {
    match actor.role {
        Role::Client => Err(Forbidden),
        Role::Writer | Role::Freelancer | Role::Professional => Ok(Some(actor.user_id)),
        Role::Admin => Ok(None),
    }
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
    bid.party(Issuer::from(actor)).is_some()
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
            let whose = match role {
                Role::Client => Err(Forbidden),
                Role::Admin => Ok(None),
                Role::Writer | Role::Freelancer | Role::Professional => Ok(Some(user(1))),
            };
            assert_eq!(list_placed(&actor), whose, "{role}");
            assert_eq!(list_received(&actor).is_ok(), !role.is_provider(), "{role}");
        }
    }

    #[test]
    fn a_coarse_word_stands_for_its_states() {
        use BidState::{Accepted, Changed, Countered, Declined, Open, Withdrawn};
        let table: [(Option<BidStatus>, &[BidState], &[BidState]); 6] = [
            (None, &[Open, Changed, Countered, Declined], BidState::ALL),
            (Some(BidStatus::Open), &[Open], &[Open]),
            (Some(BidStatus::Unconfirmed), &[Changed, Countered], &[Changed, Countered]),
            (Some(BidStatus::Declined), &[Declined], &[Declined]),
            (Some(BidStatus::Accepted), &[Accepted], &[Accepted]),
            (Some(BidStatus::Withdrawn), &[Withdrawn], &[Withdrawn]),
        ];
        for (word, placed, received) in table {
            assert_eq!(
                (placed_states(word), received_states(word)),
                (placed.into(), received.into()),
                "{word:?}"
            );
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
