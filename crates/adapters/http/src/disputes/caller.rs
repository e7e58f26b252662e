//! Who looks after disputes, whatever the dispute.

use domain::actor::Actor;
use domain::disputes::administer_disputes;
use domain::identity::policy::Forbidden;

use crate::extract::{Permitted, Policy};

/// [`administer_disputes`].
#[derive(Debug)]
pub(super) struct AdministerDisputes;

impl Policy for AdministerDisputes {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        administer_disputes(actor)
    }
}

/// An administrator.
pub(super) type Arbiter = Permitted<AdministerDisputes>;
