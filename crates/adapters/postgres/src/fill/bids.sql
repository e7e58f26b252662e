-- Bids with their histories. The first bidder of an awarded order is the one who got it; all bidders of
-- an order are different people (their numbers are 197 apart).
CREATE TEMPORARY TABLE bidding ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY submitted_at, task_id, place) AS id, drawn.*
FROM (
    SELECT task.id AS task_id, place, client, is_edited, created_at, awarded_at,
           1 + (coalesce(provider, pg_temp.somebody(task.id, 100, people)) - 1 + place * 197) % people AS bidder,
           greatest(budget - pg_temp.chance(task.id, 101 + place, 2000), 100) AS amount,
           CASE WHEN pg_temp.chance(task.id, 140 + place, 2) = 0 THEN posted_deadline - interval '1 day' END AS proposed_deadline,
           -- Before the award, or spread over the time since the posting.
           CASE WHEN awarded_at IS NOT NULL
                THEN created_at + (10 + 47 * place + pg_temp.chance(task.id, 160 + place, 40)) * interval '1 minute'
                ELSE created_at + (now_at - created_at) * (0.05 + 0.06 * place)
           END AS submitted_at,
           CASE WHEN awarded_at IS NOT NULL THEN CASE place WHEN 0 THEN 'accepted' ELSE 'declined' END
                WHEN place = 0 THEN CASE WHEN NOT is_edited AND pg_temp.chance(task.id, 120, 5) = 0 THEN 'countered' ELSE 'open' END
                WHEN pg_temp.chance(task.id, 120 + place, 20) = 0 THEN 'withdrawn'
                WHEN pg_temp.chance(task.id, 120 + place, 20) = 1 THEN 'declined'
                WHEN is_edited AND place % 2 = 1 THEN 'changed'
                ELSE 'open'
           END AS state,
           -- Of an open order: what the client did about the first bid and about the order.
           created_at + (now_at - created_at) * 0.7 AS chat_at, created_at + (now_at - created_at) * 0.8 AS edited_at,
           created_at + (now_at - created_at) * 0.9 AS confirmed_at, created_at + (now_at - created_at) * 0.65 AS refused_at
    FROM plan CROSS JOIN task CROSS JOIN LATERAL generate_series(0, task.bids - 1) AS place
) AS drawn;
ANALYZE bidding;

INSERT INTO bids (id, order_id, provider_id, amount_minor, currency, proposed_deadline, message, state, revision,
                  counter_minor, counter_deadline, counter_message, counter_at, submitted_at, asked_at, answered_at,
                  updated_at, version)
SELECT bidding.id, task_id, writer.id, amount, 'USD', proposed_deadline,
       'I have extensive experience in this field and can deliver ahead of the deadline with two free revisions. Bid '
           || bidding.id || '.',
       state, CASE WHEN is_confirmed THEN 2 ELSE 1 END,
       CASE state WHEN 'countered' THEN greatest(amount - 500, 100) END, NULL,
       CASE state WHEN 'countered' THEN 'Could you do it for a little less?' END,
       CASE state WHEN 'countered' THEN chat_at END, submitted_at,
       CASE WHEN is_confirmed THEN confirmed_at ELSE submitted_at END, answered_at,
       CASE WHEN is_confirmed THEN confirmed_at
            WHEN state = 'changed' THEN edited_at
            WHEN state = 'withdrawn' THEN refused_at
            ELSE coalesce(answered_at, submitted_at)
       END,
       CASE WHEN is_confirmed THEN 2 WHEN state = 'open' THEN 0 ELSE 1 END
FROM bidding
JOIN writer ON writer.n = bidder
CROSS JOIN LATERAL (
    SELECT is_edited AND state = 'open' AS is_confirmed,
           CASE WHEN awarded_at IS NOT NULL THEN awarded_at
                WHEN state = 'countered' THEN chat_at
                WHEN state = 'declined' THEN refused_at
           END AS answered_at
) AS told
ORDER BY bidding.id;

INSERT INTO offers (position, bid_id, author, author_id, amount_minor, currency, proposed_deadline, message, made_at)
OVERRIDING SYSTEM VALUE
SELECT id, id, 'provider', provider_id, amount_minor, currency, proposed_deadline, message, submitted_at FROM bids
UNION ALL
SELECT (SELECT 1000 * hundredths FROM plan) + row_number() OVER (ORDER BY counter_at, bids.id), bids.id, 'client',
       client.id, counter_minor, 'USD', NULL, counter_message, counter_at
FROM bids JOIN task ON task.id = order_id JOIN client ON client.n = task.client
WHERE bids.state = 'countered';
