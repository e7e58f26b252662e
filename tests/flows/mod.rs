//! Stories, from the outside.

mod account;
mod frame;
mod logins;
mod money;
mod outage;
