//! Withdrawals for the program to look after.

use async_trait::async_trait;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use domain::ids::WithdrawalId;
use domain::money::WithdrawalState;
use futures_util::FutureExt;
use ports::money::UnattendedPayouts;
use ports::store::StoreError;

use super::withdrawals::withdrawal_id;
use crate::pool::Database;
use crate::statement::statement;

/// Few withdrawals wait, and an index has them by their state.
const UNATTENDED: &str = "\
    SELECT waiting.id
    FROM unnest($1) AS wanted (state) CROSS JOIN LATERAL (
        SELECT id FROM withdrawals
        WHERE withdrawals.state = wanted.state AND id > $2
        ORDER BY id LIMIT $3
    ) AS waiting
    ORDER BY waiting.id
    LIMIT $4";

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[async_trait]
impl UnattendedPayouts for Database {
    async fn unattended(
        &self,
        states: &[WithdrawalState],
        after: Option<WithdrawalId>,
        limit: u32,
    ) -> Result<Vec<WithdrawalId>, StoreError> {
        let after = after.map_or(0, WithdrawalId::number);
        let rows: Vec<WaitingRow> = self
            .reads()
            .ask_aside(|connection| {
                let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
                async move {
                    let mut connection = connection;
                    statement(UNATTENDED)
                        .bind::<Array<Text>, _>(states)
                        .bind::<BigInt, _>(after)
                        .bind::<BigInt, _>(i64::from(limit))
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        rows.into_iter().map(|WaitingRow { id }| withdrawal_id(id)).collect()
    }
}
