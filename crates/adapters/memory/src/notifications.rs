//! Notifications. PostgreSQL keeps the counts of each person in a row; here they are counted.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::{NotificationId, UserId};
use domain::notifications::Notification;
use ports::identity::Lock;
use ports::list::Window;
use ports::notifications::{
    NotificationFilter, NotificationList, NotificationQueries, NotificationView, Notifications,
};
use ports::store::StoreError;

use crate::faults::Operation;
use crate::list::slice;
use crate::locks::Row;
use crate::store::MemoryStore;
use crate::tables::StoredNotification;
use crate::work::MemoryWork;

impl MemoryWork {
    async fn add_notifications(&mut self, notifications: &[Notification]) -> Result<u64, StoreError> {
        let recipients: BTreeSet<_> = notifications.iter().map(|one| one.recipient).collect();
        for recipient in recipients {
            self.acquire(Row::Notifications(recipient), Lock::Exclusive).await?;
        }
        let mut added = 0;
        for notification in notifications {
            let key = (notification.event_id, notification.recipient);
            let is_there = self.look(|seen| {
                let all = seen.all(|rows| &rows.notifications);
                all.into_values().any(|stored| (stored.told.event_id, stored.told.recipient) == key)
            });
            if is_there || self.user(notification.recipient).is_none() {
                continue;
            }
            let stored = StoredNotification { told: notification.clone(), read_at: None };
            self.written.notifications.insert(self.shared.next_notification_position(), stored);
            added += 1;
        }
        Ok(added)
    }

    /// Marks those of somebody's that `which` picks and says how many were unread.
    async fn mark_notifications(
        &mut self,
        owner: UserId,
        which: impl Fn(&Notification) -> bool,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.acquire(Row::Notifications(owner), Lock::Exclusive).await?;
        let unread: Vec<_> = self.look(|seen| {
            let all = seen.all(|rows| &rows.notifications).into_iter();
            let own = all.filter(|(_, stored)| stored.told.recipient == owner && stored.read_at.is_none());
            own.filter(|(_, stored)| which(&stored.told))
                .map(|(position, stored)| (*position, stored.clone()))
                .collect()
        });
        let mut marked = 0;
        for (position, stored) in unread {
            let read = StoredNotification { read_at: Some(now), ..stored };
            self.written.notifications.insert(position, read);
            marked += 1;
        }
        Ok(marked)
    }
}

#[async_trait]
impl Notifications for MemoryWork {
    async fn add(&mut self, notifications: &[Notification]) -> Result<u64, StoreError> {
        self.start(Operation::AddNotifications).await?;
        let outcome = self.add_notifications(notifications).await;
        self.finish(outcome)
    }

    async fn mark_read(
        &mut self,
        owner: UserId,
        id: NotificationId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.start(Operation::MarkNotificationRead).await?;
        let marked = self.mark_notifications(owner, |told| told.id == id, now).await;
        let is_there = self.look(|seen| {
            let all = seen.all(|rows| &rows.notifications).into_values();
            all.map(|stored| &stored.told).any(|told| told.id == id && told.recipient == owner)
        });
        self.finish(marked.map(|_| is_there))
    }

    async fn mark_all_read(&mut self, owner: UserId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.start(Operation::MarkAllNotificationsRead).await?;
        let marked = self.mark_notifications(owner, |_| true, now).await;
        self.finish(marked)
    }
}

fn view(position: i64, stored: &StoredNotification) -> NotificationView {
    let StoredNotification { told, read_at } = stored;
    NotificationView {
        id: told.id,
        position,
        kind: told.kind,
        event: told.event.to_owned(),
        title: told.title.to_owned(),
        message: told.message.clone(),
        details: told.details.clone(),
        is_read: read_at.is_some(),
        created_at: told.created_at,
    }
}

#[async_trait]
impl NotificationQueries for MemoryStore {
    async fn notifications(
        &self,
        owner: UserId,
        filter: NotificationFilter,
        window: Window,
    ) -> Result<NotificationList, StoreError> {
        self.shared().enter_or_fail(Operation::ListNotifications).await?;
        let NotificationFilter { is_read, kind } = filter;
        let own: Vec<_> = self.look(|seen| {
            let all = seen.all(|rows| &rows.notifications).into_iter().rev();
            let own = all.filter(|(_, stored)| stored.told.recipient == owner);
            own.map(|(position, stored)| view(*position, stored)).collect()
        });
        let unread = own.iter().filter(|one| !one.is_read).count();
        let wanted = own.into_iter().filter(|one| {
            is_read.is_none_or(|is_read| is_read == one.is_read) && kind.is_none_or(|kind| kind == one.kind)
        });
        Ok(NotificationList {
            notifications: slice(wanted.collect(), window, |one: &NotificationView| one.position),
            unread: i64::try_from(unread).unwrap_or(i64::MAX),
        })
    }
}
