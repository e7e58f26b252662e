//! Accounts and logins (contract §3).

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::identity::{LoginsEnd, User};
use domain::ids::SessionId;
use ports::identity::{EmailClaim, Lock};
use ports::store::UnitOfWork;

use crate::error::{FieldError, UseCaseError};

mod admin;
mod authenticate;
mod block_user;
mod change_password;
mod deactivate;
mod login;
mod logout;
mod refresh;
mod register;
mod tokens;
mod update_identity;
mod view_account;

pub use admin::{AdminOutcome, CreateAdmin, NewAdmin};
pub(crate) use authenticate::CLOCK_SLACK;
pub use authenticate::{Authenticate, STALE_AFTER};
pub use block_user::{BlockUser, Blocked, UnblockUser};
pub use change_password::ChangePassword;
pub use deactivate::DeactivateAccount;
pub use login::{LogIn, LoggedIn};
pub use logout::LogOut;
pub use refresh::RefreshSession;
pub use register::{Register, Registered, Registration};
pub use tokens::{TokenIssuer, TokenPair};
pub use update_identity::{IdentityChange, UpdateIdentity};
pub use view_account::ViewAccount;

/// The answer to an address that another account has, as the source shows it.
fn email_taken() -> UseCaseError {
    let message = Cow::Borrowed("Email already exists");
    let errors = vec![FieldError { field: Cow::Borrowed("email"), message: message.clone() }];
    UseCaseError::Invalid { message, errors }
}

/// The answer to somebody whose account is not there (a backup was restored): they are nobody.
pub(crate) fn no_such_account() -> UseCaseError {
    UseCaseError::Unauthorized { reason: None, message: "This login has ended; log in again".into() }
}

/// Ends the logins of an account that a command on it ends; `present` is the one that it came through.
async fn end_logins(
    work: &mut dyn UnitOfWork,
    user: &User,
    ends: Option<LoginsEnd>,
    present: SessionId,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, UseCaseError> {
    let Some(LoginsEnd { why, spares_present }) = ends else { return Ok(Vec::new()) };
    Ok(work.sessions().end_all(user.id, spares_present.then_some(present), why, now).await?)
}

/// Holds the caller's own account, so that it is not closed or blocked before the transaction ends: what
/// comes to be in it is found by whoever winds the account up. The request may have been let in a moment
/// before the account was closed.
pub(crate) async fn hold_caller(work: &mut dyn UnitOfWork, actor: &Actor) -> Result<(), UseCaseError> {
    may_still_enter(work.users().lock(actor.user_id, Lock::Shared).await?)
}

/// That the caller's account, which is held, may still be used.
pub(crate) fn may_still_enter(caller: Option<User>) -> Result<(), UseCaseError> {
    Ok(caller.ok_or_else(no_such_account)?.may_enter()?)
}

/// Saves an account that a command changed.
pub(crate) async fn save_account(work: &mut dyn UnitOfWork, user: &mut User) -> Result<(), UseCaseError> {
    match work.users().save(user).await? {
        EmailClaim::Granted => Ok(()),
        EmailClaim::Taken => Err(email_taken()),
    }
}
