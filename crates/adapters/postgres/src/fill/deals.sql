-- Bids with their histories. The first bidder of an awarded order is the one who got it; all bidders of
-- an order are different people (their numbers are 197 apart).
CREATE UNLOGGED TABLE bidding AS
SELECT row_number() OVER (ORDER BY submitted_at, task_id, place) AS id, drawn.*
FROM (
    SELECT task.id AS task_id, place, client, is_edited, created_at, awarded_at,
           1 + (coalesce(provider, somebody(task.id, 100, people)) - 1 + place * 197) % people AS bidder,
           greatest(budget - chance(task.id, 101 + place, 2000), 100) AS amount,
           CASE WHEN chance(task.id, 140 + place, 2) = 0 THEN posted_deadline - interval '1 day' END AS proposed_deadline,
           -- Before the award, or spread over the time since the posting.
           CASE WHEN awarded_at IS NOT NULL
                THEN created_at + (10 + 47 * place + chance(task.id, 160 + place, 40)) * interval '1 minute'
                ELSE created_at + (now_at - created_at) * (0.05 + 0.06 * place)
           END AS submitted_at,
           CASE WHEN awarded_at IS NOT NULL THEN CASE place WHEN 0 THEN 'accepted' ELSE 'declined' END
                WHEN place = 0 THEN CASE WHEN NOT is_edited AND chance(task.id, 120, 5) = 0 THEN 'countered' ELSE 'open' END
                WHEN chance(task.id, 120 + place, 20) = 0 THEN 'withdrawn'
                WHEN chance(task.id, 120 + place, 20) = 1 THEN 'declined'
                WHEN is_edited AND place % 2 = 1 THEN 'changed'
                ELSE 'open'
           END AS state,
           -- Of an open order: what the client did about the first bid and about the order.
           created_at + (now_at - created_at) * 0.7 AS chat_at, created_at + (now_at - created_at) * 0.8 AS edited_at,
           created_at + (now_at - created_at) * 0.9 AS confirmed_at, created_at + (now_at - created_at) * 0.65 AS refused_at
    FROM plan CROSS JOIN task CROSS JOIN LATERAL generate_series(0, task.bids - 1) AS place
) AS drawn;
ANALYZE bidding;

-- Contracts, their steps, and what they make of their orders.
CREATE UNLOGGED TABLE deal AS
SELECT row_number() OVER (ORDER BY task.id) AS place, task.*, bidding.id AS bid_id, amount AS price, proposed_deadline,
       identifier('contract', task.id, task.awarded_at) AS contract_id,
       CASE WHEN task.state <> 'pending' THEN task.awarded_at + chance(task.id, 44, 6) * interval '1 hour' END AS funded_at,
       -- How many steps are paid out, and how far the next one is.
       CASE task.state WHEN 'completed' THEN steps WHEN 'active' THEN chance(task.id, 45, steps) ELSE 0 END AS done,
       CASE task.state WHEN 'active' THEN (ARRAY['funded', 'in_progress', 'submitted', 'changes_requested'])[1 + chance(task.id, 46, 4)] END AS next
FROM task JOIN bidding ON task_id = task.id AND bidding.place = 0
WHERE task.awarded_at IS NOT NULL;
ANALYZE deal;

CREATE UNLOGGED TABLE step AS
SELECT deal.place, deal.id AS task_id, contract_id, number, steps, done, funded_at, next,
       (ARRAY['Outline', 'First Draft', 'Final Submission'])[number + 3 - steps] AS title,
       created_at + number * interval '5 days' AS due_date,
       amount, before, price,
       CASE WHEN funded_at IS NULL THEN 'unfunded' WHEN number <= done THEN 'completed'
            WHEN number = done + 1 THEN next ELSE 'funded' END AS state,
       CASE WHEN number <= done THEN funded_at + pace * (2 * number - 1)
            WHEN number = done + 1 AND next IN ('submitted', 'changes_requested') THEN now_at - (now_at - funded_at) * 0.1
       END AS submitted_at,
       CASE WHEN number <= done THEN funded_at + pace * (2 * number) END AS approved_at
FROM plan CROSS JOIN deal
CROSS JOIN LATERAL generate_series(1, steps) AS number
CROSS JOIN LATERAL (
    SELECT CASE WHEN number = steps THEN price - (steps - 1) * (price / steps) ELSE price / steps END AS amount,
           (number - 1) * (price / steps) AS before,
           CASE deal.state WHEN 'completed' THEN interval '40 hours' + chance(deal.id, 47, 3600) * interval '1 second'
                           ELSE (now_at - funded_at) / (2 * steps + 2) END AS pace
) AS reckoned;
ANALYZE step;

CREATE UNLOGGED TABLE said AS
SELECT task_id, side.author, client, provider,
       5 - chance(task_id, 70 + place, 8) / 4 - chance(task_id, 72 + place, 12) / 11 AS rating,
       CASE side.author WHEN 'client' THEN 'Well written, well sourced, and on time.' ELSE 'Clear wishes, and quick to answer.' END AS comment,
       completed_at + (1 + place) * interval '1 hour' AS said_at
FROM (
    SELECT deal.id AS task_id, client, provider, approved_at AS completed_at
    FROM deal JOIN step ON step.task_id = deal.id AND number = deal.steps WHERE deal.state = 'completed'
) AS over
CROSS JOIN (VALUES ('client', 0), ('provider', 1)) AS side (author, place);

-- Whoever pays for an order has paid in as much and a little more; some of those who are paid take half of it out.
CREATE UNLOGGED TABLE payout AS
SELECT row_number() OVER (ORDER BY requested_at, task_id) AS id, paid.*,
       CASE WHEN requested_at > now_at - interval '4 days' THEN CASE WHEN chance(task_id, 83, 4) = 0 THEN 'approved' ELSE 'pending' END
            ELSE (ARRAY['rejected', 'cancelled', 'approved', 'pending'])[1 + chance(task_id, 82, 40)] END AS unusual,
       (ARRAY['bank_transfer', 'paypal', 'mobile_money'])[1 + provider % 3] AS method
FROM plan CROSS JOIN (
    SELECT deal.id AS task_id, provider, (deal.price - share(deal.price, provider_bps)) / 2 AS amount,
           approved_at + interval '2 hours' AS requested_at
    FROM plan CROSS JOIN deal JOIN step ON step.task_id = deal.id AND number = deal.steps
    WHERE deal.state = 'completed' AND deal.id % 5 = 0
) AS paid
WHERE amount > 0;

CREATE UNLOGGED TABLE pay_in AS
SELECT deal.id AS task_id, client, identifier('deposit', deal.id, at) AS id, at,
       (price + share(price, client_bps) + 4999) / 5000 * 5000 AS amount
FROM plan CROSS JOIN deal CROSS JOIN LATERAL (SELECT funded_at - interval '10 minutes' AS at) AS time
WHERE funded_at IS NOT NULL;

ANALYZE said, payout, pay_in;
