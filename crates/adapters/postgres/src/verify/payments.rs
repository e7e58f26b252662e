//! The ways in and out: what was paid in and withdrawn is what the books say.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
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
];
