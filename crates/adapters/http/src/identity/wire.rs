//! Accounts as they go over the wire. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 1) where it has them.

use domain::identity::{AccountState, User};
use ports::identity::AccountView;
use secrecy::ExposeSecret;
use serde::Serialize;
use usecases::identity::{LoggedIn, Registered, TokenPair};
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{AccountStateWord, RoleWord};
use crate::profiles::missing;
use crate::wire::{Timestamp, rating, success_rate};

/// A new account, logged in.
#[derive(Serialize, ToSchema)]
pub(super) struct RegisteredData {
    user: NewAccount,
    /// A JWT, good for 15 minutes.
    access_token: String,
    /// Opaque, good for one use within 30 days.
    refresh_token: String,
}

/// What a person sees of the account that they have just opened.
#[derive(Serialize, ToSchema)]
pub(super) struct NewAccount {
    id: Uuid,
    #[schema(format = "email")]
    email: String,
    full_name: String,
    /// Never `admin` here.
    role: RoleWord,
    created_at: Timestamp,
}

impl From<Registered> for RegisteredData {
    fn from(registered: Registered) -> Self {
        let Registered { user, tokens: TokenPair { access_token, refresh_token } } = registered;
        Self {
            user: NewAccount {
                id: user.id.uuid(),
                email: user.email.as_str().to_owned(),
                full_name: user.full_name.as_str().to_owned(),
                role: user.role.into(),
                created_at: Timestamp(user.created_at),
            },
            access_token: access_token.expose_secret().to_owned(),
            refresh_token: refresh_token.expose_secret().to_owned(),
        }
    }
}

/// Somebody who has come in.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedInData {
    user: AccountSummary,
    /// A JWT, good for 15 minutes.
    access_token: String,
    /// Opaque, good for one use within 30 days.
    refresh_token: String,
}

/// What a client shows in its header bar.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountSummary {
    id: Uuid,
    #[schema(format = "email")]
    email: String,
    full_name: String,
    role: RoleWord,
    /// Whether nothing is missing from a provider's profile; always true for others.
    profile_complete: bool,
    /// Mean of the reviews to two decimals; null before the first.
    rating: Option<f64>,
    /// Orders ever active.
    total_orders: u32,
}

impl From<LoggedIn> for LoggedInData {
    fn from(logged_in: LoggedIn) -> Self {
        let LoggedIn { account, tokens: TokenPair { access_token, refresh_token } } = logged_in;
        Self {
            user: AccountSummary {
                profile_complete: missing(&account).is_empty(),
                rating: rating(&account.figures),
                total_orders: account.figures.orders_total,
                id: account.id.uuid(),
                email: account.email,
                full_name: account.full_name,
                role: account.role.into(),
            },
            access_token: access_token.expose_secret().to_owned(),
            refresh_token: refresh_token.expose_secret().to_owned(),
        }
    }
}

/// A prolonged login.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenData {
    /// A JWT, good for 15 minutes.
    access_token: String,
    /// Replaces the one that was sent.
    refresh_token: String,
}

impl From<TokenPair> for TokenData {
    fn from(tokens: TokenPair) -> Self {
        let TokenPair { access_token, refresh_token } = tokens;
        Self {
            access_token: access_token.expose_secret().to_owned(),
            refresh_token: refresh_token.expose_secret().to_owned(),
        }
    }
}

/// The person who is logged in.
#[derive(Serialize, ToSchema)]
pub(super) struct MeData {
    user: Me,
}

/// The person who is logged in, with their figures.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    id: Uuid,
    #[schema(format = "email")]
    email: String,
    full_name: String,
    role: RoleWord,
    /// Mean of the reviews to two decimals; null before the first.
    rating: Option<f64>,
    /// Orders ever active.
    total_orders: u32,
    /// Those of them that were completed.
    completed_orders: u32,
    /// Completed × 100 / total with one decimal, cut off; null before the first order.
    success_rate: Option<f64>,
    member_since: Timestamp,
    bio: Option<String>,
    avatar_url: Option<String>,
}

impl From<AccountView> for MeData {
    fn from(account: AccountView) -> Self {
        let user = Me {
            rating: rating(&account.figures),
            total_orders: account.figures.orders_total,
            completed_orders: account.figures.orders_completed,
            success_rate: success_rate(&account.figures),
            id: account.id.uuid(),
            email: account.email,
            full_name: account.full_name,
            role: account.role.into(),
            member_since: Timestamp(account.created_at),
            bio: account.bio,
            avatar_url: account.avatar_url,
        };
        Self { user }
    }
}

/// The caller's own record.
#[derive(Serialize, ToSchema)]
pub(super) struct RecordData {
    user: Record,
}

/// The record of an account: who it says it is and how to reach it.
#[derive(Serialize, ToSchema)]
pub(super) struct Record {
    id: Uuid,
    #[schema(format = "email")]
    email: String,
    full_name: String,
    role: RoleWord,
    phone: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<AccountView> for RecordData {
    fn from(account: AccountView) -> Self {
        let user = Record {
            id: account.id.uuid(),
            email: account.email,
            full_name: account.full_name,
            role: account.role.into(),
            phone: account.phone,
            created_at: Timestamp(account.created_at),
            updated_at: Timestamp(account.updated_at),
        };
        Self { user }
    }
}

impl From<&User> for Record {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.uuid(),
            email: user.email.as_str().to_owned(),
            full_name: user.full_name.as_str().to_owned(),
            role: user.role.into(),
            phone: user.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            created_at: Timestamp(user.created_at),
            updated_at: Timestamp(user.updated_at),
        }
    }
}

impl From<&User> for RecordData {
    fn from(user: &User) -> Self {
        Self { user: user.into() }
    }
}

/// An account as an administrator sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct AdminAccountData {
    user: AdminAccount,
}

/// An account as an administrator sees it: its record and whether its owner may come in.
#[derive(Serialize, ToSchema)]
pub(super) struct AdminAccount {
    id: Uuid,
    #[schema(format = "email")]
    email: String,
    full_name: String,
    role: RoleWord,
    phone: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    state: AccountStateWord,
    /// Why it is blocked; null otherwise.
    blocked_reason: Option<String>,
    /// Since when it is blocked or deactivated; null while active.
    state_since: Option<Timestamp>,
}

impl From<&User> for AdminAccountData {
    fn from(user: &User) -> Self {
        let Record { id, email, full_name, role, phone, created_at, updated_at } = user.into();
        let state = AccountStateWord::from(&user.state);
        let (blocked_reason, state_since) = match &user.state {
            AccountState::Active => (None, None),
            AccountState::Blocked { reason, since } => (Some(reason.clone()), Some(Timestamp(*since))),
            AccountState::Deactivated { since } => (None, Some(Timestamp(*since))),
        };
        let user = AdminAccount {
            id,
            email,
            full_name,
            role,
            phone,
            created_at,
            updated_at,
            state,
            blocked_reason,
            state_since,
        };
        Self { user }
    }
}

/// A sentence for people.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageData {
    /// In English.
    pub(super) message: &'static str,
}
