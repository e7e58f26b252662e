//! What the two sides of awarded orders agree on about money, over HTTP: proposals and their answers.
//!
//! Handlers read a request into the domain's types, call exactly one use case and show its result.

mod answers;
mod list;
mod propose;
mod refund;
mod wire;
mod words;

use std::sync::Arc;

use usecases::agreements::{
    AcceptProposal, ListProposals, MakeProposal, RejectProposal, ViewProposal, WithdrawProposal,
};
use usecases::contracts::RefundMilestone;

use crate::routes::Mount;

pub(crate) use words::SideWord;

/// What this module's handlers call.
#[derive(Clone)]
pub struct AgreementUseCases {
    /// Makes proposals.
    pub propose: Arc<MakeProposal>,
    /// Takes proposals.
    pub accept: Arc<AcceptProposal>,
    /// Turns proposals down.
    pub reject: Arc<RejectProposal>,
    /// Takes proposals back.
    pub withdraw: Arc<WithdrawProposal>,
    /// Shows what was proposed about an order.
    pub list: Arc<ListProposals>,
    /// Shows one proposal.
    pub view: Arc<ViewProposal>,
    /// Gives milestones' money back unasked.
    pub refund: Arc<RefundMilestone>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(list::list)
        .service(propose::propose)
        .service(list::show)
        .service(answers::accept)
        .service(answers::reject)
        .service(answers::withdraw)
        .service(refund::refund);
}
