//! Chargebacks as administrators see them, and who can pay what they owe.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{ChargebackId, DepositId, UserId};
use domain::money::{ChargebackState, Taken};
use futures_util::FutureExt;
use ports::list::{Slice, Window};
use ports::money::{ChargebackQueries, ChargebackView};
use ports::store::StoreError;
use uuid::Uuid;

use super::chargebacks::state;
use super::{currency, named, total};
use crate::error::store_error;
use crate::link::Line;
use crate::list::{Beside, Range};
use crate::pool::Database;
use crate::statement::statement;

/// What is shown of one chargeback.
const ONE: &str = "\
    SELECT chargebacks.id AS chargeback_id, position AS id, deposit_id, user_id, amount_minor, currency, reason,
           chargebacks.state, refunded_minor, available_minor, debt_minor, losses_minor, received_at, decided_at,
           users.full_name AS user_name
    FROM chargebacks JOIN users ON users.id = chargebacks.user_id
    WHERE chargebacks.id = $1";

/// A part of the list beside its total, which is there also where the part is empty.
const LIST: &str = "\
    SELECT summary.total, shown.*
    FROM (
        SELECT count(*) AS total FROM chargebacks WHERE chargebacks.state = ANY ($1)
    ) AS summary
    LEFT JOIN (
        SELECT chargebacks.id AS chargeback_id, position AS id, deposit_id, user_id, amount_minor, currency, reason,
               chargebacks.state, refunded_minor, available_minor, debt_minor, losses_minor, received_at,
               decided_at, users.full_name AS user_name
        FROM chargebacks JOIN users ON users.id = chargebacks.user_id
        WHERE chargebacks.state = ANY ($2) AND position < $3
        ORDER BY position DESC OFFSET $4 LIMIT $5
    ) AS shown ON true
    ORDER BY shown.id DESC";

/// Few people owe anything, and an index has only those.
const SOLVENT_DEBTORS: &str = "\
    SELECT debt.user_id
    FROM ledger_accounts debt
    JOIN ledger_accounts wallet ON wallet.user_id = debt.user_id AND wallet.currency = debt.currency
                               AND wallet.kind = 'user_available' AND wallet.balance_minor > 0
    WHERE debt.kind = 'user_debt' AND debt.balance_minor < 0 AND ($1::uuid IS NULL OR debt.user_id > $2)
    GROUP BY debt.user_id
    ORDER BY debt.user_id
    LIMIT $3";

/// A row of `chargebacks` beside the payer's name.
#[derive(QueryableByName)]
struct ViewRow {
    #[diesel(sql_type = SqlUuid)]
    chargeback_id: Uuid,
    /// The position.
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    deposit_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    refunded_minor: i64,
    #[diesel(sql_type = BigInt)]
    available_minor: i64,
    #[diesel(sql_type = BigInt)]
    debt_minor: i64,
    #[diesel(sql_type = BigInt)]
    losses_minor: i64,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Summary {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

#[derive(QueryableByName)]
struct DebtorRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
}

impl TryFrom<ViewRow> for ChargebackView {
    type Error = StoreError;

    fn try_from(row: ViewRow) -> Result<Self, StoreError> {
        let id = row.chargeback_id;
        let currency = currency("chargebacks", id, &row.currency)?;
        let sum = |column, minor| total("chargebacks", column, id, minor, currency);
        Ok(Self {
            id: ChargebackId::new(id),
            position: row.id,
            deposit_id: DepositId::new(row.deposit_id),
            user_id: UserId::new(row.user_id),
            user_name: row.user_name,
            amount: named("chargebacks", "amount_minor", id, row.amount_minor, currency)?,
            reason: row.reason,
            state: state(id, &row.state)?,
            refunded: sum("refunded_minor", row.refunded_minor)?,
            taken: Taken {
                available: sum("available_minor", row.available_minor)?,
                debt: sum("debt_minor", row.debt_minor)?,
                losses: sum("losses_minor", row.losses_minor)?,
            },
            received_at: row.received_at,
            decided_at: row.decided_at,
        })
    }
}

/// One chargeback as this transaction has left it.
pub(crate) async fn view(
    connection: &mut Line<'_>,
    id: ChargebackId,
) -> Result<Option<ChargebackView>, StoreError> {
    let row: Option<ViewRow> = statement(ONE)
        .bind::<SqlUuid, _>(id.uuid())
        .get_result(connection)
        .await
        .optional()
        .map_err(store_error)?;
    row.map(ChargebackView::try_from).transpose()
}

#[async_trait]
impl ChargebackQueries for Database {
    async fn chargebacks(
        &self,
        state: Option<ChargebackState>,
        window: Window,
    ) -> Result<Slice<ChargebackView>, StoreError> {
        let range = Range::of(window);
        let states: Vec<_> = match state {
            Some(state) => vec![state.as_str()],
            None => ChargebackState::ALL.iter().map(|state| state.as_str()).collect(),
        };
        let rows: Vec<Beside<Summary, ViewRow>> = self
            .reads()
            .ask(|connection| {
                let (states, also) = (states.clone(), states.clone());
                async move {
                    let mut connection = connection;
                    statement(LIST)
                        .bind::<Array<Text>, _>(states)
                        .bind::<Array<Text>, _>(also)
                        .bind::<BigInt, _>(range.before)
                        .bind::<BigInt, _>(range.offset)
                        .bind::<BigInt, _>(range.limit)
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        let (Summary { total }, rows) = Beside::split(rows)?;
        let views = rows.into_iter().map(ChargebackView::try_from).collect::<Result<_, _>>()?;
        Ok(range.slice(views, total, |view: &ChargebackView| view.position))
    }

    async fn solvent_debtors(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>, StoreError> {
        let rows: Vec<DebtorRow> = self
            .reads()
            .ask_aside(|connection| {
                async move {
                    let mut connection = connection;
                    statement(SOLVENT_DEBTORS)
                        .bind::<Nullable<SqlUuid>, _>(after.map(UserId::uuid))
                        .bind::<Nullable<SqlUuid>, _>(after.map(UserId::uuid))
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        Ok(rows.into_iter().map(|DebtorRow { user_id }| UserId::new(user_id)).collect())
    }
}
