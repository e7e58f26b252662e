//! Whether what must always be so is so: the invariants of the books, and of what is derived from
//! them, over the whole database (`guildhall ledger verify`).
//!
//! Everything is read in one snapshot, so that a server may be at work meanwhile, and nothing is
//! written. The checks reckon anew from what was written first (postings, milestones, bids) and say
//! which rows disagree; nothing of the program's arithmetic is used, so that it cannot be wrong twice
//! in the same way. Each reads its tables from end to end: this is for the night and for tests, not
//! for a request.

use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use secrecy::SecretString;
use serde_json::Value;

use crate::migrations::{MigrateError, connect};

/// What came of one check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// Its stable name.
    pub name: &'static str,
    /// What must be so, in words.
    pub rule: &'static str,
    /// How many rows disagree.
    pub offending: i64,
    /// The first hundred of them, as objects.
    pub rows: Vec<Value>,
}

/// A rule, and the statement that finds the rows that break it.
struct Check {
    name: &'static str,
    rule: &'static str,
    offenders: &'static str,
}

/// Checks everything.
///
/// # Errors
/// See [`MigrateError`]: the database does not answer, or refuses.
pub async fn verify_books(url: &SecretString) -> Result<Vec<CheckReport>, MigrateError> {
    let mut connection = connect(url, "guildhall ledger verify").await?;
    connection
        .transaction::<_, MigrateError, _>(async |connection| {
            connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
            connection.batch_execute("SET LOCAL statement_timeout = 0").await?;
            let mut reports = Vec::with_capacity(CHECKS.len());
            for check in CHECKS {
                reports.push(check.run(connection).await?);
            }
            Ok(reports)
        })
        .await
}

impl Check {
    async fn run(&self, connection: &mut AsyncPgConnection) -> Result<CheckReport, MigrateError> {
        #[derive(diesel::QueryableByName)]
        struct Found {
            #[diesel(sql_type = BigInt)]
            offending: i64,
            #[diesel(sql_type = Text)]
            rows: String,
        }
        let Self { name, rule, offenders } = self;
        let Found { offending, rows } = diesel::sql_query(format!(
            "WITH offender AS MATERIALIZED ({offenders})
             SELECT (SELECT count(*) FROM offender) AS offending,
                    (SELECT coalesce(jsonb_agg(to_jsonb(first)), '[]') FROM (SELECT * FROM offender LIMIT 100) AS first)::text
                        AS rows"
        ))
        .get_result(connection)
        .await?;
        let rows = serde_json::from_str(&rows).unwrap_or_default();
        Ok(CheckReport { name, rule, offending, rows })
    }
}

/// A share of `$base` in basis points, rounded half up, in SQL.
macro_rules! fee {
    ($base:literal, $bps:literal) => {
        concat!("((", $base, ") * ", $bps, " + 5000) / 10000")
    };
}

const CHECKS: &[Check] = &[
    Check {
        name: "transactions_add_up",
        rule: "each ledger transaction has at least two postings and adds up to zero in each currency",
        offenders: "
            SELECT t.id AS transaction_id, t.source, p.currency, sum(p.amount_minor) AS sum_minor,
                   count(p.position) AS postings
            FROM ledger_transactions t LEFT JOIN postings p ON p.transaction_id = t.id
            GROUP BY t.id, p.currency HAVING count(p.position) < 2 OR sum(p.amount_minor) <> 0",
    },
    Check {
        name: "postings_have_their_account",
        rule: "each posting is on an account of its currency and belongs to a transaction",
        offenders: "
            SELECT p.id AS posting_id, p.transaction_id, p.account_id, p.currency
            FROM postings p
            LEFT JOIN ledger_accounts a ON a.id = p.account_id AND a.currency = p.currency
            LEFT JOIN ledger_transactions t ON t.id = p.transaction_id
            WHERE a.id IS NULL OR t.id IS NULL",
    },
    Check {
        name: "balances_are_the_fold_of_postings",
        rule: "each balance is the sum of the account's postings",
        offenders: "
            SELECT a.key AS account, a.currency, a.balance_minor, coalesce(sum(p.amount_minor), 0) AS postings_minor
            FROM ledger_accounts a LEFT JOIN postings p ON p.account_id = a.id
            WHERE a.balance_minor IS NOT NULL
            GROUP BY a.id HAVING a.balance_minor <> coalesce(sum(p.amount_minor), 0)",
    },
    Check {
        name: "running_balances_fit",
        rule: "each posting's balance_after is the sum of the account's postings up to it",
        offenders: "
            SELECT account_id, id AS posting_id, balance_after AS balance_after_minor, folded AS folded_minor
            FROM (SELECT account_id, id, balance_after,
                         sum(amount_minor) OVER (PARTITION BY account_id ORDER BY position) AS folded
                  FROM postings WHERE balance_after IS NOT NULL) AS line
            WHERE balance_after <> folded",
    },
    Check {
        name: "nothing_below_zero",
        rule: "no account but debts, the world's and the platform's was ever below zero",
        offenders: "
            SELECT a.key AS account, a.currency, p.id AS posting_id, p.balance_after AS balance_after_minor
            FROM postings p JOIN ledger_accounts a ON a.id = p.account_id
            WHERE p.balance_after < 0 AND a.kind <> 'user_debt'",
    },
    Check {
        name: "wallet_totals_fit",
        rule: "what was earned and withdrawn is what the available account's postings come to",
        offenders: "
            SELECT user_id, currency, t.earned_minor, f.earned AS postings_earned_minor,
                   t.withdrawn_minor, f.withdrawn AS postings_withdrawn_minor
            FROM wallet_totals t FULL JOIN (
                SELECT a.user_id, a.currency,
                       coalesce(sum(p.amount_minor) FILTER (
                           WHERE (p.purpose IN ('payment', 'bonus') AND p.amount_minor > 0)
                              OR (p.purpose = 'platform_fee' AND p.amount_minor < 0)), 0) AS earned,
                       coalesce(-sum(p.amount_minor) FILTER (
                           WHERE (p.purpose LIKE 'withdrawal\\_to\\_%' AND p.amount_minor < 0)
                              OR (p.purpose = 'withdrawal_returned' AND p.amount_minor > 0)), 0) AS withdrawn
                FROM ledger_accounts a JOIN postings p ON p.account_id = a.id
                WHERE a.kind = 'user_available' GROUP BY a.user_id, a.currency
            ) AS f USING (user_id, currency)
            WHERE coalesce(t.earned_minor, 0) <> coalesce(f.earned, 0)
               OR coalesce(t.withdrawn_minor, 0) <> coalesce(f.withdrawn, 0)",
    },
    Check {
        name: "deposits_are_booked",
        rule: "a deposit is in the books exactly when it is completed, with its amount",
        offenders: "
            SELECT d.id AS deposit_id, d.state, d.amount_minor, p.amount_minor AS booked_minor
            FROM deposits d
            LEFT JOIN ledger_transactions t ON t.source = 'deposit:' || d.id
            LEFT JOIN postings p ON p.transaction_id = t.id AND p.amount_minor > 0
            WHERE (d.state = 'completed') IS DISTINCT FROM (p.amount_minor IS NOT DISTINCT FROM d.amount_minor)",
    },
    Check {
        name: "withdrawals_are_booked",
        rule: "a withdrawal is set aside when requested, and then paid or returned as its state says",
        offenders: "
            SELECT w.id AS withdrawal, w.state, requested.id IS NOT NULL AS is_requested,
                   paid.id IS NOT NULL AS is_paid, returned.id IS NOT NULL AS is_returned
            FROM withdrawals w
            CROSS JOIN LATERAL (SELECT 'WD-' || lpad(w.id::text, greatest(3, length(w.id::text)), '0') AS known_as) AS name
            LEFT JOIN ledger_transactions requested ON requested.source = 'withdrawal_requested:' || known_as
            LEFT JOIN ledger_transactions paid ON paid.source = 'withdrawal_paid:' || known_as
            LEFT JOIN ledger_transactions returned ON returned.source = 'withdrawal_returned:' || known_as
            WHERE requested.id IS NULL
               OR (paid.id IS NOT NULL) <> (w.state = 'paid')
               OR (returned.id IS NOT NULL) <> (w.state IN ('rejected', 'cancelled', 'failed'))",
    },
    Check {
        name: "set_aside_is_what_waits",
        rule: "what a person has set aside is the sum of their withdrawals that wait",
        offenders: "
            SELECT user_id, currency, coalesce(held, 0) AS held_minor, coalesce(waiting, 0) AS waiting_minor
            FROM (SELECT user_id, currency, balance_minor AS held FROM ledger_accounts
                  WHERE kind = 'user_withdrawing') AS account
            FULL JOIN (SELECT user_id, currency, sum(amount_minor) AS waiting FROM withdrawals
                       WHERE state NOT IN ('paid', 'rejected', 'cancelled', 'failed')
                       GROUP BY user_id, currency) AS withdrawal USING (user_id, currency)
            WHERE coalesce(held, 0) <> coalesce(waiting, 0)",
    },
    Check {
        name: "escrow_is_what_is_left",
        rule: "escrow and disputed money are what was paid in, less what was released and refunded, and nothing at the end",
        offenders: concat!(
            "
            SELECT c.id AS contract_id, c.state, c.held_minor, reckoned.held AS reckoned_minor,
                   booked.escrow AS escrow_minor, booked.disputed AS disputed_minor
            FROM contracts c
            CROSS JOIN LATERAL (
                SELECT CASE WHEN c.is_funded THEN
                    c.price_minor - c.released_minor - c.refunded_minor
                    + ", fee!("c.price_minor - c.refunded_minor", "c.client_fee_bps"),
            " - ", fee!("c.released_minor", "c.client_fee_bps"), "
                ELSE 0 END AS held
            ) AS reckoned
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(a.balance_minor) FILTER (WHERE a.kind = 'contract_escrow'), 0) AS escrow,
                       coalesce(sum(a.balance_minor) FILTER (WHERE a.kind = 'contract_disputed'), 0) AS disputed
                FROM ledger_accounts a
                WHERE a.key IN ('contract:' || c.id || ':escrow', 'contract:' || c.id || ':disputed')
            ) AS booked
            WHERE c.held_minor <> reckoned.held
               OR booked.escrow + booked.disputed <> reckoned.held
               OR booked.disputed <> c.disputed_minor
               OR (c.state IN ('pending_funding', 'completed', 'cancelled') AND reckoned.held <> 0)"
        ),
    },
    Check {
        name: "escrow_belongs_to_contracts",
        rule: "only contracts have escrow",
        offenders: "
            SELECT a.key AS account, a.balance_minor FROM ledger_accounts a
            WHERE a.contract_id IS NOT NULL AND NOT EXISTS (SELECT FROM contracts c WHERE c.id = a.contract_id)",
    },
    Check {
        name: "providers_get_their_share",
        rule: "what a provider got and may still get of a contract follows from what was released and refunded, less the fee",
        offenders: concat!(
            "
            SELECT c.id AS contract_id, c.provider_net_minor, c.provider_outstanding_minor, reckoned.*
            FROM contracts c
            CROSS JOIN LATERAL (
                SELECT c.released_minor - ", fee!("c.released_minor", "c.provider_fee_bps"), " AS net,
                       CASE WHEN c.is_funded THEN c.price_minor - c.refunded_minor
                           - ", fee!("c.price_minor - c.refunded_minor", "c.provider_fee_bps"), " ELSE 0 END AS most
            ) AS reckoned
            WHERE c.provider_net_minor <> net
               OR c.provider_outstanding_minor <> CASE WHEN c.is_funded THEN most - net ELSE 0 END"
        ),
    },
    Check {
        name: "milestones_make_the_contract",
        rule: "a contract's milestones add up to its price, and to what was released, refunded and is disputed",
        offenders: concat!(
            "
            SELECT c.id AS contract_id, c.price_minor, m.*
            FROM contracts c
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(amount_minor), 0) AS amounts_minor,
                       coalesce(sum(released_minor), 0) AS released,
                       coalesce(sum(refunded_minor), 0) AS refunded,
                       coalesce(sum(amount_minor) FILTER (WHERE state = 'disputed'), 0) AS disputed,
                       coalesce(sum(released_provider_fee_minor), 0) AS provider_fees,
                       coalesce(sum(released_client_fee_minor), 0) AS client_fees,
                       coalesce(bool_or(state NOT IN ('completed', 'refunded')), true) AS is_unsettled,
                       coalesce(bool_or(state <> 'unfunded'), false) AS is_funded
                FROM milestones WHERE contract_id = c.id
            ) AS m
            WHERE m.amounts_minor <> c.price_minor OR m.released <> c.released_minor
               OR m.refunded <> c.refunded_minor OR m.disputed <> c.disputed_minor
               OR m.provider_fees <> ", fee!("c.released_minor", "c.provider_fee_bps"), "
               OR m.client_fees <> ", fee!("c.released_minor", "c.client_fee_bps"), "
               OR m.is_funded <> c.is_funded
               OR (c.is_funded AND m.is_unsettled <> (c.state IN ('active', 'disputed')))"
        ),
    },
    Check {
        name: "settlements_are_booked",
        rule: "a contract's funding and each settled milestone are in the books exactly once, and nothing else of it is",
        offenders: "
            SELECT coalesce(wanted.source, booked.source) AS source, wanted.source IS NOT NULL AS is_wanted,
                   booked.source IS NOT NULL AS is_booked
            FROM (
                SELECT 'funding:' || id AS source FROM contracts WHERE is_funded
                UNION ALL
                SELECT CASE WHEN dispute_opened_at IS NOT NULL THEN 'dispute_decided:'
                            WHEN state = 'refunded' THEN 'refund:' ELSE 'release:' END
                       || contract_id || ':' || number
                FROM milestones WHERE state IN ('completed', 'refunded')
                UNION ALL
                SELECT 'dispute_opened:' || contract_id || ':' || number
                FROM milestones WHERE dispute_opened_at IS NOT NULL
            ) AS wanted
            FULL JOIN (
                SELECT source FROM ledger_transactions
                WHERE kind IN ('funding', 'release', 'refund', 'dispute_opened', 'dispute_decided')
            ) AS booked ON booked.source = wanted.source
            WHERE wanted.source IS NULL OR booked.source IS NULL",
    },
    Check {
        name: "orders_fit_their_contracts",
        rule: "an awarded order has one contract in the state that goes with its own, at the price of the accepted bid; others have none",
        offenders: "
            SELECT o.id AS order_number, o.state AS order_state, c.id AS contract_id, c.state AS contract_state,
                   b.state AS bid_state
            FROM orders o
            LEFT JOIN contracts c ON c.id = o.contract_id AND c.order_id = o.id AND c.provider_id = o.provider_id
                                 AND c.client_id = o.client_id AND c.price_minor = o.accepted_minor
            LEFT JOIN bids b ON b.id = o.accepted_bid_id AND b.order_id = o.id AND b.provider_id = o.provider_id
                            AND b.amount_minor = o.accepted_minor
            WHERE CASE o.state
                      WHEN 'open' THEN EXISTS (SELECT FROM contracts WHERE order_id = o.id AND state <> 'cancelled')
                      WHEN 'pending' THEN (c.state = 'pending_funding' AND b.state = 'accepted') IS NOT TRUE
                      WHEN 'active' THEN (c.state IN ('active', 'disputed') AND b.state = 'accepted') IS NOT TRUE
                      WHEN 'completed' THEN (c.state = 'completed' AND b.state = 'accepted') IS NOT TRUE
                      ELSE o.contract_id IS NOT NULL AND (c.state = 'cancelled') IS NOT TRUE
                  END",
    },
    Check {
        name: "bids_are_counted",
        rule: "an order's bids_count is the number of its live bids",
        offenders: "
            SELECT o.id AS order_number, o.bids_count, count(b.id) AS live_bids
            FROM orders o LEFT JOIN bids b ON b.order_id = o.id AND b.state IN ('open', 'changed', 'countered')
            GROUP BY o.id HAVING o.bids_count <> count(b.id)",
    },
    Check {
        name: "figures_fit",
        rule: "everybody's figures are what their orders and reviews come to",
        offenders: "
            SELECT f.user_id, f.orders_posted, f.orders_total, f.orders_completed, f.orders_cancelled,
                   f.rating_sum, f.rating_count, posted.*, held.*, given.*
            FROM user_figures f
            CROSS JOIN LATERAL (
                SELECT count(*) AS posted, count(started_at) AS client_total, count(completed_at) AS client_completed,
                       count(*) FILTER (WHERE state = 'cancelled' AND provider_id IS NOT NULL) AS client_cancelled
                FROM orders WHERE client_id = f.user_id
            ) AS posted
            CROSS JOIN LATERAL (
                SELECT count(started_at) AS provider_total, count(completed_at) AS provider_completed
                FROM orders WHERE provider_id = f.user_id
            ) AS held
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(rating), 0) AS stars, count(*) AS reviews FROM reviews WHERE subject_id = f.user_id
            ) AS given
            WHERE f.orders_posted <> posted OR f.orders_total <> client_total + provider_total
               OR f.orders_completed <> client_completed + provider_completed
               OR f.orders_cancelled <> client_cancelled OR f.rating_sum <> stars OR f.rating_count <> reviews",
    },
];
