//! Questions of those who audit the books. They read much, and rarely: they are asked on the lane for
//! what is slow, where no other question waits behind them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::audit::PayoutHold;
use domain::ids::{LedgerCheckId, PayoutHoldId, UserId, WithdrawalId};
use domain::money::{
    Account, AccountKind, Currency, Outside, PayoutMethod, Purpose, TransactionKind, WithdrawalState,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use ports::audit::{
    AuditQueries, Counted, HoldView, LedgerCheck, LedgerEntry, OutsideBooks, TrialLine, WaitingWithdrawal,
};
use ports::list::{Slice, Window};
use ports::store::StoreError;
use uuid::Uuid;

use super::checks::CheckRow;
use super::statements::{ACTIVE_HOLDS, ENTRIES, OUTSIDE, TRIAL_BALANCE, WAITING};
use crate::error::corrupt;
use crate::list::{Beside, Counted as Total, Range};
use crate::money::{currency, named};
use crate::pool::Database;
use crate::schema::ledger_checks;
use crate::statement::statement;

#[derive(QueryableByName)]
struct TrialRow {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
    #[diesel(sql_type = BigInt)]
    accounts: i64,
    #[diesel(sql_type = BigInt)]
    debits: i64,
    #[diesel(sql_type = BigInt)]
    credits: i64,
}

impl TryFrom<TrialRow> for TrialLine {
    type Error = StoreError;

    fn try_from(row: TrialRow) -> Result<Self, StoreError> {
        let TrialRow { currency: word, kind, key, accounts, debits, credits } = row;
        let account = |key: String| {
            Account::parse(&key).ok_or_else(|| corrupt("ledger_accounts", "key", &key, "is no account"))
        };
        Ok(Self {
            currency: currency("ledger_accounts", &kind, &word)?,
            kind: AccountKind::from_word(&kind)
                .ok_or_else(|| corrupt("ledger_accounts", "kind", &kind, "is no kind"))?,
            account: key.map(account).transpose()?,
            accounts,
            debits,
            credits,
        })
    }
}

#[derive(QueryableByName)]
struct EntryRow {
    /// Its position.
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    posting_id: Uuid,
    #[diesel(sql_type = BigInt)]
    transaction_id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Text)]
    purpose: String,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    balance_after: i64,
}

impl TryFrom<EntryRow> for LedgerEntry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let EntryRow {
            id: position,
            posting_id,
            transaction_id,
            kind,
            source,
            reference,
            purpose,
            amount_minor,
            created_at,
            balance_after,
        } = row;
        Ok(Self {
            id: posting_id,
            position,
            transaction_id,
            kind: TransactionKind::from_word(&kind)
                .ok_or_else(|| corrupt("ledger_transactions", "kind", transaction_id, "is no kind"))?,
            source,
            reference,
            purpose: Purpose::from_word(&purpose)
                .ok_or_else(|| corrupt("postings", "purpose", position, "is no purpose"))?,
            minor: amount_minor,
            balance_after,
            created_at,
        })
    }
}

#[derive(QueryableByName)]
struct HoldRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    check_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    placed_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

impl From<HoldRow> for HoldView {
    fn from(row: HoldRow) -> Self {
        let HoldRow { id, user_id, check_id, placed_at, user_name, total: _ } = row;
        let hold = PayoutHold {
            id: PayoutHoldId::new(id),
            user_id: UserId::new(user_id),
            check_id: LedgerCheckId::new(check_id),
            placed_at,
            lifted: None,
        };
        Self { hold, user_name }
    }
}

#[derive(QueryableByName)]
struct OutsideRow {
    #[diesel(sql_type = Text)]
    outside: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    booked_in: i64,
    #[diesel(sql_type = BigInt)]
    booked_out: i64,
    #[diesel(sql_type = BigInt)]
    booked_otherwise: i64,
    #[diesel(sql_type = BigInt)]
    paid_in: i64,
    #[diesel(sql_type = BigInt)]
    paid_out: i64,
}

impl TryFrom<OutsideRow> for OutsideBooks {
    type Error = StoreError;

    fn try_from(row: OutsideRow) -> Result<Self, StoreError> {
        let OutsideRow {
            outside,
            currency: word,
            booked_in,
            booked_out,
            booked_otherwise,
            paid_in,
            paid_out,
        } = row;
        Ok(Self {
            currency: currency("ledger_accounts", &outside, &word)?,
            outside: Outside::from_word(&outside)
                .ok_or_else(|| corrupt("ledger_accounts", "key", &outside, "is nobody outside"))?,
            booked_in,
            booked_out,
            booked_otherwise,
            paid_in,
            paid_out,
        })
    }
}

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = BigInt)]
    amount_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    method: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Timestamptz)]
    requested_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    estimated_completion: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

impl TryFrom<WaitingRow> for WaitingWithdrawal {
    type Error = StoreError;

    fn try_from(row: WaitingRow) -> Result<Self, StoreError> {
        let WaitingRow {
            id,
            user_id,
            amount_minor,
            currency: word,
            method,
            state,
            requested_at,
            estimated_completion,
            total: _,
        } = row;
        let of_them = |column, problem| corrupt("withdrawals", column, id, problem);
        let currency = currency("withdrawals", id, &word)?;
        Ok(Self {
            id: WithdrawalId::new(id).ok_or_else(|| of_them("id", "is no number of a withdrawal"))?,
            user_id: UserId::new(user_id),
            amount: named("withdrawals", "amount_minor", id, amount_minor, currency)?,
            method: PayoutMethod::from_word(&method).ok_or_else(|| of_them("method", "is no method"))?,
            state: WithdrawalState::from_word(&state).ok_or_else(|| of_them("state", "is no state"))?,
            requested_at,
            estimated_completion,
        })
    }
}

fn words(states: &[WithdrawalState]) -> Vec<&'static str> {
    states.iter().map(|state| state.as_str()).collect()
}

impl Database {
    async fn audit<T>(
        &self,
        question: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send,
    ) -> Result<T, StoreError> {
        self.reads().count(question).await
    }
}

#[async_trait]
impl AuditQueries for Database {
    async fn trial_balance(&self) -> Result<Vec<TrialLine>, StoreError> {
        let rows: Vec<TrialRow> = self
            .audit(|connection| {
                async move {
                    let mut connection = connection;
                    statement(TRIAL_BALANCE).load(&mut connection).await
                }
                .boxed()
            })
            .await?;
        let mut lines = rows.into_iter().map(TrialLine::try_from).collect::<Result<Vec<_>, _>>()?;
        lines.sort_by_key(|line| (line.currency, line.kind, line.account));
        Ok(lines)
    }

    async fn account_entries(
        &self,
        account: Account,
        currency: Currency,
        window: Window,
    ) -> Result<Option<Slice<LedgerEntry>>, StoreError> {
        let range = Range::of(window);
        let Range { before, offset, limit, reach: _ } = range;
        let key = account.to_string();
        let rows: Vec<Beside<Total, EntryRow>> = self
            .audit(|connection| {
                let key = key.clone();
                async move {
                    let mut connection = connection;
                    statement(ENTRIES)
                        .bind::<Text, _>(key)
                        .bind::<Text, _>(currency.as_str())
                        .bind::<BigInt, _>(before)
                        .bind::<BigInt, _>(offset)
                        .bind::<BigInt, _>(limit)
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let (Total { total }, rows) = Beside::split(rows)?;
        let entries = rows.into_iter().map(LedgerEntry::try_from).collect::<Result<_, _>>()?;
        Ok(Some(range.slice(entries, total, |entry: &LedgerEntry| entry.position)))
    }

    async fn last_check(&self) -> Result<Option<LedgerCheck>, StoreError> {
        let row: Option<CheckRow> = self
            .audit(|connection| {
                async move {
                    let mut connection = connection;
                    ledger_checks::table
                        .order((ledger_checks::started_at.desc(), ledger_checks::id.desc()))
                        .select(CheckRow::as_select())
                        .first(&mut connection)
                        .await
                        .optional()
                }
                .boxed()
            })
            .await?;
        row.map(LedgerCheck::try_from).transpose()
    }

    async fn active_holds(&self, limit: u32) -> Result<Counted<HoldView>, StoreError> {
        let rows: Vec<HoldRow> = self
            .audit(|connection| {
                async move {
                    let mut connection = connection;
                    statement(ACTIVE_HOLDS).bind::<BigInt, _>(i64::from(limit)).load(&mut connection).await
                }
                .boxed()
            })
            .await?;
        let total = rows.as_slice().first().map_or(0, |row| row.total);
        Ok(Counted { first: rows.into_iter().map(HoldView::from).collect(), total })
    }

    async fn outside(&self) -> Result<Vec<OutsideBooks>, StoreError> {
        let rows: Vec<OutsideRow> = self
            .audit(|connection| {
                async move {
                    let mut connection = connection;
                    statement(OUTSIDE).load(&mut connection).await
                }
                .boxed()
            })
            .await?;
        let mut books = rows.into_iter().map(OutsideBooks::try_from).collect::<Result<Vec<_>, _>>()?;
        books.sort_by_key(|line| (line.outside, line.currency));
        Ok(books)
    }

    async fn waiting(
        &self,
        in_doubt: &[WithdrawalState],
        unfinished: &[WithdrawalState],
        due: DateTime<Utc>,
        limit: u32,
    ) -> Result<Counted<WaitingWithdrawal>, StoreError> {
        let rows: Vec<WaitingRow> = self
            .audit(|connection| {
                let (in_doubt, unfinished) = (words(in_doubt), words(unfinished));
                async move {
                    let mut connection = connection;
                    statement(WAITING)
                        .bind::<Array<Text>, _>(in_doubt)
                        .bind::<Array<Text>, _>(unfinished)
                        .bind::<Timestamptz, _>(due)
                        .bind::<BigInt, _>(i64::from(limit))
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        let total = rows.as_slice().first().map_or(0, |row| row.total);
        let first = rows.into_iter().map(WaitingWithdrawal::try_from).collect::<Result<_, _>>()?;
        Ok(Counted { first, total })
    }
}
