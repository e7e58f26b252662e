//! Work that is posted: what is wanted, by when, in which steps, and how far it has come.
//!
//! Source of the rules: contract §4, `domain.md` "Order". An [`Order`] knows its own states; what
//! also touches bids, a contract or money (edit, award, fund, cancel, leave, lapse, complete) is
//! carried out by one function of [`crate::bidding`] or [`crate::contracts`], so that no part of it
//! can be forgotten. The steps that those functions take here are private to this crate.
//!
//! Deliberately absent: bids ([`crate::bidding`]), the contract and the reviews that follow it
//! ([`crate::contracts`]), and what the two sides write to each other ([`crate::messaging`]).

mod availability;
mod details;
mod error;
mod event;
mod field;
mod figures;
mod invitation;
mod order;
mod plan;
pub mod policy;
mod state;

pub use availability::{Availability, Urgency, urgency};
pub use details::{
    Description, MAX_REQUIREMENTS, OrderDetails, OrderPatch, OrderType, Pages, PagesError, Requirement,
    RequirementsText, SpecificationNotes, SpecificationWord, Specifications, Subject, Title, subject_key,
};
pub use error::OrderError;
pub use event::{Cancellation, OrderEvent};
pub use field::OrderField;
pub(crate) use figures::percentage;
pub use figures::{OrderCounts, average_budget, average_competition, completion_rate};
pub use invitation::{Invitation, Invitee, MAX_INVITED};
pub use order::{Award, FUNDING_PERIOD, Guests, NewOrder, Order, Posted, Progress, ProgressError};
pub use plan::{MAX_MILESTONES, MilestonePlan, MilestoneTitle, PlanError, PlannedMilestone};
pub use state::{ORDER_MACHINE, OrderCommand, OrderState};
