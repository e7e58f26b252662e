//! Who may have a file.
//!
//! Whoever is logged in may upload. An avatar is public, and is not asked for here.

use crate::actor::Actor;
use crate::identity::Role;
use crate::ids::UserId;

/// What somebody is to a file that somebody else uploaded, beside their role. Who is party to
/// something is the business of whatever the file is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is attached to nothing.
    Unattached,
    /// It is attached to an order that the person may read, or may not.
    OfOrder {
        /// Whether they may.
        is_party: bool,
    },
    /// It was sent in a chat.
    OfChat {
        /// Whether the person is one of its two sides.
        is_party: bool,
    },
}

/// Seeing a file, and being given a link to its bytes: whoever uploaded it, the parties to what it is
/// attached to, and administrators; but what two people send each other is theirs alone. To everybody
/// else it does not exist.
#[must_use]
pub fn may_read(actor: &Actor, owner_id: UserId, standing: Standing) -> bool {
    let may = match standing {
        Standing::Unattached => actor.role == Role::Admin,
        Standing::OfOrder { is_party } => is_party || actor.role == Role::Admin,
        Standing::OfChat { is_party } => is_party,
    };
    may || actor.user_id == owner_id
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::SessionId;

    #[test]
    fn owner_parties_and_administrators() {
        let user = |number| UserId::new(Uuid::from_u128(number));
        for role in Role::ALL {
            let actor = Actor { user_id: user(1), session_id: SessionId::new(Uuid::nil()), role };
            let is_admin = role == Role::Admin;
            // what it is attached to; for somebody else, as the owner always may
            let cases = [
                (Standing::Unattached, is_admin),
                (Standing::OfOrder { is_party: false }, is_admin),
                (Standing::OfOrder { is_party: true }, true),
                (Standing::OfChat { is_party: false }, false),
                (Standing::OfChat { is_party: true }, true),
            ];
            for (standing, expected) in cases {
                assert_eq!(may_read(&actor, user(2), standing), expected, "{role} {standing:?}");
                assert!(may_read(&actor, user(1), standing), "{role} {standing:?}");
            }
        }
    }
}
