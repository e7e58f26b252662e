//! The words for states and the like in the description, straight from the domain's own lists.

use domain::contracts::{MilestoneState, MilestoneStatus};
use domain::orders::{OrderState, Urgency};

use super::available::INVITED;
use super::changes::MOVES;
use crate::extract::ALL;
use crate::wire::words;

words!(
    /// How far an order has come.
    OrderStatusWord,
    "OrderStatus",
    OrderState::ALL.iter().map(|state| state.as_str()),
    "`open`: providers may bid. `pending`: awarded, but not paid for. `active`: paid into escrow, the work is \
     on. `completed`: every milestone is settled. `cancelled`: called off."
);
words!(
    /// Which orders are wanted.
    OrderFilterWord,
    "OrderFilter",
    [ALL].into_iter().chain(OrderState::ALL.iter().map(|state| state.as_str())),
    "`all`, or those with one status."
);
words!(
    /// Which available orders are wanted.
    AvailableFilterWord,
    "AvailableFilter",
    [ALL, INVITED],
    "`all`, or those to which one was invited."
);
words!(
    /// The coarse word for a milestone.
    MilestoneStatusWord,
    "MilestoneStatus",
    MilestoneStatus::ALL.iter().map(|status| status.as_str()),
    "The coarse word: not begun, begun, settled."
);
words!(
    /// The fine word for a milestone.
    MilestoneStateWord,
    "MilestoneState",
    MilestoneState::ALL.iter().map(|state| state.as_str()),
    "How far it has come in detail."
);
words!(
    /// What a provider does with a milestone.
    MilestoneMoveWord,
    "MilestoneMove",
    MOVES.iter().map(|(word, _)| *word),
    "`in-progress` (or `in_progress`) begins the milestone, `submitted` hands it in."
);
words!(
    /// How soon a deadline is.
    UrgencyWord,
    "Urgency",
    Urgency::ALL.iter().map(|urgency| urgency.as_str()),
    "How soon the deadline is: `high` up to 96 hours, `medium` up to 240 hours, else `low`."
);
