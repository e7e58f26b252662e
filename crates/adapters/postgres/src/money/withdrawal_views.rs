//! Withdrawals as people see them: masked, and with their owner's name.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text as SqlText, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{UserId, WithdrawalId};
use domain::money::PayoutMethod;
use ports::money::WithdrawalView;
use ports::store::StoreError;
use serde_json::Value;
use uuid::Uuid;

use super::amount;
use super::withdrawals::{method, state, withdrawal_id};
use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::statement::{Bound, Statement, Text, statement};

/// What is shown of one withdrawal.
const ONE: &str = "\
    SELECT withdrawals.id, user_id, amount_minor, currency, method, account_masked, withdrawals.state,
           first_approved_by, approved_by, rejection_reason, failure_reason, requested_at, estimated_completion,
           sent_at, completed_at, users.full_name AS user_name
    FROM withdrawals JOIN users ON users.id = withdrawals.user_id
    WHERE withdrawals.id = $1";

/// A row of `withdrawals` without what is sealed, beside its owner's name.
#[derive(QueryableByName)]
pub(super) struct ViewRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SqlText)]
    user_name: String,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = SqlText)]
    currency: String,
    #[diesel(sql_type = SqlText)]
    method: String,
    #[diesel(sql_type = Jsonb)]
    account_masked: Value,
    #[diesel(sql_type = SqlText)]
    state: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    first_approved_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    approved_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlText>)]
    rejection_reason: Option<String>,
    #[diesel(sql_type = Nullable<SqlText>)]
    failure_reason: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    requested_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    estimated_completion: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    sent_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    completed_at: Option<DateTime<Utc>>,
}

impl TryFrom<ViewRow> for WithdrawalView {
    type Error = StoreError;

    fn try_from(row: ViewRow) -> Result<Self, StoreError> {
        let ViewRow {
            id: number,
            user_id,
            user_name,
            amount_minor,
            currency,
            method: method_word,
            account_masked,
            state: state_word,
            first_approved_by,
            approved_by,
            rejection_reason,
            failure_reason,
            requested_at,
            estimated_completion,
            sent_at,
            completed_at,
        } = row;
        let id = withdrawal_id(number)?;
        let method = method(id, &method_word)?;
        Ok(Self {
            id,
            user_id: UserId::new(user_id),
            user_name,
            amount: amount("withdrawals", id, amount_minor, &currency)?,
            method,
            account_masked: masked(id, method, &account_masked)?,
            state: state(id, &state_word)?,
            approved_by: first_approved_by.into_iter().chain(approved_by).map(UserId::new).collect(),
            rejection_reason,
            failure_reason,
            requested_at,
            estimated_completion,
            sent_at,
            completed_at,
        })
    }
}

/// JSON forgets the order of its keys; the method knows it.
fn masked(
    id: WithdrawalId,
    method: PayoutMethod,
    stored: &Value,
) -> Result<Vec<(String, String)>, StoreError> {
    let detail = |field: &'static str| {
        let value = stored.get(field).and_then(Value::as_str);
        let value =
            value.ok_or_else(|| corrupt("withdrawals", "account_masked", id, format!("lacks {field}")))?;
        Ok((field.to_owned(), value.to_owned()))
    };
    method.fields().map(detail).collect()
}

/// The question for one withdrawal.
pub(super) fn one(id: WithdrawalId) -> Statement<Bound<Text, i64, BigInt>> {
    statement(ONE).bind::<BigInt, _>(id.number())
}

/// One withdrawal as this transaction has left it.
pub(crate) async fn view(
    connection: &mut Line<'_>,
    id: WithdrawalId,
) -> Result<Option<WithdrawalView>, StoreError> {
    let row: Option<ViewRow> = one(id).get_result(connection).await.optional().map_err(store_error)?;
    row.map(WithdrawalView::try_from).transpose()
}
