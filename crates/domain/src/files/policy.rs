//! Who may have a file.
//!
//! Whoever is logged in may upload. An avatar is public, and is not asked for here.

use chrono::TimeDelta;

use crate::actor::Actor;
use crate::identity::Role;
use crate::ids::UserId;

/// How long a link to a file's bytes is good, whoever shows it: access is checked when it is given.
pub const PASS_TTL: TimeDelta = TimeDelta::minutes(10);

/// What somebody is to a file, beside their role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who uploaded it.
    pub owner_id: UserId,
    /// Whether it is attached to something that the person is party to. Who is, is the business of
    /// whatever it is attached to.
    pub is_party: bool,
}

/// Seeing a file, and being given a link to its bytes: whoever uploaded it, the parties to what it is
/// attached to, and administrators. To everybody else it does not exist.
#[must_use]
pub fn may_read(actor: &Actor, standing: Standing) -> bool {
    let Standing { owner_id, is_party } = standing;
    actor.user_id == owner_id || is_party || actor.role == Role::Admin
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
            let cases = [(1, false, true), (1, true, true), (2, true, true), (2, false, role == Role::Admin)];
            for (owner, is_party, expected) in cases {
                let standing = Standing { owner_id: user(owner), is_party };
                assert_eq!(may_read(&actor, standing), expected, "{role} {standing:?}");
            }
        }
    }
}
