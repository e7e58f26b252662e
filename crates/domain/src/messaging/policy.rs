//! Who may use chats (403). Whose a chat is, is the chat's to say (404).

use crate::actor::Actor;
use crate::identity::Role;
use crate::identity::policy::Forbidden;
use crate::ids::UserId;

/// What decides who may read a chat, and have what was sent in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChatAccess {
    /// Whose order it is about.
    pub client_id: UserId,
    /// Who bid on it.
    pub provider_id: UserId,
}

/// Reading a chat: its two sides, and nobody else.
#[must_use]
pub fn may_read(actor: &Actor, chat: &ChatAccess) -> bool {
    [chat.client_id, chat.provider_id].contains(&actor.user_id)
}

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

    #[test]
    fn a_chat_is_for_its_two_sides() {
        let chat = ChatAccess { client_id: user(1), provider_id: user(2) };
        for (id, role, expected) in [
            (1, Role::Client, true),
            (2, Role::Writer, true),
            (3, Role::Client, false),
            (3, Role::Writer, false),
            (3, Role::Admin, false),
        ] {
            let actor = Actor { user_id: user(id), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(may_read(&actor, &chat), expected, "{id} {role}");
        }
    }
}
