//! bcrypt, off the async threads and bounded.
//!
//! bcrypt reads at most 72 bytes and ends at a NUL, and it repeats a short password to fill its key:
//! longer passwords would be cut off, and `abc\0abc` would open what `abc` locks. Both kinds are
//! refused by the domain when a password is set and never match here.

use async_trait::async_trait;
use domain::identity::{NewPassword, PasswordHash};
use ports::identity::{HasherError, PasswordHasher};
use secrecy::{ExposeSecret, SecretString};

use crate::slow_work::{SlowWork, SlowWorkError};

/// The least cost that a server may be run with (contract §3).
pub const MIN_SERVER_COST: u32 = 10;
/// The least cost that the algorithm takes: for tests.
pub const MIN_COST: u32 = 4;

/// Hashes with bcrypt.
#[derive(Debug)]
pub struct BcryptHasher {
    work: SlowWork,
    cost: u32,
    /// A well-formed hash of the same cost that no password is known to open.
    nobodys: PasswordHash,
}

impl BcryptHasher {
    /// A hasher whose new hashes take 2^`cost` rounds.
    #[must_use]
    pub fn new(work: SlowWork, cost: u32) -> Self {
        let nobodys = PasswordHash::new(format!("$2b${cost:02}${}{}", ".".repeat(22), ".".repeat(31)));
        Self { work, cost, nobodys }
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash, HasherError> {
        let cost = self.cost;
        #[expect(clippy::disallowed_methods, reason = "NewPassword has at most 72 bytes and no NUL")]
        let hashed = self.work.run(move || bcrypt::hash(password.expose(), cost)).await;
        hashed.map_err(refused)?.map(PasswordHash::new).map_err(|error| HasherError::Failed(Box::new(error)))
    }

    async fn verify(&self, attempt: SecretString, hash: Option<PasswordHash>) -> Result<bool, HasherError> {
        let is_candidate = hash.is_some() && could_be_a_password(attempt.expose_secret());
        let hash = hash.unwrap_or_else(|| self.nobodys.clone());
        // A hopeless attempt takes its time all the same, so that nobody learns why it failed.
        #[expect(clippy::disallowed_methods, reason = "what bcrypt would cut off is no candidate")]
        let verified = self.work.run(move || bcrypt::verify(attempt.expose_secret(), hash.expose())).await;
        let matches = verified.map_err(refused)?.map_err(|error| HasherError::Failed(Box::new(error)))?;
        Ok(is_candidate && matches)
    }
}

fn could_be_a_password(attempt: &str) -> bool {
    attempt.len() <= NewPassword::MAX_BYTES && !attempt.contains('\0')
}

fn refused(error: SlowWorkError) -> HasherError {
    match error {
        SlowWorkError::Busy => HasherError::Busy,
        SlowWorkError::Lost => HasherError::Failed(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use domain::identity::EmailAddress;

    use super::*;

    fn hasher() -> BcryptHasher {
        BcryptHasher::new(SlowWork::with_threads(NonZeroUsize::MIN, 8).unwrap(), MIN_COST)
    }

    fn password(raw: &str) -> NewPassword {
        NewPassword::parse(raw, &EmailAddress::parse("a@example.com").unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let hasher = hasher();
        let hash = hasher.hash(password("SecurePass123!")).await.unwrap();
        for (attempt, expected) in [
            ("SecurePass123!", true),
            ("SecurePass123", false),
            ("securepass123!", false),
            ("", false),
            // bcrypt's key is the password and a NUL, over and over again.
            ("SecurePass123!\0", false),
            ("SecurePass123!\0SecurePass123!", false),
        ] {
            assert_eq!(
                hasher.verify(attempt.into(), Some(hash.clone())).await.unwrap(),
                expected,
                "{attempt:?}"
            );
        }
    }

    #[tokio::test]
    async fn all_seventy_two_bytes_count_and_none_more_are_taken() {
        let hasher = hasher();
        let longest = "x".repeat(71) + "y";
        let hash = hasher.hash(password(&longest)).await.unwrap();
        assert!(hasher.verify(longest.clone().into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("x".repeat(72).into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("x".repeat(71).into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify((longest + "z").into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_opens_an_account_that_is_not_there() {
        for attempt in ["", "password", &"x".repeat(100)] {
            assert!(!hasher().verify(attempt.into(), None).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_broken_stored_hash_is_a_fault_not_a_no() {
        let result = hasher().verify("x".into(), Some(PasswordHash::new("plain".into()))).await;
        assert!(matches!(result, Err(HasherError::Failed(_))));
    }
}
