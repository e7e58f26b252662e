//! Accounts: the rows of `users`, and the empty `profiles` and `user_figures` that come with each.
//!
//! The unique index `users_email_key` decides whether an address is taken, under every race; no
//! statement here asks first.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, select, sql};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use domain::identity::{
    AccountState, EmailAddress, FullName, PasswordHash, PhoneNumber, Role, Standing, User,
};
use domain::ids::UserId;
use ports::identity::{EmailClaim, Lock};
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, exactly_one, refused, store_error, violates_unique};
use crate::link::Line;
use crate::schema::{profiles, user_figures, users};

/// The index behind [`EmailClaim`].
const EMAIL_INDEX: &str = "users_email_key";
/// What it indexes. Questions by address must use this very expression.
pub(super) const EMAIL_KEY: &str = "(lower(email COLLATE \"C\"))";

/// A row of `users` as it is stored and loaded.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct UserRow {
    id: Uuid,
    email: String,
    full_name: String,
    role: String,
    phone: Option<String>,
    password_hash: String,
    state: String,
    block_reason: Option<String>,
    state_since: Option<DateTime<Utc>>,
    is_verified: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

/// The columns of a [`Standing`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct StandingRow {
    id: Uuid,
    role: String,
    state: String,
    block_reason: Option<String>,
    state_since: Option<DateTime<Utc>>,
}

/// What a save may change; absent values are stored as NULL. Identifier and registration stay.
#[derive(AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
struct UserChanges {
    email: String,
    full_name: String,
    role: String,
    phone: Option<String>,
    password_hash: String,
    state: String,
    block_reason: Option<String>,
    state_since: Option<DateTime<Utc>>,
    is_verified: bool,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        let User {
            id,
            email,
            full_name,
            role,
            phone,
            password,
            state,
            is_verified,
            created_at,
            updated_at,
            version,
        } = user;
        let (block_reason, state_since) = match state {
            AccountState::Active => (None, None),
            AccountState::Blocked { reason, since } => (Some(reason.clone()), Some(*since)),
            AccountState::Deactivated { since } => (None, Some(*since)),
        };
        Self {
            id: id.uuid(),
            email: email.as_str().to_owned(),
            full_name: full_name.as_str().to_owned(),
            role: role.as_str().to_owned(),
            phone: phone.as_ref().map(|phone| phone.as_str().to_owned()),
            password_hash: password.expose().to_owned(),
            state: state.as_str().to_owned(),
            block_reason,
            state_since,
            is_verified: *is_verified,
            created_at: *created_at,
            updated_at: *updated_at,
            version: *version,
        }
    }
}

impl UserRow {
    fn into_changes(self, next_version: i64) -> UserChanges {
        let Self {
            id: _,
            email,
            full_name,
            role,
            phone,
            password_hash,
            state,
            block_reason,
            state_since,
            is_verified,
            created_at: _,
            updated_at,
            version: _,
        } = self;
        UserChanges {
            email,
            full_name,
            role,
            phone,
            password_hash,
            state,
            block_reason,
            state_since,
            is_verified,
            updated_at,
            version: next_version,
        }
    }
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let UserRow {
            id,
            email,
            full_name,
            role,
            phone,
            password_hash,
            state,
            block_reason,
            state_since,
            is_verified,
            created_at,
            updated_at,
            version,
        } = row;
        Ok(Self {
            id: UserId::new(id),
            email: EmailAddress::parse(&email).map_err(|problem| corrupt("users", "email", id, problem))?,
            full_name: FullName::parse(&full_name)
                .map_err(|problem| corrupt("users", "full_name", id, problem))?,
            role: self::role(id, &role)?,
            phone: phone
                .map(|phone| PhoneNumber::parse(&phone))
                .transpose()
                .map_err(|problem| corrupt("users", "phone", id, problem))?,
            password: PasswordHash::new(password_hash),
            state: account_state(id, &state, block_reason, state_since)?,
            is_verified,
            created_at,
            updated_at,
            version,
        })
    }
}

impl TryFrom<StandingRow> for Standing {
    type Error = StoreError;

    fn try_from(row: StandingRow) -> Result<Self, StoreError> {
        let StandingRow { id, role, state, block_reason, state_since } = row;
        let state = account_state(id, &state, block_reason, state_since)?;
        Ok(Self { id: UserId::new(id), role: self::role(id, &role)?, state })
    }
}

/// The stored word of a state, with what belongs to it.
fn account_state(
    row: Uuid,
    word: &str,
    reason: Option<String>,
    since: Option<DateTime<Utc>>,
) -> Result<AccountState, StoreError> {
    match (word, reason, since) {
        ("active", None, None) => Ok(AccountState::Active),
        ("blocked", Some(reason), Some(since)) => Ok(AccountState::Blocked { reason, since }),
        ("deactivated", None, Some(since)) => Ok(AccountState::Deactivated { since }),
        _ => Err(corrupt("users", "state", row, "does not fit its reason and time")),
    }
}

/// The stored word of a role.
pub(crate) fn role(row: Uuid, word: &str) -> Result<Role, StoreError> {
    Role::from_word(word).ok_or_else(|| corrupt("users", "role", row, "is no role"))
}

/// Adds an account with its empty profile and figures.
pub(crate) async fn insert(connection: &mut Line<'_>, user: &User) -> Result<EmailClaim, StoreError> {
    let inserted = diesel::insert_into(users::table)
        .values(UserRow::from(user))
        .on_conflict(sql::<Text>(EMAIL_KEY))
        .do_nothing()
        .execute(connection)
        .await
        .map_err(store_error)?;
    if inserted == 0 {
        return Ok(EmailClaim::Taken);
    }
    diesel::insert_into(profiles::table)
        .values((profiles::user_id.eq(user.id.uuid()), profiles::updated_at.eq(user.updated_at)))
        .execute(connection)
        .await
        .map_err(store_error)?;
    diesel::insert_into(user_figures::table)
        .values(user_figures::user_id.eq(user.id.uuid()))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(EmailClaim::Granted)
}

/// Loads and locks an account.
pub(crate) async fn lock(
    connection: &mut Line<'_>,
    id: UserId,
    lock: Lock,
) -> Result<Option<User>, StoreError> {
    let row = users::table.find(id.uuid()).select(UserRow::as_select());
    let loaded = match lock {
        Lock::Shared => row.for_share().first(connection).await,
        Lock::Exclusive => row.for_no_key_update().first(connection).await,
    };
    loaded.optional().map_err(store_error)?.map(User::try_from).transpose()
}

/// What others must know of these accounts. Takes no lock.
pub(crate) async fn standings(
    connection: &mut Line<'_>,
    ids: &[UserId],
) -> Result<Vec<Standing>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found: Vec<StandingRow> = users::table
        .filter(users::id.eq_any(ids))
        .select(StandingRow::as_select())
        .load(connection)
        .await
        .map_err(store_error)?;
    found.into_iter().map(Standing::try_from).collect()
}

/// Held until the transaction ends by whoever makes the first administrator ("Guildadm" in ASCII).
const LOCK_ADMINISTRATORS: &str = "SELECT pg_advisory_xact_lock(5149137663229518957)";

/// Whether there is an administrator, under the lock. The second statement sees what was committed while
/// the first one waited.
pub(crate) async fn lock_administrators(connection: &mut Line<'_>) -> Result<bool, StoreError> {
    connection.batch_execute(LOCK_ADMINISTRATORS).await.map_err(store_error)?;
    let administrators = users::table.filter(users::role.eq(Role::Admin.as_str()));
    select(exists(administrators)).get_result(connection).await.map_err(store_error)
}

/// Saves an account and raises its version.
///
/// The UPDATE runs under a savepoint: only the index can tell whether an address is taken, and
/// its answer must not cost the transaction.
pub(crate) async fn save(connection: &mut Line<'_>, user: &mut User) -> Result<EmailClaim, StoreError> {
    let next_version =
        user.version.checked_add(1).ok_or_else(|| refused("an account was saved too often to count"))?;
    let changes = UserRow::from(&*user).into_changes(next_version);
    connection.batch_execute("SAVEPOINT email_claim").await.map_err(store_error)?;
    let updated = diesel::update(users::table.find(user.id.uuid()).filter(users::version.eq(user.version)))
        .set(changes)
        .execute(connection)
        .await;
    match updated {
        Ok(affected) => {
            exactly_one(affected, "account")?;
            connection.batch_execute("RELEASE SAVEPOINT email_claim").await.map_err(store_error)?;
            user.version = next_version;
            Ok(EmailClaim::Granted)
        }
        Err(error) if violates_unique(&error, EMAIL_INDEX) => {
            connection
                .batch_execute("ROLLBACK TO SAVEPOINT email_claim; RELEASE SAVEPOINT email_claim")
                .await
                .map_err(store_error)?;
            Ok(EmailClaim::Taken)
        }
        Err(error) => Err(store_error(error)),
    }
}
