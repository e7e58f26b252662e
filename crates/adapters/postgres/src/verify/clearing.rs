//! What was released and rests, and what was given beyond the price, against the books.

use super::{Check, fee};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "what_rests_has_not_cleared",
        rule: "somebody's clearing account holds what was released to rest for their milestones and has not cleared",
        offenders: "
            SELECT coalesce(resting.user_id, booked.user_id) AS user_id,
                   coalesce(resting.currency, booked.currency) AS currency,
                   coalesce(resting.minor, 0) AS milestones_minor, coalesce(booked.minor, 0) AS clearing_minor
            FROM (
                SELECT c.provider_id AS user_id, c.currency,
                       sum(greatest(m.released_minor - m.released_provider_fee_minor
                                    - coalesce(m.returned_minor - m.returned_provider_fee_minor, 0), 0)) AS minor
                FROM milestones m JOIN contracts c ON c.id = m.contract_id
                WHERE m.clears_at IS NOT NULL AND m.cleared_at IS NULL
                GROUP BY c.provider_id, c.currency
            ) AS resting
            FULL JOIN (
                SELECT user_id, currency, balance_minor AS minor FROM ledger_accounts
                WHERE kind = 'user_clearing' AND balance_minor <> 0
            ) AS booked ON booked.user_id = resting.user_id AND booked.currency = resting.currency
            WHERE coalesce(resting.minor, 0) <> coalesce(booked.minor, 0)",
    },
    Check {
        name: "clearances_are_booked",
        rule: "of each release exactly what has not cleared, and did not come back, is left on the clearing account",
        offenders: "
            SELECT contract_id, number, coalesce(resting.minor, 0) AS resting_minor, coalesce(booked.minor, 0) AS booked_minor
            FROM (
                SELECT contract_id::text, number::text,
                       CASE WHEN cleared_at IS NULL
                            THEN greatest(released_minor - released_provider_fee_minor
                                          - coalesce(returned_minor - returned_provider_fee_minor, 0), 0)
                            ELSE 0 END AS minor
                FROM milestones WHERE clears_at IS NOT NULL
            ) AS resting
            FULL JOIN (
                -- All of their sources begin with a kind, a contract and a milestone.
                SELECT split_part(t.source, ':', 2) AS contract_id, split_part(t.source, ':', 3) AS number,
                       sum(p.amount_minor) AS minor
                FROM ledger_accounts a
                JOIN postings p ON p.account_id = a.id
                JOIN ledger_transactions t ON t.id = p.transaction_id
                WHERE a.kind = 'user_clearing' GROUP BY 1, 2
            ) AS booked USING (contract_id, number)
            WHERE coalesce(resting.minor, 0) <> coalesce(booked.minor, 0)",
    },
    Check {
        name: "bonuses_are_booked",
        rule: "each bonus is in the books exactly once, from its client to its provider, less the provider's fee, and nothing else is",
        offenders: concat!(
            "
            SELECT coalesce(wanted.source, booked.source) AS source, wanted.client_id, wanted.provider_id,
                   wanted.amount_minor, wanted.provider_fee_minor, wanted.fee AS reckoned_fee_minor,
                   booked.given AS booked_given_minor, booked.got AS booked_got_minor
            FROM (
                SELECT 'bonus:' || b.id AS source, c.client_id, c.provider_id, b.amount_minor, b.provider_fee_minor,
                       ", fee!("b.amount_minor", "c.provider_fee_bps"), " AS fee
                FROM bonuses b JOIN contracts c ON c.id = b.contract_id
            ) AS wanted
            FULL JOIN (
                SELECT t.source,
                       jsonb_object_agg(a.user_id, p.minor) FILTER (WHERE p.minor < 0) AS givers,
                       jsonb_object_agg(a.user_id, p.minor) FILTER (WHERE p.minor >= 0) AS takers,
                       min(p.minor) AS given, max(p.minor) AS got
                FROM ledger_transactions t
                CROSS JOIN LATERAL (
                    SELECT account_id, sum(amount_minor) AS minor FROM postings
                    WHERE transaction_id = t.id GROUP BY account_id
                ) AS p
                JOIN ledger_accounts a ON a.id = p.account_id AND a.kind = 'user_available'
                WHERE t.kind = 'bonus' GROUP BY t.source
            ) AS booked ON booked.source = wanted.source
            WHERE (wanted.fee = wanted.provider_fee_minor
                   AND booked.givers = jsonb_build_object(wanted.client_id, -wanted.amount_minor)
                   AND booked.takers = jsonb_build_object(wanted.provider_id, wanted.amount_minor - wanted.fee)
                  ) IS NOT TRUE"
        ),
    },
];
