//! The words for ways, states and statuses in the description, straight from the domain's own lists.

use domain::money::{ChargebackState, DepositState, PayIn, WithdrawalState, WithdrawalStatus};
use ports::money::EntryFilter;

use super::wallet::word;
use crate::extract::ALL;
use crate::wire::words;

words!(
    /// Ways of paying in.
    DepositMethodWord,
    "DepositMethod",
    PayIn::WAYS.iter().map(|method| method.as_str()),
    "A way of paying in. `sandbox` is the built-in play money, which is there at once."
);
words!(
    /// How far a payment has come, on its way in or as a line of the history.
    PaymentStatusWord,
    "PaymentStatus",
    DepositState::ALL.iter().map(|state| state.as_str()),
    "How far a payment has come."
);
words!(
    /// The coarse word for a withdrawal.
    WithdrawalStatusWord,
    "WithdrawalStatus",
    WithdrawalStatus::ALL.iter().map(|status| status.as_str()),
    "The coarse word: `pending` until it was paid or its money came back."
);
words!(
    /// Which withdrawals are wanted.
    WithdrawalFilterWord,
    "WithdrawalFilter",
    [ALL].into_iter().chain(WithdrawalStatus::ALL.iter().map(|status| status.as_str())),
    "`all`, or those with one status."
);
words!(
    /// Which entries of a wallet's history are wanted.
    EntryFilterWord,
    "EntryFilter",
    [EntryFilter::All, EntryFilter::Credits, EntryFilter::Debits].map(word),
    "`all`, what came in, or what went out."
);
words!(
    /// The fine word for a withdrawal.
    WithdrawalStateWord,
    "WithdrawalState",
    WithdrawalState::ALL.iter().map(|state| state.as_str()),
    "How far it has come in detail."
);
words!(
    /// How a chargeback stands.
    ChargebackStateWord,
    "ChargebackState",
    ChargebackState::ALL.iter().map(|state| state.as_str()),
    "How a chargeback stands."
);
words!(
    /// Which chargebacks are wanted.
    ChargebackFilterWord,
    "ChargebackFilter",
    [ALL].into_iter().chain(ChargebackState::ALL.iter().map(|state| state.as_str())),
    "`all`, or those in one state."
);
