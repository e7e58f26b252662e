//! What people say of themselves, what others see of them, the figures that are kept about everybody,
//! and the ranking of providers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::identity::Role;
use domain::ids::UserId;
use domain::money::{Currency, Money};
use domain::profiles::{FigureChange, Figures, Period, Profile};

use crate::identity::AccountView;
use crate::store::StoreError;

/// Somebody as others see them beside an order or a bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// Who.
    pub id: UserId,
    /// Their full name.
    pub name: String,
    /// Where their picture is.
    pub avatar_url: Option<String>,
    /// What their orders and reviews add up to.
    pub figures: Figures,
}

/// What tells the states of a profile apart: saves of the account, which has the name, and of the
/// profile itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileVersion {
    /// Of the account.
    pub account: i64,
    /// Of what people say of themselves.
    pub profile: i64,
}

/// A profile as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileView {
    /// The account with all that belongs to it.
    pub account: AccountView,
    /// What they have earned here, as their balance shows it.
    pub total_earned: Money,
    /// Last change of the account or of what they say of themselves.
    pub changed_at: DateTime<Utc>,
    /// Which state this is.
    pub version: ProfileVersion,
}

/// A profile as others see it: nothing private is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicProfileView {
    /// Who, with their figures.
    pub person: PersonView,
    /// What they are in the marketplace.
    pub role: Role,
    /// Whether an administrator has checked who they are.
    pub is_verified: bool,
    /// Registration.
    pub created_at: DateTime<Utc>,
    /// Self-description.
    pub bio: Option<String>,
    /// Fields of work.
    pub specializations: Vec<String>,
    /// Degrees.
    pub education: Option<String>,
    /// Languages.
    pub languages: Vec<String>,
}

impl From<AccountView> for PublicProfileView {
    fn from(account: AccountView) -> Self {
        let AccountView {
            id,
            email: _,
            full_name: name,
            role,
            phone: _,
            is_verified,
            created_at,
            updated_at: _,
            bio,
            avatar_url,
            specializations,
            education,
            languages,
            figures,
        } = account;
        let person = PersonView { id, name, avatar_url, figures };
        Self { person, role, is_verified, created_at, bio, specializations, education, languages }
    }
}

/// What people say of themselves. A profile comes with its account.
#[async_trait]
pub trait Profiles: Send {
    /// Loads and locks a profile. Comes after the lock on its account.
    async fn lock(&mut self, user_id: UserId) -> Result<Option<Profile>, StoreError>;

    /// Saves what a command changed and raises `profile.version`. The picture is no part of it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the stored version is not `profile.version`.
    async fn save(&mut self, profile: &mut Profile) -> Result<(), StoreError>;

    /// A profile as this unit of work has left it, for the answer of a command.
    async fn view(&mut self, user_id: UserId, currency: Currency) -> Result<Option<ProfileView>, StoreError>;
}

/// Questions about profiles.
#[async_trait]
pub trait ProfileQueries: Send + Sync {
    /// A profile as its owner sees it.
    async fn profile(&self, user_id: UserId, currency: Currency) -> Result<Option<ProfileView>, StoreError>;

    /// A profile as others see it, if they see it: see `domain::profiles::policy::has_public_profile`.
    async fn public_profile(&self, user_id: UserId) -> Result<Option<PublicProfileView>, StoreError>;
}

/// The figures that are kept about everybody.
#[async_trait]
pub trait FigureBook: Send {
    /// Changes people's figures, locking their rows in the order of the map.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody has no figures.
    async fn change(&mut self, changes: &BTreeMap<UserId, FigureChange>) -> Result<(), StoreError>;
}

/// A place in a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedProvider {
    /// Counted from 1.
    pub rank: i64,
    /// Who: name and picture as they are, figures as they were when the ranking was made.
    pub person: PersonView,
    /// Orders that were completed in the period.
    pub orders_completed: u32,
    /// What these have brought, net of fees.
    pub total_earned: Money,
}

/// A ranking, as far as somebody wants to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderboardView {
    /// The first ones, best first.
    pub ranked: Vec<RankedProvider>,
    /// The place of the person who asks, if they are ranked.
    pub own: Option<RankedProvider>,
    /// As of when.
    pub as_of: DateTime<Utc>,
}

/// The most places that can be asked for at once.
pub const MAX_PLACES: u8 = 100;

/// Questions about rankings.
#[async_trait]
pub trait LeaderboardQueries: Send + Sync {
    /// The first `places` of the ranking as it was made last, at most [`MAX_PLACES`], and the place of
    /// `whose`; `None` when none was ever made.
    async fn leaderboard(
        &self,
        period: Period,
        places: u8,
        whose: UserId,
    ) -> Result<Option<LeaderboardView>, StoreError>;
}

/// Makes rankings.
#[async_trait]
pub trait RankProviders: Send + Sync {
    /// Puts a new ranking of all providers whose accounts may be used in the place of the one before,
    /// in a transaction of its own, by the rules of [`domain::profiles::rank`]: what was completed
    /// since `since`, or ever. False when another process is at it: nothing was done.
    async fn rank(
        &self,
        period: Period,
        since: Option<DateTime<Utc>>,
        currency: Currency,
        as_of: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
}
