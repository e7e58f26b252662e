//! A wallet's history, and withdrawals.

use std::sync::Arc;

use domain::actor::{Actor, Issuer};
use domain::ids::WithdrawalId;
use domain::money::{ChargebackState, WithdrawalStatus, policy};
use ports::list::{Slice, Window};
use ports::money::{
    ChargebackQueries, ChargebackView, EntryFilter, MoneyQueries, WalletEntry, WithdrawalView,
};

use crate::error::UseCaseError;

/// Shows people what went in and out of their wallet.
pub struct ListEntries {
    /// Reads it.
    pub money: Arc<dyn MoneyQueries>,
}

impl ListEntries {
    /// The actor's history, newest first.
    ///
    /// # Errors
    /// `Forbidden` for whoever has no wallet; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        filter: EntryFilter,
        window: Window,
    ) -> Result<Slice<WalletEntry>, UseCaseError> {
        policy::have_a_wallet(actor)?;
        Ok(self.money.entries(actor.user_id, filter, window).await?)
    }
}

/// Shows people their withdrawals.
pub struct ListWithdrawals {
    /// Reads them.
    pub money: Arc<dyn MoneyQueries>,
}

impl ListWithdrawals {
    /// The actor's withdrawals, newest first.
    ///
    /// # Errors
    /// `Forbidden` for whoever has no wallet; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        status: Option<WithdrawalStatus>,
        window: Window,
    ) -> Result<Slice<WithdrawalView>, UseCaseError> {
        policy::have_a_wallet(actor)?;
        Ok(self.money.withdrawals(Some(actor.user_id), &WithdrawalStatus::states(status), window).await?)
    }
}

/// Shows administrators everybody's withdrawals.
pub struct ListAllWithdrawals {
    /// Reads them.
    pub money: Arc<dyn MoneyQueries>,
}

impl ListAllWithdrawals {
    /// All withdrawals, newest first.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        status: Option<WithdrawalStatus>,
        window: Window,
    ) -> Result<Slice<WithdrawalView>, UseCaseError> {
        policy::administer_withdrawals(actor)?;
        Ok(self.money.withdrawals(None, &WithdrawalStatus::states(status), window).await?)
    }
}

/// Shows one withdrawal.
pub struct ViewWithdrawal {
    /// Reads it.
    pub money: Arc<dyn MoneyQueries>,
}

impl ViewWithdrawal {
    /// One withdrawal, to its owner and to administrators.
    ///
    /// # Errors
    /// `NotFound` for everybody else; those of storage.
    pub async fn execute(&self, actor: &Actor, id: WithdrawalId) -> Result<WithdrawalView, UseCaseError> {
        let found = self.money.withdrawal(id).await?;
        let by = Issuer::from(actor);
        found.filter(|found| by.party_of_owner(found.user_id).is_some()).ok_or(UseCaseError::NotFound)
    }
}

/// Shows administrators the payments that were taken back.
pub struct ListChargebacks {
    /// Reads them.
    pub chargebacks: Arc<dyn ChargebackQueries>,
}

impl ListChargebacks {
    /// All chargebacks, newest first.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator; those of storage.
    pub async fn execute(
        &self,
        actor: &Actor,
        state: Option<ChargebackState>,
        window: Window,
    ) -> Result<Slice<ChargebackView>, UseCaseError> {
        policy::administer_chargebacks(actor)?;
        Ok(self.chargebacks.chargebacks(state, window).await?)
    }
}
