//! The names that callers give their requests.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ports::idempotency::{IdempotencyKeys, KeyClaim, RequestKey, StoredAnswer};
use ports::identity::Lock;
use ports::store::StoreError;

use crate::faults::Operation;
use crate::locks::Row;
use crate::tables::Remembered;
use crate::work::MemoryWork;

impl MemoryWork {
    fn remembered(&self, key: &RequestKey) -> Option<Remembered> {
        let key = (key.user_id, key.key.clone());
        let own = self.written.answers.get(&key).cloned();
        own.or_else(|| self.shared.committed().rows.answers.get(&key).cloned())
    }

    fn claim_key(&self, key: &RequestKey, not_before: DateTime<Utc>) -> KeyClaim {
        let row = Row::RequestKey(key.user_id, key.key.clone());
        let is_taken = self.shared.locks.try_acquire(self.holder, &row, Lock::Exclusive);
        match self.remembered(key).filter(|remembered| remembered.created_at >= not_before) {
            None if is_taken => KeyClaim::Fresh,
            None => KeyClaim::InFlight,
            Some(Remembered { fingerprint, answer, .. }) if fingerprint == key.fingerprint => {
                KeyClaim::Replay(answer)
            }
            Some(_) => KeyClaim::Different,
        }
    }

    fn remember_answer(
        &mut self,
        key: &RequestKey,
        answer: &StoredAnswer,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.must_have_account(key.user_id, "idempotency_keys_user_id_fkey")?;
        if self.remembered(key).is_some_and(|remembered| remembered.created_at >= now) {
            return Err(StoreError::Stale { what: "request key" });
        }
        let RequestKey { user_id, key, fingerprint } = key;
        let remembered = Remembered { fingerprint: *fingerprint, answer: answer.clone(), created_at: now };
        self.written.answers.insert((*user_id, key.clone()), remembered);
        Ok(())
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryWork {
    async fn claim(&mut self, key: &RequestKey, not_before: DateTime<Utc>) -> Result<KeyClaim, StoreError> {
        self.start(Operation::ClaimKey).await?;
        let claim = self.claim_key(key, not_before);
        self.finish(Ok(claim))
    }

    async fn remember(
        &mut self,
        key: &RequestKey,
        answer: &StoredAnswer,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.start(Operation::Remember).await?;
        let outcome = self.remember_answer(key, answer, now);
        self.finish(outcome)
    }
}
