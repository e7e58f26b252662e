//! A password hasher that costs nothing and keeps a diary.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::identity::{NewPassword, PasswordHash};
use ports::identity::{HasherError, PasswordHasher};
use secrecy::{ExposeSecret, SecretString};

/// What every hash of this hasher begins with.
const PREFIX: &str = "plain";

/// "Hashes" by writing the password down. Two hashes of one password differ, as they do with a salt.
#[derive(Debug, Default)]
pub struct PlainHasher {
    diary: Mutex<Diary>,
}

#[derive(Debug, Default)]
struct Diary {
    is_busy: bool,
    hashed: u64,
    verifications: Vec<Verification>,
}

/// One call of `verify` that was not turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Whether there was a hash to check against.
    pub had_hash: bool,
    /// What it answered.
    pub was_right: bool,
}

impl PlainHasher {
    /// From now on everybody is turned away, or nobody any more.
    pub fn set_busy(&self, is_busy: bool) {
        self.diary().is_busy = is_busy;
    }

    /// How many passwords were hashed.
    #[must_use]
    pub fn hashed(&self) -> u64 {
        self.diary().hashed
    }

    /// Every verification so far, oldest first.
    #[must_use]
    pub fn verifications(&self) -> Vec<Verification> {
        self.diary().verifications.clone()
    }

    fn diary(&self) -> MutexGuard<'_, Diary> {
        self.diary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash, HasherError> {
        tokio::task::yield_now().await;
        let mut diary = self.diary();
        if diary.is_busy {
            return Err(HasherError::Busy);
        }
        diary.hashed += 1;
        Ok(PasswordHash::new(format!("{PREFIX}${}${}", diary.hashed, password.expose())))
    }

    async fn verify(&self, attempt: SecretString, hash: Option<PasswordHash>) -> Result<bool, HasherError> {
        tokio::task::yield_now().await;
        let mut diary = self.diary();
        if diary.is_busy {
            return Err(HasherError::Busy);
        }
        let was_right = match &hash {
            None => false,
            Some(hash) => match hash.expose().splitn(3, '$').collect::<Vec<_>>().as_slice() {
                [PREFIX, _, password] => *password == attempt.expose_secret(),
                _ => return Err(HasherError::Failed("not a hash of this hasher".into())),
            },
        };
        diary.verifications.push(Verification { had_hash: hash.is_some(), was_right });
        Ok(was_right)
    }
}

#[cfg(test)]
mod tests {
    use domain::identity::EmailAddress;

    use super::*;

    #[tokio::test]
    async fn it_knows_right_from_wrong_and_remembers() {
        let hasher = PlainHasher::default();
        let email = EmailAddress::parse("ada@example.com").unwrap();
        let password = NewPassword::parse("pa$$word-of-ada", &email).unwrap();
        let hash = hasher.hash(password.clone()).await.unwrap();
        assert_ne!(hash, hasher.hash(password).await.unwrap(), "salted");
        assert!(hasher.verify("pa$$word-of-ada".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("pa$$word-of-eve".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("pa$$word-of-ada".into(), None).await.unwrap());
        let strange = hasher.verify("x".into(), Some(PasswordHash::new("$2b$12$…".into()))).await;
        assert!(matches!(strange, Err(HasherError::Failed(_))));
        hasher.set_busy(true);
        assert!(matches!(hasher.verify("x".into(), Some(hash)).await, Err(HasherError::Busy)));
        let diary: Vec<_> = hasher.verifications().iter().map(|v| (v.had_hash, v.was_right)).collect();
        assert_eq!(diary, [(true, true), (true, false), (false, false)]);
        assert_eq!(hasher.hashed(), 2);
    }
}
