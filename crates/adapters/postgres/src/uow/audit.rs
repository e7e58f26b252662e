//! Checks of the books, and holds on payouts.

use async_trait::async_trait;
use domain::audit::PayoutHold;
use domain::ids::{PayoutHoldId, UserId};
use ports::audit::{Audits, LedgerCheck};
use ports::store::StoreError;

use super::PgUnitOfWork;
use crate::audit::{checks, holds};

#[async_trait]
impl Audits for PgUnitOfWork {
    async fn keep(&mut self, check: &LedgerCheck) -> Result<(), StoreError> {
        bounded!(self, |connection| checks::keep(connection, check))
    }

    async fn administrators(&mut self) -> Result<Vec<UserId>, StoreError> {
        bounded!(self, |connection| checks::administrators(connection))
    }

    async fn place(&mut self, placed: &[PayoutHold]) -> Result<Vec<PayoutHoldId>, StoreError> {
        bounded!(self, |connection| holds::place(connection, placed))
    }

    async fn hold_on(&mut self, user_id: UserId) -> Result<Option<PayoutHold>, StoreError> {
        bounded!(self, |connection| holds::active(connection, user_id))
    }

    async fn lock_hold(&mut self, user_id: UserId) -> Result<Option<PayoutHold>, StoreError> {
        bounded!(self, |connection| holds::lock(connection, user_id))
    }

    async fn save_lifted(&mut self, hold: &PayoutHold) -> Result<(), StoreError> {
        bounded!(self, |connection| holds::save_lifted(connection, hold))
    }
}
