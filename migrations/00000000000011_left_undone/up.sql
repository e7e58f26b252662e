-- What earlier versions left undone: chats of awards and counter-offers from before there were chats, the
-- business of people who were shut out, names of account holders, and telling that a deadline has passed.
SET LOCAL lock_timeout = '5s';

-- Nobody opens a chat or says anything meanwhile.
LOCK TABLE chats, chat_members IN SHARE ROW EXCLUSIVE MODE;

-- A UUID version 7 of a moment, as the program mints them; gone again below.
CREATE FUNCTION uuid_of_moment(moment timestamptz) RETURNS uuid VOLATILE LANGUAGE sql AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send(floor(extract(epoch FROM moment) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            52, 1), 53, 1),
        'hex')::uuid
$$;

-- They are as the program opens them: the first message is that of the provider's newest bid. It counts
-- as read by the client, who has long since answered the bid.
DO $$
DECLARE
    last_activity CONSTANT bigint := (SELECT coalesce(max(activity), 0) FROM chat_members);
BEGIN
    WITH occasions AS (
        SELECT order_id, client_id, provider_id, created_at AS moment FROM contracts
        UNION ALL
        SELECT bids.order_id, orders.client_id, bids.provider_id, offers.made_at
        FROM offers
        JOIN bids ON bids.id = offers.bid_id
        JOIN orders ON orders.id = bids.order_id
        WHERE offers.author = 'client'
    ), missing AS (
        SELECT order_id, client_id, provider_id, min(moment) AS opened_at
        FROM occasions
        WHERE NOT EXISTS (
            SELECT FROM chats
            WHERE chats.order_id = occasions.order_id AND chats.provider_id = occasions.provider_id
              AND chats.client_id = occasions.client_id
        )
        GROUP BY order_id, client_id, provider_id
        ORDER BY opened_at, order_id, provider_id
    ), minted AS MATERIALIZED (
        SELECT missing.*, nextval('chat_activities') AS activity, uuid_of_moment(opened_at) AS chat_id,
               uuid_of_moment(opened_at) AS message_id
        FROM missing
    ), opened AS (
        INSERT INTO chats (id, order_id, client_id, provider_id, last_seq, last_message_id, from_provider,
                           created_at, updated_at)
        SELECT chat_id, order_id, client_id, provider_id, 1, message_id, 1, opened_at, opened_at FROM minted
    ), joined AS (
        INSERT INTO chat_members (chat_id, user_id, activity, read_seq, unread)
        SELECT chat_id, client_id, activity, 1, 0 FROM minted
        UNION ALL
        SELECT chat_id, provider_id, activity, 0, 0 FROM minted
    )
    INSERT INTO messages (chat_id, seq, id, sender_id, from_provider, content, sent_at)
    SELECT chat_id, 1, message_id, minted.provider_id, 1, bid.message, least(bid.asked_at, opened_at)
    FROM minted
    CROSS JOIN LATERAL (
        SELECT message, asked_at FROM bids
        WHERE bids.order_id = minted.order_id AND bids.provider_id = minted.provider_id
        ORDER BY id DESC LIMIT 1
    ) AS bid;

    -- What was said since comes before them in every list, in the order that it had.
    IF FOUND THEN
        UPDATE chat_members SET activity = redrawn.activity
        FROM (
            SELECT chat_id, nextval('chat_activities') AS activity
            FROM (
                SELECT chat_id FROM chat_members
                WHERE activity <= last_activity
                GROUP BY chat_id
                ORDER BY max(activity)
            ) AS said_since
        ) AS redrawn
        WHERE chat_members.chat_id = redrawn.chat_id;
    END IF;
END
$$;

DROP FUNCTION uuid_of_moment(timestamptz);

-- Read once more, now that somebody winds up what is left of these accounts. Nobody is told of them twice.
UPDATE outbox SET dispatched_at = NULL
WHERE name IN ('user.blocked', 'user.deactivated') AND dispatched_at IS NOT NULL;

-- Shown as the program shows them now: the first letter of each word. What is sealed is untouched.
UPDATE withdrawals
SET account_masked = jsonb_set(
    account_masked, '{account_holder}',
    to_jsonb(regexp_replace(account_masked ->> 'account_holder', '(\S)\S*', '\1***', 'g')))
WHERE account_masked ? 'account_holder';

ALTER TABLE orders ADD COLUMN expired_deadline timestamptz;

COMMENT ON COLUMN orders.expired_deadline IS 'The deadline of which it was told that it had passed without an award; a later one is told anew.';

-- For telling that. It has only what nobody has been told of yet: an order leaves it when that is done.
CREATE INDEX orders_to_expire ON orders (deadline, id)
    WHERE state = 'open' AND expired_deadline IS DISTINCT FROM deadline;
