//! Profiles as they go over the wire. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 9) where it has them.

use domain::profiles::{ProfileFields, ProfileGap, missing_fields};
use ports::identity::AccountView;
use ports::profiles::{PersonView, ProfileView, PublicProfileView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::identity::RoleWord;
use crate::wire::{Amount, Timestamp, rating, success_rate, words};

words!(
    /// What a profile may lack.
    MissingFieldWord,
    "MissingField",
    ["full_name", "bio", "avatar_url", "specializations", "education", "languages"],
    "A part of a provider's profile that is not there, or a bio of less than 100 characters."
);

/// What somebody's profile lacks to be complete.
pub(crate) fn missing(account: &AccountView) -> Vec<ProfileGap> {
    let profile = ProfileFields {
        full_name: &account.full_name,
        bio: account.bio.as_deref(),
        has_avatar: account.avatar_url.is_some(),
        specializations: account.specializations.len(),
        education: account.education.as_deref(),
        languages: account.languages.len(),
    };
    missing_fields(account.role, &profile)
}

/// One's own profile.
#[derive(Serialize, ToSchema)]
pub(super) struct ProfileData {
    profile: Profile,
}

/// One's own profile after a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileUpdatedData {
    profile: Profile,
    /// In English.
    message: &'static str,
}

/// A profile as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct Profile {
    id: Uuid,
    #[schema(format = "email")]
    email: String,
    full_name: String,
    role: RoleWord,
    /// Where the picture is; null without one.
    avatar_url: Option<String>,
    /// Self-description.
    bio: Option<String>,
    /// Mean of the reviews to two decimals; null before the first.
    rating: Option<f64>,
    /// Orders ever active.
    total_orders: u32,
    /// Those of them that were completed.
    completed_orders: u32,
    /// Completed × 100 / total with one decimal, cut off; null before the first order.
    success_rate: Option<f64>,
    /// Fields of work.
    specializations: Vec<String>,
    /// Degrees and the like.
    education: Option<String>,
    languages: Vec<String>,
    /// Registration.
    member_since: Timestamp,
    /// What one has earned here, net of fees, as `GET /balance` says it.
    total_earned: Amount,
    /// Whether an administrator has checked who they are.
    verified: bool,
    /// Whether nothing is missing from a provider's profile; always true for others.
    profile_complete: bool,
    /// What is missing.
    #[schema(value_type = Vec<MissingFieldWord>)]
    missing_fields: Vec<&'static str>,
    /// Last change of the account or the profile.
    updated_at: Timestamp,
}

impl From<&ProfileView> for Profile {
    fn from(view: &ProfileView) -> Self {
        let ProfileView { account, total_earned, changed_at, version: _ } = view;
        let missing = missing(account);
        Self {
            id: account.id.uuid(),
            email: account.email.clone(),
            full_name: account.full_name.clone(),
            role: account.role.into(),
            avatar_url: account.avatar_url.clone(),
            bio: account.bio.clone(),
            rating: rating(&account.figures),
            total_orders: account.figures.orders_total,
            completed_orders: account.figures.orders_completed,
            success_rate: success_rate(&account.figures),
            specializations: account.specializations.clone(),
            education: account.education.clone(),
            languages: account.languages.clone(),
            member_since: Timestamp(account.created_at),
            total_earned: Amount(*total_earned),
            verified: account.is_verified,
            profile_complete: missing.is_empty(),
            missing_fields: missing.into_iter().map(ProfileGap::as_str).collect(),
            updated_at: Timestamp(*changed_at),
        }
    }
}

impl From<&ProfileView> for ProfileData {
    fn from(view: &ProfileView) -> Self {
        Self { profile: view.into() }
    }
}

impl ProfileUpdatedData {
    pub(crate) fn new(view: &ProfileView, message: &'static str) -> Self {
        Self { profile: view.into(), message }
    }
}

/// Somebody's profile.
#[derive(Serialize, ToSchema)]
pub(super) struct PublicProfileData {
    profile: PublicProfile,
}

/// A profile as others see it.
#[derive(Serialize, ToSchema)]
pub(super) struct PublicProfile {
    id: Uuid,
    full_name: String,
    /// Never `admin` here.
    role: RoleWord,
    /// Where the picture is; null without one.
    avatar_url: Option<String>,
    /// Self-description.
    bio: Option<String>,
    /// Mean of the reviews to two decimals; null before the first.
    rating: Option<f64>,
    /// Orders ever active.
    total_orders: u32,
    /// Those of them that were completed.
    completed_orders: u32,
    /// Completed × 100 / total with one decimal, cut off; null before the first order.
    success_rate: Option<f64>,
    /// Fields of work.
    specializations: Vec<String>,
    /// Degrees and the like.
    education: Option<String>,
    languages: Vec<String>,
    /// Registration.
    member_since: Timestamp,
    /// Whether an administrator has checked who they are.
    verified: bool,
}

impl From<PublicProfileView> for PublicProfileData {
    fn from(view: PublicProfileView) -> Self {
        let PublicProfileView {
            person: PersonView { id, name, avatar_url, figures },
            role,
            is_verified,
            created_at,
            bio,
            specializations,
            education,
            languages,
        } = view;
        let profile = PublicProfile {
            id: id.uuid(),
            full_name: name,
            role: role.into(),
            avatar_url,
            bio,
            rating: rating(&figures),
            total_orders: figures.orders_total,
            completed_orders: figures.orders_completed,
            success_rate: success_rate(&figures),
            specializations,
            education,
            languages,
            member_since: Timestamp(created_at),
            verified: is_verified,
        };
        Self { profile }
    }
}
