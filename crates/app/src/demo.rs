//! Accounts to try the program with: one of each kind, under addresses that nobody can have.
//!
//! Their password is known to everybody. Therefore they are made only on request, outside production
//! and in the private database, never in one that may belong to somebody.

use std::sync::Arc;

use anyhow::Context;
use domain::identity::{EmailAddress, FullName, NewPassword, Role};
use usecases::error::UseCaseError;
use usecases::identity::{CreateAdmin, NewAdmin, Register, Registration};

use crate::settings::Settings;

/// What all of them log in with.
pub const PASSWORD: &str = "DemoPass123!";

/// Address and name of each, with the role unless an administrator.
pub const PEOPLE: [(&str, &str, Option<Role>); 3] = [
    ("client@demo.test", "Clara Client", Some(Role::Client)),
    ("writer@demo.test", "Willem Writer", Some(Role::Writer)),
    ("admin@demo.test", "Ada Admin", None),
];

/// Makes them.
#[derive(Clone)]
pub struct DemoAccounts {
    /// For those with a role that anybody may have.
    pub register: Arc<Register>,
    /// For the administrator.
    pub create_admin: CreateAdmin,
}

/// Why there may be no such accounts under these settings, if so.
#[must_use]
pub fn obstacle(settings: &Settings) -> Option<&'static str> {
    if settings.mode.is_production() {
        Some("this is production, and everybody knows their password")
    } else if settings.database.url.is_some() {
        Some("DATABASE_URL is set, and they belong only into the private database")
    } else {
        None
    }
}

impl DemoAccounts {
    /// Makes those whose addresses are free.
    ///
    /// # Errors
    /// Those of storage and hasher.
    pub async fn make(&self) -> anyhow::Result<()> {
        for (address, name, role) in PEOPLE {
            let email = EmailAddress::parse(address).context("a demo address")?;
            let password = NewPassword::parse(PASSWORD, &email).context("the demo password")?;
            let full_name = FullName::parse(name).context("a demo name")?;
            match role {
                Some(role) => {
                    self.register(Registration { email, password, full_name, role, phone: None }).await?;
                }
                None => drop(self.create_admin.execute(NewAdmin { email, password, full_name }).await?),
            }
        }
        Ok(())
    }

    async fn register(&self, registration: Registration) -> Result<(), UseCaseError> {
        match self.register.execute(registration).await {
            // Nothing of what is sent can be invalid but an address that is taken.
            Ok(_) | Err(UseCaseError::Invalid { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
