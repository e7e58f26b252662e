//! Contracts with their milestones and what was handed in, and reviews: rows and statements. What is
//! shown of contracts is shown with their orders.

pub(crate) mod bonuses;
mod due;
mod milestones;
pub(crate) mod repository;
pub(crate) mod reviews;
mod rows;
pub(crate) mod submissions;
mod unfinished;
