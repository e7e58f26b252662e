//! Background work: what kinds there are, how it is asked for, who does it, and how it is looked after.
//!
//! A job is a value of [`Job`], stored with the transaction that wants it done and carried out by
//! some worker after the commit: at least once, perhaps several times, perhaps after newer ones. So
//! whatever carries one out must be harmless when repeated.
//!
//! **A new kind of job** is a variant of [`Job`] with its name and limits in [`JobKind`]; the compiler
//! then names every place that has to know of it (its fields here, its task in the adapter, what it
//! does in `usecases::jobs::Perform`).
//!
//! Names and fields are as stable as a wire format: rows written by yesterday's program are read by
//! today's. Deliberately absent: jobs for a later time (what becomes due stands in the row of what it
//! concerns, and a [`Schedule`] looks for it) and results (a job changes something, or fails).

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::ids::{EventId, JobId, UserId};
use domain::jobs::JobState;
use thiserror::Error;

use crate::list::{Slice, Window};
use crate::retention::Leftover;
use crate::store::{Cause, StoreError};

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Removes what nobody needs any more.
    CleanUp(Leftover),
    /// Lets people use what they earned and what has rested long enough.
    ClearPayments,
    /// Does what happens at the deadlines of disputes.
    ExpireDisputes,
    /// Tells of the open orders whose deadline has passed.
    ExpireOrders,
    /// Ends the orders that nobody has paid for in time.
    LapseOrders,
    /// Ends the proposals that nobody has answered in time.
    LapseProposals,
    /// Sends approved withdrawals to the payment provider, and asks what became of those it has.
    PayWithdrawals,
    /// Ranks the providers anew.
    RefreshLeaderboard,
    /// Releases the money of what clients have not answered in time, and reminds them before.
    ReleaseMilestones,
    /// Pays what people owe from what they have.
    SettleDebts,
    /// Takes away files that nobody attached, and bytes that belong to no file.
    SweepFiles,
    /// Checks the whole books.
    VerifyBooks,
    /// Ends what somebody has under way whose account was closed or blocked.
    WindUpAccount(UserId),
}

/// The kinds of work, each with a stable name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobKind {
    /// [`Job::CleanUp`]
    CleanUp,
    /// [`Job::ClearPayments`]
    ClearPayments,
    /// [`Job::ExpireDisputes`]
    ExpireDisputes,
    /// [`Job::ExpireOrders`]
    ExpireOrders,
    /// [`Job::LapseOrders`]
    LapseOrders,
    /// [`Job::LapseProposals`]
    LapseProposals,
    /// [`Job::PayWithdrawals`]
    PayWithdrawals,
    /// [`Job::RefreshLeaderboard`]
    RefreshLeaderboard,
    /// [`Job::ReleaseMilestones`]
    ReleaseMilestones,
    /// [`Job::SettleDebts`]
    SettleDebts,
    /// [`Job::SweepFiles`]
    SweepFiles,
    /// [`Job::VerifyBooks`]
    VerifyBooks,
    /// [`Job::WindUpAccount`]
    WindUpAccount,
}

impl JobKind {
    /// Every kind there is.
    pub const ALL: &'static [Self] = &[
        Self::CleanUp,
        Self::ClearPayments,
        Self::ExpireDisputes,
        Self::ExpireOrders,
        Self::LapseOrders,
        Self::LapseProposals,
        Self::PayWithdrawals,
        Self::RefreshLeaderboard,
        Self::ReleaseMilestones,
        Self::SettleDebts,
        Self::SweepFiles,
        Self::VerifyBooks,
        Self::WindUpAccount,
    ];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CleanUp => "clean_up",
            Self::ClearPayments => "clear_payments",
            Self::ExpireDisputes => "expire_disputes",
            Self::ExpireOrders => "expire_orders",
            Self::LapseOrders => "lapse_orders",
            Self::LapseProposals => "lapse_proposals",
            Self::PayWithdrawals => "pay_withdrawals",
            Self::RefreshLeaderboard => "refresh_leaderboard",
            Self::ReleaseMilestones => "release_milestones",
            Self::SettleDebts => "settle_debts",
            Self::SweepFiles => "sweep_files",
            Self::VerifyBooks => "verify_books",
            Self::WindUpAccount => "wind_up_account",
        }
    }

    /// The kind with exactly this name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// How often it is tried before it is dead. The pauses grow: ten attempts take some four hours,
    /// three some ten seconds, for what is asked for again a minute later anyway.
    #[must_use]
    pub const fn max_attempts(self) -> u16 {
        match self {
            Self::CleanUp | Self::SweepFiles | Self::VerifyBooks | Self::WindUpAccount => 10,
            // The next tick of their schedules comes before a further attempt would.
            Self::ClearPayments
            | Self::ExpireDisputes
            | Self::ExpireOrders
            | Self::LapseOrders
            | Self::LapseProposals
            | Self::PayWithdrawals
            | Self::RefreshLeaderboard
            | Self::ReleaseMilestones
            | Self::SettleDebts => 3,
        }
    }

    /// How long one attempt may take; a longer one is cut off and counts as failed.
    #[must_use]
    pub const fn time_limit(self) -> Duration {
        match self {
            Self::CleanUp
            | Self::ExpireDisputes
            | Self::ExpireOrders
            | Self::LapseOrders
            | Self::LapseProposals
            | Self::SettleDebts => Duration::from_secs(60),
            // A payment provider may be slow, too; what was done stays done when it is cut off.
            Self::ClearPayments
            | Self::PayWithdrawals
            | Self::RefreshLeaderboard
            | Self::ReleaseMilestones => Duration::from_secs(180),
            // Somebody may have thousands of bids; what was done stays done when it is cut off.
            Self::WindUpAccount => Duration::from_secs(600),
            // Every name in the store is looked at, and every row of the books.
            Self::SweepFiles | Self::VerifyBooks => Duration::from_secs(3_600),
        }
    }

    /// Whether it may take so long that it must not keep others waiting: it has a place of its own
    /// beside theirs.
    #[must_use]
    pub const fn is_long(self) -> bool {
        match self {
            Self::SweepFiles | Self::VerifyBooks | Self::WindUpAccount => true,
            Self::CleanUp
            | Self::ClearPayments
            | Self::ExpireDisputes
            | Self::ExpireOrders
            | Self::LapseOrders
            | Self::LapseProposals
            | Self::PayWithdrawals
            | Self::RefreshLeaderboard
            | Self::ReleaseMilestones
            | Self::SettleDebts => false,
        }
    }

    /// Whether a newer one makes all older ones pointless, however they stand: there is one at most.
    const fn supersedes(self) -> bool {
        match self {
            Self::CleanUp | Self::WindUpAccount => false,
            Self::ClearPayments
            | Self::ExpireDisputes
            | Self::ExpireOrders
            | Self::LapseOrders
            | Self::LapseProposals
            | Self::PayWithdrawals
            | Self::RefreshLeaderboard
            | Self::ReleaseMilestones
            | Self::SettleDebts
            | Self::SweepFiles
            | Self::VerifyBooks => true,
        }
    }
}

/// The particulars of a job by their names: the form in which it is stored.
pub type Fields = BTreeMap<String, String>;

/// Stored fields that are no job of their kind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a stored {} job has no usable field {field:?}", .kind.as_str())]
pub struct UnreadableJob {
    /// The kind.
    pub kind: JobKind,
    /// The field that is missing or holds something unknown.
    pub field: &'static str,
}

impl Job {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::CleanUp(_) => JobKind::CleanUp,
            Self::ClearPayments => JobKind::ClearPayments,
            Self::ExpireDisputes => JobKind::ExpireDisputes,
            Self::ExpireOrders => JobKind::ExpireOrders,
            Self::LapseOrders => JobKind::LapseOrders,
            Self::LapseProposals => JobKind::LapseProposals,
            Self::PayWithdrawals => JobKind::PayWithdrawals,
            Self::RefreshLeaderboard => JobKind::RefreshLeaderboard,
            Self::ReleaseMilestones => JobKind::ReleaseMilestones,
            Self::SettleDebts => JobKind::SettleDebts,
            Self::SweepFiles => JobKind::SweepFiles,
            Self::VerifyBooks => JobKind::VerifyBooks,
            Self::WindUpAccount(_) => JobKind::WindUpAccount,
        }
    }

    /// Its particulars, for storage.
    #[must_use]
    pub fn fields(&self) -> Fields {
        match self {
            Self::CleanUp(what) => Fields::from([("what".to_owned(), what.as_str().to_owned())]),
            Self::ClearPayments
            | Self::ExpireDisputes
            | Self::ExpireOrders
            | Self::LapseOrders
            | Self::LapseProposals
            | Self::PayWithdrawals
            | Self::RefreshLeaderboard
            | Self::ReleaseMilestones
            | Self::SettleDebts
            | Self::SweepFiles
            | Self::VerifyBooks => Fields::new(),
            Self::WindUpAccount(user_id) => Fields::from([("user_id".to_owned(), user_id.to_string())]),
        }
    }

    /// Reads what [`fields`](Self::fields) wrote. Unknown fields are ignored.
    ///
    /// # Errors
    /// [`UnreadableJob`]
    pub fn from_fields(kind: JobKind, fields: &Fields) -> Result<Self, UnreadableJob> {
        match kind {
            JobKind::CleanUp => {
                let field = "what";
                let what = fields.get(field).and_then(|word| Leftover::from_word(word));
                what.map(Self::CleanUp).ok_or(UnreadableJob { kind, field })
            }
            JobKind::ClearPayments => Ok(Self::ClearPayments),
            JobKind::ExpireDisputes => Ok(Self::ExpireDisputes),
            JobKind::ExpireOrders => Ok(Self::ExpireOrders),
            JobKind::LapseOrders => Ok(Self::LapseOrders),
            JobKind::LapseProposals => Ok(Self::LapseProposals),
            JobKind::PayWithdrawals => Ok(Self::PayWithdrawals),
            JobKind::RefreshLeaderboard => Ok(Self::RefreshLeaderboard),
            JobKind::ReleaseMilestones => Ok(Self::ReleaseMilestones),
            JobKind::SettleDebts => Ok(Self::SettleDebts),
            JobKind::SweepFiles => Ok(Self::SweepFiles),
            JobKind::VerifyBooks => Ok(Self::VerifyBooks),
            JobKind::WindUpAccount => {
                let field = "user_id";
                let user_id = fields.get(field).and_then(|text| UserId::parse(text));
                user_id.map(Self::WindUpAccount).ok_or(UnreadableJob { kind, field })
            }
        }
    }
}

/// A job to be done, under a key: while one with that key waits, another takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done.
    pub job: Job,
    /// 1 to 512 characters.
    pub key: String,
}

impl NewJob {
    /// What follows from a fact. `part` tells several jobs apart that follow from the same one, such
    /// as the person each is for; empty where there is only one.
    #[must_use]
    pub fn of_fact(id: EventId, part: &str, job: Job) -> Self {
        let kind = job.kind().as_str();
        let key = if part.is_empty() { format!("{kind}:{id}") } else { format!("{kind}:{id}:{part}") };
        Self { job, key }
    }

    /// What a schedule asks for at one of its ticks.
    #[must_use]
    pub fn of_tick(schedule: &Schedule, tick: DateTime<Utc>) -> Self {
        let at = tick.to_rfc3339_opts(SecondsFormat::Secs, true);
        let name = schedule.name;
        let key = if schedule.job.kind().supersedes() { name.to_owned() } else { format!("{name}@{at}") };
        Self { job: schedule.job.clone(), key }
    }
}

/// Work that comes round again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Stable and unique.
    pub name: &'static str,
    /// When: five fields of cron, of which the first is the minute, or six, of which it is the second.
    pub cron: &'static str,
    /// Whose clock: a name of the IANA time zone database, such as `Europe/Berlin`.
    pub zone: &'static str,
    /// What is to be done.
    pub job: Job,
}

/// A schedule that says nothing.
#[derive(Debug, Error)]
#[error("the schedule {name} cannot be read: {cause}")]
pub struct BadSchedule {
    /// Its name.
    pub name: &'static str,
    /// What is wrong with it.
    #[source]
    pub cause: Cause,
}

/// Knows calendars and time zones.
pub trait Calendar: Send + Sync {
    /// The last tick of a schedule at or before `now`; `None` if it never ticked.
    ///
    /// # Errors
    /// [`BadSchedule`]
    fn last_tick(
        &self,
        schedule: &Schedule,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, BadSchedule>;
}

/// A job as it stands in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobView {
    /// Its number.
    pub id: JobId,
    /// The name of its kind. A newer program may have written one that is unknown here.
    pub kind: String,
    /// Its key; it loses it when another job takes its place.
    pub key: Option<String>,
    /// How it stands.
    pub state: JobState,
    /// How often it has been tried, the present attempt included.
    pub attempts: u16,
    /// How often it may be.
    pub max_attempts: u16,
    /// Why it failed the last time, without secrets: for administrators.
    pub last_error: Option<String>,
    /// When it is due, or was.
    pub run_at: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// How far ahead of the common time a claimed tick may be: another process may have read that time a
/// little later. What is further ahead was claimed by a clock that has since been put right.
pub const CLAIM_SLACK: TimeDelta = TimeDelta::minutes(1);

/// The queue within one unit of work: what is asked for here is there if the rest is.
#[async_trait]
pub trait Jobs: Send {
    /// Asks for a job.
    async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError>;

    /// Claims a tick of a schedule. True for one caller only, however many ask, and never for a tick
    /// before one that was claimed. The first tick that is ever seen of a schedule counts as claimed
    /// already: a schedule begins with the next one.
    ///
    /// `now` is the time that all have in common. A tick that was claimed more than
    /// [`CLAIM_SLACK`] after it is none that has been: it is forgotten.
    async fn claim_tick(
        &mut self,
        schedule: &str,
        tick: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Locks and shows a job.
    async fn lock(&mut self, id: JobId) -> Result<Option<JobView>, StoreError>;

    /// Makes a locked job due now, with all its attempts before it.
    async fn retry(&mut self, job: &JobView) -> Result<(), StoreError>;

    /// Makes a locked job dead.
    async fn cancel(&mut self, job: &JobView, reason: &str) -> Result<(), StoreError>;
}

/// Which jobs are wanted; `None`: whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// How they stand.
    pub state: Option<JobState>,
    /// What kind they are.
    pub kind: Option<JobKind>,
}

/// Questions about jobs.
#[async_trait]
pub trait JobQueries: Send + Sync {
    /// Jobs that are not done, newest first.
    async fn jobs(&self, filter: JobFilter, window: Window) -> Result<Slice<JobView>, StoreError>;
}

/// Why a job did not succeed.
#[derive(Debug, Error)]
pub enum JobFailure {
    /// It may the next time.
    #[error("{0}")]
    Again(#[source] Cause),
    /// It never will: no further attempt.
    #[error("{0}")]
    Never(#[source] Cause),
}

impl From<StoreError> for JobFailure {
    fn from(error: StoreError) -> Self {
        Self::Again(Box::new(error))
    }
}

/// An attempt under way.
pub type Attempt<'a> = Pin<Box<dyn Future<Output = Result<(), JobFailure>> + Send + 'a>>;

/// Carries jobs out.
pub trait RunJobs: Send + Sync {
    /// One attempt. It may be dropped half-way (time limit, shutdown) and made again.
    fn run(&self, job: Job) -> Attempt<'_>;
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;

    fn every_job() -> Vec<Job> {
        let wind_up = Job::WindUpAccount(UserId::new(Uuid::from_u128(9)));
        let others = [
            Job::ClearPayments,
            Job::ExpireDisputes,
            Job::ExpireOrders,
            Job::LapseOrders,
            Job::LapseProposals,
            Job::PayWithdrawals,
            Job::RefreshLeaderboard,
            Job::ReleaseMilestones,
            Job::SettleDebts,
            Job::SweepFiles,
            Job::VerifyBooks,
            wind_up,
        ];
        Leftover::ALL.iter().copied().map(Job::CleanUp).chain(others).collect()
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let jobs = every_job();
        for kind in JobKind::ALL {
            assert!(jobs.iter().any(|job| job.kind() == *kind), "{kind:?} is not among the examples");
            assert_eq!(JobKind::from_word(kind.as_str()), Some(*kind));
        }
        for job in jobs {
            let mut fields = job.fields();
            fields.insert("from a newer program".to_owned(), String::new());
            assert_eq!(Job::from_fields(job.kind(), &fields), Ok(job));
        }
    }

    #[test]
    fn names_and_fields_are_stable() {
        let stored: Vec<_> = every_job().iter().map(|job| (job.kind().as_str(), job.fields())).collect();
        let what = |what: &str| ("clean_up", Fields::from([("what".to_owned(), what.to_owned())]));
        assert_eq!(
            stored,
            [
                what("request_keys"),
                what("logins"),
                what("refresh_tokens"),
                what("ended_logins"),
                what("dispatched_facts"),
                what("read_marks"),
                what("read_notifications"),
                what("dead_jobs"),
                ("clear_payments", Fields::new()),
                ("expire_disputes", Fields::new()),
                ("expire_orders", Fields::new()),
                ("lapse_orders", Fields::new()),
                ("lapse_proposals", Fields::new()),
                ("pay_withdrawals", Fields::new()),
                ("refresh_leaderboard", Fields::new()),
                ("release_milestones", Fields::new()),
                ("settle_debts", Fields::new()),
                ("sweep_files", Fields::new()),
                ("verify_books", Fields::new()),
                (
                    "wind_up_account",
                    Fields::from([("user_id".to_owned(), "00000000-0000-0000-0000-000000000009".to_owned())])
                ),
            ]
        );
    }

    #[test]
    fn fields_that_are_no_job_are_refused() {
        for (kind, field) in [(JobKind::CleanUp, "what"), (JobKind::WindUpAccount, "user_id")] {
            for fields in [Fields::new(), Fields::from([(field.to_owned(), "everything".to_owned())])] {
                assert_eq!(Job::from_fields(kind, &fields), Err(UnreadableJob { kind, field }));
            }
        }
    }

    #[test]
    fn keys_tell_facts_parts_and_ticks_apart() {
        let id = EventId::new(Uuid::from_u128(7));
        let job = Job::CleanUp(Leftover::Logins);
        let key = |part| NewJob::of_fact(id, part, job.clone()).key;
        assert_eq!(key(""), "clean_up:00000000-0000-0000-0000-000000000007");
        assert_eq!(key("x"), "clean_up:00000000-0000-0000-0000-000000000007:x");
        let schedule = Schedule { name: "nightly", cron: "0 3 * * *", zone: "UTC", job };
        let tick = Utc.with_ymd_and_hms(2026, 3, 29, 1, 0, 0).unwrap();
        assert_eq!(NewJob::of_tick(&schedule, tick).key, "nightly@2026-03-29T01:00:00Z");
        let schedule = Schedule { name: "ranking", job: Job::RefreshLeaderboard, ..schedule };
        assert_eq!(NewJob::of_tick(&schedule, tick).key, "ranking", "one at a time");
    }
}
