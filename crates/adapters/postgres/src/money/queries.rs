//! Questions about money: a list and its total in one statement.
//!
//! Lists are cut out of an index first, and only the rows of the page are looked at. Where one list
//! is several ranges of its index (accounts, states), each range is read newest first and no further
//! than the page needs, so that a page costs the same however long the list is; its total is counted
//! in the same ranges. `OFFSET 0` keeps the planner, which cannot know how short a page is, from
//! joining whole tables to it. A total is told with each row; where there is no row it is asked for alone.
//! How many withdrawals there are of everybody is shared where it is many ([`crate::shared`]).

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{UserId, WithdrawalId};
use domain::money::{Currency, WithdrawalState};
use futures_util::FutureExt;
use ports::list::{Slice, Window};
use ports::money::{EntryFilter, MoneyQueries, WalletEntry, WalletView, WithdrawalView};
use ports::store::StoreError;

use super::wallets::{WALLET, WalletRow};
use super::withdrawal_views::{ViewRow, one};
use crate::list::{Counted, Range};
use crate::pool::Database;
use crate::shared::Count;
use crate::statement::statement;

const OWN_WITHDRAWALS: &str = "\
    SELECT withdrawals.id, user_id, amount_minor, currency, method, account_masked, withdrawals.state,
           first_approved_by, approved_by, rejection_reason, failure_reason, requested_at, estimated_completion,
           sent_at, completed_at, users.full_name AS user_name,
           (SELECT sum(counted.total)::bigint
            FROM unnest($1) AS wanted (state) CROSS JOIN LATERAL (
                SELECT count(*) AS total FROM withdrawals
                WHERE user_id = $2 AND withdrawals.state = wanted.state
            ) AS counted) AS total
    FROM (
        SELECT newest.id
        FROM unnest($3) AS wanted (state) CROSS JOIN LATERAL (
            SELECT id FROM withdrawals
            WHERE user_id = $4 AND withdrawals.state = wanted.state AND id < $5
            ORDER BY id DESC LIMIT $6
        ) AS newest
        ORDER BY newest.id DESC OFFSET $7 LIMIT $8
    ) AS page
    CROSS JOIN LATERAL (SELECT * FROM withdrawals WHERE id = page.id OFFSET 0) AS withdrawals
    CROSS JOIN LATERAL (SELECT full_name FROM users WHERE id = withdrawals.user_id OFFSET 0) AS users
    ORDER BY withdrawals.id DESC";

const COUNT_OWN_WITHDRAWALS: &str = "\
    SELECT sum(counted.total)::bigint AS total
    FROM unnest($1) AS wanted (state) CROSS JOIN LATERAL (
        SELECT count(*) AS total FROM withdrawals WHERE user_id = $2 AND withdrawals.state = wanted.state
    ) AS counted";

const ALL_WITHDRAWALS: &str = "\
    SELECT withdrawals.id, user_id, amount_minor, currency, method, account_masked, withdrawals.state,
           first_approved_by, approved_by, rejection_reason, failure_reason, requested_at, estimated_completion,
           sent_at, completed_at, users.full_name AS user_name,
           coalesce($1, (
               SELECT sum(counted.total)::bigint
               FROM unnest($2) AS wanted (state) CROSS JOIN LATERAL (
                   SELECT count(*) AS total FROM withdrawals WHERE withdrawals.state = wanted.state
               ) AS counted
           )) AS total
    FROM (
        SELECT newest.id
        FROM unnest($3) AS wanted (state) CROSS JOIN LATERAL (
            SELECT id FROM withdrawals
            WHERE withdrawals.state = wanted.state AND id < $4
            ORDER BY id DESC LIMIT $5
        ) AS newest
        ORDER BY newest.id DESC OFFSET $6 LIMIT $7
    ) AS page
    CROSS JOIN LATERAL (SELECT * FROM withdrawals WHERE id = page.id OFFSET 0) AS withdrawals
    CROSS JOIN LATERAL (SELECT full_name FROM users WHERE id = withdrawals.user_id OFFSET 0) AS users
    ORDER BY withdrawals.id DESC";

const COUNT_ALL_WITHDRAWALS: &str = "\
    SELECT sum(counted.total)::bigint AS total
    FROM unnest($1) AS wanted (state) CROSS JOIN LATERAL (
        SELECT count(*) AS total FROM withdrawals WHERE withdrawals.state = wanted.state
    ) AS counted";

/// A withdrawal beside the total of its list.
#[derive(QueryableByName)]
struct ListedRow {
    #[diesel(embed)]
    view: ViewRow,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

impl Database {
    async fn withdrawal_rows(
        &self,
        user_id: Option<UserId>,
        states: &[&'static str],
        known: Option<i64>,
        range: Range,
    ) -> Result<Vec<ListedRow>, StoreError> {
        let Range { before, offset, limit, reach } = range;
        self.reads()
            .ask(|connection| {
                let (states, also) = (states.to_vec(), states.to_vec());
                async move {
                    let mut connection = connection;
                    match user_id {
                        Some(user_id) => {
                            statement(OWN_WITHDRAWALS)
                                .bind::<Array<Text>, _>(states)
                                .bind::<SqlUuid, _>(user_id.uuid())
                                .bind::<Array<Text>, _>(also)
                                .bind::<SqlUuid, _>(user_id.uuid())
                                .bind::<BigInt, _>(before)
                                .bind::<BigInt, _>(reach)
                                .bind::<BigInt, _>(offset)
                                .bind::<BigInt, _>(limit)
                                .load(&mut connection)
                                .await
                        }
                        None => {
                            statement(ALL_WITHDRAWALS)
                                .bind::<Nullable<BigInt>, _>(known)
                                .bind::<Array<Text>, _>(states)
                                .bind::<Array<Text>, _>(also)
                                .bind::<BigInt, _>(before)
                                .bind::<BigInt, _>(reach)
                                .bind::<BigInt, _>(offset)
                                .bind::<BigInt, _>(limit)
                                .load(&mut connection)
                                .await
                        }
                    }
                }
                .boxed()
            })
            .await
    }

    /// Counts everybody's.
    async fn count_all_withdrawals(self, states: Vec<&'static str>) -> Count<i64> {
        let Counted { total } = self
            .reads()
            .count(|connection| {
                let states = states.clone();
                async move {
                    let mut connection = connection;
                    statement(COUNT_ALL_WITHDRAWALS)
                        .bind::<Array<Text>, _>(states)
                        .get_result(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        Ok((total, total))
    }

    async fn count_withdrawals(
        &self,
        user_id: Option<UserId>,
        states: &[&'static str],
    ) -> Result<i64, StoreError> {
        let counted: Counted = self
            .reads()
            .ask(|connection| {
                let states = states.to_vec();
                async move {
                    let mut connection = connection;
                    match user_id {
                        Some(user_id) => {
                            statement(COUNT_OWN_WITHDRAWALS)
                                .bind::<Array<Text>, _>(states)
                                .bind::<SqlUuid, _>(user_id.uuid())
                                .get_result(&mut connection)
                                .await
                        }
                        None => {
                            statement(COUNT_ALL_WITHDRAWALS)
                                .bind::<Array<Text>, _>(states)
                                .get_result(&mut connection)
                                .await
                        }
                    }
                }
                .boxed()
            })
            .await?;
        Ok(counted.total)
    }
}

#[async_trait]
impl MoneyQueries for Database {
    async fn wallet(&self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError> {
        let row: WalletRow = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    statement(WALLET)
                        .bind::<SqlUuid, _>(user_id.uuid())
                        .bind::<Text, _>(currency.as_str())
                        .get_result(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        row.into_view(user_id, currency)
    }

    async fn entries(
        &self,
        user_id: UserId,
        filter: EntryFilter,
        window: Window,
    ) -> Result<Slice<WalletEntry>, StoreError> {
        let range = Range::of(window);
        let rows = self.entry_rows(user_id, filter, range).await?;
        let total = match rows.as_slice().first() {
            Some(row) => row.total,
            None => self.count_entries(user_id, filter).await?,
        };
        let entries = rows.into_iter().map(WalletEntry::try_from).collect::<Result<_, _>>()?;
        Ok(range.slice(entries, total, |entry: &WalletEntry| entry.position))
    }

    async fn withdrawals(
        &self,
        user_id: Option<UserId>,
        states: &[WithdrawalState],
        window: Window,
    ) -> Result<Slice<WithdrawalView>, StoreError> {
        let states = if states.is_empty() { WithdrawalState::ALL } else { states };
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let range = Range::of(window);
        let shared = match user_id {
            Some(_) => None,
            None => {
                self.come_to(|totals| &totals.withdrawals, states.clone(), Self::count_all_withdrawals).await
            }
        };
        let rows = self.withdrawal_rows(user_id, &states, shared, range).await?;
        let total = match (shared, rows.as_slice().first()) {
            (Some(total), _) => total,
            (None, Some(row)) => row.total,
            (None, None) => self.count_withdrawals(user_id, &states).await?,
        };
        let views = rows.into_iter().map(|row| row.view.try_into()).collect::<Result<_, _>>()?;
        Ok(range.slice(views, total, |view: &WithdrawalView| view.id.number()))
    }

    async fn withdrawal(&self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError> {
        let row: Option<ViewRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    one(id).get_result(&mut connection).await.optional()
                }
                .boxed()
            })
            .await?;
        row.map(WithdrawalView::try_from).transpose()
    }
}
