//! Who issues a command, and what they are to the object that it is issued to.

use crate::identity::Role;
use crate::ids::{SessionId, UserId};

/// A person who has proven who they are, for the time of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user_id: UserId,
    /// The login through which they came.
    pub session_id: SessionId,
    /// What they are in the marketplace.
    pub role: Role,
}

/// Where a command comes from: a person, or the program itself when a timer runs out or one change
/// brings about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// Somebody who is logged in.
    Person {
        /// Who.
        user_id: UserId,
        /// What they are in the marketplace.
        role: Role,
    },
    /// The program.
    System,
}

impl Issuer {
    /// The person, unless it is the program.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Person { user_id, .. } => Some(*user_id),
            Self::System => None,
        }
    }

    /// What the issuer is to an object with this client and this provider; `None` for a stranger.
    #[must_use]
    pub fn party(&self, client: UserId, provider: Option<UserId>) -> Option<Party> {
        match self {
            Self::System => Some(Party::System),
            Self::Person { role: Role::Admin, .. } => Some(Party::Admin),
            Self::Person { user_id, .. } if *user_id == client => Some(Party::Client),
            Self::Person { user_id, .. } if Some(*user_id) == provider => Some(Party::Provider),
            Self::Person { .. } => None,
        }
    }

    /// What the issuer is to an object that belongs to one person; `None` for a stranger.
    #[must_use]
    pub fn party_of_owner(&self, owner: UserId) -> Option<Party> {
        match self {
            Self::System => Some(Party::System),
            Self::Person { role: Role::Admin, .. } => Some(Party::Admin),
            Self::Person { user_id, .. } => (*user_id == owner).then_some(Party::Owner),
        }
    }

    /// What the issuer is to an object that does not exist yet: whoever has the role may make one.
    #[must_use]
    pub const fn party_by_role(&self) -> Party {
        match self {
            Self::System => Party::System,
            Self::Person { role, .. } => match role {
                Role::Client => Party::Client,
                Role::Writer | Role::Freelancer | Role::Professional => Party::Provider,
                Role::Admin => Party::Admin,
            },
        }
    }
}

impl From<&Actor> for Issuer {
    fn from(actor: &Actor) -> Self {
        Self::Person { user_id: actor.user_id, role: actor.role }
    }
}

/// What somebody is to an object. The tables of states name parties, never people or roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// Posted the order and pays for it.
    Client,
    /// Bid on the order, or holds it.
    Provider,
    /// Whose money it is.
    Owner,
    /// Runs the marketplace.
    Admin,
    /// The program itself.
    System,
}

impl Party {
    /// Every party there is.
    pub const ALL: [Self; 5] = [Self::Client, Self::Provider, Self::Owner, Self::Admin, Self::System];

    /// The word in storage and in the tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Provider => "provider",
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::System => "system",
        }
    }

    /// The party with exactly this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|party| party.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(id: u128, role: Role) -> Issuer {
        Issuer::Person { user_id: UserId::new(Uuid::from_u128(id)), role }
    }

    #[test]
    fn a_party_is_somebody_in_particular() {
        let (client, provider) = (UserId::new(Uuid::from_u128(1)), UserId::new(Uuid::from_u128(2)));
        let cases = [
            (person(1, Role::Client), Some(Party::Client)),
            (person(2, Role::Writer), Some(Party::Provider)),
            (person(3, Role::Client), None),
            (person(3, Role::Writer), None),
            (person(3, Role::Admin), Some(Party::Admin)),
            (Issuer::System, Some(Party::System)),
        ];
        for (issuer, expected) in cases {
            assert_eq!(issuer.party(client, Some(provider)), expected, "{issuer:?}");
        }
        assert_eq!(person(2, Role::Writer).party(client, None), None, "nobody holds it yet");
    }

    #[test]
    fn words_go_round() {
        for party in Party::ALL {
            assert_eq!(Party::from_word(party.as_str()), Some(party));
        }
    }
}
