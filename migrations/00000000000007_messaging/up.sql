-- Chats: what the client of an order and somebody who bid on it write to each other.
SET LOCAL lock_timeout = '5s';

-- For the message that a chat begins with: the newest bid of one provider on one order.
CREATE INDEX bids_of_provider_on_order ON bids (order_id, provider_id, id DESC);

CREATE SEQUENCE chat_activities AS bigint;

COMMENT ON SEQUENCE chat_activities IS 'Which it was of everything that was ever said anywhere; gaps are no harm.';

CREATE TABLE chats (
    id              uuid        PRIMARY KEY,
    order_id        bigint      NOT NULL REFERENCES orders (id),
    client_id       uuid        NOT NULL REFERENCES users (id),
    provider_id     uuid        NOT NULL REFERENCES users (id),
    last_seq        bigint      NOT NULL CONSTRAINT chats_last_seq_counts CHECK (last_seq >= 1),
    last_message_id uuid        NOT NULL,
    from_provider   bigint      NOT NULL
                                CONSTRAINT chats_from_provider_range CHECK (from_provider BETWEEN 0 AND last_seq),
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT chats_two_sides CHECK (client_id <> provider_id),
    CONSTRAINT chats_once UNIQUE (order_id, provider_id, client_id)
) WITH (fillfactor = 80);

CREATE INDEX chats_of_client ON chats (client_id);
CREATE INDEX chats_of_provider ON chats (provider_id);

COMMENT ON TABLE chats IS 'What two people write to each other about one order. Rows are never deleted.';
COMMENT ON COLUMN chats.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN chats.order_id IS 'What it is about.';
COMMENT ON COLUMN chats.client_id IS 'Whose order that is.';
COMMENT ON COLUMN chats.provider_id IS 'Who bid on it.';
COMMENT ON COLUMN chats.last_seq IS 'How many messages there are: the number of the last one. Raised under this row''s lock, so that there are no gaps.';
COMMENT ON COLUMN chats.last_message_id IS 'The last message. No foreign key: it is written in the same statement.';
COMMENT ON COLUMN chats.from_provider IS 'How many of the messages are the provider''s.';
COMMENT ON COLUMN chats.created_at IS 'When it was opened.';
COMMENT ON COLUMN chats.updated_at IS 'When something was last said, or it was opened.';

CREATE TABLE chat_members (
    chat_id  uuid   NOT NULL REFERENCES chats (id),
    user_id  uuid   NOT NULL REFERENCES users (id),
    activity bigint NOT NULL CONSTRAINT chat_members_activity_counts CHECK (activity >= 1),
    read_seq bigint NOT NULL CONSTRAINT chat_members_read_seq_counts CHECK (read_seq >= 0),
    unread   bigint NOT NULL CONSTRAINT chat_members_unread_counts CHECK (unread >= 0),
    PRIMARY KEY (chat_id, user_id)
) WITH (fillfactor = 80);

-- For the foreign key, for lists, newest activity first, and for what is unread in all of somebody's chats.
CREATE UNIQUE INDEX chat_members_by_activity ON chat_members (user_id, activity DESC) INCLUDE (unread);

COMMENT ON TABLE chat_members IS 'How far each side of a chat has read: two rows per chat, changed under the chat''s lock.';
COMMENT ON COLUMN chat_members.chat_id IS 'Which chat.';
COMMENT ON COLUMN chat_members.user_id IS 'Whose row it is: the chat''s client or its provider.';
COMMENT ON COLUMN chat_members.activity IS 'From chat_activities, drawn whenever something is said: the place of the chat in the lists of both sides.';
COMMENT ON COLUMN chat_members.read_seq IS 'The watermark: the number of the last message that they have read. Never goes back; 0 before the first.';
COMMENT ON COLUMN chat_members.unread IS 'How many of the other side''s messages come after the watermark. Follows from the marks of messages; written with the watermark and with every message.';

CREATE TABLE messages (
    chat_id       uuid        NOT NULL REFERENCES chats (id),
    seq           bigint      NOT NULL CONSTRAINT messages_seq_counts CHECK (seq >= 1),
    id            uuid        NOT NULL CONSTRAINT messages_id_once UNIQUE,
    sender_id     uuid        NOT NULL,
    from_provider bigint      NOT NULL
                              CONSTRAINT messages_from_provider_range CHECK (from_provider BETWEEN 0 AND seq),
    content       text        NOT NULL
                              CONSTRAINT messages_content_length CHECK (char_length(content) BETWEEN 1 AND 10000),
    sent_at       timestamptz NOT NULL,
    PRIMARY KEY (chat_id, seq)
);

COMMENT ON TABLE messages IS 'What was said in chats. Rows never change.';
COMMENT ON COLUMN messages.chat_id IS 'Where.';
COMMENT ON COLUMN messages.seq IS 'Its number in its chat: 1, 2, 3 … without gaps.';
COMMENT ON COLUMN messages.id IS 'UUID version 7, minted by the program; what the outside knows it by.';
COMMENT ON COLUMN messages.sender_id IS 'Who said it. No foreign key: it is one of the chat''s two, which have one.';
COMMENT ON COLUMN messages.from_provider IS 'How many of the messages up to and with this one are the provider''s: what is unread after it is a difference, and nothing is counted.';
COMMENT ON COLUMN messages.content IS 'What it says.';
COMMENT ON COLUMN messages.sent_at IS 'When; never before an earlier one of the chat.';
