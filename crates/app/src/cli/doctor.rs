//! `guildhall doctor`: checks every setting, the database and its roles, and says what is wrong.
//!
//! It changes nothing but starting, and stopping again, the private database where no server runs.

use std::fmt::Display;
use std::process::ExitCode;

use adapter_postgres::{Database, RoleReport, pending_migrations, role_report};
use anyhow::Context;
use ports::environment::DatabaseHealth;

use super::{block_on, causes, complain, say};
use crate::bring_up;
use crate::home::Home;
use crate::settings::secrets::{self, Secrets};
use crate::settings::{Loaded, Settings};
use crate::wiring;

pub(super) fn run() -> ExitCode {
    let Loaded { settings, warnings } = match Settings::load() {
        Ok(loaded) => loaded,
        Err(faults) => {
            complain(&faults);
            return ExitCode::FAILURE;
        }
    };
    let mut findings = Findings::default();
    let secrets = settings_section(&settings, warnings, &mut findings);
    if let Some(secrets) = secrets {
        database_section(&settings, &secrets, &mut findings);
    }
    say("");
    say(&findings);
    if findings.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Findings {
    faults: u32,
    warnings: u32,
}

impl Findings {
    fn good(line: impl Display) {
        say(format_args!("  ok       {line}"));
    }

    fn warning(&mut self, line: impl Display) {
        self.warnings = self.warnings.saturating_add(1);
        say(format_args!("  warning  {line}"));
    }

    fn fault(&mut self, line: impl Display) {
        self.faults = self.faults.saturating_add(1);
        say(format_args!("  FAULT    {line}"));
    }

    fn check<T, E: Into<anyhow::Error>>(&mut self, what: &str, outcome: Result<T, E>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(format_args!("{what}: {}", causes(&error.into())));
                None
            }
        }
    }
}

impl Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { faults, warnings } = self;
        write!(f, "{faults} fault(s), {warnings} warning(s)")
    }
}

/// The secrets, if they can be read.
fn settings_section(settings: &Settings, warnings: Vec<String>, findings: &mut Findings) -> Option<Secrets> {
    say("Settings");
    for line in settings.report() {
        Findings::good(format_args!("{} = {} ({})", line.name, line.value, line.source));
    }
    for warning in warnings {
        findings.warning(warning);
    }
    findings.check("first administrator", bring_up::check(settings));
    let secrets = findings.check("secrets", secrets::resolve(settings))?;
    Findings::good("secrets can be read");
    Some(secrets)
}

fn database_section(settings: &Settings, secrets: &Secrets, findings: &mut Findings) {
    say("Database");
    let Some(home) = findings.check("database", Home::attach(settings)) else { return };
    let kind = if home.is_private() { "private, in the data folder" } else { "at DATABASE_URL" };
    Findings::good(kind);
    let checked = block_on(async {
        let runtime = tokio::runtime::Handle::current();
        let database = wiring::connect(settings, secrets, &home, &runtime)?;
        check_database(&database, &home, findings).await;
        database.close();
        Ok(())
    });
    findings.check("database", checked);
    findings.check("database", home.leave());
}

async fn check_database(database: &Database, home: &Home, findings: &mut Findings) {
    let Some(status) = findings.check("connection of the serving role", database.check().await) else {
        return;
    };
    Findings::good(format_args!(
        "PostgreSQL {} answers in {:.1} ms",
        status.version,
        status.round_trip.as_secs_f64() * 1_000.0
    ));
    match pending_migrations(&home.owner_url).await.context("connection of the owner") {
        Ok(state) if state.is_current() => Findings::good("the schema is up to date"),
        Ok(state) => findings.warning(format_args!(
            "{} migration(s) are pending; `guildhall serve` and `guildhall migrate` apply them",
            state.pending.len()
        )),
        Err(error) => findings.fault(causes(&error)),
    }
    roles(home, findings).await;
}

/// The oldest server whose SQL the program speaks.
const OLDEST_SERVER: i32 = 150_000;

async fn roles(home: &Home, findings: &mut Findings) {
    let Some(report) = findings.check("role", role_report(&home.app_url).await) else { return };
    let RoleReport {
        role,
        server_version,
        is_superuser,
        may_create,
        owned_tables,
        missing_rights,
        excess_rights,
        has_english_messages,
    } = report;
    Findings::good(format_args!("serving as role {role}"));
    if server_version < OLDEST_SERVER {
        findings.fault("PostgreSQL 15 or later is needed");
    }
    if !missing_rights.is_empty() {
        findings.fault(format_args!("{role} lacks {}; run `guildhall migrate`", missing_rights.join(", ")));
    }
    if is_superuser {
        findings.warning(format_args!("{role} is a superuser: no right and no trigger holds it back"));
    }
    if !owned_tables.is_empty() {
        findings.warning(format_args!(
            "{role} owns tables, so it could change and drop them; \
             give MIGRATION_DATABASE_URL to an owner and serve with a role that owns nothing"
        ));
    } else if may_create {
        findings.warning(format_args!("{role} may make tables in the schema public"));
    }
    if !excess_rights.is_empty() && !is_superuser && owned_tables.is_empty() {
        findings.warning(format_args!("{role} has more rights than it needs: {}", excess_rights.join(", ")));
    }
    if !has_english_messages {
        findings.warning(
            "the server's messages are not in English (lc_messages): some time-outs are reported as internal errors",
        );
    }
}
