//! Whether the books agree with the world: the last check, whose payouts are stopped, what payments say
//! of themselves, and which withdrawals wait for somebody.
//!
//! These are four questions, one after the other. A payment in between may show in one and not yet in
//! the other; whoever sees a difference asks again.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::audit::policy;
use domain::money::WithdrawalState;
use ports::audit::{AuditQueries, Counted, HoldView, LedgerCheck, OutsideBooks, WaitingWithdrawal};
use ports::environment::Clock;

use crate::error::UseCaseError;

/// Holds, and withdrawals, that are shown at once. Where there are more, something is badly wrong.
const SHOWN: u32 = 100;

/// Whether the books agree with the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// As of when.
    pub as_of: DateTime<Utc>,
    /// The check that was made last, if there was one.
    pub last_check: Option<LedgerCheck>,
    /// The holds that are on.
    pub holds: Counted<HoldView>,
    /// What everybody outside has paid and was paid.
    pub outside: Vec<OutsideBooks>,
    /// Withdrawals that are in doubt, or late.
    pub waiting: Counted<WaitingWithdrawal>,
}

/// Shows whether the books agree with the world.
pub struct ViewReconciliation {
    /// Reads it.
    pub audit: Arc<dyn AuditQueries>,
    /// Tells what is late.
    pub clock: Arc<dyn Clock>,
}

impl ViewReconciliation {
    /// The reconciliation as it is now.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; those of storage.
    pub async fn execute(&self, actor: &Actor) -> Result<Reconciliation, UseCaseError> {
        policy::audit_the_books(actor)?;
        let as_of = self.clock.now();
        let (in_doubt, unfinished) = (WithdrawalState::in_doubt(), WithdrawalState::unfinished());
        Ok(Reconciliation {
            as_of,
            last_check: self.audit.last_check().await?,
            holds: self.audit.active_holds(SHOWN).await?,
            outside: self.audit.outside().await?,
            waiting: self.audit.waiting(in_doubt, &unfinished, as_of, SHOWN).await?,
        })
    }
}
