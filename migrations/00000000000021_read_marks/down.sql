SET LOCAL lock_timeout = '5s';

-- What was read all at once is marked one by one again.
UPDATE notifications SET is_read = true, read_at = counts.read_up_to_at
FROM notification_counts AS counts
WHERE counts.user_id = notifications.user_id AND counts.kind = notifications.kind
  AND NOT notifications.is_read AND notifications.position <= counts.read_up_to;

DROP INDEX notification_counts_marked;
ALTER TABLE notification_counts DROP CONSTRAINT notification_counts_read_up_to_when;
ALTER TABLE notification_counts DROP COLUMN read_up_to_at;
ALTER TABLE notification_counts DROP COLUMN read_up_to;

COMMENT ON TABLE notification_counts IS 'How many notifications somebody has, kept in the transactions that add, mark and remove them: nobody ever counts. Locked before the notifications of the same person are marked.';
COMMENT ON COLUMN notifications.is_read IS 'Whether its owner has marked it as read.';
