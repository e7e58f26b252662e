//! What runs beside the requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use usecases::identity::Authenticate;
use usecases::jobs::FireSchedules;
use usecases::outbox::{DispatchFacts, Rest};
use usecases::profiles::RefreshLeaderboard;

/// How often the announcements of ended logins are read (contract §3).
const POLL_EVERY: Duration = Duration::from_millis(500);
/// The longest that one reading may take; a slower one is given up, so that the next can be tried.
const POLL_TIMEOUT: Duration = Duration::from_secs(2);

/// Reads the announcements of ended logins until `stop`.
pub async fn poll_ended_sessions(authenticate: Arc<Authenticate>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(POLL_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut was_late = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let is_late = match tokio::time::timeout(POLL_TIMEOUT, authenticate.poll()).await {
            Ok(Ok(())) => false,
            Ok(Err(error)) => {
                report(was_late, &error.to_string());
                true
            }
            Err(_) => {
                report(was_late, "no answer in time");
                true
            }
        };
        if was_late && !is_late {
            tracing::info!("ended logins are known again");
        }
        was_late = is_late;
    }
}

/// Says once that it has begun.
fn report(was_late: bool, error: &str) {
    if !was_late {
        tracing::warn!(error, "cannot read which logins have ended; looking each one up instead");
    }
}

/// How often facts are looked for that nobody rang for: another process may have written them, and
/// not come to dispatch them.
const LOOK_FOR_FACTS_EVERY: Duration = Duration::from_millis(500);
/// When to look again while another process is dispatching: what was written meanwhile it may have
/// missed.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// The least time between two rounds. A round costs nearly the same for one fact as for a dozen, so under load
/// they are let come together.
const GATHER: Duration = Duration::from_millis(20);
/// How often schedules are looked at.
const LOOK_AT_SCHEDULES_EVERY: Duration = Duration::from_secs(1);

/// Dispatches facts until `stop`: when the bell rings, at once if the last round was a while ago, and every
/// half second.
pub async fn dispatch_facts(dispatch: DispatchFacts, bell: Arc<Notify>, stop: CancellationToken) {
    let mut trouble = Trouble::new("facts cannot be dispatched; they wait");
    loop {
        let outcome = dispatch.execute().await;
        let pause = if matches!(outcome, Ok(Rest::Elsewhere)) { LOOK_AGAIN } else { LOOK_FOR_FACTS_EVERY };
        trouble.note(&outcome.map(drop));
        let waiting = async {
            tokio::time::sleep(GATHER).await;
            tokio::select! {
                () = bell.notified() => {}
                () = tokio::time::sleep(pause.saturating_sub(GATHER)) => {}
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = waiting => {}
        }
    }
}

/// Asks for what is due by a schedule until `stop`.
pub async fn fire_schedules(schedules: FireSchedules, stop: CancellationToken) {
    let mut trouble = Trouble::new("what is due by a schedule cannot be asked for; it is made up for later");
    let mut ticks = tokio::time::interval(LOOK_AT_SCHEDULES_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        trouble.note(&schedules.execute().await);
    }
}

/// Ranks the providers at the start, so that nobody waits for the first tick of the schedule.
pub async fn rank_first(refresh: RefreshLeaderboard, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        outcome = refresh.execute() => {
            if let Err(error) = outcome {
                tracing::warn!(%error, "providers cannot be ranked; it is made up for later");
            }
        }
    }
}

/// Says once that it has begun, and once that it is over.
struct Trouble {
    words: &'static str,
    has_begun: bool,
}

impl Trouble {
    const fn new(words: &'static str) -> Self {
        Self { words, has_begun: false }
    }

    fn note<E: std::fmt::Display>(&mut self, outcome: &Result<(), E>) {
        match outcome {
            Ok(()) if self.has_begun => tracing::info!("that trouble is over: {}", self.words),
            Err(error) if !self.has_begun => tracing::warn!(%error, "{}", self.words),
            Ok(()) | Err(_) => {}
        }
        self.has_begun = outcome.is_err();
    }
}
