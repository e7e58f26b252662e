//! A small world to try the program with: people with pictures, orders in every state, chats, reviews
//! and money, under addresses that nobody can have.
//!
//! | module | holds |
//! |---|---|
//! | `cast` | who there is |
//! | `script` | what happens, and how long ago |
//! | `stage` | carries the script out, use case by use case |
//! | `whole` | all of it as one transaction |
//! | [`load`] | much data instead |
//! | `outside`, `picture` | time that is set by hand, one hash for all; portraits |
//!
//! Nothing here goes past the use cases, so what is there could have come about by itself. It is one
//! transaction: a start that breaks off leaves nothing behind (but pictures without a row, which the
//! sweep finds), and a world whose first account is there is there in full.
//!
//! Everybody's password is known to everybody. Therefore it is made only on request, never in
//! production, and never in a database in which somebody else has an account.

mod cast;
pub mod load;
mod outside;
mod picture;
mod script;
mod stage;
mod whole;

use std::sync::Arc;

use anyhow::Context;
use chrono::TimeDelta;
use domain::actor::Actor;
use domain::identity::EmailAddress;
use domain::ids::SessionId;
use ports::files::{BlobStore, ImageTool, Inspectors};
use ports::identity::{AccountQueries, PasswordHasher};
use ports::list::Window;
use ports::notifications::{NotificationFilter, NotificationQueries};
use ports::store::Store;
use secrecy::SecretString;
use usecases::error::UseCaseError;
use usecases::files::{AvatarForm, PassOffice};
use usecases::idempotency::Once;
use usecases::identity::TokenIssuer;
use usecases::notifications::MarkNotificationRead;
use usecases::outbox::DispatchFacts;

use self::stage::Stage;
use self::whole::Whole;
use crate::settings::Settings;

/// What all of them log in with.
pub const PASSWORD: &str = "DemoPass123!";

/// The addresses that are told: one of each kind. All others are there to be met.
pub const LOGINS: [&str; 3] = ["client@demo.test", "writer@demo.test", "admin@demo.test"];

/// How many have an account.
pub const PEOPLE: usize = cast::CAST.len();

/// What happened longer ago than this has been read by those who log in.
const READ_AFTER: TimeDelta = TimeDelta::hours(48);
/// More than anybody is told in the script.
const ALL_NOTIFICATIONS: Window = Window::Page { offset: 0, limit: 200 };

/// Makes the world.
#[derive(Clone)]
pub struct DemoWorld {
    /// Transactions.
    pub store: Arc<dyn Store>,
    /// Whether it is there.
    pub accounts: Arc<dyn AccountQueries>,
    /// The machine's time, identifiers and tokens.
    pub issuer: TokenIssuer,
    /// Hashes the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Links to files.
    pub passes: PassOffice,
    /// Keeps the bytes of files.
    pub blobs: Arc<dyn BlobStore>,
    /// Look at them.
    pub inspectors: Arc<dyn Inspectors>,
    /// Makes avatars of pictures.
    pub images: Arc<dyn ImageTool>,
    /// Where an avatar is found.
    pub avatar_address: AvatarForm,
    /// The largest file that is taken.
    pub max_upload_bytes: u64,
    /// Tells people what has happened.
    pub dispatch: Arc<DispatchFacts>,
    /// What they have been told.
    pub notifications: Arc<dyn NotificationQueries>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is there now.
    Now,
    /// It was there; nothing changed.
    Before,
    /// Somebody else has an account in this database; nothing changed.
    NotHere,
}

/// Why there may be no such world under these settings, if so.
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

fn address(key: &str) -> String {
    format!("{key}@demo.test")
}

impl DemoWorld {
    /// Makes it, unless it is there or the database is somebody else's. `owner_url` is the address of
    /// the database's owner.
    ///
    /// # Errors
    /// Those of storage and hasher.
    pub async fn make(&self, owner_url: &SecretString) -> anyhow::Result<Made> {
        let [first, ..] = LOGINS;
        if self.accounts.credentials(&EmailAddress::parse(first)?).await?.is_some() {
            return Ok(Made::Before);
        }
        if !adapter_postgres::fill::is_unused(owner_url).await? {
            return Ok(Made::NotHere);
        }
        let whole = Arc::new(Whole::begin(self.store.as_ref()).await?);
        Stage::new(self, whole.clone()).play().await.context("the script of the demonstration")?;
        whole.commit().await?;
        self.dispatch.execute().await?;
        for login in LOGINS {
            self.read_what_is_old(login).await?;
        }
        Ok(Made::Now)
    }

    async fn read_what_is_old(&self, login: &str) -> anyhow::Result<()> {
        let Some(found) = self.accounts.credentials(&EmailAddress::parse(login)?).await? else {
            return Ok(());
        };
        let Some(account) = self.accounts.account(found.user_id).await? else { return Ok(()) };
        let reader =
            Actor { user_id: account.id, session_id: SessionId::new(account.id.uuid()), role: account.role };
        let filter = NotificationFilter { is_read: Some(false), kind: None };
        let list = self.notifications.notifications(reader.user_id, filter, ALL_NOTIFICATIONS).await?;
        let clock = Arc::clone(&self.issuer.clock);
        let before = clock.now() - READ_AFTER;
        let mark = MarkNotificationRead { store: Arc::clone(&self.store), clock };
        let once = Once { key: None, render: |_| Err(UseCaseError::Internal("nobody asked for it".into())) };
        for notification in list.notifications.rows {
            if notification.created_at < before {
                mark.execute(&reader, notification.id, &once).await?;
            }
        }
        Ok(())
    }
}
