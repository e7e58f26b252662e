-- One chat per order, with its first bidder: opened by the award, by the counter-offer, or by the client. It begins
-- with the bid's message; then client and provider write in turn.
TRUNCATE messages, chats, chat_members;
CREATE UNLOGGED TABLE talk AS
SELECT task.id AS task_id, task.messages AS length, identifier('chat', task.id, opened_at) AS chat_id, client.id AS client_id,
       writer.id AS provider_id, bidding.submitted_at, bidding.id AS bid_id, opened_at,
       (until - opened_at) / (task.messages + 1) AS pace,
       -- How many of the last messages each side has not read: none where all is over.
       CASE WHEN task.state = 'completed' THEN 0 ELSE least(chance(task.id, 500, 4), task.messages) END AS client_lag,
       CASE WHEN task.state = 'completed' THEN 0 ELSE least(chance(task.id, 501, 4), task.messages) END AS provider_lag
FROM plan CROSS JOIN task
JOIN bidding ON task_id = task.id AND place = 0
JOIN client ON client.n = task.client
JOIN writer ON writer.n = bidder
LEFT JOIN step ON step.task_id = task.id AND number = task.steps
CROSS JOIN LATERAL (
    SELECT coalesce(task.awarded_at, chat_at) AS opened_at, coalesce(approved_at, now_at) AS until
) AS time;
ANALYZE talk;

INSERT INTO messages (chat_id, seq, id, sender_id, from_provider, content, sent_at)
SELECT chat_id, seq, identifier('message', task_id * 100 + seq, sent_at),
       CASE seq % 2 WHEN 1 THEN talk.provider_id ELSE client_id END, (seq + 1) / 2,
       CASE seq WHEN 1 THEN bid_message(bid_id)
                ELSE 'Message ' || seq || ' about order ' || task_id
                     || ': can you send me the next draft by tomorrow, please? The outline was very good.' END,
       sent_at
FROM talk
CROSS JOIN LATERAL generate_series(1, length) AS seq
CROSS JOIN LATERAL (SELECT CASE seq WHEN 1 THEN talk.submitted_at ELSE opened_at + pace * (seq - 1) END AS sent_at) AS time
ORDER BY task_id, seq;

INSERT INTO chats (id, order_id, client_id, provider_id, last_seq, last_message_id, from_provider, created_at, updated_at)
SELECT chat_id, task_id, client_id, provider_id, length,
       identifier('message', task_id * 100 + length, opened_at + pace * (length - 1)), (length + 1) / 2, opened_at,
       opened_at + pace * (length - 1)
FROM talk ORDER BY task_id;

INSERT INTO chat_members (chat_id, user_id, activity, read_seq, unread)
SELECT chat_id, CASE side WHEN 'client' THEN client_id ELSE provider_id END, activity,
       CASE side WHEN 'client' THEN length - client_lag ELSE length - provider_lag END,
       -- Of the other side's messages, those behind the mark.
       CASE side WHEN 'client' THEN (length + 1) / 2 - (length - client_lag + 1) / 2
                 ELSE length / 2 - (length - provider_lag) / 2 END
FROM (SELECT talk.*, row_number() OVER (ORDER BY opened_at + pace * (length - 1), task_id) AS activity FROM talk) AS ordered
CROSS JOIN (VALUES ('client'), ('provider')) AS of (side)
ORDER BY activity, side;
