//! `guildhall admin create`

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::identity::{EmailAddress, FullName, NewPassword};
use secrecy::{ExposeSecret, SecretString};
use usecases::identity::{AdminOutcome, NewAdmin};

use super::{block_on, say};
use crate::bring_up::MIGRATION_WAIT;
use crate::home::Home;
use crate::outside::Outside;
use crate::settings::{Settings, secrets};
use crate::wiring;

#[derive(Subcommand)]
pub(super) enum AdminCommand {
    /// Make an administrator. The password is asked for, or read from standard input.
    Create(Create),
}

#[derive(Args)]
pub(super) struct Create {
    /// The address to log in with.
    #[arg(long)]
    email: String,
    /// The name shown to others.
    #[arg(long, default_value = "Administrator")]
    name: String,
}

/// More than any password may have; what is longer is refused rather than read to its end.
const LONGEST_INPUT: u64 = 4_096;

impl Create {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let email = EmailAddress::parse(&self.email).context("--email")?;
        let full_name = FullName::parse(&self.name).context("--name")?;
        let password = read_password()?;
        let password = NewPassword::parse(password.expose_secret(), &email).context("the password")?;
        let new = NewAdmin { email, password, full_name };
        let home = Home::attach(settings)?;
        let outcome = block_on(create(settings, &home, new));
        home.leave()?;
        match outcome? {
            AdminOutcome::Created(id) => say(format_args!("created administrator {} ({id})", self.email)),
            AdminOutcome::AlreadyThere(id) => {
                say(format_args!(
                    "{} is an administrator already ({id}); the password was not changed",
                    self.email
                ));
            }
            AdminOutcome::NotNeeded => say("there is an administrator already"),
            AdminOutcome::OtherRole(role) => {
                bail!("{} belongs to an account with the role {role}; choose another address", self.email)
            }
        }
        Ok(())
    }
}

async fn create(settings: &Settings, home: &Home, new: NewAdmin) -> anyhow::Result<AdminOutcome> {
    let secrets = secrets::resolve(settings)?;
    let outside = Outside::of_this_machine(settings)?;
    adapter_postgres::migrate(&home.owner_url, home.serving_role()?.as_deref(), MIGRATION_WAIT)
        .await
        .context("bringing the database's schema up to date failed")?;
    let runtime = tokio::runtime::Handle::current();
    let wired = wiring::wire(settings, &secrets, &outside, home, &runtime)?;
    let outcome = wired.create_admin.execute(new).await;
    wired.database.close();
    Ok(outcome?)
}

/// Asks on a terminal, otherwise reads the first line of standard input.
fn read_password() -> anyhow::Result<SecretString> {
    if std::io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ").context("cannot ask for the password")?;
        let second = rpassword::prompt_password("Again: ").context("cannot ask for the password")?;
        if first != second {
            bail!("the two passwords differ");
        }
        return Ok(first.into());
    }
    let mut input = String::new();
    std::io::stdin()
        .take(LONGEST_INPUT)
        .read_to_string(&mut input)
        .context("cannot read the password from standard input")?;
    let line = input.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("no password on standard input");
    }
    Ok(line.to_owned().into())
}
