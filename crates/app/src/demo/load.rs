//! Much data instead of a small world (`guildhall demo --scale`): see [`adapter_postgres::fill`].

use std::sync::Arc;

use adapter_postgres::Database;
use adapter_postgres::fill::{self, Load, Scale};
use adapter_postgres::verify::{CheckReport, verify_books};
use adapter_security::field_cipher::AesGcmFieldCipher;
use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::identity::{EmailAddress, NewPassword};
use usecases::profiles::RefreshLeaderboard;

use super::outside::StageClock;
use crate::home::Home;
use crate::outside::Outside;
use crate::settings::Settings;
use crate::settings::secrets::Secrets;

/// What everybody logs in with.
pub const PASSWORD: &str = "Passw0rd!";
/// The first of those who can; `client1@bench.test` and further numbers as well.
pub const FIRST_LOGIN: &str = "writer1@bench.test";

/// Fills an empty database as if it were `now`, and reckons its books anew.
///
/// # Errors
/// The database is not empty, refuses, or cannot be reached.
pub async fn make(
    settings: &Settings,
    secrets: &Secrets,
    outside: &Outside,
    (home, database): (&Home, &Database),
    (scale, now): (Scale, DateTime<Utc>),
) -> anyhow::Result<Vec<CheckReport>> {
    let password = NewPassword::parse(PASSWORD, &EmailAddress::parse(FIRST_LOGIN)?)?;
    let password = outside.hasher.hash(password).await?;
    let cipher = AesGcmFieldCipher::new(&secrets.field_encryption).map_err(anyhow::Error::from_boxed)?;
    let load = Load { scale, now, password: &password, fees: settings.fees, cipher: &cipher };
    fill::fill(&home.owner_url, &load).await?;
    let clock = StageClock::new(Arc::clone(&outside.clock));
    clock.set(now);
    let ranking = RefreshLeaderboard { rankings: Arc::new(database.clone()), clock: Arc::new(clock) };
    ranking.execute().await.context("ranking the writers failed")?;
    verify_books(&home.owner_url).await.context("the books cannot be read")
}
