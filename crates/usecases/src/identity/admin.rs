//! Making an administrator: from the command line or from the settings, never over HTTP.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::identity::{EmailAddress, FullName, IdentityEvent, NewPassword, NewUser, Role, User};
use domain::ids::UserId;
use ports::identity::{AccountQueries, EmailClaim, PasswordHasher};
use ports::store::{Store, UnitOfWork};

use super::TokenIssuer;
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Makes administrators.
#[derive(Clone)]
pub struct CreateAdmin {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Looks the address up.
    pub accounts: Arc<dyn AccountQueries>,
    /// Hashes the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Time and identifiers.
    pub issuer: TokenIssuer,
}

/// Who is to be an administrator.
#[derive(Debug)]
pub struct NewAdmin {
    /// Unique without regard to case.
    pub email: EmailAddress,
    /// Checked against the rules, not hashed yet.
    pub password: NewPassword,
    /// The name shown to others.
    pub full_name: FullName,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminOutcome {
    /// There is a new administrator.
    Created(UserId),
    /// The address is that of an administrator already; nothing changed, the password neither.
    AlreadyThere(UserId),
    /// The address is somebody else's, with this role; nothing changed.
    OtherRole(Role),
    /// There is an administrator under some address; a first one is not needed any more.
    NotNeeded,
}

impl CreateAdmin {
    /// Makes an administrator unless the address is in use.
    ///
    /// # Errors
    /// Those of storage and hasher.
    pub async fn execute(&self, new: NewAdmin) -> Result<AdminOutcome, UseCaseError> {
        self.appoint(new, false).await
    }

    async fn appoint(&self, new: NewAdmin, only_first: bool) -> Result<AdminOutcome, UseCaseError> {
        let NewAdmin { email, password, full_name } = new;
        if let Some(outcome) = self.existing(&email).await? {
            return Ok(outcome);
        }
        let password = self.hasher.hash(password).await?;
        let now = self.issuer.clock.now();
        let id = UserId::new(self.issuer.ids.uuid(now));
        let new = NewUser { id, email, full_name, role: Role::Admin, phone: None, password };
        let (user, registered) = User::register(new, now);
        let appointment = Appointment { issuer: &self.issuer, user, registered, only_first, now };
        match transact(self.store.as_ref(), &appointment).await? {
            None => Ok(AdminOutcome::NotNeeded),
            Some(EmailClaim::Granted) => Ok(AdminOutcome::Created(id)),
            // Two servers start at once with the same settings: the other one was first.
            Some(EmailClaim::Taken) => match self.existing(&appointment.user.email).await? {
                Some(outcome) => Ok(outcome),
                None => Err(super::email_taken()),
            },
        }
    }

    /// Makes the first administrator, who stands in the settings, unless there is one by now. The
    /// address may have been given up since and belong to anybody; the settings are none the wiser. Of
    /// several servers that start at once with different settings one makes theirs.
    ///
    /// # Errors
    /// Those of storage and hasher.
    pub async fn execute_first(&self, new: NewAdmin) -> Result<AdminOutcome, UseCaseError> {
        // Most servers start with one: then nothing is hashed. It is decided under the lock.
        if self.accounts.has_administrator().await? {
            return Ok(AdminOutcome::NotNeeded);
        }
        self.appoint(new, true).await
    }

    async fn existing(&self, email: &EmailAddress) -> Result<Option<AdminOutcome>, UseCaseError> {
        let Some(found) = self.accounts.credentials(email).await? else { return Ok(None) };
        let Some(account) = self.accounts.account(found.user_id).await? else { return Ok(None) };
        Ok(Some(match account.role {
            Role::Admin => AdminOutcome::AlreadyThere(account.id),
            role @ (Role::Client | Role::Writer | Role::Freelancer | Role::Professional) => {
                AdminOutcome::OtherRole(role)
            }
        }))
    }
}

struct Appointment<'a> {
    issuer: &'a TokenIssuer,
    user: User,
    registered: IdentityEvent,
    /// Whether it is for a first administrator alone; then `None` where there is one.
    only_first: bool,
    now: DateTime<Utc>,
}

impl Transaction for Appointment<'_> {
    type Output = Option<EmailClaim>;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Option<EmailClaim>, UseCaseError> {
        if self.only_first && work.users().lock_administrators().await? {
            return Ok(None);
        }
        let claim = work.users().insert(&self.user).await?;
        if claim == EmailClaim::Granted {
            self.issuer.tell(work, self.registered.clone(), self.now).await?;
        }
        Ok(Some(claim))
    }
}
