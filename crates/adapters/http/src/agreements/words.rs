//! The words for kinds and states in the description, straight from the domain's own lists.

use domain::actor::Party;
use domain::contracts::{ProposalKind, ProposalState};

use crate::wire::words;

words!(
    /// What is proposed.
    ProposalKindWord,
    "ProposalKind",
    ProposalKind::ALL.iter().map(|kind| kind.as_str()),
    "`partial_release`: `amount` of a milestone to the provider, the rest back to the client, and it is settled. \
     `refund`: all of a milestone's money back before its release. `return`: `amount` of what was released for a \
     milestone back. `cancellation`: the order ends, with `amount` of all that is not settled for the provider."
);
words!(
    /// How a proposal stands.
    ProposalStateWord,
    "ProposalState",
    ProposalState::ALL.iter().map(|state| state.as_str()),
    "How it stands. `lapsed`: nobody answered in time. `superseded`: what it was about has changed."
);
words!(
    /// A side of a contract.
    SideWord,
    "Side",
    [Party::Client, Party::Provider].map(Party::as_str),
    "A side of an order."
);
