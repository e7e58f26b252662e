//! Questions: single statements, pipelined on a few connections outside the pool.
//!
//! Several questions travel on one connection at once, so that two connections answer as many
//! questions as a pool of sixteen, and nobody queues for one. Each thread that asks is given a *lane*
//! of its own, round robin; when there are more threads than lanes they share. A lane's connection is
//! made by the first who asks, on the runtime of the thread that asks: on a worker thread the
//! bytes are then moved by that same thread, without waking another. When such a runtime ends, its
//! connection closes and the next who asks makes another. Whoever asks on a runtime of several threads, as commands
//! and jobs do on the main one, has the lane *beside* these: its threads would else take the lanes of threads
//! that serve requests, and carry their bytes.
//!
//! On these lanes a statement is planned once, whatever its values: planning a page of available orders takes as
//! long as reading it. So statements are written so that no value can lead their plan astray.
//!
//! Another lane is kept *aside* for the process's own small questions (health, ended sessions), so
//! that they never wait behind a slow one; and one for counting what long lists come to, which is slow.
//!
//! Rules: one statement each, never a transaction, SET or LISTEN; safe to be asked twice, because a
//! question whose connection turns out to have died is asked again, once, on a new one. Heavy
//! reports do not belong here: a slow question delays those behind it on the same lane.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use futures_util::future::BoxFuture;
use ports::store::StoreError;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::timeout;

use crate::connector::Connector;
use crate::error::{is_connection_lost, store_error, unavailable};
use crate::link::connect_on;

/// Tells databases apart in [`LANE`]; tests have several in one process.
static NEXT_DATABASE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The database that this thread asked last, and its lane there. A thread that goes back and
    /// forth between two databases changes lanes each time, which costs nothing but fairness.
    static LANE: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// The connections for questions to one database.
pub(crate) struct Reads {
    database: usize,
    connector: Arc<Connector>,
    /// For the lanes of threads.
    planning_once: Connector,
    lanes: Vec<Lane>,
    next_lane: AtomicUsize,
    beside: Lane,
    aside: Lane,
    counting: Lane,
    /// How long to wait for a connection.
    wait: Duration,
    /// How long to wait for an answer. Longer than the server's statement timeout: it fires only
    /// when the server or the network has gone silent.
    patience: Duration,
}

#[derive(Default)]
struct Lane {
    /// Where its connection lives; without one, as for the lanes of threads, on the runtime of whoever makes it.
    runtime: Option<Handle>,
    current: Mutex<Option<Arc<AsyncPgConnection>>>,
    /// Held while connecting, so that a crowd makes one connection and not one each.
    connecting: tokio::sync::Mutex<()>,
}

impl Reads {
    pub(crate) fn new(
        connector: Arc<Connector>,
        runtime: Handle,
        lanes: usize,
        wait: Duration,
        patience: Duration,
    ) -> Self {
        Self {
            database: NEXT_DATABASE.fetch_add(1, Ordering::Relaxed),
            planning_once: connector.planning_once(),
            connector,
            lanes: (0..lanes).map(|_| Lane::default()).collect(),
            next_lane: AtomicUsize::new(0),
            beside: Lane { runtime: Some(runtime.clone()), ..Lane::default() },
            aside: Lane { runtime: Some(runtime.clone()), ..Lane::default() },
            counting: Lane { runtime: Some(runtime), ..Lane::default() },
            wait,
            patience,
        }
    }

    /// For what needs a connection of its own: a report that reads for minutes.
    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Asks on this thread's lane, or beside.
    pub(crate) async fn ask<T>(
        &self,
        question: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send,
    ) -> Result<T, StoreError> {
        self.ask_on(self.lane_of_this_thread(), question).await
    }

    /// Asks on the lane kept aside.
    pub(crate) async fn ask_aside<T>(
        &self,
        question: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send,
    ) -> Result<T, StoreError> {
        self.ask_on(&self.aside, question).await
    }

    /// Counts, on the lane that is kept for that.
    pub(crate) async fn count<T>(
        &self,
        question: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send,
    ) -> Result<T, StoreError> {
        self.ask_on(&self.counting, question).await
    }

    async fn ask_on<T>(
        &self,
        lane: &Lane,
        question: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send,
    ) -> Result<T, StoreError> {
        let mut asked_before = false;
        loop {
            let connection = self.connection(lane).await?;
            match timeout(self.patience, question(&connection)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => {
                    if is_connection_lost(&error) {
                        lane.forget(&connection);
                        if !asked_before {
                            asked_before = true;
                            continue;
                        }
                    }
                    return Err(store_error(error));
                }
                Err(elapsed) => {
                    lane.forget(&connection);
                    return Err(StoreError::TimedOut(elapsed.into()));
                }
            }
        }
    }

    fn lane_of_this_thread(&self) -> &Lane {
        let is_alone = |runtime: Handle| runtime.runtime_flavor() == RuntimeFlavor::CurrentThread;
        if !Handle::try_current().is_ok_and(is_alone) {
            return &self.beside;
        }
        let index = match LANE.get() {
            Some((database, index)) if database == self.database => index,
            _ => {
                let index = self.next_lane.fetch_add(1, Ordering::Relaxed) % self.lanes.len().max(1);
                LANE.set(Some((self.database, index)));
                index
            }
        };
        self.lanes.get(index).unwrap_or(&self.aside)
    }

    async fn connection(&self, lane: &Lane) -> Result<Arc<AsyncPgConnection>, StoreError> {
        if let Some(connection) = lane.current().clone() {
            return Ok(connection);
        }
        timeout(self.wait, self.new_connection(lane))
            .await
            .map_err(|_| unavailable("no database connection could be made in time"))?
    }

    async fn new_connection(&self, lane: &Lane) -> Result<Arc<AsyncPgConnection>, StoreError> {
        let _alone = lane.connecting.lock().await;
        if let Some(connection) = lane.current().clone() {
            return Ok(connection);
        }
        let connected = match &lane.runtime {
            Some(runtime) => connect_on(runtime, Arc::clone(&self.connector)).await,
            None => self.planning_once.connect().await,
        };
        let connection = Arc::new(connected.map_err(|error| unavailable(error.to_string()))?);
        *lane.current() = Some(Arc::clone(&connection));
        Ok(connection)
    }
}

impl Lane {
    fn current(&self) -> MutexGuard<'_, Option<Arc<AsyncPgConnection>>> {
        // Nothing under this lock can panic, and an Option cannot be half changed.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of a connection that is of no more use, unless somebody has replaced it already.
    fn forget(&self, dead: &Arc<AsyncPgConnection>) {
        let mut current = self.current();
        if current.as_ref().is_some_and(|connection| Arc::ptr_eq(connection, dead)) {
            *current = None;
        }
    }
}
