-- Reading all notifications at once, however many they are.
SET LOCAL lock_timeout = '5s';

ALTER TABLE notification_counts ADD COLUMN read_up_to    bigint NOT NULL DEFAULT 0;
ALTER TABLE notification_counts ADD COLUMN read_up_to_at timestamptz;
ALTER TABLE notification_counts
    ADD CONSTRAINT notification_counts_read_up_to_when
        CHECK (read_up_to >= 0 AND (read_up_to = 0) = (read_up_to_at IS NULL));

-- For carrying them over to the notifications.
CREATE INDEX notification_counts_marked ON notification_counts (user_id, kind) WHERE read_up_to_at IS NOT NULL;

COMMENT ON COLUMN notification_counts.read_up_to IS 'Notifications up to this position have been read, whatever their own mark says: so reading all at once costs the same however many there are. 0 when every one has its own mark.';
COMMENT ON COLUMN notification_counts.read_up_to_at IS 'When they were read all at once; absent when read_up_to is 0.';
COMMENT ON TABLE notification_counts IS 'How many notifications somebody has, and how far they have read all of them, kept in the transactions that add, mark and remove them: nobody ever counts. Locked before notifications of the same person and kind are added or marked.';
COMMENT ON COLUMN notifications.is_read IS 'Whether its owner has marked it as read by itself. It is read as well when it is not above notification_counts.read_up_to.';
