//! Who may use chats (403). Whose a chat is, is the chat's to say (404).

use crate::actor::Actor;
use crate::identity::Role;
use crate::identity::policy::Forbidden;

/// Listing one's chats, reading them, writing in them.
///
/// # Errors
/// [`Forbidden`] for administrators: what two people write to each other is theirs alone.
pub fn converse(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Err(Forbidden) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::SessionId;
    use crate::sample::user;

    #[test]
    fn administrators_take_no_part() {
        for role in Role::ALL {
            let actor = Actor { user_id: user(1), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(converse(&actor).is_ok(), role != Role::Admin, "{role}");
        }
    }
}
