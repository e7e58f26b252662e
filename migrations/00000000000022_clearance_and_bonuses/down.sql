SET LOCAL lock_timeout = '5s';

DROP TABLE bonuses;

DROP INDEX milestones_to_clear;
DROP INDEX milestones_to_remind_of;
DROP INDEX milestones_to_release;

ALTER TABLE milestones DROP CONSTRAINT milestones_cleared_after_rest;
ALTER TABLE milestones DROP CONSTRAINT milestones_only_released_money_rests;
ALTER TABLE milestones DROP CONSTRAINT milestones_reminded_before_release;
ALTER TABLE milestones DROP COLUMN cleared_at;
ALTER TABLE milestones DROP COLUMN clears_at;
ALTER TABLE milestones DROP COLUMN remind_at;
