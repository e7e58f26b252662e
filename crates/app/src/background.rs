//! What runs beside the requests.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use usecases::identity::Authenticate;

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
