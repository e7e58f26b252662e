//! Whether the database answers, asked at most once a second however many ask.

use std::sync::Arc;
use std::time::Duration;

use ports::environment::{Clock, DatabaseHealth, DatabaseStatus};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::error::Chain;

/// How long an answer is good.
const FRESH: Duration = Duration::from_secs(1);
/// How long the database may take; its port promises about a second.
const PATIENCE: Duration = Duration::from_secs(3);

/// Remembers the last answer.
pub(crate) struct DatabaseProbe {
    health: Arc<dyn DatabaseHealth>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    last: Mutex<Option<Answer>>,
}

struct Answer {
    at: Duration,
    status: Option<DatabaseStatus>,
}

impl DatabaseProbe {
    pub(crate) fn new(health: Arc<dyn DatabaseHealth>, clock: Arc<dyn Clock>, runtime: Handle) -> Self {
        Self { health, clock, runtime, last: Mutex::new(None) }
    }

    /// `None` when the database is down. Those who ask while it is being asked wait for that answer.
    pub(crate) async fn check(&self) -> Option<DatabaseStatus> {
        let mut last = self.last.lock().await;
        let now = self.clock.monotonic();
        if let Some(answer) = last.as_ref().filter(|answer| now.saturating_sub(answer.at) < FRESH) {
            return answer.status.clone();
        }
        let status = self.ask().await;
        *last = Some(Answer { at: now, status: status.clone() });
        status
    }

    /// On the main runtime, to which the pool's connections belong.
    async fn ask(&self) -> Option<DatabaseStatus> {
        let health = Arc::clone(&self.health);
        let task = self.runtime.spawn(async move { tokio::time::timeout(PATIENCE, health.check()).await });
        match task.await {
            Ok(Ok(Ok(status))) => return Some(status),
            Ok(Ok(Err(cause))) => tracing::warn!(cause = %Chain(&cause), "the database is down"),
            Ok(Err(_)) => tracing::warn!("the database takes too long to answer"),
            Err(cause) => tracing::error!(cause = %Chain(&cause), "asking the database failed"),
        }
        None
    }
}
