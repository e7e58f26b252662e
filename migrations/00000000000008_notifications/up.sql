-- What people are told.
SET LOCAL lock_timeout = '5s';

CREATE TABLE notifications (
    position   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         uuid        NOT NULL CONSTRAINT notifications_id_once UNIQUE,
    event_id   uuid        NOT NULL,
    user_id    uuid        NOT NULL REFERENCES users (id),
    kind       text        NOT NULL
                           CONSTRAINT notifications_kind_word
                           CHECK (kind IN ('order', 'bid', 'payment', 'review', 'system')),
    event      text        NOT NULL
                           CONSTRAINT notifications_event_form CHECK (event ~ '^[a-z_]{1,50}\.[a-z_]{1,50}$'),
    title      text        NOT NULL,
    message    text        NOT NULL,
    details    jsonb       NOT NULL
                           CONSTRAINT notifications_details_are_object CHECK (jsonb_typeof(details) = 'object'),
    is_read    boolean     NOT NULL DEFAULT false,
    read_at    timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT notifications_once UNIQUE (event_id, user_id),
    CONSTRAINT notifications_read_when_read CHECK (is_read = (read_at IS NOT NULL))
);

-- Every list is some ranges of this one, newest first, whatever it is narrowed down to.
CREATE INDEX notifications_of_user ON notifications (user_id, kind, is_read, position DESC);
-- For forgetting them after their time.
CREATE INDEX notifications_read ON notifications (read_at) WHERE is_read;

COMMENT ON TABLE notifications IS 'What people are told of facts: once each. Written by the dispatcher of facts; only the mark of having read one changes.';
COMMENT ON COLUMN notifications.position IS 'Order of writing, which is that of the facts. Lists are sorted by it.';
COMMENT ON COLUMN notifications.id IS 'UUID version 7, minted by the program; what people see.';
COMMENT ON COLUMN notifications.event_id IS 'The fact that it tells of, as in outbox.id. No foreign key: facts are forgotten sooner.';
COMMENT ON COLUMN notifications.user_id IS 'Who is told.';
COMMENT ON COLUMN notifications.kind IS 'What kind of thing it is about.';
COMMENT ON COLUMN notifications.event IS 'Stable word for what happened, noun.participle.';
COMMENT ON COLUMN notifications.title IS 'In a few words, as it was worded at the time.';
COMMENT ON COLUMN notifications.message IS 'In a sentence, as it was worded at the time.';
COMMENT ON COLUMN notifications.details IS 'Which order, bid, amount and so on it is about; keys are stable, ids are strings.';
COMMENT ON COLUMN notifications.is_read IS 'Whether its owner has marked it as read.';
COMMENT ON COLUMN notifications.read_at IS 'When that was.';
COMMENT ON COLUMN notifications.created_at IS 'When the fact happened.';

CREATE TABLE notification_counts (
    user_id uuid   NOT NULL REFERENCES users (id),
    kind    text   NOT NULL
                   CONSTRAINT notification_counts_kind_word
                   CHECK (kind IN ('order', 'bid', 'payment', 'review', 'system')),
    total   bigint NOT NULL,
    unread  bigint NOT NULL,
    CONSTRAINT notification_counts_pkey PRIMARY KEY (user_id, kind),
    CONSTRAINT notification_counts_range CHECK (unread BETWEEN 0 AND total)
) WITH (fillfactor = 80);

COMMENT ON TABLE notification_counts IS 'How many notifications somebody has, kept in the transactions that add, mark and remove them: nobody ever counts. Locked before the notifications of the same person are marked.';
COMMENT ON COLUMN notification_counts.user_id IS 'Whose they are.';
COMMENT ON COLUMN notification_counts.kind IS 'Of which kind.';
COMMENT ON COLUMN notification_counts.total IS 'How many there are.';
COMMENT ON COLUMN notification_counts.unread IS 'How many of them are unread.';
