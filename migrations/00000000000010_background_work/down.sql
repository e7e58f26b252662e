SET LOCAL lock_timeout = '5s';

DROP TABLE schedules;

DROP INDEX orders_pending_by_award;
DROP INDEX refresh_tokens_by_time;
DROP INDEX sessions_by_rotation;
DROP INDEX outbox_dispatched;

ALTER TABLE outbox DROP COLUMN last_error;
ALTER TABLE outbox DROP COLUMN retry_at;
ALTER TABLE outbox DROP COLUMN refusals;
