//! One connection of the pool, and what is known of it.
//!
//! What is sent at once on a connection is carried out in the order in which it was sent, and costs one round
//! trip instead of several. But a statement is prepared when it is said for the first time, which takes a round trip
//! of its own, and a COMMIT that was sent at once with it would overtake it. So what is to travel together is said one after the other first: it is
//! *rehearsed*, once per connection.

use std::sync::Arc;

use deadpool::managed::{Manager, Metrics, Object, RecycleError, RecycleResult};
use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::PoolableConnection;
use tokio::runtime::Handle;

use crate::connector::Connector;

/// A connection while somebody speaks on it.
pub(crate) type Line<'a> = &'a AsyncPgConnection;

/// What a unit of work holds.
pub(crate) type PooledLink = Object<Links>;

/// Statements that travel together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// One fact, and COMMIT.
    OneFact,
    /// Several facts, and COMMIT.
    Facts,
    /// All that is looked at before a bid is placed.
    Bidding,
    /// A bid that is kept until COMMIT.
    Bid,
    /// A message that is kept until COMMIT.
    Message,
}

/// A connection of the pool.
pub(crate) struct Link {
    connection: AsyncPgConnection,
    rehearsed: Vec<Scene>,
}

impl Link {
    pub(crate) const fn line(&self) -> Line<'_> {
        &self.connection
    }

    /// Whether all statements of the scene are prepared here, so that they can be sent at once.
    pub(crate) fn has_rehearsed(&self, scene: Scene) -> bool {
        self.rehearsed.contains(&scene)
    }

    /// Every statement of the scene was answered here.
    pub(crate) fn rehearsed(&mut self, scene: Scene) {
        if !self.has_rehearsed(scene) {
            self.rehearsed.push(scene);
        }
    }
}

/// Makes the connections of the pool.
pub(crate) struct Links {
    connector: Arc<Connector>,
    /// The process's main runtime.
    runtime: Handle,
}

impl Links {
    pub(crate) const fn new(connector: Arc<Connector>, runtime: Handle) -> Self {
        Self { connector, runtime }
    }
}

impl Manager for Links {
    type Type = Link;
    type Error = ConnectionError;

    async fn create(&self) -> Result<Link, ConnectionError> {
        let connection = connect_on(&self.runtime, Arc::clone(&self.connector)).await?;
        Ok(Link { connection, rehearsed: Vec::new() })
    }

    /// No round trip to test a connection before its use: BEGIN is the test.
    async fn recycle(&self, link: &mut Link, _: &Metrics) -> RecycleResult<ConnectionError> {
        if link.connection.is_broken() { Err(RecycleError::message("it has closed")) } else { Ok(()) }
    }
}

/// Connects on `runtime`, so that the connection's driver lives there.
pub(crate) fn connect_on(
    runtime: &Handle,
    connector: Arc<Connector>,
) -> impl Future<Output = Result<AsyncPgConnection, ConnectionError>> + Send + use<> {
    let connecting = runtime.spawn(async move { connector.connect().await });
    async move {
        connecting.await.unwrap_or_else(|stopped| {
            Err(ConnectionError::BadConnection(format!("the runtime is shutting down: {stopped}")))
        })
    }
}
