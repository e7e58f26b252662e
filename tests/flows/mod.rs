//! Stories, from the outside.

mod account;
mod frame;
mod logins;
mod market;
mod money;
mod outage;
