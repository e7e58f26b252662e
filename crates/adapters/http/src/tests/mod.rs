//! The frame as a whole, without a socket and without an outside world.

mod agreements;
mod audit;
mod bids;
mod bodies;
mod checks;
mod disputes;
mod documents;
mod files;
mod frame;
mod jobs;
mod limits;
mod messaging;
mod money;
mod notifications;
mod once;
mod openapi;
mod orders;
mod profiles;
mod socket;
mod support;
