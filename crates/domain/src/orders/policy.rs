//! Who may use which function on orders, bids and contracts (403), and who may see which order (404).
//!
//! Which command is whose is in the tables of states; the first page of this crate shows them together.
//! What is here turns away whom no table names, before anything is loaded.
//!
//! The functions over a role are asked first, before anything is loaded. Those over an order take
//! only the few facts that they need, so that a question can ask them without the aggregate.

use super::{Order, OrderState};
use crate::actor::{Actor, Issuer};
use crate::identity::Role;
use crate::identity::policy::Forbidden;
use crate::ids::UserId;

/// Whose an order is, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderAccess {
    /// How far it has come.
    pub state: OrderState,
    /// Who posted it.
    pub client_id: UserId,
    /// Who holds it, since the award.
    pub provider_id: Option<UserId>,
}

impl From<&Order> for OrderAccess {
    fn from(order: &Order) -> Self {
        Self { state: order.state, client_id: order.client_id, provider_id: order.provider_id() }
    }
}

/// Whose orders a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderScope {
    /// Those that a client posted.
    PostedBy(UserId),
    /// Those that a provider was awarded. A provider who left is not among them any more.
    AwardedTo(UserId),
    /// All that there are.
    Everybody,
}

/// Whose orders somebody's list holds: one's own, as one's side has them, and everybody's for an
/// administrator.
#[must_use]
pub const fn listed_orders(actor: &Actor) -> OrderScope {
    match actor.role {
        Role::Client => OrderScope::PostedBy(actor.user_id),
        Role::Writer | Role::Freelancer | Role::Professional => OrderScope::AwardedTo(actor.user_id),
        Role::Admin => OrderScope::Everybody,
    }
}

/// What is the client's alone: posting, editing, cancelling and inviting; countering, declining and
/// accepting a bid; paying, approving, asking for changes.
///
/// # Errors
/// [`Forbidden`] for all but clients.
pub fn act_as_client(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Client { Ok(()) } else { Err(Forbidden) }
}

/// What is the provider's alone: placing a bid, editing, confirming and withdrawing it, answering a
/// counter-offer; declining an invitation, looking for orders to bid on; reporting progress, starting a
/// milestone and handing it in.
///
/// # Errors
/// [`Forbidden`] for all but providers.
pub fn act_as_provider(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role.is_provider() { Ok(()) } else { Err(Forbidden) }
}

/// What both sides do, each in its own way: changing an order (the client edits it, the provider reports
/// work), attaching files, and reviewing it once it is completed.
///
/// # Errors
/// [`Forbidden`] for administrators.
pub fn act_as_either_side(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Err(Forbidden) } else { Ok(()) }
}

/// Which states somebody's list of orders shows unless they ask for others, and which its summary
/// counts: for a provider the orders that were awarded to them, for a client also the open ones.
#[must_use]
pub const fn listed_states(role: Role) -> &'static [OrderState] {
    match role {
        Role::Writer | Role::Freelancer | Role::Professional => {
            &[OrderState::Pending, OrderState::Active, OrderState::Completed]
        }
        Role::Client | Role::Admin => {
            &[OrderState::Open, OrderState::Pending, OrderState::Active, OrderState::Completed]
        }
    }
}

/// The states that somebody's list holds when they ask for `one`, or for none in particular.
#[must_use]
pub fn wanted_states(role: Role, one: Option<OrderState>) -> Vec<OrderState> {
    one.map_or_else(|| listed_states(role).to_vec(), |state| vec![state])
}

/// Whether an order's detail may be read, and its files be had: by its client, by the provider who
/// holds it and by administrators; while it is open, by every provider. Bidders who lost are strangers.
#[must_use]
pub fn may_read(actor: &Actor, order: &OrderAccess) -> bool {
    let is_party = Issuer::from(actor).party(order.client_id, order.provider_id).is_some();
    is_party || (order.state == OrderState::Open && actor.role.is_provider())
}

/// Whether all bids on an order may be listed: by its client and by administrators.
#[must_use]
pub fn may_read_bids(actor: &Actor, order: &OrderAccess) -> bool {
    actor.role == Role::Admin || actor.user_id == order.client_id
}

/// Whether the client's e-mail address is shown: to the provider who holds the order.
#[must_use]
pub fn may_see_client_email(actor: &Actor, order: &OrderAccess) -> bool {
    order.provider_id == Some(actor.user_id)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::SessionId;

    fn actor(id: u128, role: Role) -> Actor {
        Actor { user_id: user(id), session_id: SessionId::new(Uuid::nil()), role }
    }

    fn user(id: u128) -> UserId {
        UserId::new(Uuid::from_u128(id))
    }

    #[test]
    fn by_role() {
        for role in Role::ALL {
            let actor = actor(1, role);
            assert_eq!(act_as_client(&actor).is_ok(), role == Role::Client, "{role}");
            assert_eq!(act_as_provider(&actor).is_ok(), role.is_provider(), "{role}");
            assert_eq!(act_as_either_side(&actor).is_ok(), role != Role::Admin, "{role}");
        }
    }

    #[test]
    fn lists_hold_ones_own() {
        use OrderState::{Active, Cancelled, Completed, Open, Pending};
        let awarded = [Pending, Active, Completed];
        let all = [Open, Pending, Active, Completed];
        let table: [(Role, OrderScope, &[OrderState]); 5] = [
            (Role::Client, OrderScope::PostedBy(user(1)), &all),
            (Role::Writer, OrderScope::AwardedTo(user(1)), &awarded),
            (Role::Freelancer, OrderScope::AwardedTo(user(1)), &awarded),
            (Role::Professional, OrderScope::AwardedTo(user(1)), &awarded),
            (Role::Admin, OrderScope::Everybody, &all),
        ];
        for (role, scope, states) in table {
            assert_eq!(listed_orders(&actor(1, role)), scope, "{role}");
            assert_eq!(wanted_states(role, None), states, "{role}");
            assert_eq!(wanted_states(role, Some(Cancelled)), [Cancelled], "{role}");
        }
    }

    #[test]
    fn by_order() {
        let people = [
            ("client", actor(1, Role::Client)),
            ("holder", actor(2, Role::Writer)),
            ("another client", actor(3, Role::Client)),
            ("a bidder who lost", actor(4, Role::Freelancer)),
            ("administrator", actor(5, Role::Admin)),
        ];
        // state; who may read it, its bids, the client's address
        let table = [
            (OrderState::Open, None, "client,holder,a bidder who lost,administrator", ""),
            (OrderState::Cancelled, None, "client,administrator", ""),
            (OrderState::Pending, Some(user(2)), "client,holder,administrator", "holder"),
            (OrderState::Active, Some(user(2)), "client,holder,administrator", "holder"),
            (OrderState::Completed, Some(user(2)), "client,holder,administrator", "holder"),
            (OrderState::Cancelled, Some(user(2)), "client,holder,administrator", "holder"),
        ];
        for (state, provider_id, readers, addressees) in table {
            let order = OrderAccess { state, client_id: user(1), provider_id };
            let who = |may: fn(&Actor, &OrderAccess) -> bool| {
                let names = people.iter().filter(|(_, actor)| may(actor, &order)).map(|(name, _)| *name);
                names.collect::<Vec<_>>().join(",")
            };
            assert_eq!(who(may_read), readers, "{state}");
            assert_eq!(who(may_read_bids), "client,administrator", "{state}");
            assert_eq!(who(may_see_client_email), addressees, "{state}");
        }
    }
}
