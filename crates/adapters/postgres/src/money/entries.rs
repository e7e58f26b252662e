//! Histories of wallets: the postings on somebody's available money.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::money::Purpose;
use futures_util::FutureExt;
use ports::money::{EntryFilter, WalletEntry};
use ports::store::StoreError;
use uuid::Uuid;

use super::{currency, withdrawals};
use crate::error::corrupt;
use crate::list::{Counted, Range};
use crate::pool::Database;
use crate::statement::statement;

/// The sign that is not wanted is told as a Boolean, and NULL when both are.
const ENTRIES: &str = "\
    SELECT posting.id, posting.position, posting.amount_minor, posting.currency, posting.purpose,
           posting.balance_after, posting.created_at, movement.reference, withdrawal.state,
           (SELECT count(*) FROM ledger_accounts account JOIN postings ON postings.account_id = account.id
            WHERE account.user_id = $1 AND account.kind = 'user_available'
              AND (amount_minor > 0) IS DISTINCT FROM $2) AS total
    FROM (
        SELECT newest.position
        FROM ledger_accounts account CROSS JOIN LATERAL (
            SELECT position FROM postings
            WHERE account_id = account.id AND position < $3 AND (amount_minor > 0) IS DISTINCT FROM $4
            ORDER BY position DESC LIMIT $5
        ) AS newest
        WHERE account.user_id = $6 AND account.kind = 'user_available'
        ORDER BY newest.position DESC OFFSET $7 LIMIT $8
    ) AS page
    CROSS JOIN LATERAL (SELECT * FROM postings WHERE position = page.position OFFSET 0) AS posting
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_transactions WHERE id = posting.transaction_id OFFSET 0
    ) AS movement
    LEFT JOIN LATERAL (
        SELECT state FROM withdrawals
        WHERE id = CASE WHEN movement.kind = 'withdrawal_requested'
                        THEN substr(movement.reference, 4)::bigint END
        OFFSET 0
    ) AS withdrawal ON true
    ORDER BY posting.position DESC";

const COUNT_ENTRIES: &str = "\
    SELECT count(*) AS total FROM ledger_accounts account JOIN postings ON postings.account_id = account.id
    WHERE account.user_id = $1 AND account.kind = 'user_available'
      AND (amount_minor > 0) IS DISTINCT FROM $2";

#[derive(QueryableByName)]
pub(super) struct EntryRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    purpose: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    balance_after: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub(super) total: i64,
}

impl TryFrom<EntryRow> for WalletEntry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let EntryRow {
            id,
            position,
            amount_minor,
            currency: currency_word,
            purpose,
            balance_after,
            created_at,
            reference,
            state,
            total: _,
        } = row;
        let state = state.filter(|_| amount_minor < 0);
        Ok(Self {
            id,
            position,
            minor: amount_minor,
            currency: currency("postings", position, &currency_word)?,
            purpose: Purpose::from_word(&purpose)
                .ok_or_else(|| corrupt("postings", "purpose", position, "is no purpose"))?,
            withdrawal_state: state.map(|word| withdrawals::state(&reference, &word)).transpose()?,
            reference,
            created_at,
            balance_after: balance_after
                .ok_or_else(|| corrupt("postings", "balance_after", position, "is missing"))?,
        })
    }
}

/// The sign that a filter leaves out: credits, debits, or neither.
const fn unwanted(filter: EntryFilter) -> Option<bool> {
    match filter {
        EntryFilter::All => None,
        EntryFilter::Credits => Some(false),
        EntryFilter::Debits => Some(true),
    }
}

impl Database {
    pub(super) async fn entry_rows(
        &self,
        user_id: UserId,
        filter: EntryFilter,
        range: Range,
    ) -> Result<Vec<EntryRow>, StoreError> {
        let Range { before, offset, limit, reach } = range;
        let question = statement(ENTRIES)
            .bind::<SqlUuid, _>(user_id.uuid())
            .bind::<Nullable<Bool>, _>(unwanted(filter))
            .bind::<BigInt, _>(before)
            .bind::<Nullable<Bool>, _>(unwanted(filter))
            .bind::<BigInt, _>(reach)
            .bind::<SqlUuid, _>(user_id.uuid())
            .bind::<BigInt, _>(offset)
            .bind::<BigInt, _>(limit);
        self.reads()
            .ask(|connection| {
                let question = question.clone();
                async move {
                    let mut connection = connection;
                    question.load(&mut connection).await
                }
                .boxed()
            })
            .await
    }

    pub(super) async fn count_entries(
        &self,
        user_id: UserId,
        filter: EntryFilter,
    ) -> Result<i64, StoreError> {
        let counted: Counted = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    statement(COUNT_ENTRIES)
                        .bind::<SqlUuid, _>(user_id.uuid())
                        .bind::<Nullable<Bool>, _>(unwanted(filter))
                        .get_result(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        Ok(counted.total)
    }
}
