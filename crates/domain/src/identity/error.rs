//! What can go wrong with an account, in business words.

use thiserror::Error;

/// A command that an account's or a session's state forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// The table of the account's states has no such transition.
    #[error("an account that is {state} cannot be {command}")]
    InvalidTransition {
        /// What was asked, as a participle: `blocked`, `unblocked`, `deactivated`.
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
    /// Blocked by an administrator: no login, no refresh.
    #[error("this account has been blocked; please contact support")]
    Blocked,
    /// Closed by its owner: no login, no refresh.
    #[error("this account has been deactivated; please contact support")]
    Deactivated,
}
