//! Stories, from the outside.

mod account;
mod files;
mod frame;
mod logins;
mod money;
mod outage;
