//! The command line.
//!
//! Reports go to standard output, the log and faults to standard error. A command that could not do
//! what it was asked for ends with exit code 1, a command line that makes no sense with 2.

mod admin;
mod demo;
mod doctor;
mod health;
mod keys;
mod ledger;
mod migrate;
mod openapi;
mod serve;
mod worker;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::settings::{Fault, Loaded, Settings};
use crate::telemetry;

/// How long the end of the process waits for the log to be written.
const FLUSH: Duration = Duration::from_secs(1);

/// A self-hostable freelance marketplace.
///
/// Settings come from the environment and from ./.env; .env.example lists them all.
#[derive(Parser)]
#[command(name = "guildhall", version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API. Without DATABASE_URL this also runs a private PostgreSQL in the data folder.
    Serve(serve::Options),
    /// Carry out background work beside servers, without serving. Any number of these may run.
    Worker,
    /// Bring the database's schema up to date and give the serving role its rights.
    Migrate,
    /// Print the OpenAPI document of this program.
    Openapi,
    /// Administrators' accounts.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// The books.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// The keys that account details are encrypted with.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make a small world to try the program with, or much data to try its speed with. Never in
    /// production, and never in a database in which somebody else has an account.
    Demo(demo::Options),
    /// Check every setting, the database and its roles, and say what is wrong.
    Doctor,
    /// Ask a running server on BIND_ADDR whether it is ready: exit code 0 if so.
    Health,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    match command {
        Command::Openapi => report(openapi::run()),
        Command::Doctor => doctor::run(),
        Command::Health => with_settings(|settings, _| health::run(&settings)),
        Command::Serve(options) => {
            with_settings(|settings, warnings| logged(settings, warnings, |settings| options.run(settings)))
        }
        Command::Worker => {
            with_settings(|settings, warnings| logged(settings, warnings, |settings| worker::run(&settings)))
        }
        Command::Migrate => {
            with_settings(|settings, warnings| logged(settings, warnings, |settings| migrate::run(&settings)))
        }
        Command::Ledger(ledger::LedgerCommand::Verify) => with_settings(|settings, warnings| {
            logged(settings, warnings, |settings| ledger::verify(&settings))
        }),
        Command::Keys(command) => {
            with_settings(|settings, warnings| logged(settings, warnings, |settings| command.run(&settings)))
        }
        Command::Demo(options) => {
            with_settings(|settings, warnings| logged(settings, warnings, |settings| options.run(&settings)))
        }
        Command::Admin(admin::AdminCommand::Create(create)) => {
            with_settings(|settings, warnings| logged(settings, warnings, |settings| create.run(&settings)))
        }
    }
}

/// Loads the settings; faults end the program with a line for each.
fn with_settings(run: impl FnOnce(Settings, Vec<String>) -> anyhow::Result<()>) -> ExitCode {
    match Settings::load() {
        Ok(Loaded { settings, warnings }) => report(run(settings, warnings)),
        Err(faults) => {
            complain(&faults);
            ExitCode::FAILURE
        }
    }
}

fn complain(faults: &[Fault]) {
    for fault in faults {
        say_fault(fault);
    }
}

/// Turns the log on, tells it what is odd about the settings, and runs.
fn logged(
    settings: Settings,
    warnings: Vec<String>,
    run: impl FnOnce(Settings) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let telemetry = telemetry::init(&settings)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let outcome = run(settings);
    if !telemetry.flush(FLUSH) {
        say_fault(&"the end of the log could not be written");
    }
    outcome
}

fn report(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_fault(&causes(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error and what caused it, on one line. Many errors quote their cause already; nothing is said
/// twice.
pub(crate) fn causes(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !line.contains(&cause) {
            if !line.is_empty() {
                line.push_str(": ");
            }
            line.push_str(&cause);
        }
    }
    line.replace(['\n', '\r'], " ")
}

/// Writes a line of a report to standard output. A reader that has gone away is no fault of ours.
fn say(line: impl std::fmt::Display) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

fn say_fault(fault: &dyn std::fmt::Display) {
    drop(writeln!(std::io::stderr().lock(), "guildhall: {fault}"));
}

/// Runs a future on the main runtime: several threads, as the actix workers bring their own.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    use super::*;

    #[test]
    fn causes_are_told_once_and_on_one_line() {
        let refused = anyhow!("connection refused").context("cannot connect: connection refused");
        assert_eq!(
            causes(&refused.context("migrating failed")),
            "migrating failed: cannot connect: connection refused"
        );
        let broken: anyhow::Result<()> = Err(anyhow!("first\nsecond"));
        assert_eq!(causes(&broken.context("outer").unwrap_err()), "outer: first second");
    }
}
