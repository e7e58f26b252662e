//! Logging in.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::identity::{EmailAddress, PasswordHash};
use domain::ids::UserId;
use ports::identity::{AccountQueries, AccountView, Lock, PasswordHasher};
use ports::store::{Store, UnitOfWork};
use secrecy::SecretString;

use super::{TokenIssuer, TokenPair};
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Lets people in.
pub struct LogIn {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Finds the account behind an address.
    pub accounts: Arc<dyn AccountQueries>,
    /// Checks the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Tokens, time and identifiers.
    pub issuer: TokenIssuer,
}

/// Somebody who has come in.
#[derive(Debug)]
pub struct LoggedIn {
    /// Their account with its figures.
    pub account: AccountView,
    /// The new login's tokens.
    pub tokens: TokenPair,
}

impl LogIn {
    /// Checks address and password and begins a login.
    ///
    /// `email` is `None` when what was typed is no address at all: then nobody has it, and the
    /// answer takes as long as for a wrong password.
    ///
    /// # Errors
    /// The same `Unauthorized` for an unknown address and a wrong password; a telling one for a
    /// blocked or deactivated account, but only after the right password.
    pub async fn execute(
        &self,
        email: Option<&EmailAddress>,
        password: SecretString,
    ) -> Result<LoggedIn, UseCaseError> {
        let found = match email {
            Some(email) => self.accounts.credentials(email).await?,
            None => None,
        };
        let hash = found.as_ref().map(|found| found.password.clone());
        let is_right = self.hasher.verify(password, hash).await?;
        let Some(found) = found.filter(|_| is_right) else { return Err(wrong_credentials()) };
        // Before the login begins: nothing after its commit may fail.
        let account = self.accounts.account(found.user_id).await?.ok_or_else(wrong_credentials)?;

        let now = self.issuer.clock.now();
        let entering =
            Entering { issuer: &self.issuer, user_id: found.user_id, checked_against: found.password, now };
        let tokens = transact(self.store.as_ref(), &entering).await?;
        Ok(LoggedIn { account, tokens })
    }
}

/// Says as little as can be said.
fn wrong_credentials() -> UseCaseError {
    UseCaseError::Unauthorized { reason: None, message: "Wrong email or password".into() }
}

struct Entering<'a> {
    issuer: &'a TokenIssuer,
    user_id: UserId,
    checked_against: PasswordHash,
    now: DateTime<Utc>,
}

impl Transaction for Entering<'_> {
    type Output = TokenPair;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Self::Output, UseCaseError> {
        // The lock makes this login and a block or a change of password come one after the other:
        // whichever is second sees the first.
        let user = work.users().lock(self.user_id, Lock::Shared).await?.ok_or_else(wrong_credentials)?;
        if user.password != self.checked_against {
            return Err(wrong_credentials());
        }
        user.may_enter()?;
        let (session, refresh_token) = self.issuer.start_session(&user, self.now)?;
        work.sessions().insert(&session, &self.issuer.digest(&refresh_token)).await?;
        self.issuer.pair(&user, session.id, refresh_token, self.now)
    }
}
