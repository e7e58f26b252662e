//! Profiles, and the ranking of providers (contract §3, §6).

mod edit_profile;
mod refresh_leaderboard;
mod view_leaderboard;
mod view_profile;

pub use edit_profile::{EditProfile, ProfileEdit};
pub use refresh_leaderboard::RefreshLeaderboard;
pub use view_leaderboard::ViewLeaderboard;
pub use view_profile::{ViewProfile, ViewPublicProfile};
