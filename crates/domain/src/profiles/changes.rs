//! What a command means for the figures of the people concerned.

use std::collections::BTreeMap;

use crate::event::Fact;
use crate::ids::UserId;
use crate::orders::OrderEvent;

/// By how much somebody's [`Figures`](super::Figures) grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FigureChange {
    /// Orders that they posted.
    pub orders_posted: i32,
    /// Orders that became active.
    pub orders_total: i32,
    /// Orders that were completed.
    pub orders_completed: i32,
    /// Orders of theirs, as a client, that were called off after the award.
    pub orders_cancelled: i32,
    /// Stars that they were given.
    pub rating_sum: i32,
    /// How often they were given some.
    pub rating_count: i32,
}

/// What these facts change, by person in the order in which their rows are to be locked; people
/// whose figures stay the same are not in it.
#[must_use]
pub fn figure_changes(facts: &[Fact]) -> BTreeMap<UserId, FigureChange> {
    let mut changes = BTreeMap::new();
    for fact in facts {
        let Fact::Order(event) = fact else { continue };
        match event {
            OrderEvent::Posted { client_id, .. } => raise(&mut changes, *client_id, |c| &mut c.orders_posted),
            OrderEvent::Started { client_id, provider_id, .. } => {
                raise(&mut changes, *client_id, |c| &mut c.orders_total);
                raise(&mut changes, *provider_id, |c| &mut c.orders_total);
            }
            OrderEvent::Completed { client_id, provider_id, .. } => {
                raise(&mut changes, *client_id, |c| &mut c.orders_completed);
                raise(&mut changes, *provider_id, |c| &mut c.orders_completed);
            }
            OrderEvent::Cancelled { client_id, provider_id: Some(_), .. } => {
                raise(&mut changes, *client_id, |c| &mut c.orders_cancelled);
            }
            OrderEvent::Reviewed { subject_id, rating, .. } => {
                raise_by(&mut changes, *subject_id, i32::from(rating.get()), |c| &mut c.rating_sum);
                raise(&mut changes, *subject_id, |c| &mut c.rating_count);
            }
            OrderEvent::Cancelled { provider_id: None, .. }
            | OrderEvent::Invited { .. }
            | OrderEvent::InvitationDeclined { .. }
            | OrderEvent::Edited { .. }
            | OrderEvent::Expired { .. }
            | OrderEvent::Progressed { .. }
            | OrderEvent::Reopened { .. } => {}
        }
    }
    changes
}

type Changes = BTreeMap<UserId, FigureChange>;

fn raise(changes: &mut Changes, user_id: UserId, figure: fn(&mut FigureChange) -> &mut i32) {
    raise_by(changes, user_id, 1, figure);
}

fn raise_by(changes: &mut Changes, user_id: UserId, by: i32, figure: fn(&mut FigureChange) -> &mut i32) {
    // No command has two thousand million facts.
    let figure = figure(changes.entry(user_id).or_default());
    *figure = figure.saturating_add(by);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::actor::Party;
    use crate::contracts::Stars;
    use crate::ids::OrderId;
    use crate::orders::Cancellation;

    #[test]
    fn each_side_gets_what_is_its_own() {
        let order_id = OrderId::new(1).unwrap();
        let (client_id, provider_id) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        let reason = Cancellation::ByClient;
        let zero = FigureChange::default();
        let posted = FigureChange { orders_posted: 1, ..zero };
        let total = FigureChange { orders_total: 1, ..zero };
        let completed = FigureChange { orders_completed: 1, ..zero };
        let cancelled = FigureChange { orders_cancelled: 1, ..zero };
        let rating = Stars::new(4).unwrap();
        let rated = FigureChange { rating_sum: 4, rating_count: 1, ..zero };
        let table: [(OrderEvent, &[(UserId, FigureChange)]); 7] = [
            (
                OrderEvent::Reviewed { order_id, author_id: client_id, subject_id: provider_id, rating },
                &[(provider_id, rated)],
            ),
            (OrderEvent::Posted { order_id, client_id }, &[(client_id, posted)]),
            (
                OrderEvent::Started { order_id, client_id, provider_id },
                &[(client_id, total), (provider_id, total)],
            ),
            (
                OrderEvent::Completed { order_id, client_id, provider_id, settled_by: Party::Client },
                &[(client_id, completed), (provider_id, completed)],
            ),
            (
                OrderEvent::Cancelled { order_id, client_id, provider_id: Some(provider_id), reason },
                &[(client_id, cancelled)],
            ),
            (OrderEvent::Cancelled { order_id, client_id, provider_id: None, reason }, &[]),
            (OrderEvent::Reopened { order_id, client_id, provider_id }, &[]),
        ];
        for (event, expected) in table {
            let name = event.name();
            let changes: Vec<_> = figure_changes(&[event.into()]).into_iter().collect();
            assert_eq!(changes, expected, "{name}");
        }
    }

    #[test]
    fn facts_add_up() {
        let (order_id, client_id) = (OrderId::new(1).unwrap(), UserId::new(Uuid::from_u128(1)));
        let provider_id = UserId::new(Uuid::from_u128(2));
        let facts = [
            OrderEvent::Started { order_id, client_id, provider_id }.into(),
            OrderEvent::Completed { order_id, client_id, provider_id, settled_by: Party::Client }.into(),
        ];
        let both = FigureChange { orders_total: 1, orders_completed: 1, ..FigureChange::default() };
        assert_eq!(figure_changes(&facts), BTreeMap::from([(client_id, both), (provider_id, both)]));
    }
}
