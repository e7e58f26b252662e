//! What one has.

use std::sync::Arc;

use domain::actor::Actor;
use domain::money::{MARKET_CURRENCY, policy};
use ports::money::{MoneyQueries, WalletView};

use crate::error::UseCaseError;

/// Shows people their wallet.
pub struct ViewWallet {
    /// Reads it.
    pub money: Arc<dyn MoneyQueries>,
}

impl ViewWallet {
    /// The actor's wallet.
    ///
    /// # Errors
    /// `Forbidden` for whoever has none; those of storage.
    pub async fn execute(&self, actor: &Actor) -> Result<WalletView, UseCaseError> {
        policy::have_a_wallet(actor)?;
        Ok(self.money.wallet(actor.user_id, MARKET_CURRENCY).await?)
    }
}
