//! An administrator shuts somebody out, and lets them in again.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::identity::{AccountStep, BlockReason, User, policy};
use domain::ids::{SessionId, UserId};
use ports::identity::Lock;
use ports::store::{Store, UnitOfWork};

use super::{Authenticate, TokenIssuer, end_logins, no_such_account, save_account};
use crate::error::UseCaseError;
use crate::idempotency::{Answered, Once, transact_once};
use crate::transact::Transaction;

/// Blocks accounts.
pub struct BlockUser {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Learns at once of the logins that end.
    pub authenticate: Arc<Authenticate>,
    /// Time and identifiers.
    pub issuer: TokenIssuer,
}

/// Unblocks accounts.
pub struct UnblockUser {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Time and identifiers.
    pub issuer: TokenIssuer,
}

/// A blocked account.
#[derive(Clone, Debug)]
pub struct Blocked {
    /// The account.
    pub user: User,
    /// Its logins that ended by that.
    pub ended: Vec<SessionId>,
}

impl BlockUser {
    /// Blocks an account and ends all its logins.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` unless the account is active and
    /// somebody else's.
    pub async fn execute(
        &self,
        actor: &Actor,
        user_id: UserId,
        reason: &BlockReason,
        once: &Once<Blocked>,
    ) -> Result<Answered<Blocked>, UseCaseError> {
        policy::administer_accounts(actor)?;
        let now = self.issuer.clock.now();
        let blocking = Blocking { issuer: &self.issuer, actor, user_id, reason, now };
        let answered = transact_once(self.store.as_ref(), &blocking, once, now).await?;
        if let Answered::Now(Blocked { ended, .. }) = &answered {
            self.authenticate.note_ended(ended, now);
        }
        Ok(answered)
    }
}

impl UnblockUser {
    /// Lets a blocked account in again. Its old logins stay ended.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound`; `Conflict` unless the account is blocked.
    pub async fn execute(
        &self,
        actor: &Actor,
        user_id: UserId,
        once: &Once<User>,
    ) -> Result<Answered<User>, UseCaseError> {
        policy::administer_accounts(actor)?;
        let now = self.issuer.clock.now();
        let unblocking = Unblocking { issuer: &self.issuer, actor, user_id, now };
        transact_once(self.store.as_ref(), &unblocking, once, now).await
    }
}

/// Locks the account that is to change, and the administrator who changes it, lower id first: of
/// two who block each other at once the second finds themselves blocked.
async fn lock_target(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    user_id: UserId,
) -> Result<User, UseCaseError> {
    let administrator_first = actor.user_id < user_id;
    if administrator_first {
        lock_administrator(work, actor).await?;
    }
    let target = work.users().lock(user_id, Lock::Exclusive).await?;
    if actor.user_id == user_id {
        target.iter().try_for_each(User::may_enter)?;
    } else if !administrator_first {
        lock_administrator(work, actor).await?;
    }
    target.ok_or(UseCaseError::NotFound)
}

async fn lock_administrator(work: &mut dyn UnitOfWork, actor: &Actor) -> Result<(), UseCaseError> {
    let administrator = work.users().lock(actor.user_id, Lock::Shared).await?.ok_or_else(no_such_account)?;
    Ok(administrator.may_enter()?)
}

struct Blocking<'a> {
    issuer: &'a TokenIssuer,
    actor: &'a Actor,
    user_id: UserId,
    reason: &'a BlockReason,
    now: DateTime<Utc>,
}

impl Transaction for Blocking<'_> {
    type Output = Blocked;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Blocked, UseCaseError> {
        let Self { issuer, actor, user_id, reason, now } = self;
        let mut user = lock_target(work, actor, *user_id).await?;
        let AccountStep { event, ends } = user.block(reason, Issuer::from(*actor), *now)?;
        save_account(work, &mut user).await?;
        let ended = end_logins(work, &user, ends, actor.session_id, *now).await?;
        issuer.tell(work, event, *now).await?;
        Ok(Blocked { user, ended })
    }
}

struct Unblocking<'a> {
    issuer: &'a TokenIssuer,
    actor: &'a Actor,
    user_id: UserId,
    now: DateTime<Utc>,
}

impl Transaction for Unblocking<'_> {
    type Output = User;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<User, UseCaseError> {
        let Self { issuer, actor, user_id, now } = self;
        let mut user = lock_target(work, actor, *user_id).await?;
        let AccountStep { event, ends } = user.unblock(Issuer::from(*actor), *now)?;
        save_account(work, &mut user).await?;
        end_logins(work, &user, ends, actor.session_id, *now).await?;
        issuer.tell(work, event, *now).await?;
        Ok(user)
    }
}
