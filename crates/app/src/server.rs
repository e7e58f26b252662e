//! Starting and stopping a server, in a process of its own or inside a test.
//!
//! The order of starting: address, keys, database folder, requests, schema. The order of stopping: no new
//! requests, finish what runs, stop what runs beside, close connections, stop the private database.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use adapter_postgres::Database;
use anyhow::Context;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::background;
use crate::bring_up::{self, BringUp, Schema};
use crate::cli::causes;
use crate::demo;
use crate::home::Home;
use crate::outside::Outside;
use crate::readiness::Phase;
use crate::settings::{Settings, secrets};
use crate::wiring::{self, Wired};

/// How long commands may still run after the last request: theirs were cut off. Together with the
/// grace that requests are given, and the moment that the private database takes to stop, it stays
/// below 30 s.
const LAST_COMMANDS: Duration = Duration::from_secs(2);

/// How long background work may still take after that: it has been told to stop before the requests.
const LAST_BACKGROUND: Duration = Duration::from_secs(2);

/// A server that serves.
pub struct Running {
    address: SocketAddr,
    requests: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    bringing_up: watch::Receiver<Progress>,
    ready: Phase,
    stop: CancellationToken,
    stop_jobs: CancellationToken,
    tasks: TaskTracker,
    background: TaskTracker,
    database: Database,
    home: Home,
}

/// Whether there is, or is to be, a small world to try the program with (see [`crate::demo`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demo {
    /// Yes.
    On,
    /// No.
    Off,
}

/// How far the database has been brought up.
#[derive(Clone, Debug)]
enum Progress {
    Waiting,
    /// With the small world of the demonstration, or without.
    Done(Demo),
    Failed(String),
}

/// Starts a server. With the private database it returns when everything is served; with
/// `DATABASE_URL` when the health routes are, and the rest as soon as the database answers.
///
/// # Errors
/// One line that says what is wrong; nothing is left running.
pub async fn start(settings: Settings, outside: Outside, demo: Demo) -> anyhow::Result<Running> {
    bring_up::check(&settings)?;
    if let (Demo::On, Some(obstacle)) = (demo, demo::obstacle(&settings)) {
        anyhow::bail!("no demo accounts: {obstacle}");
    }
    // First of all, because it is the most likely to fail and the cheapest to find out.
    let listener = listen(settings.http.bind_addr)?;
    let secrets = secrets::resolve(&settings)?;
    let home = {
        let settings = settings.clone();
        tokio::task::spawn_blocking(move || Home::own(&settings))
            .await
            .context("the start was interrupted")??
    };
    match serve(&settings, (&secrets, &outside), demo, listener, home) {
        Ok(mut running) => match running.wait_if_private().await {
            Ok(()) => Ok(running),
            Err(error) => {
                running.stop().await?;
                Err(error)
            }
        },
        Err(failure) => {
            let (error, home) = *failure;
            leave(home).await?;
            Err(error)
        }
    }
}

/// Hands `home` back on an error, so that its database is stopped in order.
fn serve(
    settings: &Settings,
    (secrets, outside): (&secrets::Secrets, &Outside),
    demo: Demo,
    (listener, address): (TcpListener, SocketAddr),
    home: Home,
) -> Result<Running, Box<(anyhow::Error, Home)>> {
    let prepared = home.serving_role().and_then(|serving_role| {
        Ok((serving_role, wiring::wire(settings, secrets, outside, &home, &Handle::current())?))
    });
    let (serving_role, wired) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Err(Box::new((error, home))),
    };
    let Wired { api, database, authenticate, create_admin, demo: demo_world, ready, tasks, work } = wired;
    let (stop, stop_jobs) = (CancellationToken::new(), CancellationToken::new());
    let background = TaskTracker::new();
    let server = match adapter_http::serve(web::Data::new(api), listener, settings.http.workers.get()) {
        Ok(server) => server,
        Err(error) => {
            return Err(Box::new((anyhow::Error::from(error).context("cannot serve HTTP"), home)));
        }
    };
    let requests = server.handle();
    let serving = tokio::spawn(server);
    let bring_up = BringUp {
        schema: Schema { database: database.clone(), owner_url: home.owner_url.clone(), serving_role },
        create_admin,
        first_admin: settings.first_admin.clone(),
        demo: (demo == Demo::On).then_some(demo_world),
    };
    let begin = {
        let (tasks, stop_jobs, stop) = (background.clone(), stop_jobs.clone(), stop.clone());
        let carries_out_jobs = settings.work.in_server;
        move || {
            tasks.spawn(background::poll_ended_sessions(authenticate, stop.clone()));
            work.spawn(carries_out_jobs, &tasks, &stop_jobs, &stop);
        }
    };
    let bringing_up = spawn_bring_up(bring_up, begin, ready.clone(), stop.clone());
    Ok(Running {
        address,
        requests,
        serving,
        bringing_up,
        ready,
        stop,
        stop_jobs,
        tasks,
        background,
        database,
        home,
    })
}

fn listen(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("cannot listen on {address} (BIND_ADDR); is another server running there?")
    })?;
    let address = listener.local_addr().context("cannot tell the address that is listened on")?;
    Ok((listener, address))
}

/// Brings the database up, and then begins with what needs it.
fn spawn_bring_up(
    bring_up: BringUp,
    begin: impl FnOnce() + Send + 'static,
    ready: Phase,
    stop: CancellationToken,
) -> watch::Receiver<Progress> {
    let (tell, told) = watch::channel(Progress::Waiting);
    tokio::spawn(async move {
        let outcome = tokio::select! {
            () = stop.cancelled() => return,
            outcome = bring_up.run() => outcome,
        };
        match outcome {
            Ok(has_world) => {
                begin();
                ready.serve();
                tell.send_replace(Progress::Done(if has_world { Demo::On } else { Demo::Off }));
            }
            Err(error) => {
                tell.send_replace(Progress::Failed(causes(&error)));
            }
        }
    });
    told
}

async fn leave(home: Home) -> anyhow::Result<()> {
    tokio::task::spawn_blocking(move || home.leave())
        .await
        .context("stopping the database was interrupted")?
}

impl Running {
    /// Where it listens; with port 0 in the settings the one that was found.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until everything is served.
    ///
    /// # Errors
    /// What keeps the database from ever being served from.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let progress = self
            .bringing_up
            .wait_for(|progress| !matches!(progress, Progress::Waiting))
            .await
            .context("bringing the database up was interrupted")?
            .clone();
        match progress {
            Progress::Failed(reason) => Err(anyhow::anyhow!(reason)),
            Progress::Waiting | Progress::Done(_) => Ok(()),
        }
    }

    /// Whether one can log in as the demonstration's people.
    #[must_use]
    pub fn demo(&self) -> Demo {
        match &*self.bringing_up.borrow() {
            Progress::Done(demo) => *demo,
            Progress::Waiting | Progress::Failed(_) => Demo::Off,
        }
    }

    async fn wait_if_private(&mut self) -> anyhow::Result<()> {
        if self.home.is_private() { self.ready().await } else { Ok(()) }
    }

    /// Waits until the server cannot go on.
    pub async fn failed(&mut self) -> anyhow::Error {
        if let Err(error) = self.ready().await {
            return error;
        }
        match (&mut self.serving).await {
            Ok(Ok(())) => anyhow::anyhow!("the HTTP server has ended"),
            Ok(Err(error)) => anyhow::Error::from(error).context("the HTTP server has failed"),
            Err(error) => anyhow::Error::from(error).context("the HTTP server has failed"),
        }
    }

    /// For an impatient operator: its `stop(false)` cuts off the requests that [`Self::stop`] waits for.
    #[must_use]
    pub fn requests(&self) -> ServerHandle {
        self.requests.clone()
    }

    /// Takes no more requests, lets those that run finish, and stops everything in order.
    ///
    /// # Errors
    /// The private database would not stop.
    pub async fn stop(self) -> anyhow::Result<()> {
        let Self { requests, stop, stop_jobs, tasks, background, database, home, ready, .. } = self;
        ready.stop();
        // Jobs have the same grace as requests, at the same time.
        stop_jobs.cancel();
        requests.stop(true).await;
        tasks.close();
        if tokio::time::timeout(LAST_COMMANDS, tasks.wait()).await.is_err() {
            tracing::warn!(
                running = tasks.len(),
                "gave up waiting for commands; their transactions are rolled back"
            );
        }
        stop.cancel();
        background.close();
        if tokio::time::timeout(LAST_BACKGROUND, background.wait()).await.is_err() {
            tracing::warn!(
                running = background.len(),
                "gave up waiting for background work; others take it on"
            );
        }
        database.close();
        leave(home).await
    }
}
