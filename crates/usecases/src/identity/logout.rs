//! Logging out: the login that the request came through ends, on every device that shares it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::identity::SessionEnd;
use domain::ids::SessionId;
use ports::environment::Clock;
use ports::store::{Store, UnitOfWork};

use super::Authenticate;
use crate::error::UseCaseError;
use crate::transact::{Transaction, transact};

/// Ends logins.
pub struct LogOut {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Learns of it at once.
    pub authenticate: Arc<Authenticate>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl LogOut {
    /// Ends the actor's login. Doing so twice at the same moment is no error.
    ///
    /// # Errors
    /// Those of storage.
    pub async fn execute(&self, actor: &Actor) -> Result<(), UseCaseError> {
        let now = self.clock.now();
        transact(self.store.as_ref(), &Leaving { session_id: actor.session_id, now }).await?;
        self.authenticate.note_ended(&[actor.session_id], now);
        Ok(())
    }
}

struct Leaving {
    session_id: SessionId,
    now: DateTime<Utc>,
}

impl Transaction for Leaving {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        let Some(mut session) = work.sessions().lock(self.session_id).await? else { return Ok(()) };
        if session.end(SessionEnd::LoggedOut, self.now) {
            work.sessions().save_end(&session).await?;
        }
        Ok(())
    }
}
