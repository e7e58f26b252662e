-- Payments that their payers' banks took back, and what is owed after them.
SET LOCAL lock_timeout = '5s';

-- What is there has passed narrower lists: nothing need be looked at again.
ALTER TABLE ledger_transactions
    DROP CONSTRAINT ledger_transactions_kind_word,
    ADD CONSTRAINT ledger_transactions_kind_word
        CHECK (kind IN ('deposit', 'funding', 'release', 'clearance', 'refund', 'dispute_opened',
                        'dispute_decided', 'division', 'return', 'withdrawal_requested', 'withdrawal_paid',
                        'withdrawal_returned', 'bonus', 'chargeback', 'chargeback_won', 'debt_settled')) NOT VALID;

ALTER TABLE postings
    DROP CONSTRAINT postings_purpose_word,
    ADD CONSTRAINT postings_purpose_word
        CHECK (purpose IN ('deposit', 'escrow', 'service_fee', 'payment', 'platform_fee', 'refund',
                           'service_fee_refund', 'payment_returned', 'platform_fee_refund', 'dispute', 'bonus',
                           'withdrawal_to_bank', 'withdrawal_to_paypal', 'withdrawal_to_mobile_money',
                           'withdrawal_returned', 'chargeback', 'chargeback_won', 'debt_settlement')) NOT VALID;

-- Few people owe anything.
CREATE INDEX ledger_accounts_of_debtors ON ledger_accounts (user_id)
    WHERE kind = 'user_debt' AND balance_minor < 0;

CREATE TABLE chargebacks (
    id              uuid        PRIMARY KEY,
    position        bigint      GENERATED ALWAYS AS IDENTITY
                                CONSTRAINT chargebacks_position_once UNIQUE,
    deposit_id      uuid        NOT NULL REFERENCES deposits (id)
                                CONSTRAINT chargebacks_once_of_deposit UNIQUE,
    user_id         uuid        NOT NULL REFERENCES users (id),
    outside         text        NOT NULL
                                CONSTRAINT chargebacks_outside_word
                                CHECK (outside IN ('sandbox', 'stripe', 'bank_transfer', 'paypal', 'mobile_money')),
    amount_minor    bigint      NOT NULL
                                CONSTRAINT chargebacks_amount_range CHECK (amount_minor BETWEEN 1 AND 9999999999),
    currency        text        NOT NULL
                                CONSTRAINT chargebacks_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    reason          text        NOT NULL
                                CONSTRAINT chargebacks_reason_length CHECK (char_length(reason) BETWEEN 1 AND 2000),
    state           text        NOT NULL
                                CONSTRAINT chargebacks_state_word CHECK (state IN ('received', 'won', 'lost')),
    refunded_minor  bigint      NOT NULL CONSTRAINT chargebacks_refunded_range CHECK (refunded_minor >= 0),
    available_minor bigint      NOT NULL,
    debt_minor      bigint      NOT NULL,
    losses_minor    bigint      NOT NULL,
    received_at     timestamptz NOT NULL,
    decided_at      timestamptz,
    version         bigint      NOT NULL CONSTRAINT chargebacks_version_counts CHECK (version >= 0),
    CONSTRAINT chargebacks_taken_as_a_whole CHECK (
        available_minor >= 0 AND debt_minor >= 0 AND losses_minor >= 0
        AND available_minor + debt_minor + losses_minor = amount_minor
    ),
    CONSTRAINT chargebacks_decided_at_a_time CHECK ((state = 'received') = (decided_at IS NULL))
);

-- For the foreign key.
CREATE INDEX chargebacks_of_user ON chargebacks (user_id);
-- Lists are read state by state, newest first, and counted, without touching the table.
CREATE INDEX chargebacks_by_state ON chargebacks (state, position DESC);

COMMENT ON TABLE chargebacks IS 'Payments that their payers'' banks took back, as administrators say; one of each deposit at most.';
COMMENT ON COLUMN chargebacks.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN chargebacks.position IS 'Order of writing, for lists.';
COMMENT ON COLUMN chargebacks.deposit_id IS 'The payment.';
COMMENT ON COLUMN chargebacks.user_id IS 'Who had paid; that of the deposit.';
COMMENT ON COLUMN chargebacks.outside IS 'Through whom; that of the deposit.';
COMMENT ON COLUMN chargebacks.amount_minor IS 'How much, in minor units: the whole payment.';
COMMENT ON COLUMN chargebacks.currency IS 'ISO 4217.';
COMMENT ON COLUMN chargebacks.reason IS 'Why, as far as the bank said.';
COMMENT ON COLUMN chargebacks.state IS 'How it stands.';
COMMENT ON COLUMN chargebacks.refunded_minor IS 'What came back of the payer''s milestones for it, fees included, through their wallet; minor units.';
COMMENT ON COLUMN chargebacks.available_minor IS 'What was taken from the payer''s wallet; minor units.';
COMMENT ON COLUMN chargebacks.debt_minor IS 'What the payer came to owe; minor units.';
COMMENT ON COLUMN chargebacks.losses_minor IS 'What the platform lost; minor units.';
COMMENT ON COLUMN chargebacks.received_at IS 'When it was noted.';
COMMENT ON COLUMN chargebacks.decided_at IS 'When it was noted how it came out; absent until then.';
COMMENT ON COLUMN chargebacks.version IS 'Counts the saves; a save with a stale one is refused.';
