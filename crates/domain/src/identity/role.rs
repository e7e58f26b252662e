//! What a person is in the marketplace.

use std::fmt;

use thiserror::Error;

/// The five roles (contract §3). A role is chosen at registration and stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Posts orders and pays.
    Client,
    /// A provider who writes.
    Writer,
    /// A provider found through the directory.
    Freelancer,
    /// A provider of household services; verified by an administrator.
    Professional,
    /// Runs the marketplace.
    Admin,
}

/// Why a role was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RoleError {
    /// No such role.
    #[error("must be one of client, writer, freelancer, professional")]
    Unknown,
    /// Administrators are made from the command line or the settings, never by registering.
    #[error("an administrator cannot be registered")]
    Admin,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 5] =
        [Self::Client, Self::Writer, Self::Freelancer, Self::Professional, Self::Admin];

    /// The word on the wire and in storage, lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Writer => "writer",
            Self::Freelancer => "freelancer",
            Self::Professional => "professional",
            Self::Admin => "admin",
        }
    }

    /// The role with exactly this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// The role that somebody asks for when registering: any case, and `customer` or
    /// `client_hunter` for a client, as the predecessors called it.
    ///
    /// # Errors
    /// [`RoleError`] for an unknown word and for `admin`.
    pub fn for_registration(raw: &str) -> Result<Self, RoleError> {
        let word = raw.trim().to_ascii_lowercase();
        match word.as_str() {
            "customer" | "client_hunter" => Ok(Self::Client),
            other => match Self::from_word(other) {
                Some(Self::Admin) => Err(RoleError::Admin),
                Some(role) => Ok(role),
                None => Err(RoleError::Unknown),
            },
        }
    }

    /// Writers, freelancers and professionals: those who bid and are paid.
    #[must_use]
    pub const fn is_provider(self) -> bool {
        matches!(self, Self::Writer | Self::Freelancer | Self::Professional)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_takes_the_predecessors_words_in_any_case() {
        let cases = [
            ("writer", Ok(Role::Writer)),
            ("WRITER", Ok(Role::Writer)),
            (" Client ", Ok(Role::Client)),
            ("customer", Ok(Role::Client)),
            ("Client_Hunter", Ok(Role::Client)),
            ("freelancer", Ok(Role::Freelancer)),
            ("Professional", Ok(Role::Professional)),
            ("admin", Err(RoleError::Admin)),
            ("ADMIN", Err(RoleError::Admin)),
            ("root", Err(RoleError::Unknown)),
            ("", Err(RoleError::Unknown)),
        ];
        for (raw, expected) in cases {
            assert_eq!(Role::for_registration(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn words_go_round() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.as_str()), Some(role));
        }
    }

    #[test]
    fn providers_are_the_three_who_bid() {
        let providers: Vec<_> = Role::ALL.into_iter().filter(|role| role.is_provider()).collect();
        assert_eq!(providers, [Role::Writer, Role::Freelancer, Role::Professional]);
    }
}
