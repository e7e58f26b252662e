//! Stories, from the outside.

mod account;
mod dispatch;
mod frame;
mod jobs;
mod leaderboard;
mod logins;
mod market;
mod money;
mod outage;
mod profiles;
