//! `guildhall worker`: background work without serving.

use std::sync::Arc;
use std::time::Duration;

use adapter_security::system::{SystemClock, TimeOrderedIds};
use anyhow::Context;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use usecases::recorder::Recorder;

use super::serve::Signals;
use super::{block_on, say};
use crate::bring_up::Schema;
use crate::home::Home;
use crate::jobs::{BackgroundWork, ProcessBells};
use crate::settings::{Settings, secrets};
use crate::wiring;

/// How much longer than the jobs' grace the rest of a stop may take.
const LAST: Duration = Duration::from_secs(4);

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let secrets = secrets::resolve(settings)?;
    let home = Home::attach(settings)?;
    let outcome = block_on(work(settings, &secrets, &home));
    home.leave()?;
    outcome
}

async fn work(settings: &Settings, secrets: &secrets::Secrets, home: &Home) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let bells = ProcessBells::default();
    let database = wiring::connect(settings, secrets, home, &Handle::current())?.with_bells(bells.bells());
    let recorder = Recorder { clock: Arc::new(SystemClock::new()), ids: Arc::new(TimeOrderedIds) };
    let desk = wiring::desk(settings, secrets, Arc::new(database.clone()), recorder)?;
    let (blobs, shared_clock) = (wiring::blobs(settings)?, Arc::new(database.clone()));
    let work = BackgroundWork::new(settings, &database, bells, desk, &blobs, shared_clock, &home.app_url)
        .context("DATABASE_URL cannot be used")?;
    let schema = Schema {
        database: database.clone(),
        owner_url: home.owner_url.clone(),
        serving_role: home.serving_role()?,
    };
    tokio::select! {
        outcome = schema.run() => outcome?,
        name = signals.next() => {
            tracing::info!(signal = name, "stopped while starting");
            return Ok(());
        }
    }
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    work.spawn(true, &tasks, &stop, &stop);
    say(format_args!("Guildhall {} is working. Ctrl-C stops it.", env!("CARGO_PKG_VERSION")));
    tracing::info!(concurrency = settings.work.concurrency.get(), "working");

    let name = signals.next().await;
    tracing::info!(signal = name, "stopping: no new jobs; those that run may finish");
    stop.cancel();
    tasks.close();
    tokio::select! {
        stopped = tokio::time::timeout(settings.http.shutdown_grace + LAST, tasks.wait()) => {
            if stopped.is_err() {
                tracing::warn!(running = tasks.len(), "gave up waiting for background work; others take it on");
            }
        }
        name = signals.next() => tracing::warn!(signal = name, "stopping at once: running jobs are cut off"),
    }
    database.close();
    tracing::info!("stopped");
    Ok(())
}
