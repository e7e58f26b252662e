//! Background work over HTTP: administrators see the queue, have jobs tried again, and cancel them.

mod queue;
mod wire;

use std::sync::Arc;

use domain::actor::Actor;
use domain::identity::policy::Forbidden;
use domain::jobs::administer_jobs;
use usecases::jobs::{CancelJob, ListJobs, RetryJob};

use crate::extract::{Permitted, Policy};
use crate::routes::Mount;

/// What this module's handlers call.
#[derive(Clone)]
pub struct JobUseCases {
    /// Shows the queue.
    pub list: Arc<ListJobs>,
    /// Has jobs tried again.
    pub retry: Arc<RetryJob>,
    /// Has jobs tried no more.
    pub cancel: Arc<CancelJob>,
}

/// [`administer_jobs`].
#[derive(Debug)]
struct AdministerJobs;

impl Policy for AdministerJobs {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        administer_jobs(actor)
    }
}

/// An administrator.
type JobAdmin = Permitted<AdministerJobs>;

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config.service(queue::list).service(queue::retry).service(queue::cancel);
}
