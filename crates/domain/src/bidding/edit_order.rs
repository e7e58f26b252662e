//! Changing an order, with what that means for the bids on it.

use chrono::{DateTime, Utc};

use super::Bid;
use crate::actor::Issuer;
use crate::event::Fact;
use crate::orders::{Order, OrderError, OrderEvent, OrderPatch};

/// The client changes what is wanted. A material change outdates the bids that are open: their
/// bidders must confirm or edit them. `bids` are the live bids on the order; those that changed
/// have `now` as their `updated_at`. Values equal to the present ones change nothing: then there
/// are no events and nothing to save.
///
/// # Errors
/// [`OrderError`]: not the client, not open, or a date that is not in the future.
pub fn edit_order(
    order: &mut Order,
    bids: &mut [Bid],
    patch: OrderPatch,
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Vec<Fact>, OrderError> {
    let Some(edited) = order.edit(patch, by, now)? else { return Ok(vec![]) };
    let is_material = matches!(edited, OrderEvent::Edited { is_material: true, .. });
    let mut events = vec![Fact::Order(edited)];
    if is_material {
        let outdated = bids.iter_mut().filter_map(|bid| bid.outdate(order, now));
        events.extend(outdated.map(Fact::Bid));
    }
    Ok(events)
}
