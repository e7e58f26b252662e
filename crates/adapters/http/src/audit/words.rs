//! The words for accounts and movements in the description, straight from the domain's own lists.

use domain::audit::PayoutHoldState;
use domain::money::{AccountKind, TransactionKind};

use crate::wire::words;

words!(
    /// What an account is for.
    AccountKindWord,
    "AccountKind",
    AccountKind::ALL.iter().map(|kind| kind.as_str()),
    "What an account is for."
);
words!(
    /// What kind of movement it is.
    TransactionKindWord,
    "TransactionKind",
    TransactionKind::ALL.iter().map(|kind| kind.as_str()),
    "What kind of movement of money it is."
);
words!(
    /// Whether a hold is on.
    PayoutHoldStateWord,
    "PayoutHoldState",
    PayoutHoldState::ALL.iter().map(|state| state.as_str()),
    "`active`: nothing is paid out; `lifted`: an administrator has looked."
);
