//! Disputes over HTTP: opening one, what both sides say and offer, and the administrator's decision.
//!
//! Handlers read a request into the domain's types, call exactly one use case and show its result.

mod answers;
mod caller;
mod decide;
mod evidence;
mod list;
mod offer;
mod open;
mod wire;
mod words;

use std::sync::Arc;

use crate::routes::Mount;
use usecases::disputes::{
    AcceptSplit, AddEvidence, DecideDispute, EscalateDispute, ListAllDisputes, ListDisputes, OfferSplit,
    OpenDispute, RejectSplit, ViewDispute,
};

/// What this module's handlers call.
#[derive(Clone)]
pub struct DisputeUseCases {
    /// Opens disputes.
    pub open: Arc<OpenDispute>,
    /// Takes what both sides bring forward.
    pub add_evidence: Arc<AddEvidence>,
    /// Makes offers.
    pub offer: Arc<OfferSplit>,
    /// Takes offers.
    pub accept: Arc<AcceptSplit>,
    /// Turns offers down.
    pub reject: Arc<RejectSplit>,
    /// Leaves disputes to administrators.
    pub escalate: Arc<EscalateDispute>,
    /// Takes administrators' decisions.
    pub decide: Arc<DecideDispute>,
    /// Shows people their disputes.
    pub list: Arc<ListDisputes>,
    /// Shows administrators all disputes.
    pub list_all: Arc<ListAllDisputes>,
    /// Shows one dispute.
    pub view: Arc<ViewDispute>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(list::list)
        .service(open::open)
        .service(list::show)
        .service(evidence::add)
        .service(offer::offer)
        .service(answers::accept)
        .service(answers::reject)
        .service(answers::escalate)
        .service(list::list_all)
        .service(decide::decide);
}
