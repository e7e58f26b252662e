//! What the use cases ask of the outside world, as traits.
//!
//! | module | holds |
//! |---|---|
//! | [`store`] | the unit of work, and what can go wrong in storage |
//! | [`identity`] | repositories, questions and secrets around accounts |
//! | [`idempotency`] | doing a thing once, however often it is asked for |
//! | [`profiles`] | what people say of themselves, what others see of them, rankings |
//! | [`orders`] | orders, invitations, lists of orders |
//! | [`bidding`] | bids and offers |
//! | [`contracts`] | contracts with their milestones, reviews |
//! | [`jobs`] | background work: kinds, the queue, schedules, who carries it out |
//! | [`money`] | the ledger, deposits, withdrawals, wallets |
//! | [`messaging`] | chats and their messages |
//! | [`notifications`] | what people are told |
//! | [`list`] | parts of lists |
//! | [`outbox`] | where facts go, and who reads them |
//! | [`retention`] | removing what nobody needs any more |
//! | [`files`] | files: their rows, their bytes, what is done with both |
//! | [`outbox`] | where facts go |
//! | [`environment`] | time, identifiers, the health of the database |
//!
//! Repositories are reachable only through a [`store::UnitOfWork`], so that a write outside a
//! transaction does not compile. Questions (`…Queries`) take no transaction and no locks.
//! Deliberately absent: anything that knows SQL, HTTP or JSON.

pub mod agreements;
pub mod audit;
pub mod bidding;
pub mod contracts;
pub mod disputes;
pub mod environment;
pub mod files;
pub mod idempotency;
pub mod identity;
pub mod jobs;
pub mod list;
pub mod messaging;
pub mod money;
pub mod notifications;
pub mod orders;
pub mod outbox;
pub mod profiles;
pub mod retention;
pub mod store;
