//! Who may use which function on accounts, whatever the account (contract §1: 403).
//!
//! Everything else here is done by people to their own account, which needs no more than a login.

use thiserror::Error;

use super::Role;
use crate::actor::Actor;

/// This role may not use this function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this account's role may not do this")]
pub struct Forbidden;

/// Blocking and unblocking accounts is for administrators.
///
/// # Errors
/// [`Forbidden`] for everybody else.
pub fn administer_accounts(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Ok(()) } else { Err(Forbidden) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{SessionId, UserId};

    #[test]
    fn only_administrators_administer_accounts() {
        for role in Role::ALL {
            let actor =
                Actor { user_id: UserId::new(Uuid::nil()), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(administer_accounts(&actor).is_ok(), role == Role::Admin, "{role}");
        }
    }
}
