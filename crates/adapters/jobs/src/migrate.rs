//! Bringing the library's schema up to date, and what the serving role may do there.
//!
//! The library migrates by itself when a worker starts, but a worker serves and owns nothing. So it
//! is done here, by the owner, before any worker starts; the worker then finds nothing to do. The
//! library puts row level security on its tables without a policy, which shuts out everybody but
//! the owner: a policy lets everybody see the rows, and the rights say who may do what with them.

use graphile_worker::Database;
use graphile_worker::tokio_postgres::TokioPostgresDatabase;
use ports::store::Cause;
use thiserror::Error;
use tokio_postgres::error::SqlState;

use crate::queue::Access;

/// The library's schema.
const SCHEMA: &str = "graphile_worker";

/// Every table that a worker uses, and the rights it takes.
const RIGHTS: [(&str, &str); 6] = [
    ("migrations", "SELECT"),
    ("_private_jobs", "SELECT, INSERT, UPDATE, DELETE"),
    ("_private_tasks", "SELECT, INSERT"),
    ("_private_job_queues", "SELECT, INSERT, UPDATE"),
    ("_private_workers", "SELECT, INSERT, UPDATE, DELETE"),
    ("_private_job_retirements", "SELECT, INSERT, DELETE"),
];

/// Key of the advisory lock that whoever migrates holds ("Guildjob" in ASCII), so that several
/// servers may start together.
const LOCK: i64 = 0x4775_696c_646a_6f62;

/// Why the queue could not be prepared.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The database is not there, or refuses us.
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] Cause),
    /// It refused a statement.
    #[error("preparing the queue of jobs failed: {0}")]
    Failed(#[source] Cause),
}

/// Brings the queue's schema up to date as its owner and gives `serving_role` its rights; `None`, or
/// the owner itself, needs none. Safe to repeat.
///
/// # Errors
/// See [`MigrateError`].
pub async fn migrate(access: &Access, serving_role: Option<&str>) -> Result<(), MigrateError> {
    let pool = access.pool(2).map_err(|error| MigrateError::Unreachable(Box::new(error)))?;
    let client = pool.get().await.map_err(|error| MigrateError::Unreachable(Box::new(error)))?;
    let failed = |error: tokio_postgres::Error| MigrateError::Failed(complaint(&error).into());
    // No limit: whoever holds the lock is migrating.
    client.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0").await.map_err(failed)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(failed)?;
    let database = Database::new(TokioPostgresDatabase::new(pool.clone()));
    graphile_worker_migrations::migrate(&database, SCHEMA)
        .await
        .map_err(|error| MigrateError::Failed(Box::new(error)))?;
    let owner: String = client.query_one("SELECT current_user::text", &[]).await.map_err(failed)?.get(0);
    let grantee = serving_role.filter(|role| *role != owner);
    match client.batch_execute(&statements(grantee)).await {
        // The schema is up to date, or the library would have complained.
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            tracing::info!("the queue of jobs is up to date; it was not ours to change");
        }
        outcome => outcome.map_err(failed)?,
    }
    // Closes the connections, and with them the lock goes.
    pool.close();
    Ok(())
}

/// With what the server said, which the driver keeps behind "db error".
fn complaint(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |cause| cause.message().to_owned())
}

/// One transaction: sent as one batch, all of it holds or nothing.
fn statements(role: Option<&str>) -> String {
    let mut sql = String::new();
    for (table, _) in RIGHTS {
        sql.push_str(&format!(
            "DROP POLICY IF EXISTS rights_decide ON {SCHEMA}.{table};\n\
             CREATE POLICY rights_decide ON {SCHEMA}.{table} USING (true) WITH CHECK (true);\n"
        ));
    }
    if let Some(role) = role {
        let role = format!("\"{}\"", role.replace('"', "\"\""));
        sql.push_str(&format!(
            "GRANT USAGE ON SCHEMA {SCHEMA} TO {role};\n\
             REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {role};\n"
        ));
        for (table, rights) in RIGHTS {
            sql.push_str(&format!("GRANT {rights} ON {SCHEMA}.{table} TO {role};\n"));
        }
    }
    sql
}
