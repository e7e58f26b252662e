-- Facts, written in the transaction that made them true.
SET LOCAL lock_timeout = '5s';

CREATE TABLE outbox (
    position      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            uuid        NOT NULL CONSTRAINT outbox_id_once UNIQUE,
    name          text        NOT NULL CONSTRAINT outbox_name_form CHECK (name ~ '^[a-z_]{1,50}\.[a-z_]{1,50}$'),
    user_id       uuid,
    payload       jsonb       NOT NULL CONSTRAINT outbox_payload_is_object CHECK (jsonb_typeof(payload) = 'object'),
    occurred_at   timestamptz NOT NULL,
    xact_id       bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    dispatched_at timestamptz
);

-- What the dispatcher asks for, over and over; stays small whatever the table's size.
CREATE INDEX outbox_undispatched ON outbox (position) WHERE dispatched_at IS NULL;

COMMENT ON TABLE outbox IS 'Facts to be told to the outside world. The dispatcher marks each row in the transaction that acts on it, so that none is ever missed, from the first row on; whatever it starts is keyed by id.';
COMMENT ON COLUMN outbox.position IS 'Order of writing. Has gaps, and a lower one may become visible later: not a watermark.';
COMMENT ON COLUMN outbox.id IS 'UUID version 7 of the fact, minted by the program; key of everything that follows from it.';
COMMENT ON COLUMN outbox.name IS 'Stable name, noun.participle.';
COMMENT ON COLUMN outbox.user_id IS 'The account that the fact is about. No foreign key: writing a fact locks nobody''s row.';
COMMENT ON COLUMN outbox.payload IS 'Particulars of the fact; keys are stable, ids are strings; no secrets.';
COMMENT ON COLUMN outbox.occurred_at IS 'The time of the command that caused it.';
COMMENT ON COLUMN outbox.xact_id IS 'The transaction that wrote it: all rows below pg_snapshot_xmin(pg_current_snapshot()) are visible. Means something only in the cluster that wrote it, so it may never be the only mark of progress.';
COMMENT ON COLUMN outbox.dispatched_at IS 'When the dispatcher acted on it; absent until then.';
