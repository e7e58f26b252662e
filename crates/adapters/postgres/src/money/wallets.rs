//! Wallets: what balances, totals and running contracts come to.

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::money::{Currency, Money};
use ports::money::WalletView;
use ports::store::StoreError;

use super::total;
use crate::error::{corrupt, store_error};
use crate::link::Line;
use crate::schema::ledger_accounts;
use crate::statement::statement;
use crate::states::holding;

/// A wallet, of its balances, its totals and what running contracts hold; all zero where there are
/// none. Only contracts that are paid for hold anything.
pub(super) const WALLET: &str = concat!(
    "WITH wallet AS (SELECT $1 AS user_id, $2 AS currency)
    SELECT coalesce(sum(account.balance_minor) FILTER (WHERE account.kind = 'user_available'), 0)::bigint
               AS available,
           coalesce(sum(account.balance_minor) FILTER (WHERE account.kind = 'user_clearing'), 0)::bigint
               AS clearing,
           coalesce(-sum(account.balance_minor) FILTER (WHERE account.kind = 'user_debt'), 0)::bigint AS debt,
           (SELECT coalesce(sum(contract.provider_outstanding_minor), 0)::bigint
            FROM wallet JOIN contracts contract
              ON contract.provider_id = wallet.user_id AND contract.currency = wallet.currency
            WHERE contract.state IN ",
    holding!(),
    ") AS outstanding,
           (SELECT coalesce(sum(contract.held_minor), 0)::bigint
            FROM wallet JOIN contracts contract
              ON contract.client_id = wallet.user_id AND contract.currency = wallet.currency
            WHERE contract.state IN ",
    holding!(),
    ") AS held,
           greatest(max(totals.earned_minor), 0) AS earned,
           coalesce(max(totals.withdrawn_minor), 0) AS withdrawn
    FROM wallet
    LEFT JOIN ledger_accounts account
           ON account.user_id = wallet.user_id AND account.currency = wallet.currency
    LEFT JOIN wallet_totals totals
           ON totals.user_id = wallet.user_id AND totals.currency = wallet.currency"
);

/// Whether the person has or owes anything.
pub(crate) async fn has_money(connection: &mut Line<'_>, user_id: UserId) -> Result<bool, StoreError> {
    let something = ledger_accounts::table
        .filter(ledger_accounts::user_id.eq(user_id.uuid()))
        .filter(ledger_accounts::balance_minor.ne(0));
    select(exists(something)).get_result(connection).await.map_err(store_error)
}

/// What the person owes: their debt's balance, which is below zero.
pub(crate) async fn owed(
    connection: &mut Line<'_>,
    user_id: UserId,
    currency: Currency,
) -> Result<Money, StoreError> {
    let balance: Option<Option<i64>> = ledger_accounts::table
        .filter(ledger_accounts::user_id.eq(user_id.uuid()))
        .filter(ledger_accounts::currency.eq(currency.as_str()))
        .filter(ledger_accounts::kind.eq("user_debt"))
        .select(ledger_accounts::balance_minor)
        .first(connection)
        .await
        .optional()
        .map_err(store_error)?;
    let owed = balance.flatten().unwrap_or_default().saturating_neg();
    total("ledger_accounts", "balance_minor", user_id, owed, currency)
}

/// What [`WALLET`] tells.
#[derive(QueryableByName)]
pub(super) struct WalletRow {
    #[diesel(sql_type = BigInt)]
    available: i64,
    #[diesel(sql_type = BigInt)]
    clearing: i64,
    #[diesel(sql_type = BigInt)]
    debt: i64,
    #[diesel(sql_type = BigInt)]
    outstanding: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = BigInt)]
    earned: i64,
    #[diesel(sql_type = BigInt)]
    withdrawn: i64,
}

impl WalletRow {
    pub(super) fn into_view(self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError> {
        let Self { available, clearing, debt, outstanding, held, earned, withdrawn } = self;
        let money = |table, column, minor| total(table, column, user_id, minor, currency);
        let clearing = money("ledger_accounts", "balance_minor", clearing)?;
        let outstanding = money("contracts", "provider_outstanding_minor", outstanding)?;
        Ok(WalletView {
            available: money("ledger_accounts", "balance_minor", available)?,
            debt: money("ledger_accounts", "balance_minor", debt)?,
            pending: clearing
                .plus(outstanding)
                .map_err(|problem| corrupt("ledger_accounts", "balance_minor", user_id, problem))?,
            clearing,
            in_escrow: money("contracts", "held_minor", held)?,
            total_earned: money("wallet_totals", "earned_minor", earned)?,
            total_withdrawn: money("wallet_totals", "withdrawn_minor", withdrawn)?,
        })
    }
}

/// Somebody's wallet as this transaction has left it.
pub(crate) async fn wallet(
    connection: &mut Line<'_>,
    user_id: UserId,
    currency: Currency,
) -> Result<WalletView, StoreError> {
    let row: WalletRow = statement(WALLET)
        .bind::<SqlUuid, _>(user_id.uuid())
        .bind::<Text, _>(currency.as_str())
        .get_result(connection)
        .await
        .map_err(store_error)?;
    row.into_view(user_id, currency)
}
