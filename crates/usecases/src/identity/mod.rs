//! Accounts and logins (contract §3).

mod admin;
mod authenticate;
mod block_user;
mod change_password;
mod deactivate;
mod login;
mod logout;
mod refresh;
mod register;
mod tokens;
mod update_identity;
mod view_account;

pub use admin::{AdminOutcome, CreateAdmin, NewAdmin};
pub use authenticate::{Authenticate, STALE_AFTER};
pub use block_user::{BlockUser, UnblockUser};
pub use change_password::ChangePassword;
pub use deactivate::DeactivateAccount;
pub use login::{LogIn, LoggedIn};
pub use logout::LogOut;
pub use refresh::RefreshSession;
pub use register::{Register, Registered, Registration};
pub use tokens::{TokenIssuer, TokenPair};
pub use update_identity::{IdentityChange, UpdateIdentity};
pub use view_account::ViewAccount;
