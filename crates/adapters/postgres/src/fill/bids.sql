-- Bids, and everything that was ever offered.
TRUNCATE bids, offers;
INSERT INTO bids (id, order_id, provider_id, amount_minor, currency, proposed_deadline, message, state, revision,
                  counter_minor, counter_deadline, counter_message, counter_at, submitted_at, asked_at, answered_at,
                  updated_at, version)
SELECT bidding.id, task_id, writer.id, amount, 'USD', proposed_deadline,
       bid_message(bidding.id),
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
