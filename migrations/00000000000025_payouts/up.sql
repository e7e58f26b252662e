-- Withdrawals that two administrators agree to, and that a payment provider pays.
SET LOCAL lock_timeout = '5s';

ALTER TABLE withdrawals
    ADD COLUMN first_approved_by uuid,
    ADD COLUMN approved_by       uuid,
    ADD COLUMN failure_reason    text CONSTRAINT withdrawals_failure_reason_length
                                      CHECK (char_length(failure_reason) BETWEEN 1 AND 2000),
    ADD COLUMN sent_at           timestamptz;

ALTER TABLE withdrawals
    DROP CONSTRAINT withdrawals_state_word,
    ADD CONSTRAINT withdrawals_state_word
        CHECK (state IN ('pending', 'countersign', 'approved', 'sent', 'needs_review', 'paid', 'rejected',
                         'cancelled', 'failed')),
    -- The second line behind the rule: one person never signs twice.
    ADD CONSTRAINT withdrawals_four_eyes CHECK (first_approved_by <> approved_by),
    -- Who approved the oldest ones was not written down.
    ADD CONSTRAINT withdrawals_approved_by_whom CHECK (
        CASE state
            WHEN 'pending' THEN first_approved_by IS NULL AND approved_by IS NULL
            WHEN 'countersign' THEN first_approved_by IS NOT NULL AND approved_by IS NULL
            ELSE true
        END
    ),
    ADD CONSTRAINT withdrawals_sent_at_a_time CHECK (
        CASE
            WHEN state IN ('pending', 'countersign', 'approved', 'rejected', 'cancelled') THEN sent_at IS NULL
            WHEN state IN ('sent', 'needs_review') THEN sent_at IS NOT NULL
            ELSE true
        END
    ),
    ADD CONSTRAINT withdrawals_failed_for_a_reason CHECK ((state = 'failed') = (failure_reason IS NOT NULL));

COMMENT ON COLUMN withdrawals.first_approved_by IS 'The administrator who agreed first, where a second one has to; never the same as approved_by. No foreign key, which would want an index that nobody else needs; ledger verify checks it.';
COMMENT ON COLUMN withdrawals.approved_by IS 'The administrator whose agreement let it be paid; absent where that was not written down yet. No foreign key, as for first_approved_by.';
COMMENT ON COLUMN withdrawals.failure_reason IS 'Why it did not arrive; present exactly when failed.';
COMMENT ON COLUMN withdrawals.sent_at IS 'When it was given to a payment provider; absent where an administrator paid it.';
