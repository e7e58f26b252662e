//! `guildhall serve`

use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{block_on, say};
use crate::demo;
use crate::outside::Outside;
use crate::server::{self, Demo, Running};
use crate::settings::Settings;

#[derive(Args)]
pub(super) struct Options {
    /// Make a small world to try the program with, whose people have a password that everybody knows.
    /// There is none in production, or with a DATABASE_URL.
    #[arg(long)]
    demo: bool,
    /// Leave background work to processes of its own (`guildhall worker`).
    #[arg(long)]
    no_worker: bool,
}

impl Options {
    pub(super) fn run(self, mut settings: Settings) -> anyhow::Result<()> {
        settings.work.in_server = !self.no_worker;
        let demo = match (self.demo, demo::obstacle(&settings)) {
            (true, None) => Demo::On,
            (true, Some(obstacle)) => {
                tracing::warn!("no demo accounts: {obstacle}");
                Demo::Off
            }
            (false, _) => Demo::Off,
        };
        block_on(serve(settings, demo))
    }
}

async fn serve(settings: Settings, demo: Demo) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let outside = Outside::of_this_machine(&settings)?;
    let is_private = settings.database.url.is_none();
    let production = settings.mode.is_production();
    let answers_plain_http = !settings.http.force_https;
    // A start that is interrupted leaves nothing behind: dropping it stops the private database.
    let mut running = tokio::select! {
        running = server::start(settings, outside, demo) => running?,
        name = signals.next() => {
            tracing::info!(signal = name, "stopped while starting");
            return Ok(());
        }
    };
    announce(running.address(), is_private, answers_plain_http, running.demo());
    tracing::info!(address = %running.address(), production, "serving");

    let failure = tokio::select! {
        error = running.failed() => Some(error),
        name = signals.next() => {
            tracing::info!(signal = name, "stopping: no new requests; those that run may finish");
            None
        }
    };
    let requests = running.requests();
    let impatience = tokio::spawn(cut_off_on_second_signal(signals, requests));
    let stopped = stop(running).await;
    impatience.abort();
    match failure {
        Some(error) => Err(error),
        None => stopped,
    }
}

async fn stop(running: Running) -> anyhow::Result<()> {
    running.stop().await?;
    tracing::info!("stopped");
    Ok(())
}

async fn cut_off_on_second_signal(mut signals: Signals, requests: ServerHandle) {
    let name = signals.next().await;
    tracing::warn!(signal = name, "stopping at once: running requests are cut off");
    requests.stop(false).await;
}

fn announce(address: SocketAddr, is_private: bool, answers_plain_http: bool, demo: Demo) {
    let base = format!("http://{address}");
    say(format_args!("Guildhall {} is serving on {base}", env!("CARGO_PKG_VERSION")));
    say(format_args!(
        "  database        {}",
        if is_private { "private, in the data folder" } else { "DATABASE_URL" }
    ));
    say(format_args!("  API reference   {base}/docs"));
    say(format_args!("  OpenAPI         {base}/openapi.json"));
    say(format_args!("  readiness       {base}/readyz"));
    say("  Ctrl-C stops it.");
    if !answers_plain_http {
        return;
    }
    if demo == Demo::On {
        say(format_args!("  demo logins     {}", demo::LOGINS.join(", ")));
        say(format_args!("                  all with the password {}", demo::PASSWORD));
        if !address.ip().is_loopback() {
            say("                  Others can reach this address: anybody can log in with them.");
        }
        say("  try             log in:");
        say(format_args!(
            "    curl -s {base}/api/v1/auth/login -H 'Content-Type: application/json' \\\n      \
             -d '{{\"email\":\"client@demo.test\",\"password\":\"{}\"}}'",
            demo::PASSWORD
        ));
        return;
    }
    say("  try             open an account:");
    say(format_args!(
        "    curl -s {base}/api/v1/auth/register -H 'Content-Type: application/json' \\\n      \
         -d '{{\"email\":\"ada@example.com\",\"password\":\"SecurePass123!\",\"full_name\":\"Ada Lovelace\",\"role\":\"writer\"}}'"
    ));
}

/// SIGTERM (a service manager) and SIGINT (Ctrl-C) mean the same.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn new() -> anyhow::Result<Self> {
        let terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
        Ok(Self { terminate, interrupt })
    }

    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
