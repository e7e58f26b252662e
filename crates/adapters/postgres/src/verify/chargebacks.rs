//! Payments that were taken back: what was taken, and what came back, is what the books say.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "chargebacks_are_booked",
        rule: "a chargeback takes its whole deposit from wallet, debt and losses as it says, and gives all of it back exactly when it is won",
        offenders: "
            SELECT c.id AS chargeback_id, c.user_id, c.state, taken.*, back.outside_minor AS back_minor
            FROM chargebacks c
            LEFT JOIN deposits d ON d.id = c.deposit_id AND d.user_id = c.user_id AND d.state = 'completed'
                                AND d.amount_minor = c.amount_minor AND d.currency = c.currency
                                AND d.outside = c.outside
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(p.amount_minor) FILTER (WHERE a.kind = 'world'), 0) AS outside_minor,
                       coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind = 'user_available'), 0) AS available_minor,
                       coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind = 'user_debt'), 0) AS debt_minor,
                       coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind = 'platform_losses'), 0) AS losses_minor
                FROM ledger_transactions t JOIN postings p ON p.transaction_id = t.id
                JOIN ledger_accounts a ON a.id = p.account_id AND (a.user_id IS NULL OR a.user_id = c.user_id)
                WHERE t.source = 'chargeback:' || c.id
            ) AS taken
            CROSS JOIN LATERAL (
                SELECT coalesce(-sum(p.amount_minor) FILTER (WHERE a.kind = 'world'), 0) AS outside_minor,
                       coalesce(sum(p.amount_minor) FILTER (WHERE a.kind = 'platform_losses'), 0) AS losses_minor
                FROM ledger_transactions t JOIN postings p ON p.transaction_id = t.id
                JOIN ledger_accounts a ON a.id = p.account_id AND (a.user_id IS NULL OR a.user_id = c.user_id)
                WHERE t.source = 'chargeback_won:' || c.id
            ) AS back
            WHERE d.id IS NULL OR taken.outside_minor <> c.amount_minor
               OR taken.available_minor <> c.available_minor OR taken.debt_minor <> c.debt_minor
               OR taken.losses_minor <> c.losses_minor
               OR back.outside_minor <> CASE c.state WHEN 'won' THEN c.amount_minor ELSE 0 END
               OR back.losses_minor <> CASE c.state WHEN 'won' THEN c.losses_minor ELSE 0 END",
    },
    Check {
        name: "chargebacks_are_known",
        rule: "whatever the books took back or gave back has its chargeback, and nobody owes less than nothing",
        offenders: "
            SELECT t.source, NULL AS account, NULL::bigint AS balance_minor
            FROM ledger_transactions t
            WHERE t.kind IN ('chargeback', 'chargeback_won')
              AND NOT EXISTS (SELECT FROM chargebacks c WHERE t.source = t.kind || ':' || c.id)
            UNION ALL
            SELECT NULL, a.key, a.balance_minor FROM ledger_accounts a
            WHERE a.kind = 'user_debt' AND a.balance_minor > 0",
    },
];
