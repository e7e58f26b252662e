//! What is kept beside every command: facts, answers, figures, and what people are told of it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::event::Event;
use domain::ids::{EventId, NotificationId, UserId};
use domain::notifications::Notification;
use domain::profiles::FigureChange;
use ports::idempotency::{IdempotencyKeys, KeyClaim, RequestKey, StoredAnswer};
use ports::notifications::Notifications;
use ports::outbox::Outbox;
use ports::profiles::FigureBook;
use ports::store::StoreError;

use super::{Condition, PgUnitOfWork};
use crate::notifications::repository as notifications;
use crate::{idempotency, outbox, profiles};

#[async_trait]
impl Outbox for PgUnitOfWork {
    async fn append(&mut self, events: &[(EventId, Event)]) -> Result<(), StoreError> {
        if self.condition != Condition::Good {
            return Err(StoreError::Spoilt);
        }
        self.facts.extend(events.iter().map(outbox::told));
        Ok(())
    }
}

#[async_trait]
impl FigureBook for PgUnitOfWork {
    async fn change(&mut self, changes: &BTreeMap<UserId, FigureChange>) -> Result<(), StoreError> {
        bounded!(self, |connection| profiles::change(connection, changes))
    }
}

#[async_trait]
impl Notifications for PgUnitOfWork {
    async fn add(&mut self, told: &[Notification]) -> Result<u64, StoreError> {
        bounded!(self, |connection| notifications::add(connection, told))
    }

    async fn mark_read(
        &mut self,
        owner: UserId,
        id: NotificationId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        bounded!(self, |connection| notifications::mark_read(connection, owner, id, now))
    }

    async fn mark_all_read(&mut self, owner: UserId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        bounded!(self, |connection| notifications::mark_all_read(connection, owner, now))
    }
}

#[async_trait]
impl IdempotencyKeys for PgUnitOfWork {
    async fn claim(&mut self, key: &RequestKey, not_before: DateTime<Utc>) -> Result<KeyClaim, StoreError> {
        opening!(self, |connection| idempotency::claim(connection, key, not_before))
    }

    async fn remember(
        &mut self,
        key: &RequestKey,
        answer: &StoredAnswer,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        bounded!(self, |connection| idempotency::remember(connection, key, answer, now))
    }
}
