//! Who may do what with orders, whatever the order.

use domain::actor::Actor;
use domain::identity::policy::Forbidden;
use domain::orders::policy::{act_as_client, act_as_either_side, act_as_provider};

use crate::extract::{Permitted, Policy};

/// [`act_as_client`].
#[derive(Debug)]
pub(crate) struct ActAsClient;

impl Policy for ActAsClient {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        act_as_client(actor)
    }
}

/// A client.
pub(crate) type Client = Permitted<ActAsClient>;

/// [`act_as_provider`].
#[derive(Debug)]
pub(crate) struct ActAsProvider;

impl Policy for ActAsProvider {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        act_as_provider(actor)
    }
}

/// A writer, a freelancer or a professional.
pub(crate) type Provider = Permitted<ActAsProvider>;

/// [`act_as_either_side`].
#[derive(Debug)]
pub(crate) struct ActAsEitherSide;

impl Policy for ActAsEitherSide {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        act_as_either_side(actor)
    }
}

/// A client or a provider.
pub(crate) type EitherSide = Permitted<ActAsEitherSide>;
