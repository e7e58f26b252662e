//! `guildhall migrate`

use adapter_postgres::{Applied, migrate};
use anyhow::Context;

use super::{block_on, say};
use crate::bring_up::{MIGRATION_WAIT, prepare_queue};
use crate::home::Home;
use crate::settings::Settings;

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    let home = Home::attach(settings)?;
    let outcome = home.serving_role().and_then(|role| {
        block_on(async {
            let applied = migrate(&home.owner_url, role.as_deref(), MIGRATION_WAIT)
                .await
                .context("migrating failed")?;
            prepare_queue(&home.owner_url, role.as_deref()).await?;
            Ok(applied)
        })
    });
    home.leave()?;
    let Applied { versions } = outcome?;
    for version in &versions {
        say(format_args!("applied {version}"));
    }
    say(format_args!("{} migration(s) applied; the schema is up to date", versions.len()));
    Ok(())
}
