//! The ledger by itself: its transactions, its accounts, and what is kept of wallets.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
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
                              OR (p.purpose IN ('platform_fee', 'payment_returned') AND p.amount_minor < 0)
                              OR (p.purpose = 'platform_fee_refund' AND p.amount_minor > 0)), 0) AS earned,
                       coalesce(-sum(p.amount_minor) FILTER (
                           WHERE (p.purpose LIKE 'withdrawal\\_to\\_%' AND p.amount_minor < 0)
                              OR (p.purpose = 'withdrawal_returned' AND p.amount_minor > 0)), 0) AS withdrawn
                FROM ledger_accounts a JOIN postings p ON p.account_id = a.id
                WHERE a.kind = 'user_available' GROUP BY a.user_id, a.currency
            ) AS f USING (user_id, currency)
            WHERE coalesce(t.earned_minor, 0) <> coalesce(f.earned, 0)
               OR coalesce(t.withdrawn_minor, 0) <> coalesce(f.withdrawn, 0)",
    },
];
