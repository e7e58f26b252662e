//! Awarded orders over HTTP (contract §4): paying for them, handing milestones in and what the client
//! answers, bonuses and reviews. What else the provider does is a change of the order ([`crate::orders`]).

mod bonus;
mod fund;
mod milestones;
mod review;
mod submissions;

use std::sync::Arc;

use crate::routes::Mount;
use usecases::contracts::{
    ApproveMilestone, FundOrder, GiveBonus, RequestChanges, ReviewOrder, SubmitMilestone,
};

/// What this module's handlers call.
#[derive(Clone)]
pub struct ContractUseCases {
    /// Pays for orders from wallets.
    pub fund: Arc<FundOrder>,
    /// Releases milestones' money.
    pub approve: Arc<ApproveMilestone>,
    /// Gives milestones back to their provider.
    pub request_changes: Arc<RequestChanges>,
    /// Takes what providers hand in.
    pub submit: Arc<SubmitMilestone>,
    /// Takes bonuses of clients to providers.
    pub give_bonus: Arc<GiveBonus>,
    /// Takes reviews of both sides.
    pub review: Arc<ReviewOrder>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(fund::fund)
        .service(milestones::approve)
        .service(milestones::request_changes)
        .service(submissions::submit)
        .service(bonus::give)
        .service(review::review_order);
}
