//! From an address that may not even answer yet to a database that can be served from.
//!
//! A database that is away is no fault: it is waited for, while the server already answers its
//! health routes. Anything else that goes wrong here (no rights, a migration that fails) will not
//! get better by waiting, so it ends the program.

use std::time::Duration;

use adapter_jobs::Access;
use adapter_postgres::{Applied, Database, MigrateError, driver_settings, migrate};
use anyhow::{Context, bail};
use domain::identity::{EmailAddress, FullName, NewPassword};
use ports::environment::DatabaseHealth;
use ports::store::StoreError;
use secrecy::{ExposeSecret, SecretString};
use usecases::error::UseCaseError;
use usecases::identity::{AdminOutcome, CreateAdmin, NewAdmin};

use crate::demo::{DemoWorld, Made};
use crate::settings::{Fault, FirstAdmin, Settings};

/// Pause between two looks at a database that is away.
const PAUSE: Duration = Duration::from_millis(250);
/// How long another process may be migrating before this one complains and asks again.
pub const MIGRATION_WAIT: Duration = Duration::from_secs(60);
/// How often the log says that it is still waited for.
const REMIND_EVERY: u32 = 120;

/// What is needed to bring a database's schema up to date, and with it the queue of jobs.
pub struct Schema {
    /// As the serving role sees it.
    pub database: Database,
    /// The owner's address.
    pub owner_url: SecretString,
    /// The role to be given the serving rights.
    pub serving_role: Option<String>,
}

/// What is needed to bring a database up.
pub struct BringUp {
    /// The schema.
    pub schema: Schema,
    /// Makes the first administrator.
    pub create_admin: CreateAdmin,
    /// Who that is.
    pub first_admin: Option<FirstAdmin>,
    /// Makes the small world of the demonstration, if there is to be one.
    pub demo: Option<DemoWorld>,
}

impl BringUp {
    /// Waits for the database, brings its schema up to date, makes the first administrator and the
    /// small world of the demonstration. Says whether that is there, if it was asked for.
    ///
    /// # Errors
    /// What waiting cannot heal.
    pub async fn run(self) -> anyhow::Result<bool> {
        self.schema.run().await?;
        self.admin().await?;
        match &self.demo {
            Some(demo) => {
                self.world(demo).await.context("making the small world of the demonstration failed")
            }
            None => Ok(false),
        }
    }

    async fn world(&self, demo: &DemoWorld) -> anyhow::Result<bool> {
        let made = demo.make(&self.schema.owner_url).await?;
        match made {
            Made::Now => tracing::info!("made the small world of the demonstration"),
            Made::Before => {}
            Made::NotHere => tracing::warn!(
                "no demo logins: somebody else has an account in this database (make clean-data empties it)"
            ),
        }
        Ok(made != Made::NotHere)
    }
}

impl Schema {
    /// Waits for the database and brings its schema up to date.
    ///
    /// # Errors
    /// What waiting cannot heal.
    pub async fn run(&self) -> anyhow::Result<()> {
        self.tables().await?;
        self.queue().await
    }

    async fn tables(&self) -> anyhow::Result<()> {
        let mut waiting = Waiting::default();
        loop {
            match self.migrate().await {
                Ok(()) => return Ok(()),
                Err(error) if self.is_away(&error).await => waiting.pause(&error).await,
                // An address that may not change the schema can serve from one that somebody with
                // the rights has brought up to date (`guildhall migrate`).
                Err(_) if self.database.has_current_schema().await.unwrap_or(false) => {
                    tracing::info!("the database's schema is up to date; it was not ours to change");
                    return Ok(());
                }
                Err(error) => return Err(error).context("bringing the database's schema up to date failed"),
            }
        }
    }

    async fn migrate(&self) -> Result<(), MigrateError> {
        let Applied { versions } =
            migrate(&self.owner_url, self.serving_role.as_deref(), MIGRATION_WAIT).await?;
        tracing::info!(applied = versions.len(), "the database's schema is up to date");
        Ok(())
    }

    async fn queue(&self) -> anyhow::Result<()> {
        let mut waiting = Waiting::default();
        loop {
            match prepare_queue(&self.owner_url, self.serving_role.as_deref()).await {
                Ok(()) => return Ok(()),
                Err(error) if self.database.check().await.is_err() => waiting.pause(&error).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a failure is the database's absence: it was not there, or it has just gone away.
    async fn is_away(&self, error: &MigrateError) -> bool {
        matches!(error, MigrateError::Unreachable(_) | MigrateError::Busy(_))
            || matches!(self.database.check().await, Err(StoreError::Unavailable(_)))
    }
}

impl BringUp {
    async fn admin(&self) -> anyhow::Result<()> {
        let Some(first_admin) = &self.first_admin else { return Ok(()) };
        let mut waiting = Waiting::default();
        loop {
            let new = first_admin_of(first_admin).map_err(anyhow::Error::from)?;
            match self.create_admin.execute_first(new).await {
                Ok(AdminOutcome::Created(id)) => {
                    tracing::info!(user = %id, "made the first administrator from ADMIN_EMAIL");
                    return Ok(());
                }
                Ok(AdminOutcome::AlreadyThere(_) | AdminOutcome::NotNeeded) => return Ok(()),
                Ok(AdminOutcome::OtherRole(role)) => {
                    bail!("ADMIN_EMAIL belongs to an account with the role {role}; set another address")
                }
                Err(error @ UseCaseError::Unavailable { .. }) => waiting.pause(&error).await,
                Err(error) => return Err(error).context("making the first administrator failed"),
            }
        }
    }
}

/// Brings the queue of jobs up to date as its owner.
///
/// # Errors
/// The database is away, or refuses.
pub async fn prepare_queue(owner_url: &SecretString, serving_role: Option<&str>) -> anyhow::Result<()> {
    let (config, tls) = driver_settings(owner_url, "guildhall migrate")?;
    Ok(adapter_jobs::migrate(&Access { config, tls }, serving_role).await?)
}

/// The account that `ADMIN_EMAIL` and `ADMIN_PASSWORD` ask for, under the same rules as any other.
///
/// # Errors
/// The rule that is broken.
pub fn first_admin_of(first_admin: &FirstAdmin) -> Result<NewAdmin, Fault> {
    let email = EmailAddress::parse(&first_admin.email)
        .map_err(|error| Fault::new(format!("ADMIN_EMAIL {error}")))?;
    let password = NewPassword::parse(first_admin.password.expose_secret(), &email)
        .map_err(|error| Fault::new(format!("ADMIN_PASSWORD {error}")))?;
    let full_name = FullName::parse("Administrator")
        .map_err(|error| Fault::new(format!("the administrator's name {error}")))?;
    Ok(NewAdmin { email, password, full_name })
}

/// What must hold of the settings beyond each value's own form.
///
/// # Errors
/// One line for each fault.
pub fn check(settings: &Settings) -> Result<(), Fault> {
    settings.first_admin.as_ref().map(first_admin_of).transpose().map(drop)
}

#[derive(Default)]
struct Waiting {
    rounds: u32,
}

impl Waiting {
    async fn pause(&mut self, error: &(dyn std::fmt::Display + Sync)) {
        if self.rounds.is_multiple_of(REMIND_EVERY) {
            tracing::warn!(%error, "waiting for the database");
        }
        self.rounds = self.rounds.saturating_add(1);
        tokio::time::sleep(PAUSE).await;
    }
}
