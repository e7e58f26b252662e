//! Saying why, with words, files, or both.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::Outcome;
use domain::disputes::EvidenceContent;
use domain::files::attachments;
use domain::ids::DisputeId;
use domain::orders::policy;
use ports::disputes::DisputeView;
use ports::store::UnitOfWork;

use super::{lock, view};
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::files::attach_to_order;
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Takes what both sides bring forward.
pub struct AddEvidence(pub Desk);

impl AddEvidence {
    /// Adds a piece of evidence; its files are attached to the order, whose two sides and administrators may
    /// have them.
    ///
    /// # Errors
    /// `Forbidden` for administrators; `NotFound` unless one's own dispute; `Conflict` when it is resolved or
    /// full, and for a file that is attached already; `Unprocessable` for a file that is not theirs.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: DisputeId,
        content: EvidenceContent,
        once: &Once<DisputeView>,
    ) -> Result<Answered<DisputeView>, UseCaseError> {
        policy::act_as_either_side(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Adding { desk: &self.0, actor, id, content, now }, once, now).await
    }
}

struct Adding<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: DisputeId,
    content: EvidenceContent,
    now: DateTime<Utc>,
}

impl Transaction for Adding<'_> {
    type Output = DisputeView;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<DisputeView, UseCaseError> {
        let Self { desk, actor, id, content, now } = self;
        let (order, _, mut dispute) = lock(work, Some(actor), *id).await?;
        let by = Issuer::from(*actor);
        let (evidence, event) = dispute.add_evidence(content.clone(), by, *now)?;
        let files = attachments(content.files(), order.id, None, *now);
        attach_to_order(work, actor.user_id, &order, &files).await?;
        work.disputes().add_evidence(&evidence).await?;
        work.disputes().save(&mut dispute).await?;
        let outcome = Outcome { events: vec![event.into()], ..Outcome::default() };
        desk.recorder.record(work, outcome, *now).await?;
        view(work, *id).await
    }
}
