-- What is said and offered in disputes about milestones, and how they end.
SET LOCAL lock_timeout = '5s';

CREATE TABLE disputes (
    id           uuid        PRIMARY KEY,
    position     bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT disputes_position_once UNIQUE,
    contract_id  uuid        NOT NULL,
    milestone    integer     NOT NULL,
    order_id     bigint      NOT NULL REFERENCES orders (id),
    client_id    uuid        NOT NULL REFERENCES users (id),
    provider_id  uuid        NOT NULL REFERENCES users (id),
    amount_minor bigint      NOT NULL
                             CONSTRAINT disputes_amount_range CHECK (amount_minor BETWEEN 1 AND 9999999999),
    currency     text        NOT NULL
                             CONSTRAINT disputes_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    opened_by    text        NOT NULL
                             CONSTRAINT disputes_opened_by_word CHECK (opened_by IN ('client', 'provider')),
    reason       text        NOT NULL
                             CONSTRAINT disputes_reason_length CHECK (char_length(reason) BETWEEN 1 AND 10000),
    asked_minor  bigint      NOT NULL
                             CONSTRAINT disputes_asked_range CHECK (asked_minor BETWEEN 0 AND amount_minor),
    state        text        NOT NULL
                             CONSTRAINT disputes_state_word
                             CHECK (state IN ('awaiting_answer', 'negotiating', 'in_review', 'resolved')),
    due_at       timestamptz,
    silence_settles   boolean NOT NULL,
    client_evidence   integer NOT NULL
                              CONSTRAINT disputes_client_evidence_range CHECK (client_evidence BETWEEN 0 AND 50),
    provider_evidence integer NOT NULL
                              CONSTRAINT disputes_provider_evidence_range CHECK (provider_evidence BETWEEN 0 AND 50),
    resolver     text        CONSTRAINT disputes_resolver_word
                             CHECK (resolver IN ('agreement', 'administrator', 'default')),
    given_minor  bigint      CONSTRAINT disputes_given_range CHECK (given_minor BETWEEN 0 AND amount_minor),
    decision     text        CONSTRAINT disputes_decision_length CHECK (char_length(decision) BETWEEN 1 AND 10000),
    decided_by   uuid        REFERENCES users (id),
    resolved_at  timestamptz,
    opened_at    timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    version      bigint      NOT NULL CONSTRAINT disputes_version_counts CHECK (version >= 0),
    -- A milestone is disputed once: resolved it is settled.
    CONSTRAINT disputes_once UNIQUE (contract_id, milestone),
    CONSTRAINT disputes_milestone_fkey FOREIGN KEY (contract_id, milestone)
        REFERENCES milestones (contract_id, number),
    CONSTRAINT disputes_due_until_resolved CHECK ((state = 'resolved') = (due_at IS NULL)),
    CONSTRAINT disputes_resolved_in_full CHECK (
        num_nonnulls(resolver, given_minor, resolved_at) = CASE state WHEN 'resolved' THEN 3 ELSE 0 END
    ),
    CONSTRAINT disputes_decided_for_a_reason CHECK (
        num_nonnulls(decision, decided_by) = CASE WHEN resolver = 'administrator' THEN 2 ELSE 0 END
    )
);

-- For the foreign keys, and for lists, newest first.
CREATE INDEX disputes_of_order ON disputes (order_id);
CREATE INDEX disputes_of_client ON disputes (client_id, position DESC);
CREATE INDEX disputes_of_provider ON disputes (provider_id, position DESC);
CREATE INDEX disputes_decided ON disputes (decided_by);
-- For those whose deadline is over.
CREATE INDEX disputes_due ON disputes (due_at, id) WHERE due_at IS NOT NULL;

COMMENT ON TABLE disputes IS 'Disagreements about milestones'' money, which is frozen meanwhile. Whoever changes one holds the lock on its contract.';
COMMENT ON COLUMN disputes.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN disputes.position IS 'Order of writing; place in the lists.';
COMMENT ON COLUMN disputes.contract_id IS 'Of which contract.';
COMMENT ON COLUMN disputes.milestone IS 'Which of its milestones.';
COMMENT ON COLUMN disputes.order_id IS 'The order of the contract.';
COMMENT ON COLUMN disputes.client_id IS 'The contract''s client.';
COMMENT ON COLUMN disputes.provider_id IS 'The contract''s provider.';
COMMENT ON COLUMN disputes.amount_minor IS 'How much is frozen: the milestone''s amount, in minor units.';
COMMENT ON COLUMN disputes.currency IS 'ISO 4217; that of the contract.';
COMMENT ON COLUMN disputes.opened_by IS 'Which side opened it.';
COMMENT ON COLUMN disputes.reason IS 'Why.';
COMMENT ON COLUMN disputes.asked_minor IS 'What that side wants the provider to have, before their fee, in minor units.';
COMMENT ON COLUMN disputes.state IS 'What it waits for.';
COMMENT ON COLUMN disputes.due_at IS 'Until when; absent exactly when resolved.';
COMMENT ON COLUMN disputes.silence_settles IS 'Whether the silence of the other side settles it as was asked.';
COMMENT ON COLUMN disputes.client_evidence IS 'How many pieces of evidence the client has brought forward.';
COMMENT ON COLUMN disputes.provider_evidence IS 'How many pieces of evidence the provider has brought forward.';
COMMENT ON COLUMN disputes.resolver IS 'Who had the last word; present exactly when resolved.';
COMMENT ON COLUMN disputes.given_minor IS 'What the provider was given, before their fee, in minor units; present exactly when resolved.';
COMMENT ON COLUMN disputes.decision IS 'Why an administrator decided so; present exactly when one did.';
COMMENT ON COLUMN disputes.decided_by IS 'Which administrator; present exactly when one did.';
COMMENT ON COLUMN disputes.resolved_at IS 'When it was resolved; present exactly when resolved.';
COMMENT ON COLUMN disputes.opened_at IS 'When it was opened.';
COMMENT ON COLUMN disputes.updated_at IS 'Last change of any other column, or of an offer.';
COMMENT ON COLUMN disputes.version IS 'Counts the saves; a save with a stale one is refused.';

CREATE TABLE dispute_offers (
    dispute_id        uuid        NOT NULL REFERENCES disputes (id),
    number            integer     NOT NULL CONSTRAINT dispute_offers_number_range CHECK (number BETWEEN 1 AND 100),
    side              text        NOT NULL
                                  CONSTRAINT dispute_offers_side_word CHECK (side IN ('client', 'provider')),
    to_provider_minor bigint      NOT NULL
                                  CONSTRAINT dispute_offers_share_range
                                  CHECK (to_provider_minor BETWEEN 0 AND 9999999999),
    message           text        CONSTRAINT dispute_offers_message_length
                                  CHECK (char_length(message) BETWEEN 1 AND 10000),
    state             text        NOT NULL
                                  CONSTRAINT dispute_offers_state_word
                                  CHECK (state IN ('standing', 'replaced', 'rejected', 'accepted', 'void')),
    made_at           timestamptz NOT NULL,
    ended_at          timestamptz,
    PRIMARY KEY (dispute_id, number),
    CONSTRAINT dispute_offers_ended_at_a_time CHECK ((state = 'standing') = (ended_at IS NULL))
);

-- The second line behind a rule: each side has one offer that stands, and one offer of all is accepted.
CREATE UNIQUE INDEX dispute_offers_one_standing ON dispute_offers (dispute_id, side) WHERE state = 'standing';
CREATE UNIQUE INDEX dispute_offers_one_accepted ON dispute_offers (dispute_id) WHERE state = 'accepted';

COMMENT ON TABLE dispute_offers IS 'Splits that the sides of disputes have offered each other.';
COMMENT ON COLUMN dispute_offers.dispute_id IS 'In which dispute.';
COMMENT ON COLUMN dispute_offers.number IS '1 for the first of the dispute.';
COMMENT ON COLUMN dispute_offers.side IS 'Which side made it.';
COMMENT ON COLUMN dispute_offers.to_provider_minor IS 'What the provider was to have, before their fee, in minor units.';
COMMENT ON COLUMN dispute_offers.message IS 'What went with it, if anything.';
COMMENT ON COLUMN dispute_offers.state IS 'How it stands.';
COMMENT ON COLUMN dispute_offers.made_at IS 'When it was made.';
COMMENT ON COLUMN dispute_offers.ended_at IS 'When it stood no more; absent exactly while it stands.';

CREATE TABLE dispute_evidence (
    dispute_id uuid        NOT NULL REFERENCES disputes (id),
    number     integer     NOT NULL CONSTRAINT dispute_evidence_number_range CHECK (number BETWEEN 1 AND 100),
    side       text        NOT NULL
                           CONSTRAINT dispute_evidence_side_word CHECK (side IN ('client', 'provider')),
    author_id  uuid        NOT NULL,
    text       text        CONSTRAINT dispute_evidence_text_length CHECK (char_length(text) BETWEEN 1 AND 10000),
    added_at   timestamptz NOT NULL,
    PRIMARY KEY (dispute_id, number)
);

COMMENT ON TABLE dispute_evidence IS 'What the sides of disputes have brought forward. Rows never change.';
COMMENT ON COLUMN dispute_evidence.dispute_id IS 'In which dispute.';
COMMENT ON COLUMN dispute_evidence.number IS '1 for the first of the dispute.';
COMMENT ON COLUMN dispute_evidence.side IS 'By which side.';
COMMENT ON COLUMN dispute_evidence.author_id IS 'By whom. No foreign key: it is one of the two people of the dispute, who have one.';
COMMENT ON COLUMN dispute_evidence.text IS 'In words, if any.';
COMMENT ON COLUMN dispute_evidence.added_at IS 'When.';

CREATE TABLE dispute_files (
    file_id    uuid    PRIMARY KEY REFERENCES order_files (file_id),
    dispute_id uuid    NOT NULL,
    evidence   integer NOT NULL,
    place      integer NOT NULL CONSTRAINT dispute_files_place_range CHECK (place BETWEEN 1 AND 20),
    CONSTRAINT dispute_files_place_once UNIQUE (dispute_id, evidence, place),
    CONSTRAINT dispute_files_evidence_fkey FOREIGN KEY (dispute_id, evidence)
        REFERENCES dispute_evidence (dispute_id, number)
);

COMMENT ON TABLE dispute_files IS 'Which files of an order were brought forward in a dispute. Rows never change.';
COMMENT ON COLUMN dispute_files.file_id IS 'Which file; it is attached to the order, whose two sides and administrators may have it.';
COMMENT ON COLUMN dispute_files.dispute_id IS 'In which dispute.';
COMMENT ON COLUMN dispute_files.evidence IS 'With which piece of evidence.';
COMMENT ON COLUMN dispute_files.place IS 'Its place among the files of the piece, from 1.';
