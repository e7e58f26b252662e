//! Notifications: the repository and the question.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::{NotificationId, UserId};
use domain::notifications::{Details, Notification, NotificationKind};

use crate::list::{Slice, Window};
use crate::store::StoreError;

/// What people are told. How many there are of each kind, and how many of them are unread, is kept
/// per person in the same transaction, so that nobody ever counts them.
#[async_trait]
pub trait Notifications: Send {
    /// Adds those that are not there yet, in their order, and says how many that were: a recipient
    /// has one for each fact. Recipients without an account are passed over.
    async fn add(&mut self, notifications: &[Notification]) -> Result<u64, StoreError>;

    /// Marks one of somebody's as read, which it may be already. `false` when they have no such.
    async fn mark_read(
        &mut self,
        owner: UserId,
        id: NotificationId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Marks all of somebody's as read and says how many were not.
    async fn mark_all_read(&mut self, owner: UserId, now: DateTime<Utc>) -> Result<u64, StoreError>;
}

/// A notification as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationView {
    /// Identifier.
    pub id: NotificationId,
    /// Where it stands in its owner's list: newer ones are higher. For cursors.
    pub position: i64,
    /// About what kind of thing.
    pub kind: NotificationKind,
    /// The stable word for what happened.
    pub event: String,
    /// In a few words.
    pub title: String,
    /// In a sentence.
    pub message: String,
    /// What it is about.
    pub details: Details,
    /// Whether its owner has read it.
    pub is_read: bool,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

/// Which notifications are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// Only read or only unread ones.
    pub is_read: Option<bool>,
    /// Only those of one kind.
    pub kind: Option<NotificationKind>,
}

/// A part of somebody's notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationList {
    /// Those that match, newest first.
    pub notifications: Slice<NotificationView>,
    /// How many are unread, whatever the filter.
    pub unread: i64,
}

/// The question about notifications.
#[async_trait]
pub trait NotificationQueries: Send + Sync {
    /// Somebody's notifications.
    async fn notifications(
        &self,
        owner: UserId,
        filter: NotificationFilter,
        window: Window,
    ) -> Result<NotificationList, StoreError>;
}
