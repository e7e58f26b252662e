//! What can go wrong with an account, in business words.

use thiserror::Error;

use crate::machine::{Conflict, INVALID_TRANSITION, Refusal};

/// A command that an account's or a session's state forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// Somebody who may not do this to the account, whatever its state.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The table of the account's states has no such transition.
    #[error("an account that is {state} cannot be {command}")]
    InvalidTransition {
        /// What was asked, as a participle: `blocked`, `unblocked`, `deactivated`, `changed`.
        command: &'static str,
        /// The account's present state.
        state: &'static str,
    },
    /// An administrator must not lock themselves out.
    #[error("administrators cannot block or deactivate their own account")]
    OwnAdministratorAccount {
        /// The account's present state.
        state: &'static str,
    },
    /// An account with contracts that have not come to their end cannot be closed.
    #[error("there are contracts running in which this account takes part")]
    ContractsRunning {
        /// The account's present state.
        state: &'static str,
    },
    /// An account with money in it cannot be closed.
    #[error("there is still money in this account or on its way out of it")]
    MoneyLeft {
        /// The account's present state.
        state: &'static str,
    },
    /// The address by which its owner logs in changes only for somebody who knows the password (400).
    #[error("is needed to change the e-mail address")]
    PasswordNeeded,
    /// What was given as the present password is not it, or not any more (400).
    #[error("is not the present password")]
    WrongPassword,
    /// Blocked by an administrator: no login, no refresh.
    #[error("this account has been blocked; please contact support")]
    Blocked,
    /// Closed by its owner: no login, no refresh.
    #[error("this account has been deactivated; please contact support")]
    Deactivated,
}

impl IdentityError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::InvalidTransition { state, .. } => Some(Conflict { reason: INVALID_TRANSITION, state }),
            Self::OwnAdministratorAccount { state } => {
                Some(Conflict { reason: "own_administrator_account", state })
            }
            Self::ContractsRunning { state } => Some(Conflict { reason: "contracts_running", state }),
            Self::MoneyLeft { state } => Some(Conflict { reason: "money_left", state }),
            Self::PasswordNeeded | Self::WrongPassword | Self::Blocked | Self::Deactivated => None,
        }
    }
}
