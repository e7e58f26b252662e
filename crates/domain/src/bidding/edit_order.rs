//! Changing an order, with what that means for the bids on it.

use chrono::{DateTime, Utc};

use super::Bid;
use crate::actor::Issuer;
use crate::event::Fact;
use crate::orders::{Guests, Invitation, Order, OrderError, OrderEvent, OrderPatch};

/// What a client wants of an order that they posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderChange {
    /// What is to be different.
    pub patch: OrderPatch,
    /// Who is to be asked to bid.
    pub guests: Guests,
}

impl From<OrderPatch> for OrderChange {
    fn from(patch: OrderPatch) -> Self {
        Self { patch, guests: Guests::default() }
    }
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Edited {
    /// The new ones.
    pub invitations: Vec<Invitation>,
    /// What happened.
    pub events: Vec<Fact>,
}

/// The client changes what is wanted. A material change outdates the bids that are open: their
/// bidders must confirm or edit them. `bids` are the live bids on the order; those that changed
/// have `now` as their `updated_at`. Values equal to the present ones change nothing: then there
/// are no events of it and nothing to save.
///
/// # Errors
/// [`OrderError`]: not the client, not open, somebody who has declined before or is no provider, or a
/// date that is not in the future.
pub fn edit_order(
    order: &mut Order,
    bids: &mut [Bid],
    change: impl Into<OrderChange>,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Edited, OrderError> {
    let OrderChange { patch, guests } = change.into();
    let (invitations, asked) = order.invite_all(&guests, by, now)?;
    let edited = order.edit(patch, by, now)?;
    let is_material = matches!(edited, Some(OrderEvent::Edited { is_material: true, .. }));
    let mut events: Vec<Fact> = edited.into_iter().map(Fact::Order).collect();
    if is_material {
        let outdated = bids.iter_mut().filter_map(|bid| bid.outdate(order, now));
        events.extend(outdated.map(Fact::Bid));
    }
    events.extend(asked.into_iter().map(Fact::Order));
    Ok(Edited { invitations, events })
}
