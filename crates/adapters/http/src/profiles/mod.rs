//! Profiles and the ranking of providers over HTTP (contract §3, §6).

mod leaderboard;
mod own;
mod public;
mod request;
mod wire;

use std::sync::Arc;

use usecases::profiles::{EditProfile, ViewLeaderboard, ViewProfile, ViewPublicProfile};

use crate::routes::Mount;

pub(crate) use own::example as profile_example;
pub(crate) use wire::{ProfileUpdatedData, missing};

/// What this module's handlers call.
#[derive(Clone)]
pub struct ProfileUseCases {
    /// Shows people their own profile.
    pub view: Arc<ViewProfile>,
    /// Shows people who somebody else is.
    pub view_public: Arc<ViewPublicProfile>,
    /// Changes profiles for their owners.
    pub edit: Arc<EditProfile>,
    /// Shows people who is best.
    pub leaderboard: Arc<ViewLeaderboard>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config.service(own::show).service(own::update).service(public::show).service(leaderboard::show);
}
