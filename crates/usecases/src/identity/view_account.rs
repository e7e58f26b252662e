//! One's own account with its figures.

use std::sync::Arc;

use domain::actor::Actor;
use ports::identity::{AccountQueries, AccountView};

use super::no_such_account;
use crate::error::UseCaseError;

/// Shows people their account.
pub struct ViewAccount {
    /// Reads it.
    pub accounts: Arc<dyn AccountQueries>,
}

impl ViewAccount {
    /// The actor's account.
    ///
    /// # Errors
    /// `Unauthorized` for an account that is not there; those of storage.
    pub async fn execute(&self, actor: &Actor) -> Result<AccountView, UseCaseError> {
        self.accounts.account(actor.user_id).await?.ok_or_else(no_such_account)
    }
}
