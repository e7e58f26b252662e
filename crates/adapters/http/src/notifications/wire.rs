//! Notifications as they go over the wire. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 5).

use domain::contracts::Stars;
use domain::ids::{DepositId, MilestoneNumber};
use domain::notifications::Details;
use ports::notifications::NotificationView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::NotificationTypeWord;
use crate::extract::Pagination;
use crate::wire::{Amount, Timestamp};

/// A part of somebody's notifications.
#[derive(Serialize, ToSchema)]
pub(super) struct NotificationsData {
    /// Newest first.
    pub(super) notifications: Vec<NotificationRow>,
    /// How many are unread, whatever the filters.
    #[schema(example = 5)]
    pub(super) unread_count: i64,
    pub(super) pagination: Pagination,
}

/// What somebody is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification)]
pub(super) struct NotificationRow {
    id: Uuid,
    #[schema(value_type = NotificationTypeWord, example = "bid")]
    r#type: &'static str,
    /// The stable word for what happened. New ones may be added at any time.
    #[schema(example = "bid.accepted")]
    event: String,
    /// In a few words, in English.
    #[schema(example = "Bid Accepted")]
    title: String,
    /// In a sentence, in English.
    #[schema(example = "Your bid for 'Marketing Research Paper' has been accepted!")]
    message: String,
    is_read: bool,
    created_at: Timestamp,
    details: NotificationDetails,
}

/// What a notification is about. Only what applies is there.
#[derive(Serialize, ToSchema)]
pub(super) struct NotificationDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ORD-101")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "BID-001")]
    bid_id: Option<String>,
    /// As it was at the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Marketing Research Paper")]
    order_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    milestone_id: Option<i32>,
    /// What reached the wallet, or left it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Amount)]
    amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "WD-042")]
    withdrawal_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    deposit_id: Option<Uuid>,
    /// Stars, 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5)]
    rating: Option<i16>,
    /// When something is going to happen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Timestamp)]
    due_at: Option<Timestamp>,
    /// What somebody gave as the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "The account does not exist")]
    reason: Option<String>,
}

impl From<Details> for NotificationDetails {
    fn from(details: Details) -> Self {
        let Details {
            order_id,
            order_title,
            bid_id,
            milestone,
            amount,
            withdrawal_id,
            deposit_id,
            rating,
            due_at,
            reason,
        } = details;
        Self {
            order_id: order_id.map(|id| id.to_string()),
            bid_id: bid_id.map(|id| id.to_string()),
            order_title,
            milestone_id: milestone.map(MilestoneNumber::number),
            amount: amount.map(Amount),
            withdrawal_id: withdrawal_id.map(|id| id.to_string()),
            deposit_id: deposit_id.map(DepositId::uuid),
            rating: rating.map(Stars::get),
            due_at: due_at.map(Timestamp),
            reason,
        }
    }
}

impl From<NotificationView> for NotificationRow {
    fn from(view: NotificationView) -> Self {
        let NotificationView { id, position: _, kind, event, title, message, details, is_read, created_at } =
            view;
        Self {
            id: id.uuid(),
            r#type: kind.as_str(),
            event,
            title,
            message,
            is_read,
            created_at: Timestamp(created_at),
            details: details.into(),
        }
    }
}

/// That a notification has been read.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadData {
    pub(super) id: Uuid,
    /// Always true.
    #[schema(example = true)]
    pub(super) is_read: bool,
}

/// That all notifications have been read.
#[derive(Serialize, ToSchema)]
pub(super) struct AllReadData {
    /// In English.
    #[schema(example = "All notifications marked as read")]
    pub(super) message: &'static str,
    /// How many were unread.
    #[schema(example = 5)]
    pub(super) count: u64,
}
