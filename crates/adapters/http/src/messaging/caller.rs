//! Who may use chats, whatever the chat.

use domain::actor::Actor;
use domain::identity::policy::Forbidden;
use domain::messaging::policy::converse;

use crate::extract::{Permitted, Policy};

/// [`converse`].
#[derive(Debug)]
pub(super) struct Converse;

impl Policy for Converse {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        converse(actor)
    }
}

/// A client or a provider.
pub(super) type Participant = Permitted<Converse>;
