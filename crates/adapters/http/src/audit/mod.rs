//! The books as administrators see them, whether they agree with the world, and holds on payouts.

mod books;
mod holds;
mod reconciliation;
mod wire;
mod words;

use std::sync::Arc;

use domain::actor::Actor;
use domain::audit::policy::audit_the_books;
use domain::identity::policy::Forbidden;
use usecases::audit::{LiftPayoutHold, ListAccountEntries, ViewReconciliation, ViewTrialBalance};

use crate::extract::{Permitted, Policy};
use crate::routes::Mount;

/// What this module's handlers call.
#[derive(Clone)]
pub struct AuditUseCases {
    /// Shows what all accounts come to.
    pub trial_balance: Arc<ViewTrialBalance>,
    /// Shows what was booked on an account.
    pub account_entries: Arc<ListAccountEntries>,
    /// Shows whether the books agree with the world.
    pub reconciliation: Arc<ViewReconciliation>,
    /// Lets people be paid again.
    pub lift_hold: Arc<LiftPayoutHold>,
}

/// [`audit_the_books`].
#[derive(Debug)]
struct AuditTheBooks;

impl Policy for AuditTheBooks {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        audit_the_books(actor)
    }
}

/// An administrator.
type Auditor = Permitted<AuditTheBooks>;

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(books::trial_balance)
        .service(books::account_entries)
        .service(reconciliation::reconciliation)
        .service(holds::lift);
}
