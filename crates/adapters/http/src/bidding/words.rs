//! The words for states and the like in the description, straight from the domain's own lists.

use domain::actor::Party;
use domain::bidding::{BidState, BidStatus};

use crate::extract::ALL;
use crate::wire::words;

words!(
    /// The coarse word for a bid.
    BidStatusWord,
    "BidStatus",
    BidStatus::ALL.iter().map(|status| status.as_str()),
    "The coarse word. `unconfirmed`: the bidder must speak first, because the order has changed or the client \
     has made a counter-offer."
);
words!(
    /// Which bids are wanted.
    BidFilterWord,
    "BidFilter",
    [ALL].into_iter().chain(BidStatus::ALL.iter().map(|status| status.as_str())),
    "`all`, or those with one status."
);
words!(
    /// The fine word for a bid.
    BidStateWord,
    "BidState",
    BidState::ALL.iter().map(|state| state.as_str()),
    "What it is waiting for: `open` for the client, `changed` for the bidder to confirm, `countered` for the \
     bidder to answer the counter-offer, the others for nothing any more."
);
words!(
    /// A side of a bid.
    OfferAuthorWord,
    "OfferAuthor",
    [Party::Client, Party::Provider].map(Party::as_str),
    "Which side named the terms."
);
