//! One file per command or question: authorise → load → one domain method → save → commit.
//!
//! A use case is a struct that holds the ports it needs and has one method, `execute`. It decides
//! nothing about an entity's state (the domain does) and knows nothing of HTTP or SQL.
//!
//! | module | holds |
//! |---|---|
//! | [`error`] | what a use case can answer instead of its result |
//! | [`transact`] | begin, run, commit or roll back, and run again after a collision |
//! | [`idempotency`] | commands that are done once, however often they are asked for |
//! | [`recorder`] | writing down what a command led to |
//! | [`desk`] | what every command of the marketplace needs |
//! | [`orders`] | posting, editing, finding, calling off |
//! | [`bidding`] | bids, counter-offers, the award |
//! | [`contracts`] | paying, milestones |
//! | [`agreements`] | proposals about a contract's money |
//! | [`disputes`] | what two sides do not agree on |
//! | [`jobs`] | background work: what jobs do, schedules, looking after the queue |
//! | [`outbox`] | handing stored facts to their readers |
//! | [`files`] | uploading, seeing and downloading files; the pictures of people |
//! | [`money`] | wallets, deposits, withdrawals |
//! | [`messaging`] | chats: writing to each other, reading |
//! | [`notifications`] | telling people of facts, and what they have read |
//! | [`profiles`] | profiles, the ranking of providers |
//! | [`identity`] | registering, logging in and out, and everything else around accounts |

pub mod agreements;
pub mod audit;
pub mod bidding;
pub mod contracts;
pub mod desk;
pub mod disputes;
pub mod error;
pub mod files;
pub mod idempotency;
pub mod identity;
pub mod jobs;
pub mod messaging;
pub mod money;
pub mod notifications;
pub mod orders;
pub mod outbox;
pub mod profiles;
pub mod recorder;
pub mod transact;
