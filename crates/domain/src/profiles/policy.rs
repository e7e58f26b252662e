//! Whose profile others may see.
//!
//! Everybody who is logged in may see the ranking, the profiles that are shown to others, and their
//! own, which needs no more than a login.

use crate::identity::Role;

/// Whether people in this role have a profile that others see: those who take part in the
/// marketplace. Administrators run it.
#[must_use]
pub fn has_public_profile(role: Role) -> bool {
    role != Role::Admin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_are_not_shown() {
        for role in Role::ALL {
            assert_eq!(has_public_profile(role), role != Role::Admin, "{role}");
        }
    }
}
