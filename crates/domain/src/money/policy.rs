//! Who may use which function on money, whatever the object (contract §1: 403).
//!
//! Everybody but administrators has a wallet; whose wallet it is, is a question of the object.

use crate::actor::Actor;
use crate::identity::Role;
use crate::identity::policy::Forbidden;

/// Paying in, withdrawing, and looking at one's own money.
///
/// # Errors
/// [`Forbidden`] for administrators: they have no wallet.
pub fn have_a_wallet(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Err(Forbidden) } else { Ok(()) }
}

/// Approving, paying and rejecting withdrawals, and reading everybody's.
///
/// # Errors
/// [`Forbidden`] for all but administrators.
pub fn administer_withdrawals(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Ok(()) } else { Err(Forbidden) }
}

/// Saying that a payment was taken back, and how that came out; reading all of them.
///
/// # Errors
/// [`Forbidden`] for all but administrators.
pub fn administer_chargebacks(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Ok(()) } else { Err(Forbidden) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{SessionId, UserId};

    #[test]
    fn by_role() {
        for role in Role::ALL {
            let actor =
                Actor { user_id: UserId::new(Uuid::nil()), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(have_a_wallet(&actor).is_ok(), role != Role::Admin, "{role}");
            assert_eq!(administer_withdrawals(&actor).is_ok(), role == Role::Admin, "{role}");
            assert_eq!(administer_chargebacks(&actor).is_ok(), role == Role::Admin, "{role}");
        }
    }
}
