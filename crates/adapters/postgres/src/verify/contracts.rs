//! Contracts and milestones against the books, and against their orders and bids.

use super::{Check, fee};

pub(super) const CHECKS: &[Check] = &[
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
        rule: "a contract's milestones add up to its price, and to what was released and not returned, refunded and is disputed",
        offenders: concat!(
            "
            SELECT c.id AS contract_id, c.price_minor, m.*
            FROM contracts c
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(amount_minor), 0) AS amounts_minor,
                       coalesce(sum(released_minor), 0) - coalesce(sum(returned_minor), 0) AS released,
                       coalesce(sum(refunded_minor), 0) + coalesce(sum(returned_minor), 0) AS refunded,
                       coalesce(sum(amount_minor) FILTER (WHERE state = 'disputed'), 0) AS disputed,
                       coalesce(sum(released_provider_fee_minor), 0)
                           - coalesce(sum(returned_provider_fee_minor), 0) AS provider_fees,
                       coalesce(sum(released_client_fee_minor), 0)
                           - coalesce(sum(returned_client_fee_minor), 0) AS client_fees,
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
                            WHEN state = 'refunded' THEN 'refund:'
                            WHEN refunded_minor IS NOT NULL THEN 'division:' ELSE 'release:' END
                       || contract_id || ':' || number
                FROM milestones WHERE state IN ('completed', 'refunded')
                UNION ALL
                SELECT 'dispute_opened:' || contract_id || ':' || number
                FROM milestones WHERE dispute_opened_at IS NOT NULL
            ) AS wanted
            FULL JOIN (
                SELECT source FROM ledger_transactions
                WHERE kind IN ('funding', 'release', 'refund', 'division', 'dispute_opened', 'dispute_decided')
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
];
