//! `guildhall demo`

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use tokio::runtime::Handle;

use adapter_postgres::fill::Scale;
use adapter_postgres::verify::CheckReport;

use super::{block_on, say};
use crate::bring_up::MIGRATION_WAIT;
use crate::demo::{self, Made, load};
use crate::home::Home;
use crate::outside::Outside;
use crate::settings::{Settings, secrets};
use crate::wiring;

#[derive(Args)]
pub(super) struct Options {
    /// Instead of a small world, fill an empty database with a great deal of data: per unit 1,000
    /// writers, 1,000 clients, 20,000 orders, 100,000 bids, 200,000 messages and what goes with them.
    /// From 0.01 to 100. No server may be running meanwhile.
    #[arg(long, value_name = "N")]
    scale: Option<Scale>,
    /// The present, as far as that data knows, such as 2026-01-31T12:00:00Z. The same time makes the
    /// same data. Without it: now.
    #[arg(long, value_name = "TIME", requires = "scale", value_parser = time)]
    now: Option<DateTime<Utc>>,
}

fn time(typed: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(typed).map_err(|error| error.to_string())?;
    Ok(time.with_timezone(&Utc))
}

impl Options {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        if settings.mode.is_production() {
            bail!("this is production, and everybody knows the passwords of the demonstration");
        }
        let home =
            if self.scale.is_some() { Home::attach_to_fill(settings) } else { Home::attach(settings) }?;
        let outcome = block_on(self.make(settings, &home));
        home.leave()?;
        outcome
    }

    async fn make(self, settings: &Settings, home: &Home) -> anyhow::Result<()> {
        let secrets = secrets::resolve(settings)?;
        let outside = Outside::of_this_machine(settings)?;
        adapter_postgres::migrate(&home.owner_url, home.serving_role()?.as_deref(), MIGRATION_WAIT)
            .await
            .context("bringing the database's schema up to date failed")?;
        let wired = wiring::wire(settings, &secrets, &outside, home, &Handle::current())?;
        let outcome = match self.scale {
            Some(scale) => {
                let started = outside.clock.monotonic();
                let now = self.now.unwrap_or_else(|| outside.clock.now());
                let made =
                    load::make(settings, &secrets, &outside, (home, &wired.database), (scale, now)).await;
                let took = outside.clock.monotonic().saturating_sub(started);
                made.and_then(|reports| tell_of_load(scale, took.as_secs(), &reports))
            }
            None => wired.demo.make(&home.owner_url).await.and_then(tell_of_world),
        };
        wired.database.close();
        outcome
    }
}

fn tell_of_load(scale: Scale, seconds: u64, reports: &[CheckReport]) -> anyhow::Result<()> {
    let people = scale.people();
    say(format_args!(
        "made {people} writers, {people} clients and {} orders with all that goes with them, in {seconds} s",
        scale.orders()
    ));
    say(format_args!(
        "log in as writer1@bench.test to writer{people}@bench.test, or client1@bench.test and so on,"
    ));
    say(format_args!("all with the password {}", load::PASSWORD));
    let wrong: Vec<_> =
        reports.iter().filter(|report| report.offending > 0).map(|report| report.name).collect();
    if wrong.is_empty() {
        say("the books agree (guildhall ledger verify)");
        return Ok(());
    }
    bail!("the books do not agree: {}", wrong.join(", "))
}

fn tell_of_world(made: Made) -> anyhow::Result<()> {
    match made {
        Made::Now => say(format_args!("made a small world of {} people", demo::PEOPLE)),
        Made::Before => say("the small world is there already; nothing was changed"),
        Made::NotHere => bail!(
            "somebody else has an account in this database; the small world is only made in one without"
        ),
    }
    say(format_args!("log in as {},", demo::LOGINS.join(", ")));
    say(format_args!("all with the password {}", demo::PASSWORD));
    Ok(())
}
