//! Proof that the books are right: they are checked every night, payouts stop where they are not, and
//! whoever audits them can read them.

mod lift_hold;
mod read_books;
mod reconcile;
mod verify_books;

pub use lift_hold::LiftPayoutHold;
pub use read_books::{ListAccountEntries, ViewTrialBalance};
pub use reconcile::{Reconciliation, ViewReconciliation};
pub use verify_books::VerifyBooks;
