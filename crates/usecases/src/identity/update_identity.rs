//! The owner changes their name, telephone number or address.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::identity::{EmailAddress, FullName, IdentityPatch, PasswordHash, PhoneNumber, User};
use ports::identity::{AccountQueries, Lock, PasswordHasher};
use ports::store::{Store, UnitOfWork};
use secrecy::SecretString;

use super::change_password::check_present_password;
use super::{TokenIssuer, no_such_account, save_account};
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Changes who an account says it is.
pub struct UpdateIdentity {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Finds the present hash.
    pub accounts: Arc<dyn AccountQueries>,
    /// Checks the present password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Time and identifiers.
    pub issuer: TokenIssuer,
}

/// What is to change; `None` leaves a field as it is.
#[derive(Debug, Default)]
pub struct IdentityChange {
    /// A new name.
    pub full_name: Option<FullName>,
    /// A new number, or `Some(None)` for none any more.
    pub phone: Option<Option<PhoneNumber>>,
    /// A new address; needs `current_password` when it is another one than the present.
    pub email: Option<EmailAddress>,
    /// The present password.
    pub current_password: Option<SecretString>,
}

impl UpdateIdentity {
    /// Changes what is named, and answers the whole account.
    ///
    /// # Errors
    /// `Invalid` on `current_password` when the address changes and it is missing or wrong; on
    /// `email` when another account has it.
    pub async fn execute(&self, actor: &Actor, change: IdentityChange) -> Result<User, UseCaseError> {
        let IdentityChange { full_name, phone, email, current_password } = change;
        let checked_against = match current_password {
            Some(attempt) if self.changes_address(actor, email.as_ref()).await? => Some(
                check_present_password(
                    self.accounts.as_ref(),
                    self.hasher.as_ref(),
                    actor,
                    attempt,
                    "current_password",
                )
                .await?,
            ),
            Some(_) | None => None,
        };
        let now = self.issuer.clock.now();
        let patch = IdentityPatch { full_name, email, phone };
        let update = Update { issuer: &self.issuer, actor, patch, checked_against, now };
        transact(self.store.as_ref(), &update).await
    }

    /// Whether a password has to be checked at all; decided again under the lock.
    async fn changes_address(
        &self,
        actor: &Actor,
        email: Option<&EmailAddress>,
    ) -> Result<bool, UseCaseError> {
        let Some(email) = email else { return Ok(false) };
        let account = self.accounts.account(actor.user_id).await?.ok_or_else(no_such_account)?;
        Ok(account.email != email.as_str())
    }
}

struct Update<'a> {
    issuer: &'a TokenIssuer,
    actor: &'a Actor,
    patch: IdentityPatch,
    checked_against: Option<PasswordHash>,
    now: DateTime<Utc>,
}

impl Transaction for Update<'_> {
    type Output = User;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<User, UseCaseError> {
        let Self { issuer, actor, patch, checked_against, now } = self;
        let mut user =
            work.users().lock(actor.user_id, Lock::Exclusive).await?.ok_or_else(no_such_account)?;
        user.may_enter()?;
        let known = checked_against.as_ref();
        let changed = user.change_identity(patch.clone(), known, Issuer::from(*actor), *now)?;
        let Some(event) = changed else { return Ok(user) };
        save_account(work, &mut user).await?;
        issuer.tell(work, event, *now).await?;
        Ok(user)
    }
}
