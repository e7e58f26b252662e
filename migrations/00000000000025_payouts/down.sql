-- What waits for a second administrator waits for an administrator again.
SET LOCAL lock_timeout = '5s';

ALTER TABLE withdrawals
    DROP CONSTRAINT withdrawals_failed_for_a_reason,
    DROP CONSTRAINT withdrawals_sent_at_a_time,
    DROP CONSTRAINT withdrawals_approved_by_whom,
    DROP CONSTRAINT withdrawals_four_eyes,
    DROP CONSTRAINT withdrawals_state_word;

UPDATE withdrawals SET state = 'pending' WHERE state = 'countersign';

ALTER TABLE withdrawals
    ADD CONSTRAINT withdrawals_state_word
        CHECK (state IN ('pending', 'approved', 'sent', 'needs_review', 'paid', 'rejected', 'cancelled', 'failed')),
    DROP COLUMN sent_at,
    DROP COLUMN failure_reason,
    DROP COLUMN approved_by,
    DROP COLUMN first_approved_by;
