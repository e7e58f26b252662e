//! What was agreed: money that came back after its release, and proposals.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "returns_are_booked",
        rule: "what came back of a milestone's release is in the books as often, and as much, as the milestone says",
        offenders: "
            SELECT coalesce(m.contract_id, booked.contract_id) AS contract_id,
                   coalesce(m.number, booked.number) AS milestone,
                   m.returned_times, booked.times, m.returned_minor, booked.gross_minor,
                   m.returned_provider_fee_minor, booked.provider_fee_minor,
                   m.returned_client_fee_minor, booked.client_fee_minor
            FROM (SELECT * FROM milestones WHERE returned_times IS NOT NULL) AS m
            FULL JOIN (
                SELECT split_part(t.source, ':', 2)::uuid AS contract_id,
                       split_part(t.source, ':', 3)::integer AS number,
                       count(DISTINCT t.id) AS times,
                       max(split_part(t.source, ':', 4)::integer) AS last_time,
                       sum(p.amount_minor) FILTER (WHERE p.purpose = 'payment_returned' AND p.amount_minor > 0)
                           AS gross_minor,
                       coalesce(-sum(p.amount_minor) FILTER (WHERE p.purpose = 'platform_fee_refund'
                                                               AND a.kind = 'platform_fees'), 0)
                           AS provider_fee_minor,
                       coalesce(-sum(p.amount_minor) FILTER (WHERE p.purpose = 'service_fee_refund'
                                                               AND a.kind = 'platform_fees'), 0)
                           AS client_fee_minor
                FROM ledger_transactions t
                JOIN postings p ON p.transaction_id = t.id
                JOIN ledger_accounts a ON a.id = p.account_id
                WHERE t.kind = 'return'
                GROUP BY 1, 2
            ) AS booked ON booked.contract_id = m.contract_id AND booked.number = m.number
            WHERE (m.returned_times, m.returned_minor, m.returned_provider_fee_minor, m.returned_client_fee_minor)
                  IS DISTINCT FROM (booked.times, booked.gross_minor, booked.provider_fee_minor,
                                    booked.client_fee_minor)
               OR booked.last_time <> booked.times",
    },
    Check {
        name: "open_proposals_fit_their_contracts",
        rule: "an open proposal is about something that is as it was when it was made",
        offenders: "
            SELECT p.id AS proposal_id, p.contract_id, p.kind, p.milestone, p.at_stake_minor, c.state AS contract_state,
                   m.state AS milestone_state
            FROM proposals p
            JOIN contracts c ON c.id = p.contract_id
            LEFT JOIN milestones m ON m.contract_id = p.contract_id AND m.number = p.milestone
            WHERE p.state = 'open'
              AND CASE p.kind
                      WHEN 'cancellation' THEN
                          c.state = 'active'
                          AND p.at_stake_minor = c.price_minor - c.released_minor - c.refunded_minor
                      WHEN 'return' THEN
                          m.state = 'completed'
                          AND p.at_stake_minor = m.released_minor - coalesce(m.returned_minor, 0)
                      ELSE
                          m.state IN ('funded', 'in_progress', 'submitted', 'changes_requested')
                          AND p.at_stake_minor = m.amount_minor
                  END IS NOT TRUE",
    },
    Check {
        name: "disputes_fit_their_milestones",
        rule: "each disputed milestone has one dispute about its amount, which ended as its money was divided",
        offenders: "
            SELECT coalesce(m.contract_id, d.contract_id) AS contract_id, coalesce(m.number, d.milestone) AS milestone,
                   m.state AS milestone_state, d.id AS dispute_id, d.state AS dispute_state, d.given_minor,
                   m.released_minor
            FROM (SELECT * FROM milestones WHERE dispute_opened_at IS NOT NULL) AS m
            FULL JOIN disputes d ON d.contract_id = m.contract_id AND d.milestone = m.number
            WHERE m.contract_id IS NULL OR d.id IS NULL
               OR (d.amount_minor, d.opened_by, d.reason, d.opened_at)
                  <> (m.amount_minor, m.dispute_opened_by, m.dispute_reason, m.dispute_opened_at)
               OR d.resolved_at IS DISTINCT FROM m.dispute_decided_at
               OR (d.state = 'resolved' AND d.given_minor <> coalesce(m.released_minor, 0))",
    },
    Check {
        name: "disputes_end_as_was_said",
        rule: "a dispute has the evidence that it counts, one accepted offer exactly when the two sides agreed, and by silence what was asked or a half",
        offenders: "
            SELECT d.id AS dispute_id, d.contract_id, d.resolver, d.given_minor, taken.offered_minor,
                   d.client_evidence, d.provider_evidence, said.of_client, said.of_provider
            FROM disputes d
            CROSS JOIN LATERAL (
                SELECT max(to_provider_minor) AS offered_minor FROM dispute_offers
                WHERE dispute_id = d.id AND state = 'accepted'
            ) AS taken
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE side = 'client') AS of_client,
                       count(*) FILTER (WHERE side = 'provider') AS of_provider
                FROM dispute_evidence WHERE dispute_id = d.id
            ) AS said
            WHERE (said.of_client, said.of_provider) <> (d.client_evidence, d.provider_evidence)
               OR taken.offered_minor IS DISTINCT FROM CASE d.resolver WHEN 'agreement' THEN d.given_minor END
               OR (d.resolver = 'default' AND d.given_minor NOT IN (d.asked_minor, d.amount_minor / 2))",
    },
    Check {
        name: "disputes_belong_to_their_people",
        rule: "a dispute names the order, the people and the currency of its contract",
        offenders: "
            SELECT d.id AS dispute_id, d.contract_id
            FROM disputes d JOIN contracts c ON c.id = d.contract_id
            WHERE (d.order_id, d.client_id, d.provider_id, d.currency)
                  <> (c.order_id, c.client_id, c.provider_id, c.currency)",
    },
    Check {
        name: "proposals_belong_to_their_people",
        rule: "a proposal names the order, the people and the currency of its contract",
        offenders: "
            SELECT p.id AS proposal_id, p.contract_id
            FROM proposals p JOIN contracts c ON c.id = p.contract_id
            WHERE (p.order_id, p.client_id, p.provider_id, p.currency)
                  <> (c.order_id, c.client_id, c.provider_id, c.currency)",
    },
];
