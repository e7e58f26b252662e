-- What people were told, as far back as it takes: the newest hundred thousand per unit.
TRUNCATE notifications;
CREATE UNLOGGED TABLE told AS
SELECT row_number() OVER (ORDER BY at, event, n, person) AS position, news.*
FROM (
    SELECT fact.* FROM plan CROSS JOIN (
        SELECT task.created_at AS at, 'order.invited' AS event, task.id AS n, coalesce(provider, somebody(task.id, 50, people)) AS person,
               true AS to_writer, task.id AS task_id, NULL::bigint AS bid_id, NULL::integer AS step, NULL::bigint AS amount, NULL::integer AS rating,
               NULL::text AS text
        FROM plan CROSS JOIN task WHERE state = 'open' OR task.id % 3 = 0
        UNION ALL
        SELECT submitted_at, 'bid.placed', id, client, false, task_id, id, NULL, NULL, NULL, NULL FROM bidding
        UNION ALL
        SELECT awarded_at, 'bid.accepted', id, bidder, true, task_id, id, NULL, NULL, NULL, NULL FROM bidding WHERE state = 'accepted'
        UNION ALL
        SELECT coalesce(awarded_at, refused_at), 'bid.declined', id, bidder, true, task_id, id, NULL, NULL, NULL,
               CASE WHEN awarded_at IS NOT NULL THEN 'because' END
        FROM bidding WHERE state = 'declined'
        UNION ALL
        SELECT refused_at, 'bid.withdrawn', id, client, false, task_id, id, NULL, NULL, NULL, NULL FROM bidding WHERE state = 'withdrawn'
        UNION ALL
        SELECT chat_at, 'bid.countered', id, bidder, true, task_id, id, NULL, NULL, NULL, NULL FROM bidding WHERE state = 'countered'
        UNION ALL
        SELECT edited_at, 'bid.outdated', id, bidder, true, task_id, id, NULL, NULL, NULL, NULL FROM bidding WHERE is_edited AND state IN ('open', 'changed')
        UNION ALL
        SELECT confirmed_at, 'bid.confirmed', id, client, false, task_id, id, NULL, NULL, NULL, NULL FROM bidding WHERE is_edited AND state = 'open'
        UNION ALL
        SELECT funded_at, 'order.started', id, provider, true, id, NULL, NULL, NULL, NULL, NULL FROM deal WHERE funded_at IS NOT NULL
        UNION ALL
        SELECT submitted_at, 'milestone.submitted', task_id * 10 + number, client, false, task_id, NULL, number, NULL, NULL, NULL
        FROM step JOIN deal ON deal.id = task_id WHERE submitted_at IS NOT NULL
        UNION ALL
        SELECT submitted_at + (now_at - submitted_at) / 2, 'milestone.changes_requested', task_id, provider, true, task_id, NULL, number, NULL, NULL, NULL
        FROM plan CROSS JOIN step JOIN deal ON deal.id = task_id WHERE step.state = 'changes_requested'
        UNION ALL
        SELECT approved_at, 'payment.received', task_id * 10 + number, provider, true, task_id, NULL, NULL,
               amount - share(before + amount, provider_bps) + share(before, provider_bps), NULL, NULL
        FROM plan CROSS JOIN step JOIN deal ON deal.id = task_id WHERE approved_at IS NOT NULL
        UNION ALL
        SELECT approved_at, 'order.completed', task_id, provider, true, task_id, NULL, NULL, NULL, NULL, NULL
        FROM step JOIN deal ON deal.id = task_id WHERE deal.state = 'completed' AND number = deal.steps
        UNION ALL
        SELECT said_at, 'order.reviewed', task_id * 2 + (author = 'client')::integer, CASE author WHEN 'client' THEN provider ELSE client END,
               author = 'client', task_id, NULL, NULL, NULL, rating, NULL FROM said
        UNION ALL
        SELECT at, 'deposit.completed', task_id, client, false, NULL, NULL, NULL, amount, NULL, id::text FROM pay_in
        UNION ALL
        SELECT requested_at + interval '1 day', 'withdrawal.paid', id, provider, true, NULL, NULL, NULL, amount, NULL, known_as('WD-', id)
        FROM payout WHERE unusual IS NULL
        UNION ALL
        SELECT requested_at + interval '6 hours', 'withdrawal.rejected', id, provider, true, NULL, NULL, NULL, amount, NULL, known_as('WD-', id)
        FROM payout WHERE unusual = 'rejected'
    ) AS fact
    -- Those that were read are forgotten after 180 days.
    WHERE at > now_at - interval '179 days'
    ORDER BY at DESC, event DESC, n DESC, person DESC
    LIMIT (SELECT 1000 * hundredths FROM plan)
) AS news;
ANALYZE told;

-- The words are those of domain::notifications.
CREATE UNLOGGED TABLE wording (event, variant, kind, title, before, behind) AS VALUES
    ('order.invited', '', 'order', 'Order Invitation', 'You have been invited to bid on ''', ''''),
    ('bid.placed', '', 'bid', 'New Bid', 'You have received a new bid on ''', ''''),
    ('bid.accepted', '', 'bid', 'Bid Accepted', 'Your bid for ''', ''' has been accepted!'),
    ('bid.declined', '', 'bid', 'Bid Declined', 'Your bid for ''', ''' has been declined'),
    ('bid.declined', 'because', 'bid', 'Bid Declined', 'Your bid for ''', ''' has been declined because another bid was accepted'),
    ('bid.withdrawn', '', 'bid', 'Bid Withdrawn', 'A bid on ''', ''' has been withdrawn'),
    ('bid.countered', '', 'bid', 'Counter-Offer Received', 'You have received a counter-offer for your bid on ''', ''''),
    ('bid.outdated', '', 'bid', 'Order Changed', '''', ''' has changed; please confirm or update your bid'),
    ('bid.confirmed', '', 'bid', 'Bid Confirmed', 'A bid on ''', ''' has been confirmed'),
    ('order.started', '', 'order', 'Order Started', '''', ''' has been paid for, and the work can begin'),
    ('milestone.submitted', '', 'order', 'Work Submitted', 'Milestone {step} of ''', ''' has been submitted for your approval'),
    ('milestone.changes_requested', '', 'order', 'Changes Requested', 'Changes have been requested on milestone {step} of ''', ''''),
    ('payment.received', '', 'payment', 'Payment Received', 'Payment of $', ' has been credited to your account'),
    ('order.completed', '', 'order', 'Order Completed', '''', ''' has been completed!'),
    ('order.reviewed', '', 'review', 'New Review', 'You have received a {rating}-star review for ''', ''''),
    ('deposit.completed', '', 'payment', 'Deposit Completed', 'Deposit of $', ' has been credited to your account'),
    ('withdrawal.paid', '', 'payment', 'Withdrawal Completed', 'Withdrawal of $', ' has been paid out'),
    ('withdrawal.rejected', '', 'payment', 'Withdrawal Rejected', 'Withdrawal of $', ' has been rejected: The account is in another name.');

ANALYZE wording;

INSERT INTO notifications (position, id, event_id, user_id, kind, event, title, message, details, is_read, read_at, created_at)
OVERRIDING SYSTEM VALUE
SELECT position, identifier('notification', position, at), identifier('fact', position, at),
       coalesce(writer.id, client.id), wording.kind, told.event, wording.title,
       replace(replace(before, '{step}', coalesce(step::text, '')), '{rating}', coalesce(rating::text, ''))
           || CASE wording.kind WHEN 'payment' THEN (amount / 100) || '.' || lpad((amount % 100)::text, 2, '0') ELSE task.title END
           || behind,
       -- Titles have nothing in them that JSON would write in another way.
       ('{' || concat_ws(', ',
           '"order_id": "' || known_as('ORD-', task_id) || '"',
           CASE WHEN wording.kind <> 'payment' THEN '"order_title": "' || task.title || '"' END,
           '"bid_id": "' || known_as('BID-', bid_id) || '"', '"milestone": ' || step::text, '"rating": ' || rating::text,
           '"amount": {"currency": "USD", "amount_minor": ' || amount::text || '}',
           CASE told.event WHEN 'deposit.completed' THEN '"deposit_id": "' || text || '"' END,
           CASE WHEN told.event LIKE 'withdrawal.%' THEN '"withdrawal_id": "' || text || '"' END,
           CASE told.event WHEN 'withdrawal.rejected' THEN '"reason": "The account is in another name."' END
       ) || '}')::jsonb,
       is_read, CASE WHEN is_read THEN least(at + interval '5 hours', now_at) END, at
FROM plan CROSS JOIN told
JOIN wording ON wording.event = told.event AND variant = CASE text WHEN 'because' THEN text ELSE '' END
LEFT JOIN task ON task.id = task_id
LEFT JOIN writer ON to_writer AND writer.n = person
LEFT JOIN client ON NOT to_writer AND client.n = person
CROSS JOIN LATERAL (
    SELECT chance(position, 203, 10) < CASE WHEN at < now_at - interval '14 days' THEN 10 ELSE 6 END AS is_read
) AS mark
ORDER BY position;

INSERT INTO notification_counts (user_id, kind, total, unread)
SELECT user_id, kind, count(*), count(*) FILTER (WHERE NOT is_read) FROM notifications GROUP BY user_id, kind;
