//! The books: `ledger_accounts`, `ledger_transactions`, `postings` and `wallet_totals`.
//!
//! A movement takes two statements: one locks the balance rows, in the domain's order, and tells what
//! they hold; the other adds the transaction, its postings and what they make of balances and totals,
//! or nothing at all where the source is known. Rows of the outside world and of the platform are
//! only looked up. `wallet_totals` needs no lock of its own: whoever changes a row there holds the
//! available balance of the same person and currency.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{ContractId, UserId};
use domain::money::{Account, Currency, LedgerTransaction, Posting, WalletChange, wallet_changes};
use ports::money::Booked;
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::{corrupt, refused, store_error};
use crate::link::Line;
use crate::statement::statement;

/// Locks all rows or, where one is missing, none: those that are there must not be locked before
/// one that comes earlier in the order has been made.
const LOCK: &str = "\
    WITH wanted AS (
        SELECT * FROM unnest($1, $2) WITH ORDINALITY AS entry (key, currency, place)
    )
    SELECT wanted.place, account.id, account.balance_minor
    FROM wanted JOIN ledger_accounts account USING (key, currency)
    WHERE (SELECT count(*) FROM wanted)
        = (SELECT count(*) FROM wanted JOIN ledger_accounts USING (key, currency))
    ORDER BY wanted.place
    FOR NO KEY UPDATE OF account";

/// Makes the rows that are missing and locks the others on the way, all in the order given.
const MAKE: &str = "\
    INSERT INTO ledger_accounts AS account (key, kind, user_id, contract_id, currency, balance_minor)
    SELECT key, kind, user_id, contract_id, currency, 0
    FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY
        AS wanted (key, kind, user_id, contract_id, currency, place)
    ORDER BY place
    ON CONFLICT (key, currency) DO UPDATE SET balance_minor = account.balance_minor WHERE false";

/// Adds a transaction and all that follows from it, or nothing.
///
/// An account without a balance row is found by its key; one that is not there makes the posting's
/// `account_id` NULL, which is refused. The totals are not an upsert: its INSERT would be held
/// against the CHECK before the conflict is seen, and a change may be below zero.
const BOOK: &str = "\
    WITH booked AS (
        INSERT INTO ledger_transactions (source, kind, reference, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (source) DO NOTHING
        RETURNING id, created_at
    ), line AS (
        INSERT INTO postings (id, transaction_id, account_id, amount_minor, currency, purpose,
                              balance_after, created_at)
        SELECT line.id, booked.id,
               coalesce(line.account_id, (SELECT account.id FROM ledger_accounts account
                                          WHERE account.key = line.key AND account.currency = line.currency)),
               line.amount_minor, line.currency, line.purpose, line.balance_after, booked.created_at
        FROM booked CROSS JOIN unnest($5, $6, $7, $8, $9, $10, $11) WITH ORDINALITY
            AS line (id, account_id, key, amount_minor, currency, purpose, balance_after, place)
        ORDER BY line.place
        RETURNING 1
    ), balance AS (
        UPDATE ledger_accounts account SET balance_minor = after.balance_minor
        FROM booked CROSS JOIN unnest($12, $13) AS after (account_id, balance_minor)
        WHERE account.id = after.account_id
        RETURNING 1
    ), change AS (
        SELECT change.*
        FROM booked CROSS JOIN unnest($14, $15, $16, $17)
            AS change (user_id, currency, earned_minor, withdrawn_minor)
    ), raised AS (
        UPDATE wallet_totals totals
        SET earned_minor = totals.earned_minor + change.earned_minor,
            withdrawn_minor = totals.withdrawn_minor + change.withdrawn_minor
        FROM change
        WHERE totals.user_id = change.user_id AND totals.currency = change.currency
        RETURNING 1
    ), begun AS (
        INSERT INTO wallet_totals (user_id, currency, earned_minor, withdrawn_minor)
        SELECT user_id, currency, earned_minor, withdrawn_minor FROM change
        WHERE NOT EXISTS (SELECT FROM wallet_totals totals
                          WHERE totals.user_id = change.user_id AND totals.currency = change.currency)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM booked) AS transactions,
           (SELECT count(*) FROM line) AS postings,
           (SELECT count(*) FROM balance) AS balances,
           (SELECT count(*) FROM raised) + (SELECT count(*) FROM begun) AS totals";

/// A balance row that this transaction has locked.
#[derive(Clone, Copy)]
struct Locked {
    id: i64,
    balance: i64,
}

type Key = (Account, Currency);

/// Locks balance rows, those that are missing being made first.
async fn lock_rows(
    connection: &mut Line<'_>,
    keys: impl Iterator<Item = Key>,
) -> Result<BTreeMap<Key, Locked>, StoreError> {
    // Sorted in the domain's order by being a map.
    let keys: Vec<Key> = keys.map(|key| (key, ())).collect::<BTreeMap<_, ()>>().into_keys().collect();
    if keys.iter().any(|(account, _)| !account.has_balance_row()) {
        return Err(refused("an account without a balance row cannot be locked"));
    }
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut locked = try_lock(connection, &keys).await?;
    if locked.is_empty() {
        make(connection, &keys).await?;
        locked = try_lock(connection, &keys).await?;
    }
    if locked.len() == keys.len() { Ok(locked) } else { Err(refused("a balance row could not be made")) }
}

/// All rows or none.
async fn try_lock(connection: &mut Line<'_>, keys: &[Key]) -> Result<BTreeMap<Key, Locked>, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        place: i64,
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Nullable<BigInt>)]
        balance_minor: Option<i64>,
    }
    let found: Vec<Found> = statement(LOCK)
        .bind::<Array<Text>, _>(names(keys))
        .bind::<Array<Text>, _>(currencies(keys))
        .load(connection)
        .await
        .map_err(store_error)?;
    let mut locked = BTreeMap::new();
    for Found { place, id, balance_minor } in found {
        let key = usize::try_from(place).ok().and_then(|place| keys.get(place.checked_sub(1)?));
        let key = key.ok_or_else(|| refused("a balance row was locked that nobody asked for"))?;
        let balance =
            balance_minor.ok_or_else(|| corrupt("ledger_accounts", "balance_minor", key.0, "is missing"))?;
        locked.insert(*key, Locked { id, balance });
    }
    Ok(locked)
}

async fn make(connection: &mut Line<'_>, keys: &[Key]) -> Result<(), StoreError> {
    let of = |get: fn(&Account) -> Option<Uuid>| -> Vec<Option<Uuid>> {
        keys.iter().map(|(account, _)| get(account)).collect()
    };
    let kinds: Vec<_> = keys.iter().map(|(account, _)| account.kind().as_str()).collect();
    statement(MAKE)
        .bind::<Array<Text>, _>(names(keys))
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Nullable<SqlUuid>>, _>(of(|account| account.user_id().map(UserId::uuid)))
        .bind::<Array<Nullable<SqlUuid>>, _>(of(|account| account.contract_id().map(ContractId::uuid)))
        .bind::<Array<Text>, _>(currencies(keys))
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

fn names(keys: &[Key]) -> Vec<String> {
    keys.iter().map(|(account, _)| account.to_string()).collect()
}

fn currencies(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|(_, currency)| currency.as_str()).collect()
}

/// Locks the balance rows of these accounts and says what each holds, in the order given.
pub(crate) async fn lock_balances(
    connection: &mut Line<'_>,
    accounts: &[Account],
    currency: Currency,
) -> Result<Vec<i64>, StoreError> {
    let locked = lock_rows(connection, accounts.iter().map(|account| (*account, currency))).await?;
    let balance = |account: &Account| locked.get(&(*account, currency)).map(|row| row.balance);
    let balances: Option<Vec<_>> = accounts.iter().map(balance).collect();
    balances.ok_or_else(|| refused("a balance row was not locked"))
}

/// The columns of the postings to be written.
#[derive(Default)]
struct Lines {
    account_ids: Vec<Option<i64>>,
    keys: Vec<String>,
    amounts: Vec<i64>,
    currencies: Vec<&'static str>,
    purposes: Vec<&'static str>,
    balances_after: Vec<Option<i64>>,
}

impl Lines {
    /// Reckons the balance after each posting; in the end `locked` holds the new balances.
    fn new(postings: &[Posting], locked: &mut BTreeMap<Key, Locked>) -> Result<Self, StoreError> {
        let mut lines = Self::default();
        for posting in postings {
            let Posting { account, minor, currency, purpose } = *posting;
            let (mut account_id, mut balance_after) = (None, None);
            if let Some(row) = locked.get_mut(&(account, currency)) {
                let balance = row.balance.checked_add(minor);
                row.balance = balance.ok_or_else(|| refused("a balance is out of range"))?;
                (account_id, balance_after) = (Some(row.id), Some(row.balance));
            }
            lines.account_ids.push(account_id);
            lines.keys.push(account.to_string());
            lines.amounts.push(minor);
            lines.currencies.push(currency.as_str());
            lines.purposes.push(purpose.as_str());
            lines.balances_after.push(balance_after);
        }
        Ok(lines)
    }
}

/// The columns of the changes to `wallet_totals`.
#[derive(Default)]
struct Totals {
    user_ids: Vec<Uuid>,
    currencies: Vec<&'static str>,
    earned: Vec<i64>,
    withdrawn: Vec<i64>,
}

impl Totals {
    fn new(transaction: &LedgerTransaction) -> Result<Self, StoreError> {
        let minor = |change: i128| i64::try_from(change).map_err(|_| refused("a total is out of range"));
        let mut totals = Self::default();
        for ((user_id, currency), WalletChange { earned, withdrawn }) in wallet_changes(transaction) {
            totals.user_ids.push(user_id.uuid());
            totals.currencies.push(currency.as_str());
            totals.earned.push(minor(earned)?);
            totals.withdrawn.push(minor(withdrawn)?);
        }
        Ok(totals)
    }
}

/// How many rows a booking wrote.
#[derive(QueryableByName, Debug, PartialEq, Eq)]
struct Written {
    #[diesel(sql_type = BigInt)]
    transactions: i64,
    #[diesel(sql_type = BigInt)]
    postings: i64,
    #[diesel(sql_type = BigInt)]
    balances: i64,
    #[diesel(sql_type = BigInt)]
    totals: i64,
}

impl Written {
    const NOTHING: Self = Self { transactions: 0, postings: 0, balances: 0, totals: 0 };

    fn all(lines: &Lines, locked: &BTreeMap<Key, Locked>, totals: &Totals) -> Result<Self, StoreError> {
        let count = |rows: usize| i64::try_from(rows).map_err(|_| refused("more rows than can be counted"));
        Ok(Self {
            transactions: 1,
            postings: count(lines.amounts.len())?,
            balances: count(locked.len())?,
            totals: count(totals.user_ids.len())?,
        })
    }
}

/// Books a movement, unless its source has made it before.
pub(crate) async fn book(
    connection: &mut Line<'_>,
    transaction: &LedgerTransaction,
    posting_ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Booked, StoreError> {
    if posting_ids.len() != transaction.postings().len() {
        return Err(refused("each posting needs one identifier"));
    }
    let changes = transaction.changes();
    let rows = changes.keys().copied().filter(|(account, _)| account.has_balance_row());
    let mut locked = lock_rows(connection, rows).await?;
    let lines = Lines::new(transaction.postings(), &mut locked)?;
    let totals = Totals::new(transaction)?;
    let everything = Written::all(&lines, &locked, &totals)?;
    let written = write(connection, transaction, now, (posting_ids, lines), &locked, totals).await?;
    if written == everything {
        Ok(Booked::Now)
    } else if written == Written::NOTHING {
        Ok(Booked::Before)
    } else {
        Err(refused(format!("a booking wrote {written:?} where it should have written {everything:?}")))
    }
}

async fn write(
    connection: &mut Line<'_>,
    transaction: &LedgerTransaction,
    now: DateTime<Utc>,
    (posting_ids, lines): (&[Uuid], Lines),
    locked: &BTreeMap<Key, Locked>,
    totals: Totals,
) -> Result<Written, StoreError> {
    let Lines { account_ids, keys, amounts, currencies, purposes, balances_after } = lines;
    let (ids, balances): (Vec<i64>, Vec<i64>) = locked.values().map(|row| (row.id, row.balance)).unzip();
    statement(BOOK)
        .bind::<Text, _>(transaction.source().to_string())
        .bind::<Text, _>(transaction.kind().as_str())
        .bind::<Text, _>(transaction.reference().to_string())
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(posting_ids.to_vec())
        .bind::<Array<Nullable<BigInt>>, _>(account_ids)
        .bind::<Array<Text>, _>(keys)
        .bind::<Array<BigInt>, _>(amounts)
        .bind::<Array<Text>, _>(currencies)
        .bind::<Array<Text>, _>(purposes)
        .bind::<Array<Nullable<BigInt>>, _>(balances_after)
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<BigInt>, _>(balances)
        .bind::<Array<SqlUuid>, _>(totals.user_ids)
        .bind::<Array<Text>, _>(totals.currencies)
        .bind::<Array<BigInt>, _>(totals.earned)
        .bind::<Array<BigInt>, _>(totals.withdrawn)
        .get_result(connection)
        .await
        .map_err(store_error)
}
