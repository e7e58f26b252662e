//! Accounts: who somebody is, how they prove it, and for how long that proof holds.
//!
//! Source of the rules: contract §3. Deliberately absent: hashing and token formats (ports), rate
//! limits (they protect the machine, not the marketplace), and everything shown on a public profile
//! ([`crate::profiles`]).

mod account_state;
mod email;
mod error;
mod event;
mod password;
pub mod policy;
mod role;
mod session;
mod user;

pub use account_state::{ACCOUNT_MACHINE, AccountCommand, AccountStatus, LoginsEnd};
pub use email::{EmailAddress, EmailError};
pub use error::IdentityError;
pub use event::{IdentityEvent, SessionEnd};
pub use password::{NewPassword, PasswordError, PasswordHash};
pub use role::{Role, RoleError};
pub use session::{
    ACCESS_TOKEN_TTL, PresentedToken, REFRESH_REPLAY_WINDOW, REFRESH_TOKEN_TTL, Refresh, Session,
};
pub use user::{
    AccountState, AccountStep, BlockReason, FullName, IdentityPatch, NewUser, Obligations, PhoneNumber,
    PhoneNumberError, Standing, User,
};
