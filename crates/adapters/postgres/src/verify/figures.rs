//! What is counted of orders, bids and people.

use super::Check;

pub(super) const CHECKS: &[Check] = &[
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
