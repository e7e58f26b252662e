-- Orders, invitations, bids, contracts with their milestones, and reviews.
-- Expand only; waits for locks are short, so that a migration never queues up all traffic behind it.
SET LOCAL lock_timeout = '5s';

ALTER TABLE user_figures
    ADD COLUMN orders_posted integer NOT NULL DEFAULT 0
        CONSTRAINT user_figures_orders_posted CHECK (orders_posted >= 0),
    ADD COLUMN orders_cancelled integer NOT NULL DEFAULT 0
        CONSTRAINT user_figures_orders_cancelled CHECK (orders_cancelled >= 0),
    -- Room on each page for the next version of a row: figures change with every order.
    SET (fillfactor = 80);

COMMENT ON COLUMN user_figures.orders_posted IS 'Orders that they posted, as a client.';
COMMENT ON COLUMN user_figures.orders_cancelled IS 'Orders of theirs, as a client, that were called off after the award.';

CREATE SEQUENCE order_numbers AS bigint;

COMMENT ON SEQUENCE order_numbers IS 'Numbers of orders; gaps are no harm.';

-- PostgreSQL reads every CHECK of a table anew, from its stored text, for each statement that writes to it, even if
-- the statement changes nothing that the CHECK speaks of. What a domain says is kept by each connection, and looked at
-- for the columns that are written. An order has one more bid again and again, and would have its twenty rules read for
-- that each time, for a tenth of what the bid takes; so what concerns one column of it alone is said by its type.
CREATE DOMAIN order_state AS text
    CONSTRAINT order_state_word CHECK (VALUE IN ('open', 'pending', 'active', 'completed', 'cancelled'));
CREATE DOMAIN currency_code AS text CONSTRAINT currency_code_word CHECK (VALUE IN ('USD', 'EUR', 'GBP'));
CREATE DOMAIN minor_units AS bigint CONSTRAINT minor_units_range CHECK (VALUE BETWEEN 1 AND 9999999999);
CREATE DOMAIN tally AS bigint CONSTRAINT tally_counts CHECK (VALUE >= 0);
CREATE DOMAIN ordinal AS bigint CONSTRAINT ordinal_counts CHECK (VALUE >= 1);
CREATE DOMAIN percentage AS smallint CONSTRAINT percentage_range CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN page_count AS integer CONSTRAINT page_count_range CHECK (VALUE BETWEEN 1 AND 10000);
CREATE DOMAIN short_line AS text CONSTRAINT short_line_length CHECK (char_length(VALUE) BETWEEN 1 AND 200);
CREATE DOMAIN subject_key AS text CONSTRAINT subject_key_length CHECK (char_length(VALUE) BETWEEN 1 AND 600);

COMMENT ON DOMAIN order_state IS 'How far an order has come.';
COMMENT ON DOMAIN currency_code IS 'ISO 4217.';
COMMENT ON DOMAIN minor_units IS 'An amount of money that somebody owes or offers, in minor units.';
COMMENT ON DOMAIN tally IS 'How many there are.';
COMMENT ON DOMAIN ordinal IS 'Which one, from one on.';
COMMENT ON DOMAIN percentage IS 'How much of the whole, in per cent.';
COMMENT ON DOMAIN page_count IS 'How many pages are wanted.';
COMMENT ON DOMAIN short_line IS 'What somebody wrote in one line.';
COMMENT ON DOMAIN subject_key IS 'A field in small letters, which some locales make longer.';

CREATE TABLE orders (
    id              bigint      PRIMARY KEY CONSTRAINT orders_id_counts CHECK (id >= 1),
    client_id       uuid        NOT NULL REFERENCES users (id),
    deadline        timestamptz NOT NULL,
    budget_minor    minor_units NOT NULL,
    bids_count      tally       NOT NULL DEFAULT 0,
    revision        ordinal     NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    version         tally       NOT NULL,
    progress        percentage  NOT NULL,
    currency        currency_code NOT NULL,
    state           order_state NOT NULL,
    title           short_line  NOT NULL,
    subject         short_line  NOT NULL,
    subject_key     subject_key NOT NULL,
    order_type      short_line  NOT NULL,
    pages           page_count,
    provider_id     uuid        REFERENCES users (id),
    accepted_bid_id bigint,
    contract_id     uuid,
    accepted_minor  minor_units,
    awarded_at      timestamptz,
    posted_deadline timestamptz,
    started_at      timestamptz,
    completed_at    timestamptz,
    cancelled_at    timestamptz,
    CONSTRAINT orders_award_all_or_none CHECK (
        num_nonnulls(provider_id, accepted_bid_id, contract_id, accepted_minor, awarded_at, posted_deadline)
        IN (0, 6)
    ),
    CONSTRAINT orders_awarded_by_state CHECK (
        CASE state
            WHEN 'open' THEN provider_id IS NULL
            WHEN 'cancelled' THEN true
            ELSE provider_id IS NOT NULL
        END
    ),
    CONSTRAINT orders_started_by_state CHECK (
        CASE state
            WHEN 'open' THEN started_at IS NULL
            WHEN 'pending' THEN started_at IS NULL
            WHEN 'cancelled' THEN started_at IS NULL OR provider_id IS NOT NULL
            ELSE started_at IS NOT NULL
        END
    ),
    CONSTRAINT orders_completed_at_a_time CHECK ((state = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT orders_cancelled_at_a_time CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT orders_completed_in_full CHECK (state <> 'completed' OR progress = 100),
    CONSTRAINT orders_not_ones_own CHECK (provider_id <> client_id)
) WITH (fillfactor = 80);

ALTER SEQUENCE order_numbers OWNED BY orders.id;

-- Lists are read state by state, newest first, and counted, without touching the table. What changes
-- often (bids_count, progress, updated_at, version) is in no index: such an update touches none.
CREATE INDEX orders_of_client ON orders (client_id, state, id DESC);
CREATE INDEX orders_of_provider ON orders (provider_id, state, id DESC);
CREATE INDEX orders_by_state ON orders (state, id DESC);
-- For what providers may bid on: they stay small, however many orders have come to their end.
CREATE INDEX orders_open_by_deadline ON orders (deadline) WHERE state = 'open';
CREATE INDEX orders_open_by_subject ON orders (subject_key, deadline) WHERE state = 'open';

COMMENT ON TABLE orders IS 'Work that clients want done. Rows are short, because the means over all open orders are taken of them; long texts are in order_texts. Rows are never deleted: books and contracts refer to them.';
COMMENT ON COLUMN orders.id IS 'Number from order_numbers; shown as ORD-001.';
COMMENT ON COLUMN orders.client_id IS 'Who posted it.';
COMMENT ON COLUMN orders.deadline IS 'By when; since the award that of the accepted bid, if it has one.';
COMMENT ON COLUMN orders.budget_minor IS 'For about how much, in minor units; a bid may be above it.';
COMMENT ON COLUMN orders.bids_count IS 'How many bids on it are live, kept in the transactions that change them.';
COMMENT ON COLUMN orders.revision IS 'Raised by each material change; bids hold for one revision.';
COMMENT ON COLUMN orders.created_at IS 'When it was posted.';
COMMENT ON COLUMN orders.updated_at IS 'Last change by a command on the order; bids do not change it.';
COMMENT ON COLUMN orders.version IS 'Counts the saves; a save with a stale one is refused.';
COMMENT ON COLUMN orders.progress IS 'How far the work is, in per cent, by the provider''s word.';
COMMENT ON COLUMN orders.currency IS 'ISO 4217; of all amounts of the order.';
COMMENT ON COLUMN orders.state IS 'How far it has come.';
COMMENT ON COLUMN orders.title IS 'What it is called.';
COMMENT ON COLUMN orders.subject IS 'Its field.';
COMMENT ON COLUMN orders.subject_key IS 'The field in small letters, written by the program, so that no locale of a database decides what is the same.';
COMMENT ON COLUMN orders.order_type IS 'Its kind.';
COMMENT ON COLUMN orders.pages IS 'How many pages are wanted.';
COMMENT ON COLUMN orders.provider_id IS 'Who does it, since the award; gone again if they leave.';
COMMENT ON COLUMN orders.accepted_bid_id IS 'Their bid. No foreign key: bids refer to their order.';
COMMENT ON COLUMN orders.contract_id IS 'The agreement about it. No foreign key: contracts refer to their order and are written after it.';
COMMENT ON COLUMN orders.accepted_minor IS 'The price, in minor units.';
COMMENT ON COLUMN orders.awarded_at IS 'When it was awarded.';
COMMENT ON COLUMN orders.posted_deadline IS 'The deadline before the award; it comes back if the provider leaves.';
COMMENT ON COLUMN orders.started_at IS 'When it was paid for.';
COMMENT ON COLUMN orders.completed_at IS 'When its last milestone was settled; present exactly when completed.';
COMMENT ON COLUMN orders.cancelled_at IS 'When it was called off; present exactly when cancelled.';

CREATE TABLE order_texts (
    order_id              bigint   PRIMARY KEY REFERENCES orders (id),
    is_open               boolean  NOT NULL,
    description           text     NOT NULL
                                   CONSTRAINT order_texts_description_length
                                   CHECK (char_length(description) BETWEEN 1 AND 20000),
    requirements_text     text     CONSTRAINT order_texts_requirements_text_length
                                   CHECK (char_length(requirements_text) BETWEEN 1 AND 20000),
    detailed_requirements text[]   NOT NULL
                                   CONSTRAINT order_texts_detailed_requirements_are_few
                                   CHECK (cardinality(detailed_requirements) <= 1000
                                          AND array_position(detailed_requirements, NULL) IS NULL),
    specifications        jsonb    CONSTRAINT order_texts_specifications_is_object
                                   CHECK (jsonb_typeof(specifications) = 'object'),
    milestone_plan        jsonb    NOT NULL
                                   CONSTRAINT order_texts_milestone_plan_is_short_array
                                   CHECK (CASE jsonb_typeof(milestone_plan)
                                              WHEN 'array' THEN jsonb_array_length(milestone_plan) <= 50
                                              ELSE false
                                          END),
    search_words          tsvector NOT NULL
);

-- Two, because what providers seek among the open orders must not pass through all that have ever
-- been; a row changes only when its texts do, and when the order is awarded, called off or open again.
CREATE INDEX order_texts_open_by_words ON order_texts USING gin (search_words) WHERE is_open;
CREATE INDEX order_texts_by_words ON order_texts USING gin (search_words);

COMMENT ON TABLE order_texts IS 'The long parts of orders: one row per order, made with it, changed under the lock of its order.';
COMMENT ON COLUMN order_texts.order_id IS 'The order.';
COMMENT ON COLUMN order_texts.is_open IS 'Whether the order''s state is open, written with the state; for order_texts_open_by_words.';
COMMENT ON COLUMN order_texts.description IS 'What is to be done.';
COMMENT ON COLUMN order_texts.requirements_text IS 'What is expected, in one text.';
COMMENT ON COLUMN order_texts.detailed_requirements IS 'What is expected, as a list, in the order given.';
COMMENT ON COLUMN order_texts.specifications IS 'In which form: format, citation_style, language, additional_notes, as far as given.';
COMMENT ON COLUMN order_texts.milestone_plan IS 'The steps as posted: an array of {title, due_date, amount_minor}, the last one null where no step has an amount.';
COMMENT ON COLUMN order_texts.search_words IS 'The words of title, subject, description and number, cut by the program, so that no parser or locale of a database decides.';

CREATE TABLE invitations (
    order_id    bigint      NOT NULL REFERENCES orders (id),
    provider_id uuid        NOT NULL REFERENCES users (id),
    created_at  timestamptz NOT NULL,
    declined_at timestamptz,
    PRIMARY KEY (order_id, provider_id)
);

-- For the foreign key, and for the orders to which a provider was invited.
CREATE INDEX invitations_of_provider ON invitations (provider_id, order_id);

COMMENT ON TABLE invitations IS 'Requests of clients that certain providers bid.';
COMMENT ON COLUMN invitations.order_id IS 'To which order.';
COMMENT ON COLUMN invitations.provider_id IS 'Who is invited.';
COMMENT ON COLUMN invitations.created_at IS 'When.';
COMMENT ON COLUMN invitations.declined_at IS 'When they said no; the order is not available to them any more.';

CREATE SEQUENCE bid_numbers AS bigint;

COMMENT ON SEQUENCE bid_numbers IS 'Numbers of bids; gaps are no harm.';

CREATE TABLE bids (
    id                bigint      PRIMARY KEY CONSTRAINT bids_id_counts CHECK (id >= 1),
    order_id          bigint      NOT NULL REFERENCES orders (id),
    provider_id       uuid        NOT NULL REFERENCES users (id),
    amount_minor      bigint      NOT NULL
                                  CONSTRAINT bids_amount_range CHECK (amount_minor BETWEEN 1 AND 9999999999),
    currency          text        NOT NULL
                                  CONSTRAINT bids_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    proposed_deadline timestamptz,
    message           text        NOT NULL
                                  CONSTRAINT bids_message_length CHECK (char_length(message) BETWEEN 1 AND 10000),
    state             text        NOT NULL
                                  CONSTRAINT bids_state_word
                                  CHECK (state IN ('open', 'changed', 'countered', 'accepted', 'declined',
                                                   'withdrawn')),
    revision          bigint      NOT NULL CONSTRAINT bids_revision_counts CHECK (revision >= 1),
    counter_minor     bigint      CONSTRAINT bids_counter_range CHECK (counter_minor BETWEEN 1 AND 9999999999),
    counter_deadline  timestamptz,
    counter_message   text        CONSTRAINT bids_counter_message_length
                                  CHECK (char_length(counter_message) BETWEEN 1 AND 10000),
    counter_at        timestamptz,
    submitted_at      timestamptz NOT NULL,
    asked_at          timestamptz NOT NULL,
    answered_at       timestamptz,
    updated_at        timestamptz NOT NULL,
    version           bigint      NOT NULL CONSTRAINT bids_version_counts CHECK (version >= 0),
    CONSTRAINT bids_countered_by_terms CHECK (
        CASE state
            WHEN 'countered' THEN counter_minor IS NOT NULL AND counter_at IS NOT NULL
            ELSE num_nonnulls(counter_minor, counter_deadline, counter_message, counter_at) = 0
        END
    ),
    CONSTRAINT bids_answered_by_state CHECK (
        CASE state
            WHEN 'open' THEN answered_at IS NULL
            WHEN 'changed' THEN answered_at IS NULL
            WHEN 'withdrawn' THEN true
            ELSE answered_at IS NOT NULL
        END
    )
);

ALTER SEQUENCE bid_numbers OWNED BY bids.id;

-- The second line behind two rules: one live bid of a provider on an order, one accepted bid of an order.
CREATE UNIQUE INDEX bids_one_live ON bids (order_id, provider_id) WHERE state IN ('open', 'changed', 'countered');
CREATE UNIQUE INDEX bids_one_accepted ON bids (order_id) WHERE state = 'accepted';
-- For the foreign keys, and for lists, which are read state by state, newest first, and counted.
CREATE INDEX bids_of_order ON bids (order_id, state, id DESC);
CREATE INDEX bids_of_provider ON bids (provider_id, state, id DESC) INCLUDE (order_id);
CREATE INDEX bids_by_state ON bids (state, id DESC);

COMMENT ON TABLE bids IS 'Offers of providers to do an order.';
COMMENT ON COLUMN bids.id IS 'Number from bid_numbers; shown as BID-001.';
COMMENT ON COLUMN bids.order_id IS 'The order that it is on.';
COMMENT ON COLUMN bids.provider_id IS 'Whose it is.';
COMMENT ON COLUMN bids.amount_minor IS 'The price, in minor units.';
COMMENT ON COLUMN bids.currency IS 'ISO 4217; that of the order.';
COMMENT ON COLUMN bids.proposed_deadline IS 'By when the bidder would deliver; absent where the order''s deadline holds.';
COMMENT ON COLUMN bids.message IS 'What the bidder says.';
COMMENT ON COLUMN bids.state IS 'What it is waiting for.';
COMMENT ON COLUMN bids.revision IS 'The revision of the order that it holds for.';
COMMENT ON COLUMN bids.counter_minor IS 'The price that the client named, in minor units; present exactly while countered.';
COMMENT ON COLUMN bids.counter_deadline IS 'The deadline that the client named, if any.';
COMMENT ON COLUMN bids.counter_message IS 'What the client said with it, if anything.';
COMMENT ON COLUMN bids.counter_at IS 'When the client named other terms; present exactly while countered.';
COMMENT ON COLUMN bids.submitted_at IS 'When it was placed.';
COMMENT ON COLUMN bids.asked_at IS 'When the bidder last spoke.';
COMMENT ON COLUMN bids.answered_at IS 'When the client answered, or it lost by itself.';
COMMENT ON COLUMN bids.updated_at IS 'Last change of any other column.';
COMMENT ON COLUMN bids.version IS 'Counts the saves; a save with a stale one is refused.';

CREATE TABLE offers (
    position          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bid_id            bigint      NOT NULL REFERENCES bids (id),
    author            text        NOT NULL
                                  CONSTRAINT offers_author_word CHECK (author IN ('client', 'provider')),
    author_id         uuid        NOT NULL,
    amount_minor      bigint      NOT NULL
                                  CONSTRAINT offers_amount_range CHECK (amount_minor BETWEEN 1 AND 9999999999),
    currency          text        NOT NULL
                                  CONSTRAINT offers_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    proposed_deadline timestamptz,
    message           text        CONSTRAINT offers_message_length CHECK (char_length(message) BETWEEN 1 AND 10000),
    made_at           timestamptz NOT NULL
);

-- For the foreign key, and for a bid's history.
CREATE INDEX offers_of_bid ON offers (bid_id, position);

COMMENT ON TABLE offers IS 'Histories of bids: terms that were named, by whom and when. Rows never change.';
COMMENT ON COLUMN offers.position IS 'Order of writing.';
COMMENT ON COLUMN offers.bid_id IS 'The bid.';
COMMENT ON COLUMN offers.author IS 'Which side named the terms.';
COMMENT ON COLUMN offers.author_id IS 'Who. No foreign key: it is the bidder or the order''s client, whose rows have one.';
COMMENT ON COLUMN offers.amount_minor IS 'The price, in minor units.';
COMMENT ON COLUMN offers.currency IS 'ISO 4217.';
COMMENT ON COLUMN offers.proposed_deadline IS 'The deadline, if one was named.';
COMMENT ON COLUMN offers.message IS 'What went with it.';
COMMENT ON COLUMN offers.made_at IS 'When.';

CREATE TABLE contracts (
    id                         uuid        PRIMARY KEY,
    order_id                   bigint      NOT NULL REFERENCES orders (id),
    bid_id                     bigint      NOT NULL REFERENCES bids (id)
                                           CONSTRAINT contracts_bid_once UNIQUE,
    client_id                  uuid        NOT NULL REFERENCES users (id),
    provider_id                uuid        NOT NULL REFERENCES users (id),
    price_minor                bigint      NOT NULL
                                           CONSTRAINT contracts_price_range
                                           CHECK (price_minor BETWEEN 1 AND 9999999999),
    currency                   text        NOT NULL
                                           CONSTRAINT contracts_currency_word
                                           CHECK (currency IN ('USD', 'EUR', 'GBP')),
    provider_fee_bps           smallint    NOT NULL
                                           CONSTRAINT contracts_provider_fee_range
                                           CHECK (provider_fee_bps BETWEEN 0 AND 10000),
    client_fee_bps             smallint    NOT NULL
                                           CONSTRAINT contracts_client_fee_range
                                           CHECK (client_fee_bps BETWEEN 0 AND 10000),
    is_funded                  boolean     NOT NULL,
    released_minor             bigint      NOT NULL,
    refunded_minor             bigint      NOT NULL,
    disputed_minor             bigint      NOT NULL,
    provider_outstanding_minor bigint      NOT NULL,
    held_minor                 bigint      NOT NULL,
    provider_net_minor         bigint      NOT NULL,
    state                      text        NOT NULL
                                           CONSTRAINT contracts_state_word
                                           CHECK (state IN ('pending_funding', 'active', 'disputed',
                                                            'completed', 'cancelled')),
    created_at                 timestamptz NOT NULL,
    funded_at                  timestamptz,
    ended_at                   timestamptz,
    updated_at                 timestamptz NOT NULL,
    version                    bigint      NOT NULL CONSTRAINT contracts_version_counts CHECK (version >= 0),
    CONSTRAINT contracts_two_sides CHECK (client_id <> provider_id),
    CONSTRAINT contracts_give_out_no_more_than_taken_in CHECK (
        least(released_minor, refunded_minor, disputed_minor) >= 0
        AND released_minor + refunded_minor + disputed_minor
            <= CASE WHEN is_funded THEN price_minor ELSE 0 END
    ),
    CONSTRAINT contracts_derived_range CHECK (
        provider_net_minor BETWEEN 0 AND released_minor
        AND provider_outstanding_minor BETWEEN 0 AND CASE WHEN is_funded THEN price_minor ELSE 0 END
        AND held_minor BETWEEN disputed_minor AND CASE WHEN is_funded THEN 2 * price_minor ELSE 0 END
    ),
    CONSTRAINT contracts_funded_at_a_time CHECK (is_funded = (funded_at IS NOT NULL)),
    CONSTRAINT contracts_funded_by_state CHECK (
        CASE state
            WHEN 'pending_funding' THEN NOT is_funded
            WHEN 'cancelled' THEN released_minor = 0
            ELSE is_funded
        END
    ),
    CONSTRAINT contracts_disputed_by_state CHECK ((state = 'disputed') = (disputed_minor > 0)),
    CONSTRAINT contracts_ended_at_a_time
        CHECK ((state IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)),
    CONSTRAINT contracts_ended_hold_nothing
        CHECK (ended_at IS NULL OR (provider_outstanding_minor = 0 AND held_minor = 0))
) WITH (fillfactor = 80);

-- The second line behind a rule: an order is under one contract at a time.
CREATE UNIQUE INDEX contracts_one_of_order ON contracts (order_id) WHERE state <> 'cancelled';
-- For the foreign keys; those of people also for what runs, what waits for them and what they have earned.
CREATE INDEX contracts_of_order ON contracts (order_id);
CREATE INDEX contracts_of_client ON contracts (client_id, state);
CREATE INDEX contracts_of_provider ON contracts (provider_id, state);

COMMENT ON TABLE contracts IS 'Agreements about orders, with what has become of their money. Rows are never deleted.';
COMMENT ON COLUMN contracts.id IS 'UUID version 7, minted by the program; in the keys of the ledger''s accounts.';
COMMENT ON COLUMN contracts.order_id IS 'What it is about.';
COMMENT ON COLUMN contracts.bid_id IS 'The accepted bid; it is accepted once.';
COMMENT ON COLUMN contracts.client_id IS 'Who pays.';
COMMENT ON COLUMN contracts.provider_id IS 'Who is paid.';
COMMENT ON COLUMN contracts.price_minor IS 'The accepted bid''s amount, in minor units; never changes.';
COMMENT ON COLUMN contracts.currency IS 'ISO 4217; of all amounts of the contract and its milestones.';
COMMENT ON COLUMN contracts.provider_fee_bps IS 'What the provider pays of each release, in hundredths of a per cent; never changes.';
COMMENT ON COLUMN contracts.client_fee_bps IS 'What the client pays on top of the price, in hundredths of a per cent; never changes.';
COMMENT ON COLUMN contracts.is_funded IS 'Whether the client has paid.';
COMMENT ON COLUMN contracts.released_minor IS 'Gross sum of all releases, in minor units.';
COMMENT ON COLUMN contracts.refunded_minor IS 'Sum of all refunds without the client''s fee, in minor units.';
COMMENT ON COLUMN contracts.disputed_minor IS 'Frozen now, in minor units.';
COMMENT ON COLUMN contracts.provider_outstanding_minor IS 'What the provider may still be given, net of fees, in minor units. Follows from the columns above; written with them.';
COMMENT ON COLUMN contracts.held_minor IS 'What escrow holds, frozen money and the client''s fee included, in minor units. Follows from the columns above; written with them.';
COMMENT ON COLUMN contracts.provider_net_minor IS 'What the provider has been given, net of fees, in minor units. Follows from the columns above; written with them.';
COMMENT ON COLUMN contracts.state IS 'How far it has come.';
COMMENT ON COLUMN contracts.created_at IS 'When the order was awarded.';
COMMENT ON COLUMN contracts.funded_at IS 'When it was paid for; present exactly when funded.';
COMMENT ON COLUMN contracts.ended_at IS 'When it came to its end; present exactly when completed or cancelled.';
COMMENT ON COLUMN contracts.updated_at IS 'Last change of it or of one of its milestones.';
COMMENT ON COLUMN contracts.version IS 'Counts the saves; a save with a stale one is refused.';

CREATE TABLE milestones (
    contract_id                 uuid        NOT NULL REFERENCES contracts (id),
    number                      integer     NOT NULL
                                            CONSTRAINT milestones_number_range CHECK (number BETWEEN 1 AND 50),
    title                       text        NOT NULL
                                            CONSTRAINT milestones_title_length
                                            CHECK (char_length(title) BETWEEN 1 AND 200),
    due_date                    timestamptz NOT NULL,
    amount_minor                bigint      NOT NULL
                                            CONSTRAINT milestones_amount_range
                                            CHECK (amount_minor BETWEEN 1 AND 9999999999),
    state                       text        NOT NULL
                                            CONSTRAINT milestones_state_word
                                            CHECK (state IN ('unfunded', 'funded', 'in_progress', 'submitted',
                                                             'changes_requested', 'disputed', 'completed',
                                                             'refunded')),
    submissions                 integer     NOT NULL
                                            CONSTRAINT milestones_submissions_count CHECK (submissions >= 0),
    submitted_at                timestamptz,
    changes_message             text        CONSTRAINT milestones_changes_message_length
                                            CHECK (char_length(changes_message) BETWEEN 1 AND 10000),
    auto_release_at             timestamptz,
    completed_at                timestamptz,
    released_minor              bigint,
    released_provider_fee_minor bigint,
    released_client_fee_minor   bigint,
    refunded_minor              bigint,
    refunded_client_fee_minor   bigint,
    dispute_opened_by           text        CONSTRAINT milestones_dispute_opened_by_word
                                            CHECK (dispute_opened_by IN ('client', 'provider')),
    dispute_reason              text        CONSTRAINT milestones_dispute_reason_length
                                            CHECK (char_length(dispute_reason) BETWEEN 1 AND 10000),
    dispute_opened_at           timestamptz,
    dispute_decided_at          timestamptz,
    PRIMARY KEY (contract_id, number),
    CONSTRAINT milestones_submitted_at_a_time CHECK ((submissions > 0) = (submitted_at IS NOT NULL)),
    CONSTRAINT milestones_clock_by_state CHECK ((state = 'submitted') = (auto_release_at IS NOT NULL)),
    CONSTRAINT milestones_changes_by_state CHECK (state <> 'changes_requested' OR changes_message IS NOT NULL),
    CONSTRAINT milestones_completed_at_a_time
        CHECK ((state IN ('completed', 'refunded')) = (completed_at IS NOT NULL)),
    CONSTRAINT milestones_released_in_parts CHECK (
        num_nonnulls(released_minor, released_provider_fee_minor, released_client_fee_minor) IN (0, 3)
        AND released_minor BETWEEN 1 AND amount_minor
        AND released_provider_fee_minor BETWEEN 0 AND released_minor
        AND released_client_fee_minor BETWEEN 0 AND released_minor
    ),
    CONSTRAINT milestones_refunded_in_parts CHECK (
        num_nonnulls(refunded_minor, refunded_client_fee_minor) IN (0, 2)
        AND refunded_minor BETWEEN 1 AND amount_minor
        AND refunded_client_fee_minor BETWEEN 0 AND refunded_minor
    ),
    CONSTRAINT milestones_settled_by_state CHECK (
        CASE state
            WHEN 'completed' THEN released_minor IS NOT NULL
                                  AND released_minor + coalesce(refunded_minor, 0) = amount_minor
            WHEN 'refunded' THEN released_minor IS NULL AND refunded_minor IS NOT DISTINCT FROM amount_minor
            ELSE released_minor IS NULL AND refunded_minor IS NULL
        END
    ),
    CONSTRAINT milestones_dispute_all_or_none CHECK (
        num_nonnulls(dispute_opened_by, dispute_reason, dispute_opened_at) IN (0, 3)
        AND (dispute_decided_at IS NULL OR dispute_opened_at IS NOT NULL)
    ),
    CONSTRAINT milestones_disputed_by_state CHECK (
        (state = 'disputed') = (dispute_opened_at IS NOT NULL AND dispute_decided_at IS NULL)
    )
) WITH (fillfactor = 80);

COMMENT ON TABLE milestones IS 'The steps of contracts. Whoever changes one holds the lock on its contract.';
COMMENT ON COLUMN milestones.contract_id IS 'Of which contract.';
COMMENT ON COLUMN milestones.number IS 'Its place: 1, 2, 3 …';
COMMENT ON COLUMN milestones.title IS 'What it is called.';
COMMENT ON COLUMN milestones.due_date IS 'By when.';
COMMENT ON COLUMN milestones.amount_minor IS 'Its share of the price, in minor units; they add up to it.';
COMMENT ON COLUMN milestones.state IS 'How far it has come.';
COMMENT ON COLUMN milestones.submissions IS 'How often it was handed in.';
COMMENT ON COLUMN milestones.submitted_at IS 'When it was last handed in.';
COMMENT ON COLUMN milestones.changes_message IS 'What the client wants done again, until it is handed in anew.';
COMMENT ON COLUMN milestones.auto_release_at IS 'When its money is released by itself; present exactly while submitted.';
COMMENT ON COLUMN milestones.completed_at IS 'When it was settled; present exactly when completed or refunded.';
COMMENT ON COLUMN milestones.released_minor IS 'What left escrow for the provider, before their fee, in minor units.';
COMMENT ON COLUMN milestones.released_provider_fee_minor IS 'What the provider paid of it, in minor units.';
COMMENT ON COLUMN milestones.released_client_fee_minor IS 'What the client had paid on top of it, in minor units.';
COMMENT ON COLUMN milestones.refunded_minor IS 'What came back to the client of the amount, in minor units.';
COMMENT ON COLUMN milestones.refunded_client_fee_minor IS 'What came back of the client''s fee, in minor units.';
COMMENT ON COLUMN milestones.dispute_opened_by IS 'Which side asked for a decision.';
COMMENT ON COLUMN milestones.dispute_reason IS 'Why.';
COMMENT ON COLUMN milestones.dispute_opened_at IS 'When.';
COMMENT ON COLUMN milestones.dispute_decided_at IS 'When it was decided; absent exactly while disputed.';

CREATE TABLE submissions (
    contract_id  uuid        NOT NULL,
    milestone    integer     NOT NULL,
    number       integer     NOT NULL CONSTRAINT submissions_number_counts CHECK (number >= 1),
    message      text        CONSTRAINT submissions_message_length CHECK (char_length(message) BETWEEN 1 AND 10000),
    submitted_at timestamptz NOT NULL,
    PRIMARY KEY (contract_id, milestone, number),
    CONSTRAINT submissions_milestone_fkey FOREIGN KEY (contract_id, milestone)
        REFERENCES milestones (contract_id, number)
);

COMMENT ON TABLE submissions IS 'What was handed in, time after time. Rows never change.';
COMMENT ON COLUMN submissions.contract_id IS 'Of which contract.';
COMMENT ON COLUMN submissions.milestone IS 'Which of its milestones.';
COMMENT ON COLUMN submissions.number IS '1 for the first of this milestone, 2 for the next.';
COMMENT ON COLUMN submissions.message IS 'What the provider says about it.';
COMMENT ON COLUMN submissions.submitted_at IS 'When.';

CREATE TABLE reviews (
    order_id   bigint      NOT NULL REFERENCES orders (id),
    author_id  uuid        NOT NULL REFERENCES users (id),
    subject_id uuid        NOT NULL REFERENCES users (id),
    rating     smallint    NOT NULL CONSTRAINT reviews_rating_range CHECK (rating BETWEEN 1 AND 5),
    comment    text        CONSTRAINT reviews_comment_length CHECK (char_length(comment) BETWEEN 1 AND 10000),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, author_id),
    CONSTRAINT reviews_of_somebody_else CHECK (subject_id <> author_id)
);

CREATE INDEX reviews_by_author ON reviews (author_id);
CREATE INDEX reviews_of_subject ON reviews (subject_id, created_at DESC);

COMMENT ON TABLE reviews IS 'What the sides of completed orders say about each other. Rows never change.';
COMMENT ON COLUMN reviews.order_id IS 'The order that was completed.';
COMMENT ON COLUMN reviews.author_id IS 'Who says it; each side once.';
COMMENT ON COLUMN reviews.subject_id IS 'About whom.';
COMMENT ON COLUMN reviews.rating IS 'How good it was: 1 to 5.';
COMMENT ON COLUMN reviews.comment IS 'In words, if any.';
COMMENT ON COLUMN reviews.created_at IS 'When.';
