//! Notifications: telling people of facts, showing them what they were told, and what they have read.
//!
//! Everybody has notifications and sees nobody else's, so that no role is asked for.

mod list;
mod mark_read;
mod tell;

pub use list::ListNotifications;
pub use mark_read::{MarkAllNotificationsRead, MarkNotificationRead};
pub use tell::TellPeople;
