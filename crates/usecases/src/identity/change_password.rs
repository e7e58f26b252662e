//! A new password; the other logins end.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::identity::{AccountStep, EmailAddress, IdentityError, NewPassword, PasswordHash};
use domain::ids::SessionId;
use ports::identity::{AccountQueries, Lock, PasswordHasher};
use ports::store::{Store, UnitOfWork};
use secrecy::SecretString;

use super::{Authenticate, TokenIssuer, end_logins, no_such_account, save_account};
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Changes passwords.
pub struct ChangePassword {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Finds the present hash.
    pub accounts: Arc<dyn AccountQueries>,
    /// Checks the old password and hashes the new one.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Learns at once of the logins that end.
    pub authenticate: Arc<Authenticate>,
    /// Time and identifiers.
    pub issuer: TokenIssuer,
}

impl ChangePassword {
    /// Replaces the actor's password and ends all their other logins.
    ///
    /// # Errors
    /// `Invalid` on `old_password` when it is not the present one, on `new_password` when it breaks
    /// a rule.
    pub async fn execute(
        &self,
        actor: &Actor,
        old_password: SecretString,
        new_password: &str,
    ) -> Result<(), UseCaseError> {
        let account = self.accounts.account(actor.user_id).await?.ok_or_else(no_such_account)?;
        let email =
            EmailAddress::parse(&account.email).map_err(|error| UseCaseError::Internal(Box::new(error)))?;
        let new_password = NewPassword::parse(new_password, &email)
            .map_err(|error| UseCaseError::field("new_password", error.to_string()))?;
        let checked_against = check_present_password(
            self.accounts.as_ref(),
            self.hasher.as_ref(),
            actor,
            old_password,
            "old_password",
        )
        .await?;
        let password = self.hasher.hash(new_password).await?;

        let now = self.issuer.clock.now();
        let change = Change { issuer: &self.issuer, actor, checked_against, password, now };
        let ended = transact(self.store.as_ref(), &change).await?;
        self.authenticate.note_ended(&ended, now);
        Ok(())
    }
}

/// Checks that `attempt` is the actor's present password and says what it was checked against.
pub(super) async fn check_present_password(
    accounts: &dyn AccountQueries,
    hasher: &dyn PasswordHasher,
    actor: &Actor,
    attempt: SecretString,
    field: &'static str,
) -> Result<PasswordHash, UseCaseError> {
    let credentials = accounts.credentials_of(actor.user_id).await?.ok_or_else(no_such_account)?;
    if hasher.verify(attempt, Some(credentials.password.clone())).await? {
        Ok(credentials.password)
    } else {
        Err(wrong_password(field))
    }
}

/// A field that should have held the present password.
pub(super) fn wrong_password(field: &'static str) -> UseCaseError {
    UseCaseError::field(field, IdentityError::WrongPassword.to_string())
}

struct Change<'a> {
    issuer: &'a TokenIssuer,
    actor: &'a Actor,
    checked_against: PasswordHash,
    password: PasswordHash,
    now: DateTime<Utc>,
}

impl Transaction for Change<'_> {
    type Output = Vec<SessionId>;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Vec<SessionId>, UseCaseError> {
        let Self { issuer, actor, checked_against, password, now } = self;
        let mut user =
            work.users().lock(actor.user_id, Lock::Exclusive).await?.ok_or_else(no_such_account)?;
        user.may_enter()?;
        let changed = user.change_password(password.clone(), checked_against, Issuer::from(*actor), *now);
        let AccountStep { event, ends } = changed.map_err(|error| {
            if error == IdentityError::WrongPassword { wrong_password("old_password") } else { error.into() }
        })?;
        save_account(work, &mut user).await?;
        let ended = end_logins(work, &user, ends, actor.session_id, *now).await?;
        issuer.tell(work, event, *now).await?;
        Ok(ended)
    }
}
