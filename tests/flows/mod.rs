//! Stories, from the outside.

mod account;
mod files;
mod frame;
mod logins;
mod market;
mod money;
mod outage;
