//! Withdrawals: the rows of `withdrawals`.
//!
//! Where the money goes is stored twice: sealed, for the payment, and masked, for everybody who
//! looks. A row is sealed for itself: copied into another row, it does not open.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::ids::{UserId, WithdrawalId};
use domain::money::{
    FailureReason, PayoutAccount, PayoutMethod, RejectionReason, Withdrawal, WithdrawalState,
};
use ports::money::FieldCipher;
use ports::store::StoreError;
use serde_json::Value;
use uuid::Uuid;

use super::amount;
use crate::error::{corrupt, exactly_one, refused, store_error};
use crate::link::Line;
use crate::schema::withdrawals;
use crate::statement::statement;

/// A row of `withdrawals` as it is stored and loaded, but for where it goes.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = withdrawals, check_for_backend(diesel::pg::Pg))]
struct WithdrawalRow {
    id: i64,
    user_id: Uuid,
    amount_minor: i64,
    currency: String,
    method: String,
    state: String,
    first_approved_by: Option<Uuid>,
    approved_by: Option<Uuid>,
    rejection_reason: Option<String>,
    failure_reason: Option<String>,
    requested_at: DateTime<Utc>,
    estimated_completion: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl From<&Withdrawal> for WithdrawalRow {
    fn from(withdrawal: &Withdrawal) -> Self {
        let Withdrawal {
            id,
            user_id,
            amount,
            method,
            state,
            first_approved_by,
            approved_by,
            rejection,
            failure,
            requested_at,
            estimated_completion,
            sent_at,
            completed_at,
            updated_at,
            version,
        } = withdrawal;
        Self {
            id: id.number(),
            user_id: user_id.uuid(),
            amount_minor: amount.minor(),
            currency: amount.currency().as_str().to_owned(),
            method: method.as_str().to_owned(),
            state: state.as_str().to_owned(),
            first_approved_by: first_approved_by.map(UserId::uuid),
            approved_by: approved_by.map(UserId::uuid),
            rejection_reason: rejection.as_ref().map(|reason| reason.as_str().to_owned()),
            failure_reason: failure.as_ref().map(|reason| reason.as_str().to_owned()),
            requested_at: *requested_at,
            estimated_completion: *estimated_completion,
            sent_at: *sent_at,
            completed_at: *completed_at,
            updated_at: *updated_at,
            version: *version,
        }
    }
}

impl WithdrawalRow {
    fn into_withdrawal(self) -> Result<Withdrawal, StoreError> {
        let Self {
            id: number,
            user_id,
            amount_minor,
            currency,
            method: method_word,
            state: state_word,
            first_approved_by,
            approved_by,
            rejection_reason,
            failure_reason,
            requested_at,
            estimated_completion,
            sent_at,
            completed_at,
            updated_at,
            version,
        } = self;
        let id = withdrawal_id(number)?;
        Ok(Withdrawal {
            id,
            user_id: UserId::new(user_id),
            amount: amount("withdrawals", id, amount_minor, &currency)?,
            method: method(id, &method_word)?,
            state: state(id, &state_word)?,
            first_approved_by: first_approved_by.map(UserId::new),
            approved_by: approved_by.map(UserId::new),
            rejection: rejection_reason
                .map(|reason| RejectionReason::parse(&reason))
                .transpose()
                .map_err(|problem| corrupt("withdrawals", "rejection_reason", id, problem))?,
            failure: failure_reason
                .map(|reason| FailureReason::parse(&reason))
                .transpose()
                .map_err(|problem| corrupt("withdrawals", "failure_reason", id, problem))?,
            requested_at,
            estimated_completion,
            sent_at,
            completed_at,
            updated_at,
            version,
        })
    }
}

pub(crate) fn withdrawal_id(number: i64) -> Result<WithdrawalId, StoreError> {
    WithdrawalId::new(number)
        .ok_or_else(|| corrupt("withdrawals", "id", number, "is no number of a withdrawal"))
}

pub(super) fn state(row: impl std::fmt::Display, word: &str) -> Result<WithdrawalState, StoreError> {
    WithdrawalState::from_word(word).ok_or_else(|| corrupt("withdrawals", "state", row, "is no state"))
}

pub(super) fn method(row: WithdrawalId, word: &str) -> Result<PayoutMethod, StoreError> {
    PayoutMethod::from_word(word)
        .ok_or_else(|| corrupt("withdrawals", "method", row, "is no way of paying out"))
}

/// What a row's account is sealed for.
pub(crate) fn context(id: WithdrawalId) -> String {
    format!("withdrawals.account_sealed:{}", id.number())
}

/// An account as it may be shown.
pub(crate) fn masked(account: &PayoutAccount) -> Value {
    account.masked().into_iter().map(|(field, value)| (field.to_owned(), Value::String(value))).collect()
}

/// An account as it is stored in the row of this withdrawal, and opens in no other.
pub(crate) fn seal(
    account: &PayoutAccount,
    id: WithdrawalId,
    cipher: &dyn FieldCipher,
) -> Result<Vec<u8>, StoreError> {
    let details: BTreeMap<&str, &str> = account.expose().collect();
    let plain = serde_json::to_vec(&details).map_err(|error| StoreError::Refused(error.into()))?;
    cipher.seal(&plain, &context(id)).map_err(StoreError::Refused)
}

/// The errors say nothing of what was sealed.
fn open(
    sealed: &[u8],
    method: PayoutMethod,
    id: WithdrawalId,
    cipher: &dyn FieldCipher,
) -> Result<PayoutAccount, StoreError> {
    let corrupt = |problem: &str| corrupt("withdrawals", "account_sealed", id, problem);
    let plain = cipher
        .open(sealed, &context(id))
        .map_err(|problem| corrupt(&format!("cannot be opened: {problem}")))?;
    let details: BTreeMap<String, String> =
        serde_json::from_slice(&plain).map_err(|_| corrupt("holds no account details"))?;
    PayoutAccount::new(method, |field| details.get(field).map(String::as_str))
        .map_err(|_| corrupt("holds details that the method does not take"))
}

/// The next number of the sequence.
pub(crate) async fn next_id(connection: &mut Line<'_>) -> Result<WithdrawalId, StoreError> {
    #[derive(QueryableByName)]
    struct Next {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let Next { number } = statement("SELECT nextval('withdrawal_numbers') AS number")
        .get_result(connection)
        .await
        .map_err(store_error)?;
    WithdrawalId::new(number).ok_or_else(|| refused("the sequence of withdrawals counts below one"))
}

/// Adds a withdrawal.
pub(crate) async fn insert(
    connection: &mut Line<'_>,
    cipher: &dyn FieldCipher,
    withdrawal: &Withdrawal,
    account: &PayoutAccount,
) -> Result<(), StoreError> {
    let destination = (
        withdrawals::account_sealed.eq(seal(account, withdrawal.id, cipher)?),
        withdrawals::account_masked.eq(masked(account)),
    );
    diesel::insert_into(withdrawals::table)
        .values((WithdrawalRow::from(withdrawal), destination))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Loads a withdrawal and locks it.
pub(crate) async fn lock(
    connection: &mut Line<'_>,
    id: WithdrawalId,
) -> Result<Option<Withdrawal>, StoreError> {
    withdrawals::table
        .find(id.number())
        .select(WithdrawalRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?
        .map(WithdrawalRow::into_withdrawal)
        .transpose()
}

/// Where a withdrawal goes.
pub(crate) async fn account(
    connection: &mut Line<'_>,
    cipher: &dyn FieldCipher,
    id: WithdrawalId,
) -> Result<Option<PayoutAccount>, StoreError> {
    let row: Option<(String, Vec<u8>)> = withdrawals::table
        .find(id.number())
        .select((withdrawals::method, withdrawals::account_sealed))
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(|(word, sealed)| open(&sealed, method(id, &word)?, id, cipher)).transpose()
}

/// Saves what a command changed and raises the version. Owner, amount and account stay for good.
pub(crate) async fn save(connection: &mut Line<'_>, withdrawal: &mut Withdrawal) -> Result<(), StoreError> {
    let Withdrawal {
        id,
        user_id: _,
        amount: _,
        method: _,
        state,
        first_approved_by,
        approved_by,
        rejection,
        failure,
        requested_at: _,
        estimated_completion: _,
        sent_at,
        completed_at,
        updated_at,
        version,
    } = withdrawal;
    let next_version =
        version.checked_add(1).ok_or_else(|| refused("a withdrawal was saved too often to count"))?;
    let stored = withdrawals::table.find(id.number()).filter(withdrawals::version.eq(*version));
    let affected = diesel::update(stored)
        .set((
            withdrawals::state.eq(state.as_str()),
            withdrawals::first_approved_by.eq(first_approved_by.map(UserId::uuid)),
            withdrawals::approved_by.eq(approved_by.map(UserId::uuid)),
            withdrawals::rejection_reason.eq(rejection.as_ref().map(RejectionReason::as_str)),
            withdrawals::failure_reason.eq(failure.as_ref().map(FailureReason::as_str)),
            withdrawals::sent_at.eq(*sent_at),
            withdrawals::completed_at.eq(*completed_at),
            withdrawals::updated_at.eq(*updated_at),
            withdrawals::version.eq(next_version),
        ))
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "withdrawal")?;
    *version = next_version;
    Ok(())
}
