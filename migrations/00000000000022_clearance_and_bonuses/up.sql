-- What moves a milestone's money by itself: reminders before it is released, and rest before it may be used;
-- and what clients give beyond the price.
SET LOCAL lock_timeout = '5s';

ALTER TABLE milestones ADD COLUMN remind_at  timestamptz;
ALTER TABLE milestones ADD COLUMN clears_at  timestamptz;
ALTER TABLE milestones ADD COLUMN cleared_at timestamptz;
ALTER TABLE milestones
    ADD CONSTRAINT milestones_reminded_before_release CHECK (remind_at < auto_release_at);
ALTER TABLE milestones
    ADD CONSTRAINT milestones_only_released_money_rests
        CHECK (clears_at IS NULL OR (released_minor IS NOT NULL AND clears_at >= completed_at));
ALTER TABLE milestones
    ADD CONSTRAINT milestones_cleared_after_rest
        CHECK (cleared_at IS NULL OR (clears_at IS NOT NULL AND cleared_at >= clears_at));

-- Those who are to answer already are reminded as well.
UPDATE milestones SET remind_at = auto_release_at - interval '3 days'
WHERE state = 'submitted' AND auto_release_at - interval '3 days' > greatest(submitted_at, now());
UPDATE milestones SET remind_at = auto_release_at - interval '1 day'
WHERE state = 'submitted' AND remind_at IS NULL
  AND auto_release_at - interval '1 day' > greatest(submitted_at, now());

CREATE INDEX milestones_to_release ON milestones (auto_release_at) WHERE auto_release_at IS NOT NULL;
CREATE INDEX milestones_to_remind_of ON milestones (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX milestones_to_clear ON milestones (clears_at) WHERE clears_at IS NOT NULL AND cleared_at IS NULL;

COMMENT ON COLUMN milestones.remind_at IS 'When the client is next reminded that its money is released by itself; counts only while submitted.';
COMMENT ON COLUMN milestones.clears_at IS 'Until when what was released rests on the provider''s clearing account; absent when it was theirs at once.';
COMMENT ON COLUMN milestones.cleared_at IS 'When it had rested long enough and became theirs to use.';

CREATE TABLE bonuses (
    id                 uuid        PRIMARY KEY,
    contract_id        uuid        NOT NULL CONSTRAINT bonuses_contract_id_fkey REFERENCES contracts (id),
    amount_minor       bigint      NOT NULL
                                   CONSTRAINT bonuses_amount_range CHECK (amount_minor BETWEEN 1 AND 9999999999),
    provider_fee_minor bigint      NOT NULL
                                   CONSTRAINT bonuses_fee_range CHECK (provider_fee_minor BETWEEN 0 AND amount_minor),
    message            text        CONSTRAINT bonuses_message_length CHECK (char_length(message) BETWEEN 1 AND 1000),
    given_at           timestamptz NOT NULL
);

CREATE INDEX bonuses_contract_id ON bonuses (contract_id);

COMMENT ON TABLE bonuses IS 'What clients gave beyond the price, from wallet to wallet. Rows never change.';
COMMENT ON COLUMN bonuses.id IS 'Identifier; the ledger''s source is bonus:{id}.';
COMMENT ON COLUMN bonuses.contract_id IS 'Under which contract; its currency is that of the amounts.';
COMMENT ON COLUMN bonuses.amount_minor IS 'What left the client''s wallet, in minor units.';
COMMENT ON COLUMN bonuses.provider_fee_minor IS 'What the provider paid of it, in minor units.';
COMMENT ON COLUMN bonuses.message IS 'What the client says with it.';
COMMENT ON COLUMN bonuses.given_at IS 'When.';
