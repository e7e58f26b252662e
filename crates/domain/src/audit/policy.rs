//! Who may look at the books (contract §1: 403).

use crate::actor::Actor;
use crate::identity::Role;
use crate::identity::policy::Forbidden;

/// Reading the books as a whole, and lifting holds on payouts.
///
/// # Errors
/// [`Forbidden`] for all but administrators.
pub fn audit_the_books(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Ok(()) } else { Err(Forbidden) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{SessionId, UserId};

    #[test]
    fn only_administrators_read_the_books() {
        for role in Role::ALL {
            let actor =
                Actor { user_id: UserId::new(Uuid::nil()), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(audit_the_books(&actor).is_ok(), role == Role::Admin, "{role}");
        }
    }
}
