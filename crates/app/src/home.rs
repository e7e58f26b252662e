//! Where the database is.
//!
//! With `DATABASE_URL` it is somebody else's business to run it. Without, the program runs a private
//! PostgreSQL in the data folder, or joins the one that another `guildhall` already runs there.

use adapter_postgres::user_of;
use anyhow::Context;
use private_postgres::{Attached, Options, PrivatePostgres};
use secrecy::SecretString;

use crate::settings::Settings;

/// A database's addresses, and the private server if this process runs it.
pub struct Home {
    /// For serving.
    pub app_url: SecretString,
    /// For migrations.
    pub owner_url: SecretString,
    private: Option<Attached>,
}

impl Home {
    /// For serving: the private server must be ours alone. Blocks until it is ready.
    ///
    /// # Errors
    /// One line that says what to do, among them that another process uses the data folder.
    pub fn own(settings: &Settings) -> anyhow::Result<Self> {
        Self::find(settings, |options| PrivatePostgres::start(options).map(Attached::Started))
    }

    /// For commands: with or without a server running on the same data folder.
    ///
    /// # Errors
    /// One line that says what to do.
    pub fn attach(settings: &Settings) -> anyhow::Result<Self> {
        Self::find(settings, private_postgres::attach)
    }

    /// For filling it: unless it runs already, the private server keeps no more of a write-ahead log than
    /// a crash asks for, and interrupts nothing to save it.
    ///
    /// # Errors
    /// One line that says what to do.
    pub fn attach_to_fill(settings: &Settings) -> anyhow::Result<Self> {
        Self::find(settings, |mut options| {
            let bulk = [
                ("wal_level", "minimal"),
                ("max_wal_senders", "0"),
                ("max_wal_size", "4GB"),
                ("wal_compression", "off"),
            ];
            options.extra_settings.extend(bulk.map(|(name, value)| (name.to_owned(), value.to_owned())));
            private_postgres::attach(options)
        })
    }

    fn find(
        settings: &Settings,
        run: impl FnOnce(Options) -> Result<Attached, private_postgres::Error>,
    ) -> anyhow::Result<Self> {
        let database = &settings.database;
        if let (Some(app), Some(owner)) = (&database.url, database.for_migrations()) {
            return Ok(Self {
                app_url: app.expose().into(),
                owner_url: owner.expose().into(),
                private: None,
            });
        }
        let mut options = Options::new(&settings.data_dir);
        options.bin_dir.clone_from(&database.embedded_bin);
        let attached = run(options)?;
        let running = attached.running();
        Ok(Self {
            app_url: running.app_url().into(),
            owner_url: running.owner_url().into(),
            private: Some(attached),
        })
    }

    /// Whether the database is private.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// The role to be given the serving rights: the one that serves, unless it owns everything anyway.
    ///
    /// # Errors
    /// An address that the driver cannot read.
    pub fn serving_role(&self) -> anyhow::Result<Option<String>> {
        let serving = user_of(&self.app_url)?;
        let owner = user_of(&self.owner_url)?;
        Ok(serving.filter(|serving| owner.as_ref() != Some(serving)))
    }

    /// Stops the private server if it is ours. To be called after everything that uses it has ended.
    ///
    /// # Errors
    /// Not even SIGKILL ended it.
    pub fn leave(self) -> anyhow::Result<()> {
        match self.private {
            Some(attached) => attached.release().context("stopping the private PostgreSQL failed"),
            None => Ok(()),
        }
    }
}
