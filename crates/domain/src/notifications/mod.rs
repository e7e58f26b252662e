//! Notifications: who is told of which fact, and in which words.
//!
//! | module | holds |
//! |---|---|
//! | `telling` | fact → drafts: the one place that says who is told |
//! | `words` | every title and message, the one place for the texts |
//!
//! A fact tells each person at most once. [`drafts`] looks at nothing but the fact; the title of the
//! order, which facts do not carry, is filled in by [`Draft::write`]. Every kind of fact has its line
//! in `telling`, also those that nobody is told of: a new one does not compile without.
//!
//! What people did themselves they are not told again, and one command tells a person of one thing
//! once: whoever held an order that is called off hears of it by the end of their bid, not by the
//! order's as well. Deliberately absent: mail and sockets, and what has been read (a mark that its
//! owner sets, without any rule).

mod telling;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

pub use telling::drafts;
use words::Text;

use crate::contracts::Stars;
use crate::ids::{BidId, DepositId, EventId, MilestoneNumber, NotificationId, OrderId, UserId, WithdrawalId};
use crate::machine::word_enum;
use crate::money::Money;
use crate::orders::Title;

/// How long a notification is kept after it was read. One that was not stays.
pub const READ_PERIOD: TimeDelta = TimeDelta::days(180);

word_enum!(
    /// What a notification is about: the source's `type`.
    NotificationKind {
        /// The course of an order.
        Order = "order",
        /// A bid.
        Bid = "bid",
        /// Money.
        Payment = "payment",
        /// What somebody was like.
        Review = "review",
        /// The account.
        System = "system",
    }
);

/// What a notification is about, for whoever wants to lead from it to the thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The order.
    pub order_id: Option<OrderId>,
    /// Its title at the time; payments go without.
    pub order_title: Option<String>,
    /// The bid.
    pub bid_id: Option<BidId>,
    /// The milestone.
    pub milestone: Option<MilestoneNumber>,
    /// How much.
    pub amount: Option<Money>,
    /// The withdrawal.
    pub withdrawal_id: Option<WithdrawalId>,
    /// The payment into a wallet.
    pub deposit_id: Option<DepositId>,
    /// How many stars.
    pub rating: Option<Stars>,
    /// When something is going to happen.
    pub due_at: Option<DateTime<Utc>>,
    /// What somebody gave as the reason.
    pub reason: Option<String>,
}

/// What somebody is to be told, before the order's title is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Who.
    pub recipient: UserId,
    /// About what kind of thing.
    pub kind: NotificationKind,
    /// The stable word for what happened: the name of the fact, in nearly all cases.
    pub event: &'static str,
    /// What it is about.
    pub details: Details,
    text: Text,
}

/// What somebody is told; written once. Whether it has been read is kept beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Identifier.
    pub id: NotificationId,
    /// The fact that it tells of; a recipient has one for each.
    pub event_id: EventId,
    /// Who is told.
    pub recipient: UserId,
    /// About what kind of thing.
    pub kind: NotificationKind,
    /// The stable word for what happened.
    pub event: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// In a sentence.
    pub message: String,
    /// What it is about.
    pub details: Details,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

impl Draft {
    /// Writes it out. An order whose title is not among `titles` goes by its number.
    #[must_use]
    pub fn write(
        self,
        id: NotificationId,
        event_id: EventId,
        titles: &BTreeMap<OrderId, Title>,
        created_at: DateTime<Utc>,
    ) -> Notification {
        let Self { recipient, kind, event, mut details, text } = self;
        let title = details.order_id.and_then(|order_id| titles.get(&order_id));
        if kind != NotificationKind::Payment {
            details.order_title = title.map(|title| title.as_str().to_owned());
        }
        let message = text.message(&details);
        Notification { id, event_id, recipient, kind, event, title: text.title, message, details, created_at }
    }
}
