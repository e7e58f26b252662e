//! Notifications over HTTP (contract §6): everybody's own, and what they have read of them.

mod list;
mod marks;
mod wire;
mod words;

use std::sync::Arc;

use usecases::notifications::{ListNotifications, MarkAllNotificationsRead, MarkNotificationRead};

use crate::routes::Mount;

/// What this module's handlers call.
#[derive(Clone)]
pub struct NotificationUseCases {
    /// Shows people what they were told.
    pub list: Arc<ListNotifications>,
    /// Marks one as read.
    pub mark_read: Arc<MarkNotificationRead>,
    /// Marks all as read.
    pub mark_all_read: Arc<MarkAllNotificationsRead>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config.service(list::list).service(marks::read).service(marks::read_all);
}
