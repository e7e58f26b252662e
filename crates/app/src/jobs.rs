//! Background work of one process: the dispatcher, and with it the worker and the schedules.
//!
//! Every server dispatches the facts that it writes, also one that carries out no jobs: what people
//! are to see must not wait for another process. Jobs and schedules are the workers'.

use std::sync::Arc;

use adapter_jobs::{Access, CronCalendar, Worker, WorkerSettings};
use adapter_payments::{ManualPayouts, SandboxPayouts};
use adapter_postgres::{Database, SetupError, driver_settings};
use chrono::TimeDelta;
use domain::money::PayoutProvider;
use ports::environment::{Ids, SharedClock};
use ports::files::BlobStore;
use ports::money::Payouts;
use ports::outbox::{Bell, Bells, OutboxReader};
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use usecases::agreements::LapseProposals;
use usecases::audit::VerifyBooks;
use usecases::contracts::{ClearPayments, LapseOrders, NoticeDepartures, ReleaseMilestones, WindUpAccount};
use usecases::desk::Desk;
use usecases::disputes::ExpireDisputes;
use usecases::files::{SweepBlobs, SweepFiles};
use usecases::jobs::{CleanUp, FireSchedules, Perform, standing_schedules};
use usecases::money::{NoticeApprovals, NoticeIncome, PayWithdrawals, SettleDebts};
use usecases::notifications::TellPeople;
use usecases::orders::ExpireOrders;
use usecases::outbox::DispatchFacts;
use usecases::profiles::RefreshLeaderboard;
use usecases::recorder::Recorder;

use crate::background;
use crate::settings::Settings;

/// A bell that one task of this process waits for.
#[derive(Clone, Debug, Default)]
struct NotifyBell(Arc<Notify>);

impl Bell for NotifyBell {
    fn ring(&self) {
        self.0.notify_one();
    }
}

/// The bells of one process.
#[derive(Clone, Debug, Default)]
pub struct ProcessBells {
    facts: NotifyBell,
    jobs: NotifyBell,
}

impl ProcessBells {
    /// For the store, which rings them.
    #[must_use]
    pub fn bells(&self) -> Bells {
        Bells { facts: Arc::new(self.facts.clone()), jobs: Arc::new(self.jobs.clone()) }
    }
}

/// What can run beside the requests, and by itself.
pub struct BackgroundWork {
    dispatch: DispatchFacts,
    schedules: FireSchedules,
    worker: Worker,
    refresh_leaderboard: RefreshLeaderboard,
    bells: ProcessBells,
}

/// Who makes something of facts, in this order. **Whoever comes to tell the outside world of something
/// (mail, sockets) is added here**: what they write into the unit of work that they are
/// handed is committed with the mark that the facts have gone out. The first one gets every fact that
/// was ever written.
pub(crate) fn readers(ids: &Arc<dyn Ids>) -> Vec<Arc<dyn OutboxReader>> {
    vec![
        Arc::new(TellPeople { ids: Arc::clone(ids) }),
        Arc::new(NoticeDepartures),
        Arc::new(NoticeApprovals),
        Arc::new(NoticeIncome),
    ]
}

/// Who pays what was approved.
fn payouts(provider: PayoutProvider) -> Arc<dyn Payouts> {
    match provider {
        PayoutProvider::Manual => Arc::new(ManualPayouts),
        PayoutProvider::Sandbox => Arc::new(SandboxPayouts),
    }
}

impl BackgroundWork {
    /// Puts it together; connects nowhere yet. `app_url` is the serving role's address.
    ///
    /// # Errors
    /// An address that can never work.
    pub fn new(
        settings: &Settings,
        database: &Database,
        bells: ProcessBells,
        desk: Desk,
        blobs: &Arc<dyn BlobStore>,
        shared_clock: Arc<dyn SharedClock>,
        app_url: &SecretString,
    ) -> Result<Self, SetupError> {
        let Recorder { clock, ids } = desk.recorder.clone();
        let dispatch = DispatchFacts::new(Arc::new(database.clone()), readers(&ids), Arc::clone(&clock));
        let refresh_leaderboard = RefreshLeaderboard { rankings: Arc::new(database.clone()), clock };
        let schedules = FireSchedules::new(
            Arc::new(database.clone()),
            Arc::new(CronCalendar),
            shared_clock,
            standing_schedules(),
        );
        let (config, tls) = driver_settings(app_url, "guildhall jobs")?;
        let worker = Worker {
            access: Access { config, tls },
            runner: Arc::new(perform(settings, database, desk, blobs, refresh_leaderboard.clone())),
            bell: Arc::clone(&bells.jobs.0),
            settings: WorkerSettings {
                concurrency: settings.work.concurrency,
                silence: settings.work.silence,
                grace: settings.http.shutdown_grace,
            },
        };
        Ok(Self { dispatch, schedules, worker, refresh_leaderboard, bells })
    }

    /// Dispatches facts until `stop`, and carries out jobs until `stop_jobs` unless this process is
    /// to leave them to others.
    pub fn spawn(
        self,
        carries_out_jobs: bool,
        tasks: &TaskTracker,
        stop_jobs: &CancellationToken,
        stop: &CancellationToken,
    ) {
        let Self { dispatch, schedules, worker, refresh_leaderboard, bells } = self;
        tasks.spawn(background::dispatch_facts(dispatch, bells.facts.0, stop.clone()));
        if carries_out_jobs {
            tasks.spawn(background::fire_schedules(schedules, stop_jobs.clone()));
            tasks.spawn(background::rank_first(refresh_leaderboard, stop_jobs.clone()));
            tasks.spawn(worker.run(stop_jobs.clone()));
        }
    }
}

/// What carries out each kind of job.
fn perform(
    settings: &Settings,
    database: &Database,
    desk: Desk,
    blobs: &Arc<dyn BlobStore>,
    refresh_leaderboard: RefreshLeaderboard,
) -> Perform {
    let Desk { store, recorder, .. } = desk.clone();
    let clock = Arc::clone(&recorder.clock);
    Perform {
        clean_up: CleanUp {
            retention: Arc::new(database.clone()),
            clock: Arc::clone(&clock),
            facts_kept: TimeDelta::days(settings.work.facts_kept_days.get().into()),
        },
        clear_payments: ClearPayments { desk: desk.clone(), due: Arc::new(database.clone()) },
        expire_disputes: ExpireDisputes { desk: desk.clone(), disputes: Arc::new(database.clone()) },
        expire_orders: ExpireOrders { desk: desk.clone(), due: Arc::new(database.clone()) },
        lapse_orders: LapseOrders { desk: desk.clone(), due: Arc::new(database.clone()) },
        lapse_proposals: LapseProposals { desk: desk.clone(), proposals: Arc::new(database.clone()) },
        pay_withdrawals: PayWithdrawals {
            store: Arc::clone(&store),
            recorder: recorder.clone(),
            unattended: Arc::new(database.clone()),
            provider: settings.payouts.provider,
            payouts: payouts(settings.payouts.provider),
        },
        refresh_leaderboard,
        release_milestones: ReleaseMilestones { desk: desk.clone(), due: Arc::new(database.clone()) },
        settle_debts: SettleDebts {
            store: Arc::clone(&store),
            recorder: recorder.clone(),
            debtors: Arc::new(database.clone()),
        },
        sweep_files: SweepFiles {
            store: Arc::clone(&store),
            blobs: Arc::clone(blobs),
            clock: Arc::clone(&clock),
        },
        sweep_blobs: SweepBlobs { blobs: Arc::clone(blobs), files: Arc::new(database.clone()), clock },
        verify_books: VerifyBooks { books: Arc::new(database.clone()), store, recorder },
        wind_up_account: WindUpAccount { desk, business: Arc::new(database.clone()) },
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use ports::jobs::Calendar;

    use super::*;

    #[test]
    fn every_standing_schedule_can_be_read() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        for schedule in standing_schedules() {
            let tick = CronCalendar.last_tick(&schedule, now).unwrap().unwrap();
            assert!(now - tick <= TimeDelta::days(1), "{}", schedule.name);
        }
    }
}
