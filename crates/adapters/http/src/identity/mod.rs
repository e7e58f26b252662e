//! Accounts and logins over HTTP (contract §3).
//!
//! Handlers read a request into the domain's types, call exactly one use case and show its result.

mod account;
mod admin;
mod credentials;
mod rules;
mod session;
mod wire;
mod words;

use std::sync::Arc;

use crate::routes::Mount;
use usecases::identity::{
    BlockUser, ChangePassword, DeactivateAccount, LogIn, LogOut, RefreshSession, Register, UnblockUser,
    UpdateIdentity, ViewAccount,
};

pub(crate) use words::RoleWord;

/// What this module's handlers call.
#[derive(Clone)]
pub struct IdentityUseCases {
    /// Opens accounts.
    pub register: Arc<Register>,
    /// Lets people in.
    pub log_in: Arc<LogIn>,
    /// Ends logins.
    pub log_out: Arc<LogOut>,
    /// Prolongs logins.
    pub refresh: Arc<RefreshSession>,
    /// Shows people their account.
    pub view_account: Arc<ViewAccount>,
    /// Changes name, number or address.
    pub update_identity: Arc<UpdateIdentity>,
    /// Changes passwords.
    pub change_password: Arc<ChangePassword>,
    /// Closes accounts.
    pub deactivate: Arc<DeactivateAccount>,
    /// Shuts people out.
    pub block_user: Arc<BlockUser>,
    /// Lets them in again.
    pub unblock_user: Arc<UnblockUser>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(session::register)
        .service(session::login)
        .service(session::logout)
        .service(session::refresh)
        .service(session::me)
        .service(credentials::change_password)
        .service(account::show)
        .service(account::put)
        .service(account::patch)
        .service(account::deactivate)
        .service(admin::block)
        .service(admin::unblock);
}
