//! Background work: what each kind of job does, what comes round again and again, and how
//! administrators look after it.
//!
//! A new kind of job is done by a struct of its own here, called from [`Perform`]. It reads its
//! inputs from the database when it runs, not from the time when it was asked for, and is harmless
//! when it is repeated.

mod administer;
mod clean_up;
mod fire_schedules;
mod list_jobs;
mod perform;
mod standing;

pub use administer::{CancelJob, RetryJob};
pub use clean_up::CleanUp;
pub use fire_schedules::FireSchedules;
pub use list_jobs::ListJobs;
pub use perform::Perform;
pub use standing::standing_schedules;
