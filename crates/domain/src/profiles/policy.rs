//! Whose profile others may see, and who has a place in the rankings.
//!
//! Everybody who is logged in may see the ranking, the profiles that are shown to others, and their
//! own, which needs no more than a login.
//!
//! `may_enter` is what [`crate::identity::User::may_enter`] says of the account. Stores that answer by
//! themselves take the roles from here and are held against both functions by `adapter-memory`'s contract
//! suite.

use crate::identity::Role;

/// Whether somebody has a profile that others see: those who take part in the marketplace, while their
/// account may be used. Administrators run it.
#[must_use]
pub fn has_public_profile(role: Role, may_enter: bool) -> bool {
    may_enter && role != Role::Admin
}

/// Whether somebody may have a place in the rankings: providers, while their account may be used.
#[must_use]
pub const fn may_be_ranked(role: Role, may_enter: bool) -> bool {
    may_enter && role.is_provider()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_role_and_account() {
        // role; is shown to others, is ranked
        let table = [
            (Role::Client, true, false),
            (Role::Writer, true, true),
            (Role::Freelancer, true, true),
            (Role::Professional, true, true),
            (Role::Admin, false, false),
        ];
        assert_eq!(table.map(|(role, ..)| role), Role::ALL);
        for (role, is_shown, is_ranked) in table {
            assert_eq!((has_public_profile(role, true), may_be_ranked(role, true)), (is_shown, is_ranked));
            assert!(!has_public_profile(role, false) && !may_be_ranked(role, false), "{role}");
        }
    }
}
