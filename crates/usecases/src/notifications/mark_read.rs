//! Somebody has read what they were told.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::ids::{NotificationId, UserId};
use ports::environment::Clock;
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::transact::Transaction;

/// Marks single notifications as read.
pub struct MarkNotificationRead {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl MarkNotificationRead {
    /// Marks one of the caller's; again changes nothing.
    ///
    /// # Errors
    /// `NotFound` unless it is the caller's own; those of the key.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: NotificationId,
        once: &Once<NotificationId>,
    ) -> Result<Answered<NotificationId>, UseCaseError> {
        let now = self.clock.now();
        let marking = MarkingOne { owner: actor.user_id, id, now };
        transact_once(self.store.as_ref(), &marking, once, now).await
    }
}

struct MarkingOne {
    owner: UserId,
    id: NotificationId,
    now: DateTime<Utc>,
}

impl Transaction for MarkingOne {
    type Output = NotificationId;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<NotificationId, UseCaseError> {
        let Self { owner, id, now } = self;
        let is_there = work.notifications().mark_read(*owner, *id, *now).await?;
        if is_there { Ok(*id) } else { Err(UseCaseError::NotFound) }
    }
}

/// Marks all notifications as read.
pub struct MarkAllNotificationsRead {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl MarkAllNotificationsRead {
    /// Marks all of the caller's and says how many were unread.
    ///
    /// # Errors
    /// Those of the key; those of storage.
    pub async fn execute(&self, actor: &Actor, once: &Once<u64>) -> Result<Answered<u64>, UseCaseError> {
        let now = self.clock.now();
        let marking = MarkingAll { owner: actor.user_id, now };
        transact_once(self.store.as_ref(), &marking, once, now).await
    }
}

struct MarkingAll {
    owner: UserId,
    now: DateTime<Utc>,
}

impl Transaction for MarkingAll {
    type Output = u64;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<u64, UseCaseError> {
        Ok(work.notifications().mark_all_read(self.owner, self.now).await?)
    }
}
