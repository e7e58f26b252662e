//! One's own profile, and those of others.

use std::sync::Arc;

use domain::actor::Actor;
use domain::ids::UserId;
use ports::profiles::{ProfileQueries, ProfileView, PublicProfileView};

use crate::error::UseCaseError;
use crate::identity::no_such_account;
use domain::money::MARKET_CURRENCY;

/// Shows people their own profile.
pub struct ViewProfile {
    /// Reads it.
    pub profiles: Arc<dyn ProfileQueries>,
}

impl ViewProfile {
    /// The actor's profile.
    ///
    /// # Errors
    /// `Unauthorized` for an account that is not there; those of storage.
    pub async fn execute(&self, actor: &Actor) -> Result<ProfileView, UseCaseError> {
        self.profiles.profile(actor.user_id, MARKET_CURRENCY).await?.ok_or_else(no_such_account)
    }
}

/// Shows people who somebody else is.
pub struct ViewPublicProfile {
    /// Reads it.
    pub profiles: Arc<dyn ProfileQueries>,
}

impl ViewPublicProfile {
    /// Somebody's profile without what is private, for everybody who is logged in.
    ///
    /// # Errors
    /// `NotFound` for whoever has none that others see: nobody, an account that is closed or blocked,
    /// an administrator.
    pub async fn execute(&self, id: UserId) -> Result<PublicProfileView, UseCaseError> {
        self.profiles.public_profile(id).await?.ok_or(UseCaseError::NotFound)
    }
}
