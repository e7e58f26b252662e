//! The words for what the domain knows by types, so that the description lists them.

use domain::identity::{AccountState, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::words;

/// What an account is for.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleWord {
    /// Posts orders and pays.
    Client,
    /// A provider who writes.
    Writer,
    /// A provider found through the directory.
    Freelancer,
    /// A provider of household services.
    Professional,
    /// Runs the marketplace.
    Admin,
}

fn can_be_registered(word: &&'static str) -> bool {
    Role::for_registration(word).is_ok()
}

words!(
    /// What somebody asks to be when they open an account.
    RegistrationRoleWord,
    "RegistrationRole",
    Role::ALL.map(Role::as_str).into_iter().chain(["customer", "client_hunter"]).filter(can_be_registered),
    "What the account is for. Any case will do; `customer` and `client_hunter` are a `client`."
);

impl From<Role> for RoleWord {
    fn from(role: Role) -> Self {
        match role {
            Role::Client => Self::Client,
            Role::Writer => Self::Writer,
            Role::Freelancer => Self::Freelancer,
            Role::Professional => Self::Professional,
            Role::Admin => Self::Admin,
        }
    }
}

/// Whether an account's owner may come in.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccountStateWord {
    /// They may.
    Active,
    /// An administrator has shut them out.
    Blocked,
    /// They have closed it themselves.
    Deactivated,
}

impl From<&AccountState> for AccountStateWord {
    fn from(state: &AccountState) -> Self {
        match state {
            AccountState::Active => Self::Active,
            AccountState::Blocked { .. } => Self::Blocked,
            AccountState::Deactivated { .. } => Self::Deactivated,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    #[test]
    fn all_that_can_be_registered_is_described() {
        let schema = json!(<RegistrationRoleWord as utoipa::PartialSchema>::schema());
        let words = ["client", "writer", "freelancer", "professional", "customer", "client_hunter"];
        assert_eq!(schema["enum"], json!(words), "and no administrator");
    }

    #[test]
    fn the_words_are_the_domains() {
        for role in Role::ALL {
            assert_eq!(json!(RoleWord::from(role)), role.as_str());
        }
        let since = DateTime::UNIX_EPOCH;
        let blocked = AccountState::Blocked { reason: "spam".into(), since };
        for state in [AccountState::Active, blocked, AccountState::Deactivated { since }] {
            assert_eq!(json!(AccountStateWord::from(&state)), state.as_str());
        }
    }
}
