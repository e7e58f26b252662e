//! Opening an account; the new account is logged in at once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::identity::{
    EmailAddress, FullName, IdentityEvent, NewPassword, NewUser, PhoneNumber, Role, Session, User,
};
use domain::ids::UserId;
use ports::identity::{EmailClaim, PasswordHasher, TokenDigest};
use ports::store::{Store, UnitOfWork};

use super::{TokenIssuer, TokenPair, email_taken};
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Opens accounts.
pub struct Register {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Hashes the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Tokens, time and identifiers.
    pub issuer: TokenIssuer,
}

/// What a stranger says of themselves, checked by the domain's types.
#[derive(Debug)]
pub struct Registration {
    /// Unique without regard to case.
    pub email: EmailAddress,
    /// Checked against the rules, not hashed yet.
    pub password: NewPassword,
    /// The name shown to others.
    pub full_name: FullName,
    /// From [`Role::for_registration`].
    pub role: Role,
    /// Optional.
    pub phone: Option<PhoneNumber>,
}

/// A new account, logged in.
#[derive(Debug)]
pub struct Registered {
    /// The account.
    pub user: User,
    /// Its first login's tokens.
    pub tokens: TokenPair,
}

impl Register {
    /// Opens an account.
    ///
    /// # Errors
    /// `Invalid` on `email` when the address is taken; 503 when too many passwords are being hashed.
    pub async fn execute(&self, registration: Registration) -> Result<Registered, UseCaseError> {
        let Registration { email, password, full_name, role, phone } = registration;
        let password = self.hasher.hash(password).await?;
        let now = self.issuer.clock.now();
        let id = UserId::new(self.issuer.ids.uuid(now));
        let new = NewUser { id, email, full_name, role, phone, password };
        let (user, registered) = User::register(new, now);
        let (session, refresh_token) = self.issuer.start_session(&user, now)?;
        let first_token = self.issuer.digest(&refresh_token);
        let tokens = self.issuer.pair(&user, session.id, refresh_token, now)?;
        let opening = Opening { issuer: &self.issuer, user, session, first_token, registered, now };
        transact(self.store.as_ref(), &opening).await?;
        Ok(Registered { user: opening.user, tokens })
    }
}

struct Opening<'a> {
    issuer: &'a TokenIssuer,
    user: User,
    session: Session,
    first_token: TokenDigest,
    registered: IdentityEvent,
    now: DateTime<Utc>,
}

impl Transaction for Opening<'_> {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        match work.users().insert(&self.user).await? {
            EmailClaim::Taken => return Err(email_taken()),
            EmailClaim::Granted => {}
        }
        work.sessions().insert(&self.session, &self.first_token).await?;
        self.issuer.tell(work, self.registered.clone(), self.now).await
    }
}
