//! Carries out jobs: the one place from which all kinds are done.

use ports::jobs::{Attempt, Job, JobFailure, RunJobs};

use super::CleanUp;
use crate::agreements::LapseProposals;
use crate::audit::VerifyBooks;
use crate::contracts::{ClearPayments, LapseOrders, ReleaseMilestones, RunDown, WindUpAccount};
use crate::disputes::ExpireDisputes;
use crate::error::UseCaseError;
use crate::files::{SweepBlobs, SweepFiles, Swept};
use crate::money::{PaidWithdrawals, PayWithdrawals, SettleDebts};
use crate::orders::ExpireOrders;
use crate::profiles::RefreshLeaderboard;

/// Carries out jobs of every kind.
pub struct Perform {
    /// [`Job::CleanUp`]
    pub clean_up: CleanUp,
    /// [`Job::ClearPayments`]
    pub clear_payments: ClearPayments,
    /// [`Job::ExpireDisputes`]
    pub expire_disputes: ExpireDisputes,
    /// [`Job::ExpireOrders`]
    pub expire_orders: ExpireOrders,
    /// [`Job::LapseOrders`]
    pub lapse_orders: LapseOrders,
    /// [`Job::LapseProposals`]
    pub lapse_proposals: LapseProposals,
    /// [`Job::PayWithdrawals`]
    pub pay_withdrawals: PayWithdrawals,
    /// [`Job::RefreshLeaderboard`]
    pub refresh_leaderboard: RefreshLeaderboard,
    /// [`Job::ReleaseMilestones`]
    pub release_milestones: ReleaseMilestones,
    /// [`Job::SettleDebts`]
    pub settle_debts: SettleDebts,
    /// [`Job::SweepFiles`]: what nobody attached.
    pub sweep_files: SweepFiles,
    /// [`Job::SweepFiles`]: what belongs to no file.
    pub sweep_blobs: SweepBlobs,
    /// [`Job::VerifyBooks`]
    pub verify_books: VerifyBooks,
    /// [`Job::WindUpAccount`]
    pub wind_up_account: WindUpAccount,
}

impl Perform {
    async fn perform(&self, job: Job) -> Result<(), JobFailure> {
        match job {
            Job::CleanUp(what) => self.clean_up.execute(what).await,
            Job::ClearPayments => {
                let cleared = self.clear_payments.execute().await.map_err(again)?;
                tracing::debug!(cleared, "let people use what had rested long enough");
                Ok(())
            }
            Job::ExpireDisputes => {
                let moved = self.expire_disputes.execute().await.map_err(again)?;
                tracing::debug!(moved, "went on with disputes whose deadline has passed");
                Ok(())
            }
            Job::ExpireOrders => {
                let expired = self.expire_orders.execute().await.map_err(again)?;
                tracing::debug!(expired, "told of orders whose deadline has passed");
                Ok(())
            }
            Job::LapseOrders => {
                let lapsed = self.lapse_orders.execute().await.map_err(again)?;
                tracing::debug!(lapsed, "ended orders that nobody paid for");
                Ok(())
            }
            Job::LapseProposals => {
                let ended = self.lapse_proposals.execute().await.map_err(again)?;
                tracing::debug!(ended, "ended proposals that nobody answered");
                Ok(())
            }
            Job::PayWithdrawals => {
                let PaidWithdrawals { settled, open, doubted } =
                    self.pay_withdrawals.execute().await.map_err(again)?;
                tracing::debug!(settled, open, doubted, "looked after what is to be paid");
                Ok(())
            }
            Job::RefreshLeaderboard => Ok(self.refresh_leaderboard.execute().await?),
            Job::ReleaseMilestones => {
                let RunDown { released, reminded } =
                    self.release_milestones.execute().await.map_err(again)?;
                tracing::debug!(released, reminded, "released what clients had not answered");
                Ok(())
            }
            Job::SettleDebts => {
                let settled = self.settle_debts.execute().await.map_err(again)?;
                tracing::debug!(settled, "paid what was owed");
                Ok(())
            }
            Job::SweepFiles => {
                let removed = self.sweep_files.execute().await.map_err(again)?;
                let Swept { seen, removed: blobs, unfinished } =
                    self.sweep_blobs.execute().await.map_err(again)?;
                tracing::debug!(removed, seen, blobs, unfinished, "took away files that nobody needs");
                Ok(())
            }
            Job::VerifyBooks => {
                let offending = self.verify_books.execute().await.map_err(again)?;
                if offending > 0 {
                    tracing::error!(offending, "the books disagree; see GET /admin/reconciliation");
                }
                Ok(())
            }
            Job::WindUpAccount(user_id) => {
                let ended = self.wind_up_account.execute(user_id).await.map_err(again)?;
                tracing::debug!(user = %user_id, ended, "ended what somebody who is gone had under way");
                Ok(())
            }
        }
    }
}

/// Whatever stood in the way of a use case may be gone the next time.
fn again(error: UseCaseError) -> JobFailure {
    JobFailure::Again(Box::new(error))
}

impl RunJobs for Perform {
    fn run(&self, job: Job) -> Attempt<'_> {
        Box::pin(self.perform(job))
    }
}
