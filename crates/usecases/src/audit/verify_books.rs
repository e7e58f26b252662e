//! Checking the whole books, keeping what came of it, and stopping payouts where rows disagree.
//!
//! The check itself is outside of any transaction of ours: it reads for minutes. What follows from it is
//! one transaction. Checking twice does no harm: there is one more report, and whoever has a hold keeps
//! it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::actor::Issuer;
use domain::audit::{AuditEvent, PayoutHold};
use domain::ids::{LedgerCheckId, PayoutHoldId, UserId};
use ports::audit::{CheckBooks, Findings, LedgerCheck};
use ports::store::{Store, UnitOfWork};

use crate::error::UseCaseError;
use crate::recorder::Recorder;
use crate::transact::{Transaction, transact};

/// Checks the books every night.
pub struct VerifyBooks {
    /// Goes through them.
    pub books: Arc<dyn CheckBooks>,
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Tells.
    pub recorder: Recorder,
}

impl VerifyBooks {
    /// Checks, and says how many rows disagree.
    ///
    /// # Errors
    /// Those of storage; nothing was kept then.
    pub async fn execute(&self) -> Result<i64, UseCaseError> {
        let started_at = self.recorder.clock.now();
        let Findings { all, concerned } = self.books.check().await?;
        let now = self.recorder.clock.now();
        let id = LedgerCheckId::new(self.recorder.ids.uuid(now));
        let check = LedgerCheck { id, started_at, finished_at: now, findings: all };
        let offending = check.offending();
        let following = Following { recorder: &self.recorder, check, concerned, now };
        transact(self.store.as_ref(), &following).await?;
        Ok(offending)
    }
}

/// What follows from a check.
struct Following<'a> {
    recorder: &'a Recorder,
    check: LedgerCheck,
    concerned: Vec<UserId>,
    now: DateTime<Utc>,
}

impl Transaction for Following<'_> {
    type Output = ();

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<(), UseCaseError> {
        let Self { recorder, check, concerned, now } = self;
        work.audits().keep(check).await?;
        let offending = check.offending();
        if offending == 0 {
            return Ok(());
        }
        let mut placed = Vec::with_capacity(concerned.len());
        for user_id in concerned {
            let id = PayoutHoldId::new(recorder.ids.uuid(*now));
            placed.push(PayoutHold::place(id, *user_id, check.id, Issuer::System, *now)?);
        }
        let holds: Vec<_> = placed.iter().map(|(hold, _)| hold.clone()).collect();
        let new = work.audits().place(&holds).await?;
        let administrators = work.audits().administrators().await?;
        let mut facts = vec![AuditEvent::Disagreed { check_id: check.id, offending, administrators }];
        facts.extend(placed.into_iter().filter(|(hold, _)| new.contains(&hold.id)).map(|(_, fact)| fact));
        recorder.tell(work, facts, *now).await
    }
}
