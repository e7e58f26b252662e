SET LOCAL lock_timeout = '5s';

-- Each of these fails where somebody has used what it takes away: then there is no way back.
ALTER TABLE wallet_totals
    DROP CONSTRAINT wallet_totals_never_below_zero,
    ADD CONSTRAINT wallet_totals_never_below_zero CHECK (earned_minor >= 0 AND withdrawn_minor >= 0);

COMMENT ON COLUMN wallet_totals.earned_minor IS 'Everything ever earned, net of fees, counted when it became available; minor units.';

ALTER TABLE postings
    DROP CONSTRAINT postings_purpose_word,
    ADD CONSTRAINT postings_purpose_word
        CHECK (purpose IN ('deposit', 'escrow', 'service_fee', 'payment', 'platform_fee', 'refund',
            'service_fee_refund', 'dispute', 'bonus', 'withdrawal_to_bank', 'withdrawal_to_paypal',
            'withdrawal_to_mobile_money', 'withdrawal_returned', 'chargeback'));

ALTER TABLE ledger_transactions
    DROP CONSTRAINT ledger_transactions_kind_word,
    ADD CONSTRAINT ledger_transactions_kind_word
        CHECK (kind IN ('deposit', 'funding', 'release', 'clearance', 'refund', 'dispute_opened',
            'dispute_decided', 'withdrawal_requested', 'withdrawal_paid', 'withdrawal_returned', 'bonus',
            'chargeback'));

ALTER TABLE contracts
    DROP CONSTRAINT contracts_funded_by_state,
    ADD CONSTRAINT contracts_funded_by_state CHECK (
        CASE state
            WHEN 'pending_funding' THEN NOT is_funded
            WHEN 'cancelled' THEN released_minor = 0
            ELSE is_funded
        END
    );

COMMENT ON COLUMN contracts.released_minor IS 'Gross sum of all releases, in minor units.';
COMMENT ON COLUMN contracts.refunded_minor IS 'Sum of all refunds without the client''s fee, in minor units.';

ALTER TABLE milestones
    DROP COLUMN returned_client_fee_minor,
    DROP COLUMN returned_provider_fee_minor,
    DROP COLUMN returned_minor,
    DROP COLUMN returned_times;

DROP TABLE proposals;
