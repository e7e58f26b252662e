//! The books as a whole, and one account of them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::audit::policy;
use domain::money::{Account, MARKET_CURRENCY};
use ports::audit::{AuditQueries, LedgerEntry, TrialLine};
use ports::environment::Clock;
use ports::list::{Slice, Window};

use crate::error::UseCaseError;

/// Shows what all accounts come to.
pub struct ViewTrialBalance {
    /// Reads it.
    pub audit: Arc<dyn AuditQueries>,
    /// Tells as of when.
    pub clock: Arc<dyn Clock>,
}

impl ViewTrialBalance {
    /// The lines of the trial balance, and as of when.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; those of storage.
    pub async fn execute(&self, actor: &Actor) -> Result<(Vec<TrialLine>, DateTime<Utc>), UseCaseError> {
        policy::audit_the_books(actor)?;
        let now = self.clock.now();
        Ok((self.audit.trial_balance().await?, now))
    }
}

/// Shows what was booked on an account.
pub struct ListAccountEntries {
    /// Reads it.
    pub audit: Arc<dyn AuditQueries>,
}

impl ListAccountEntries {
    /// An account's lines, newest first.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; `NotFound` when there is no such account; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        account: Account,
        window: Window,
    ) -> Result<Slice<LedgerEntry>, UseCaseError> {
        policy::audit_the_books(actor)?;
        let found = self.audit.account_entries(account, MARKET_CURRENCY, window).await?;
        found.ok_or(UseCaseError::NotFound)
    }
}
