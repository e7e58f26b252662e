//! Stories, from the outside.

mod account;
mod chargebacks;
mod demo;
mod dispatch;
mod files;
mod frame;
mod jobs;
mod leaderboard;
mod logins;
mod market;
mod money;
mod notifications;
mod outage;
mod payouts;
mod profiles;
mod proof;
