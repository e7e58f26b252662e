//! The provider's side of an order that is paid for: how far it is, and its milestones.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Issuer};
use domain::contracts::{Contract, ContractEvent, Outcome};
use domain::event::Fact;
use domain::ids::{MilestoneNumber, OrderId};
use domain::orders::{Progress, policy};
use ports::orders::{OrderDetail, OrderVersion};
use ports::store::UnitOfWork;

use super::{detail, lock, must_be_party, must_be_seen};
use crate::desk::Desk;
use crate::error::{UseCaseError, Versions};
use crate::idempotency::{Answered, Once};
use crate::transact::Transaction;

/// Takes reports of providers.
pub struct ReportWork(pub Desk);

/// What a provider reports; all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkReport {
    /// How far the whole is.
    pub progress: Option<Progress>,
    /// A milestone that is begun or handed in.
    pub milestone: Option<(MilestoneNumber, MilestoneMove)>,
    /// On which versions of the order.
    pub versions: Versions<OrderVersion>,
}

/// What a provider does with a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MilestoneMove {
    /// Begins it.
    Start,
    /// Hands it in.
    Submit,
}

impl ReportWork {
    /// Notes what a provider reports about an order that they hold.
    ///
    /// # Errors
    /// `Forbidden` for all but providers; `NotFound` unless they hold the order, and for a milestone
    /// that it does not have; `PreconditionFailed` for a version that is not the present one; `Conflict`
    /// unless it is active.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: OrderId,
        report: WorkReport,
        once: &Once<OrderDetail>,
    ) -> Result<Answered<OrderDetail>, UseCaseError> {
        policy::act_as_provider(actor)?;
        let now = self.0.now();
        self.0.carry_out(&Reporting { desk: &self.0, actor, id, report, now }, once, now).await
    }
}

struct Reporting<'a> {
    desk: &'a Desk,
    actor: &'a Actor,
    id: OrderId,
    report: WorkReport,
    now: DateTime<Utc>,
}

impl Transaction for Reporting<'_> {
    type Output = OrderDetail;

    async fn run(&self, work: &mut dyn UnitOfWork) -> Result<OrderDetail, UseCaseError> {
        let Self { desk, actor, id, report, now } = self;
        let by = Issuer::from(*actor);
        let mut order = lock(work, *id).await?;
        must_be_party(actor, &order)?;
        // Whether there is such a milestone comes before everything that the state may forbid.
        let mut contract = match report.milestone {
            Some((number, _)) => Some(contract_with(work, *id, number).await?),
            None => None,
        };
        must_be_seen(work, &order, &report.versions).await?;
        let mut events: Vec<Fact> = Vec::new();
        if let Some(progress) = report.progress
            && let Some(event) = order.report_progress(progress, by, *now)?
        {
            work.orders().save(&mut order).await?;
            events.push(event.into());
        }
        if let (Some((number, step)), Some(contract)) = (report.milestone, &mut contract)
            && let Some(event) = take(desk, work, contract, (number, step), by, *now).await?
        {
            work.contracts().save(contract).await?;
            events.push(event.into());
        }
        desk.recorder.record(work, Outcome { events, ..Outcome::default() }, *now).await?;
        detail(desk, work, actor, *id).await
    }
}

/// The contract about an order, if it has this milestone.
async fn contract_with(
    work: &mut dyn UnitOfWork,
    id: OrderId,
    number: MilestoneNumber,
) -> Result<Contract, UseCaseError> {
    let contract = work.contracts().lock(id).await?.ok_or(UseCaseError::NotFound)?;
    contract.milestone(number)?;
    Ok(contract)
}

/// Takes a step with a milestone; `None` if that changes nothing.
async fn take(
    desk: &Desk,
    work: &mut dyn UnitOfWork,
    contract: &mut Contract,
    (number, step): (MilestoneNumber, MilestoneMove),
    by: Issuer,
    now: DateTime<Utc>,
) -> Result<Option<ContractEvent>, UseCaseError> {
    match step {
        MilestoneMove::Start => Ok(contract.start(number, by, now)?),
        MilestoneMove::Submit => {
            let (submission, event) = contract.submit(number, None, desk.clocks.auto_release, by, now)?;
            work.contracts().add_submission(&submission).await?;
            Ok(Some(event))
        }
    }
}
