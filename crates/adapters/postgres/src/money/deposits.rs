//! Deposits: the rows of `deposits`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{DepositId, UserId};
use domain::money::{Deposit, DepositState, Outside};
use ports::store::StoreError;
use uuid::Uuid;

use super::amount;
use crate::error::{corrupt, exactly_one, refused, store_error};
use crate::link::Line;
use crate::schema::deposits;

/// A row of `deposits` as it is stored and loaded.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = deposits, check_for_backend(diesel::pg::Pg))]
struct DepositRow {
    id: Uuid,
    user_id: Uuid,
    amount_minor: i64,
    currency: String,
    outside: String,
    state: String,
    created_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<&Deposit> for DepositRow {
    fn from(deposit: &Deposit) -> Self {
        let Deposit { id, user_id, amount, outside, state, created_at, completed_at, version } = deposit;
        Self {
            id: id.uuid(),
            user_id: user_id.uuid(),
            amount_minor: amount.minor(),
            currency: amount.currency().as_str().to_owned(),
            outside: outside.as_str().to_owned(),
            state: state.as_str().to_owned(),
            created_at: *created_at,
            completed_at: *completed_at,
            version: *version,
        }
    }
}

impl TryFrom<DepositRow> for Deposit {
    type Error = StoreError;

    fn try_from(row: DepositRow) -> Result<Self, StoreError> {
        let DepositRow {
            id,
            user_id,
            amount_minor,
            currency,
            outside,
            state,
            created_at,
            completed_at,
            version,
        } = row;
        Ok(Self {
            id: DepositId::new(id),
            user_id: UserId::new(user_id),
            amount: amount("deposits", id, amount_minor, &currency)?,
            outside: Outside::from_word(&outside)
                .ok_or_else(|| corrupt("deposits", "outside", id, "is nobody outside"))?,
            state: DepositState::from_word(&state)
                .ok_or_else(|| corrupt("deposits", "state", id, "is no state"))?,
            created_at,
            completed_at,
            version,
        })
    }
}

/// Adds a deposit.
pub(crate) async fn insert(connection: &mut Line<'_>, deposit: &Deposit) -> Result<(), StoreError> {
    diesel::insert_into(deposits::table)
        .values(DepositRow::from(deposit))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// A deposit as it stands.
pub(crate) async fn find(connection: &mut Line<'_>, id: DepositId) -> Result<Option<Deposit>, StoreError> {
    deposits::table
        .find(id.uuid())
        .select(DepositRow::as_select())
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(Deposit::try_from)
        .transpose()
}

/// Loads a deposit and locks it.
pub(crate) async fn lock(connection: &mut Line<'_>, id: DepositId) -> Result<Option<Deposit>, StoreError> {
    deposits::table
        .find(id.uuid())
        .select(DepositRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(Deposit::try_from)
        .transpose()
}

/// Saves what a command changed and raises the version. Owner, amount and way in stay for good.
pub(crate) async fn save(connection: &mut Line<'_>, deposit: &mut Deposit) -> Result<(), StoreError> {
    let Deposit { id, user_id: _, amount: _, outside: _, state, created_at: _, completed_at, version } =
        deposit;
    let next_version =
        version.checked_add(1).ok_or_else(|| refused("a deposit was saved too often to count"))?;
    let affected = diesel::update(deposits::table.find(id.uuid()).filter(deposits::version.eq(*version)))
        .set((
            deposits::state.eq(state.as_str()),
            deposits::completed_at.eq(*completed_at),
            deposits::version.eq(next_version),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "deposit")?;
    *version = next_version;
    Ok(())
}
