//! Closing one's own account; all its logins end.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::identity::{AccountStep, Obligations};
use domain::ids::SessionId;
use ports::identity::Lock;
use ports::store::{Store, UnitOfWork};

use super::{Authenticate, TokenIssuer, end_logins, no_such_account, save_account};
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Closes accounts for their owners.
pub struct DeactivateAccount {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Learns at once of the logins that end.
    pub authenticate: Arc<Authenticate>,
    /// Time and identifiers.
    pub issuer: TokenIssuer,
}

impl DeactivateAccount {
    /// Closes the actor's account and ends all its logins.
    ///
    /// # Errors
    /// `Conflict` for an administrator, while contracts are running or money is there, or when the account is not active.
    pub async fn execute(&self, actor: &Actor) -> Result<(), UseCaseError> {
        let now = self.issuer.clock.now();
        let closing = Closing { issuer: &self.issuer, actor, now };
        let ended = transact(self.store.as_ref(), &closing).await?;
        self.authenticate.note_ended(&ended, now);
        Ok(())
    }
}

struct Closing<'a> {
    issuer: &'a TokenIssuer,
    actor: &'a Actor,
    now: DateTime<Utc>,
}

impl Transaction for Closing<'_> {
    type Output = Vec<SessionId>;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<Vec<SessionId>, UseCaseError> {
        let Self { issuer, actor, now } = self;
        let mut user =
            work.users().lock(actor.user_id, Lock::Exclusive).await?.ok_or_else(no_such_account)?;
        // Awards and deposits hold the account's row shared, so that none of them can slip in now. All
        // other money comes in by the end of a contract or the return of a withdrawal, which was
        // counted as money before. Therefore contracts are asked for first: one that has ended by then
        // has left its money where the second question finds it.
        let has_contracts = work.contracts().has_running(user.id).await?;
        let has_money = work.ledger().has_money(user.id).await?;
        let obligations = Obligations { has_contracts, has_money };
        let AccountStep { event, ends } = user.deactivate(obligations, Issuer::from(*actor), *now)?;
        save_account(work, &mut user).await?;
        let ended = end_logins(work, &user, ends, actor.session_id, *now).await?;
        issuer.tell(work, event, *now).await?;
        Ok(ended)
    }
}
