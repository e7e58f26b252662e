//! Doing a thing once, however often it is asked for (contract §1, "Idempotency").
//!
//! A caller names a request by a key of their own. The answer is stored in the transaction of the
//! effect, so both are there or neither is; an error that was rolled back leaves nothing, and a
//! crash leaves nothing stuck.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::UserId;

use crate::store::StoreError;

/// How a caller names a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Keys are each caller's own.
    pub user_id: UserId,
    /// 1 to 255 printable ASCII characters.
    pub key: String,
    /// SHA-256 over method, path and canonical body: the same key with another request is refused.
    pub fingerprint: [u8; 32],
}

/// An answer that was given, to be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status, 2xx.
    pub status: u16,
    /// The body, byte for byte.
    pub body: String,
}

/// What a key turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyClaim {
    /// Never used, or forgotten since: go on, and remember the answer. Nobody else gets this claim
    /// before this transaction ends.
    Fresh,
    /// Used for the same request: give this answer again and do nothing.
    Replay(StoredAnswer),
    /// Used for another request.
    Different,
    /// Another transaction is at it right now.
    InFlight,
}

/// The keys of one unit of work.
#[async_trait]
pub trait IdempotencyKeys: Send {
    /// The first call of a unit of work that has a key: takes a lock that the transaction holds,
    /// without waiting for it, and looks the key up. Keys older than `not_before` count as unused.
    async fn claim(&mut self, key: &RequestKey, not_before: DateTime<Utc>) -> Result<KeyClaim, StoreError>;

    /// The last call before the commit.
    async fn remember(
        &mut self,
        key: &RequestKey,
        answer: &StoredAnswer,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}
