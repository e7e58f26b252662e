//! What can go wrong with an account, in business words.

use thiserror::Error;

use crate::machine::Refusal;

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
    OwnAdministratorAccount,
    /// An account with contracts that have not come to their end cannot be closed.
    #[error("there are contracts running in which this account takes part")]
    ContractsRunning,
    /// An account with money in it cannot be closed.
    #[error("there is still money in this account or on its way out of it")]
    MoneyLeft,
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
