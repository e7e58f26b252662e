//! What somebody has been told.

use std::sync::Arc;

use domain::actor::Actor;
use ports::list::Window;
use ports::notifications::{NotificationFilter, NotificationList, NotificationQueries};

use crate::error::UseCaseError;

/// Shows people their notifications.
pub struct ListNotifications {
    /// Reads them.
    pub notifications: Arc<dyn NotificationQueries>,
}

impl ListNotifications {
    /// The caller's own, newest first.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        filter: NotificationFilter,
        window: Window,
    ) -> Result<NotificationList, UseCaseError> {
        Ok(self.notifications.notifications(actor.user_id, filter, window).await?)
    }
}
