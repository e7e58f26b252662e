-- The chats stay: they are like all others, and people may have written in them.
SET LOCAL lock_timeout = '5s';

DROP INDEX orders_to_expire;

ALTER TABLE orders DROP COLUMN expired_deadline;
