-- What the two sides of a contract propose to each other, and money that comes back after its release.
SET LOCAL lock_timeout = '5s';

CREATE TABLE proposals (
    id             uuid        PRIMARY KEY,
    position       bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT proposals_position_once UNIQUE,
    contract_id    uuid        NOT NULL REFERENCES contracts (id),
    order_id       bigint      NOT NULL REFERENCES orders (id),
    client_id      uuid        NOT NULL,
    provider_id    uuid        NOT NULL,
    kind           text        NOT NULL
                               CONSTRAINT proposals_kind_word
                               CHECK (kind IN ('partial_release', 'refund', 'return', 'cancellation')),
    milestone      integer,
    amount_minor   bigint      CONSTRAINT proposals_amount_range CHECK (amount_minor BETWEEN 0 AND 9999999999),
    at_stake_minor bigint      NOT NULL
                               CONSTRAINT proposals_at_stake_range
                               CHECK (at_stake_minor BETWEEN 0 AND 9999999999),
    currency       text        NOT NULL
                               CONSTRAINT proposals_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    message        text        CONSTRAINT proposals_message_length
                               CHECK (char_length(message) BETWEEN 1 AND 10000),
    proposed_by    text        NOT NULL
                               CONSTRAINT proposals_proposed_by_word CHECK (proposed_by IN ('client', 'provider')),
    state          text        NOT NULL
                               CONSTRAINT proposals_state_word
                               CHECK (state IN ('open', 'accepted', 'rejected', 'withdrawn', 'lapsed',
                                                'superseded')),
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    version        bigint      NOT NULL CONSTRAINT proposals_version_counts CHECK (version >= 0),
    CONSTRAINT proposals_milestone_fkey FOREIGN KEY (contract_id, milestone)
        REFERENCES milestones (contract_id, number),
    CONSTRAINT proposals_milestone_by_kind CHECK ((kind = 'cancellation') = (milestone IS NULL)),
    CONSTRAINT proposals_amount_by_kind CHECK ((kind = 'refund') = (amount_minor IS NULL)),
    CONSTRAINT proposals_amount_is_there CHECK (amount_minor <= at_stake_minor),
    CONSTRAINT proposals_something_moves CHECK (kind = 'cancellation' OR amount_minor IS NULL OR amount_minor > 0),
    CONSTRAINT proposals_by_the_client CHECK (kind = 'cancellation' OR proposed_by = 'client'),
    CONSTRAINT proposals_ended_at_a_time CHECK ((state = 'open') = (ended_at IS NULL))
);

-- The second line behind a rule: one open proposal of a kind about a thing. It also finds the open ones of a contract.
CREATE UNIQUE INDEX proposals_one_open ON proposals (contract_id, kind, coalesce(milestone, 0)) WHERE state = 'open';
-- For the foreign keys.
CREATE INDEX proposals_of_milestone ON proposals (contract_id, milestone);
-- For the list of an order, newest first, and its foreign key.
CREATE INDEX proposals_of_order ON proposals (order_id, position DESC);
-- For those whose time is over.
CREATE INDEX proposals_expiring ON proposals (expires_at, id) WHERE state = 'open';

COMMENT ON TABLE proposals IS 'What one side of a contract wants done with its money, for the other side to answer. Whoever changes one holds the lock on its contract.';
COMMENT ON COLUMN proposals.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN proposals.position IS 'Order of writing; place in the lists.';
COMMENT ON COLUMN proposals.contract_id IS 'About which contract.';
COMMENT ON COLUMN proposals.order_id IS 'The order of the contract.';
COMMENT ON COLUMN proposals.client_id IS 'The contract''s client. No foreign key: the contract has one.';
COMMENT ON COLUMN proposals.provider_id IS 'The contract''s provider. No foreign key: the contract has one.';
COMMENT ON COLUMN proposals.kind IS 'What is to be done.';
COMMENT ON COLUMN proposals.milestone IS 'Of which milestone; absent where it is about all of them.';
COMMENT ON COLUMN proposals.amount_minor IS 'For the provider, or of a return for the client, in minor units; absent where it is all there is.';
COMMENT ON COLUMN proposals.at_stake_minor IS 'How much there was to agree about when it was made, in minor units. Once it is another amount the proposal is superseded.';
COMMENT ON COLUMN proposals.currency IS 'ISO 4217; that of the contract.';
COMMENT ON COLUMN proposals.message IS 'What goes with it, if anything.';
COMMENT ON COLUMN proposals.proposed_by IS 'Which side made it; the other one is to answer.';
COMMENT ON COLUMN proposals.state IS 'How it stands.';
COMMENT ON COLUMN proposals.created_at IS 'When it was made.';
COMMENT ON COLUMN proposals.expires_at IS 'Until when it may be answered.';
COMMENT ON COLUMN proposals.ended_at IS 'When it came to its end; absent exactly while open.';
COMMENT ON COLUMN proposals.version IS 'Counts the saves; a save with a stale one is refused.';

-- What of a milestone's release went back afterwards. There is none yet, so that the rules hold for what is there.
ALTER TABLE milestones
    ADD COLUMN returned_times integer,
    ADD COLUMN returned_minor bigint,
    ADD COLUMN returned_provider_fee_minor bigint,
    ADD COLUMN returned_client_fee_minor bigint,
    ADD CONSTRAINT milestones_returned_in_parts CHECK (
        num_nonnulls(returned_times, returned_minor, returned_provider_fee_minor, returned_client_fee_minor)
            IN (0, 4)
        AND returned_times >= 1
        AND returned_minor BETWEEN returned_times AND released_minor
        AND returned_provider_fee_minor BETWEEN 0 AND returned_minor
        AND returned_client_fee_minor BETWEEN 0 AND returned_minor
    ) NOT VALID,
    ADD CONSTRAINT milestones_returned_by_state CHECK (returned_times IS NULL OR state = 'completed') NOT VALID;

COMMENT ON COLUMN milestones.returned_times IS 'How often something of the release went back to the client; absent where nothing did.';
COMMENT ON COLUMN milestones.returned_minor IS 'What went back of the release, in minor units.';
COMMENT ON COLUMN milestones.returned_provider_fee_minor IS 'What the platform gave back of the provider''s fee with it, in minor units.';
COMMENT ON COLUMN milestones.returned_client_fee_minor IS 'What the platform gave back of the client''s fee with it, in minor units.';

-- A contract that both sides ended may have paid something out. Wider than before, so that nothing needs to be read.
ALTER TABLE contracts
    DROP CONSTRAINT contracts_funded_by_state,
    ADD CONSTRAINT contracts_funded_by_state CHECK (
        CASE state
            WHEN 'pending_funding' THEN NOT is_funded
            WHEN 'cancelled' THEN true
            ELSE is_funded
        END
    ) NOT VALID;

COMMENT ON COLUMN contracts.released_minor IS 'Gross sum of all releases, less what came back of them, in minor units.';
COMMENT ON COLUMN contracts.refunded_minor IS 'Sum of all refunds, and of what came back of releases, without the client''s fee, in minor units.';

ALTER TABLE ledger_transactions
    DROP CONSTRAINT ledger_transactions_kind_word,
    ADD CONSTRAINT ledger_transactions_kind_word
        CHECK (kind IN ('deposit', 'funding', 'release', 'clearance', 'refund', 'dispute_opened', 'dispute_decided',
                        'division', 'return', 'withdrawal_requested', 'withdrawal_paid', 'withdrawal_returned',
                        'bonus', 'chargeback')) NOT VALID;

ALTER TABLE postings
    DROP CONSTRAINT postings_purpose_word,
    ADD CONSTRAINT postings_purpose_word
        CHECK (purpose IN ('deposit', 'escrow', 'service_fee', 'payment', 'platform_fee', 'refund',
                           'service_fee_refund', 'payment_returned', 'platform_fee_refund', 'dispute', 'bonus',
                           'withdrawal_to_bank', 'withdrawal_to_paypal', 'withdrawal_to_mobile_money',
                           'withdrawal_returned', 'chargeback')) NOT VALID;

-- Fees are rounded over a whole contract: of money that comes back it may be a cent more than was earned.
ALTER TABLE wallet_totals
    DROP CONSTRAINT wallet_totals_never_below_zero,
    ADD CONSTRAINT wallet_totals_never_below_zero CHECK (withdrawn_minor >= 0) NOT VALID;

COMMENT ON COLUMN wallet_totals.earned_minor IS 'Everything ever earned, net of fees and of what went back, counted when it became available, in minor units; shown as nothing below zero.';
