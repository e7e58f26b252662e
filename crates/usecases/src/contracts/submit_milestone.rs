//! Handing a milestone in, with files and a message.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{Contract, MilestoneCommand, Outcome, SubmissionMessage};
use domain::files::FileList;
use domain::ids::{MilestoneNumber, OrderId};
use domain::orders::policy;
use ports::orders::OrderDetail;
use ports::store::UnitOfWork;

use super::lock;
use crate::desk::Desk;
use crate::error::UseCaseError;
use crate::files::attach_to_order;
use crate::idempotency::{Answered, Once};
use crate::orders;
use crate::transact::Transaction;

/// Takes what providers hand in.
pub struct SubmitMilestone(pub Desk);

/// What a provider hands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandedIn {
    /// What they say about it.
    pub message: Option<SubmissionMessage>,
    /// Files that they have uploaded.
    pub files: FileList,
}

impl SubmitMilestone {
    /// Hands a milestone in; each time is kept.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` unless a milestone of an order that they hold;
    /// `Conflict` unless it is funded and not handed in, and for a file that is attached already;
    /// `Unprocessable` for a file that is not theirs.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        number: MilestoneNumber,
        handed_in: HandedIn,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_provider(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Submitting { desk: &self.0, actor, id, number, handed_in, now }, once, now).await
    }
}

struct Submitting<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    number: MilestoneNumber,
    handed_in: HandedIn,
    now: DateTime<Utc>,
}

impl Transaction for Submitting<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, number, handed_in, now } = self;
        let HandedIn { message, files } = handed_in;
        let (order, contract) = lock(work, actor, *id).await?;
        let mut contract = Contract::agreed_on(contract, &order, *number, MilestoneCommand::Submit)?;
        let (period, by) = (desk.clocks.auto_release, Issuer::from(*actor));
        let (submission, event) = contract.submit(*number, message.clone(), period, by, *now)?;
        work.contracts().add_submission(&submission).await?;
        attach_to_order(work, actor.user_id, &order, &submission.attach(*id, files)).await?;
        work.contracts().save(&mut contract).await?;
        desk.recorder
            .record(work, Outcome { events: vec![event.into()], ..Outcome::default() }, *now)
            .await?;
        orders::detail(desk, work, actor, *id).await
    }
}
