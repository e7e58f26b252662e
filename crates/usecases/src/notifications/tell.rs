//! Reads facts and writes down who is told what of them.
//!
//! It runs in the dispatcher's transaction: a fact is marked as dispatched if and only if its
//! notifications are there. Telling of the same fact again tells nobody twice, as each recipient has
//! one notification per fact. A round costs three statements however many facts it has.
//!
//! A fact that this program cannot read is refused, never passed over: in a rolling upgrade the newer
//! program beside it can read it, and gets it when it comes back.

use std::sync::Arc;

use domain::ids::{NotificationId, OrderId};
use domain::notifications::{Notification, drafts};
use ports::environment::Ids;
use ports::outbox::{OutboxReader, Reading, StoredFact};
use ports::store::{StoreError, UnitOfWork};

use crate::outbox::readable;

/// Tells people of facts.
pub struct TellPeople {
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
}

impl OutboxReader for TellPeople {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], work: &'a mut dyn UnitOfWork) -> Reading<'a> {
        Box::pin(self.tell(facts, work))
    }
}

impl TellPeople {
    async fn tell(&self, facts: &[StoredFact], work: &mut dyn UnitOfWork) -> Result<(), StoreError> {
        let mut told = Vec::new();
        for stored in facts {
            let fact = readable(stored)?;
            told.extend(drafts(&fact).into_iter().map(|draft| (stored, draft)));
        }
        if told.is_empty() {
            return Ok(());
        }
        let mut order_ids: Vec<OrderId> =
            told.iter().filter_map(|(_, draft)| draft.details.order_id).collect();
        order_ids.sort_unstable();
        order_ids.dedup();
        let titles = work.orders().titles(&order_ids).await?;
        let notifications: Vec<Notification> = told
            .into_iter()
            .map(|(stored, draft)| {
                let id = NotificationId::new(self.ids.uuid(stored.occurred_at));
                draft.write(id, stored.id, &titles, stored.occurred_at)
            })
            .collect();
        let added = work.notifications().add(&notifications).await?;
        tracing::trace!(facts = facts.len(), added, "people were told of facts");
        Ok(())
    }
}
