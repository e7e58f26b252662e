//! Payments that were taken back: the rows of `chargebacks`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ids::{ChargebackId, DepositId, UserId};
use domain::money::{Chargeback, ChargebackReason, ChargebackState, Outside, Taken};
use ports::store::StoreError;
use uuid::Uuid;

use super::{currency, named, total};
use crate::error::{corrupt, exactly_one, refused, store_error};
use crate::link::Line;
use crate::schema::chargebacks;

/// A row of `chargebacks` as it is stored and loaded, but for its position.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = chargebacks, check_for_backend(diesel::pg::Pg))]
struct ChargebackRow {
    id: Uuid,
    deposit_id: Uuid,
    user_id: Uuid,
    outside: String,
    amount_minor: i64,
    currency: String,
    reason: String,
    state: String,
    refunded_minor: i64,
    available_minor: i64,
    debt_minor: i64,
    losses_minor: i64,
    received_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<&Chargeback> for ChargebackRow {
    fn from(chargeback: &Chargeback) -> Self {
        let Chargeback {
            id,
            deposit_id,
            user_id,
            outside,
            amount,
            reason,
            state,
            refunded,
            taken: Taken { available, debt, losses },
            received_at,
            decided_at,
            version,
        } = chargeback;
        Self {
            id: id.uuid(),
            deposit_id: deposit_id.uuid(),
            user_id: user_id.uuid(),
            outside: outside.as_str().to_owned(),
            amount_minor: amount.minor(),
            currency: amount.currency().as_str().to_owned(),
            reason: reason.as_str().to_owned(),
            state: state.as_str().to_owned(),
            refunded_minor: refunded.minor(),
            available_minor: available.minor(),
            debt_minor: debt.minor(),
            losses_minor: losses.minor(),
            received_at: *received_at,
            decided_at: *decided_at,
            version: *version,
        }
    }
}

impl TryFrom<ChargebackRow> for Chargeback {
    type Error = StoreError;

    fn try_from(row: ChargebackRow) -> Result<Self, StoreError> {
        let id = row.id;
        let currency = currency("chargebacks", id, &row.currency)?;
        let sum = |column, minor| total("chargebacks", column, id, minor, currency);
        Ok(Self {
            id: ChargebackId::new(id),
            deposit_id: DepositId::new(row.deposit_id),
            user_id: UserId::new(row.user_id),
            outside: Outside::from_word(&row.outside)
                .ok_or_else(|| corrupt("chargebacks", "outside", id, "is nobody outside"))?,
            amount: named("chargebacks", "amount_minor", id, row.amount_minor, currency)?,
            reason: ChargebackReason::parse(&row.reason)
                .map_err(|problem| corrupt("chargebacks", "reason", id, problem))?,
            state: state(id, &row.state)?,
            refunded: sum("refunded_minor", row.refunded_minor)?,
            taken: Taken {
                available: sum("available_minor", row.available_minor)?,
                debt: sum("debt_minor", row.debt_minor)?,
                losses: sum("losses_minor", row.losses_minor)?,
            },
            received_at: row.received_at,
            decided_at: row.decided_at,
            version: row.version,
        })
    }
}

pub(super) fn state(row: Uuid, word: &str) -> Result<ChargebackState, StoreError> {
    ChargebackState::from_word(word).ok_or_else(|| corrupt("chargebacks", "state", row, "is no state"))
}

/// Adds a chargeback.
pub(crate) async fn insert(connection: &mut Line<'_>, chargeback: &Chargeback) -> Result<(), StoreError> {
    diesel::insert_into(chargebacks::table)
        .values(ChargebackRow::from(chargeback))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// The one of a deposit.
pub(crate) async fn of_deposit(
    connection: &mut Line<'_>,
    id: DepositId,
) -> Result<Option<Chargeback>, StoreError> {
    chargebacks::table
        .filter(chargebacks::deposit_id.eq(id.uuid()))
        .select(ChargebackRow::as_select())
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(Chargeback::try_from)
        .transpose()
}

/// Loads a chargeback and locks it.
pub(crate) async fn lock(
    connection: &mut Line<'_>,
    id: ChargebackId,
) -> Result<Option<Chargeback>, StoreError> {
    chargebacks::table
        .find(id.uuid())
        .select(ChargebackRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(Chargeback::try_from)
        .transpose()
}

/// Saves what a command changed and raises the version. What was taken stays for good.
pub(crate) async fn save(connection: &mut Line<'_>, chargeback: &mut Chargeback) -> Result<(), StoreError> {
    let version = chargeback.version;
    let next_version =
        version.checked_add(1).ok_or_else(|| refused("a chargeback was saved too often to count"))?;
    let stored = chargebacks::table.find(chargeback.id.uuid()).filter(chargebacks::version.eq(version));
    let affected = diesel::update(stored)
        .set((
            chargebacks::state.eq(chargeback.state.as_str()),
            chargebacks::decided_at.eq(chargeback.decided_at),
            chargebacks::version.eq(next_version),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "chargeback")?;
    chargeback.version = next_version;
    Ok(())
}
