//! What happened to accounts. No password, token or address leaves through here.

use super::Role;
use crate::ids::{SessionId, UserId};

/// Why a login ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// Its owner logged out.
    LoggedOut,
    /// The password was changed from another login.
    PasswordChanged,
    /// A refresh token was used a second time: somebody else has a copy.
    TokenReused,
    /// An administrator blocked the account.
    Blocked,
    /// The owner closed the account.
    Deactivated,
}

impl SessionEnd {
    /// Every reason there is.
    pub const ALL: [Self; 5] =
        [Self::LoggedOut, Self::PasswordChanged, Self::TokenReused, Self::Blocked, Self::Deactivated];

    /// The word in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::PasswordChanged => "password_changed",
            Self::TokenReused => "token_reused",
            Self::Blocked => "blocked",
            Self::Deactivated => "deactivated",
        }
    }

    /// The reason with exactly this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == word)
    }
}

/// Facts about accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityEvent {
    /// Somebody opened an account, or an administrator was made.
    Registered {
        /// The new account.
        user_id: UserId,
        /// What it is in the marketplace.
        role: Role,
    },
    /// The owner changed name, phone or address.
    IdentityChanged {
        /// The account.
        user_id: UserId,
        /// Whether the address by which they log in changed, too.
        email_changed: bool,
    },
    /// The owner changed what they say of themselves.
    ProfileChanged {
        /// The account.
        user_id: UserId,
    },
    /// The owner set a new password.
    PasswordChanged {
        /// The account.
        user_id: UserId,
    },
    /// A refresh token came back after it had been replaced; the whole login was ended.
    TokenReuseDetected {
        /// The account.
        user_id: UserId,
        /// The login that was ended.
        session_id: SessionId,
    },
    /// An administrator blocked the account.
    Blocked {
        /// The account.
        user_id: UserId,
        /// The administrator.
        by: UserId,
        /// What the administrator gave as the reason.
        reason: String,
    },
    /// An administrator lifted the block.
    Unblocked {
        /// The account.
        user_id: UserId,
        /// The administrator.
        by: UserId,
    },
    /// The owner closed the account.
    Deactivated {
        /// The account.
        user_id: UserId,
    },
}

impl IdentityEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "user.registered",
            Self::IdentityChanged { .. } => "user.identity_changed",
            Self::ProfileChanged { .. } => "user.profile_changed",
            Self::PasswordChanged { .. } => "user.password_changed",
            Self::TokenReuseDetected { .. } => "session.token_reuse_detected",
            Self::Blocked { .. } => "user.blocked",
            Self::Unblocked { .. } => "user.unblocked",
            Self::Deactivated { .. } => "user.deactivated",
        }
    }

    /// The account that the fact is about.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        match self {
            Self::Registered { user_id, .. }
            | Self::IdentityChanged { user_id, .. }
            | Self::ProfileChanged { user_id }
            | Self::PasswordChanged { user_id }
            | Self::TokenReuseDetected { user_id, .. }
            | Self::Blocked { user_id, .. }
            | Self::Unblocked { user_id, .. }
            | Self::Deactivated { user_id } => *user_id,
        }
    }
}
