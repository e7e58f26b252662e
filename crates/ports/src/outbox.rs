//! Where facts go: written in the transaction that made them true, read later by everybody who
//! tells the outside world about them.

use async_trait::async_trait;
use domain::event::Event;
use domain::ids::EventId;

use crate::store::StoreError;

/// The outbox of one unit of work.
#[async_trait]
pub trait Outbox: Send {
    /// Appends facts under their identifiers, in their order.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn append(&mut self, events: &[(EventId, Event)]) -> Result<(), StoreError>;
}
