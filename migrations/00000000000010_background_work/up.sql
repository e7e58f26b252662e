-- What background work needs beside the queue itself, which has a schema of its own.
SET LOCAL lock_timeout = '5s';

-- A fact that a reader refuses is kept back, so that it holds up nobody else.
ALTER TABLE outbox ADD COLUMN refusals   smallint NOT NULL DEFAULT 0
                                         CONSTRAINT outbox_refusals_count CHECK (refusals >= 0);
ALTER TABLE outbox ADD COLUMN retry_at   timestamptz;
ALTER TABLE outbox ADD COLUMN last_error text;

COMMENT ON COLUMN outbox.refusals IS 'How often a reader has refused the fact.';
COMMENT ON COLUMN outbox.retry_at IS 'Not to be dispatched before; absent unless a reader refused it.';
COMMENT ON COLUMN outbox.last_error IS 'Why a reader refused it the last time.';

-- For forgetting them after their time.
CREATE INDEX outbox_dispatched ON outbox (dispatched_at) WHERE dispatched_at IS NOT NULL;
CREATE INDEX sessions_by_rotation ON sessions (rotated_at);
CREATE INDEX refresh_tokens_by_time ON refresh_tokens (issued_at);

-- For ending the orders that nobody pays for.
CREATE INDEX orders_pending_by_award ON orders (awarded_at) WHERE state = 'pending';

CREATE TABLE schedules (
    name       text        PRIMARY KEY
                           CONSTRAINT schedules_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    claimed_at timestamptz NOT NULL
);

COMMENT ON TABLE schedules IS 'Work that comes round again and again: how far each schedule has come. Which schedules there are is in the program.';
COMMENT ON COLUMN schedules.name IS 'Stable name of the schedule.';
COMMENT ON COLUMN schedules.claimed_at IS 'The latest tick that somebody has claimed. It only goes forward, so that each tick is claimed once, and a late server claims no tick that is over.';
