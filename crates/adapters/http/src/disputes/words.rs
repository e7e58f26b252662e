//! The words for states and the like in the description, straight from the domain's own lists.

use domain::contracts::Resolver;
use domain::disputes::{DisputeState, OfferState};

use crate::extract::ALL;
use crate::wire::words;

words!(
    /// What a dispute waits for.
    DisputeStateWord,
    "DisputeState",
    DisputeState::ALL.iter().map(|state| state.as_str()),
    "What it waits for: `awaiting_answer` for the other side, `negotiating` for the two sides to agree, `in_review` \
     for an administrator, `resolved` for nothing any more."
);
words!(
    /// Which disputes are wanted.
    DisputeFilterWord,
    "DisputeFilter",
    [ALL].into_iter().chain(DisputeState::ALL.iter().map(|state| state.as_str())),
    "`all`, or those in one state."
);
words!(
    /// How an offer of a split stands.
    OfferStateWord,
    "SplitOfferState",
    OfferState::ALL.iter().map(|state| state.as_str()),
    "How it stands. `void`: the dispute was resolved in another way."
);
words!(
    /// Who had the last word.
    ResolverWord,
    "Resolver",
    Resolver::ALL.iter().map(|resolver| resolver.as_str()),
    "Who had the last word: the two sides by agreement, an administrator, or nobody, when a deadline passed."
);
words!(
    /// What happens at a deadline.
    DeadlineWord,
    "DeadlineOutcome",
    ["divided", "reviewed"],
    "`divided`: the money is divided, with `to_provider` for the provider. `reviewed`: it goes to an administrator."
);
