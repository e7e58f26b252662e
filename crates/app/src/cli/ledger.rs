//! `guildhall ledger verify`

use adapter_postgres::verify::{CheckReport, verify_books};
use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::{Value, json};

use super::{block_on, say};
use crate::home::Home;
use crate::settings::Settings;

#[derive(Subcommand)]
pub(super) enum LedgerCommand {
    /// Reckon the whole books anew and report, as JSON, what disagrees. Reads only; a server may be
    /// running meanwhile. Exit code 1 if anything disagrees.
    Verify,
}

pub(super) fn verify(settings: &Settings) -> anyhow::Result<()> {
    let home = Home::attach(settings)?;
    let checked = block_on(async { verify_books(&home.owner_url).await.context("the books cannot be read") });
    home.leave()?;
    let reports = checked?;
    let offending: i64 = reports.iter().map(|report| report.offending).sum();
    say(serde_json::to_string_pretty(&report(&reports, offending))?);
    if offending > 0 {
        bail!("{offending} row(s) disagree");
    }
    Ok(())
}

fn report(reports: &[CheckReport], offending: i64) -> Value {
    let checks: Vec<_> = reports
        .iter()
        .map(|CheckReport { name, rule, offending, rows, people: _ }| {
            json!({"check": name, "rule": rule, "ok": *offending == 0, "offending": offending, "rows": rows})
        })
        .collect();
    json!({"ok": offending == 0, "offending": offending, "checks": checks})
}
