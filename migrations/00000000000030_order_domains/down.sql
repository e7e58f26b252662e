SET LOCAL lock_timeout = '5s';

ALTER TABLE orders
    ALTER COLUMN state TYPE text,
    ALTER COLUMN currency TYPE text,
    ALTER COLUMN budget_minor TYPE bigint,
    ALTER COLUMN accepted_minor TYPE bigint,
    ALTER COLUMN bids_count TYPE bigint,
    ALTER COLUMN version TYPE bigint,
    ALTER COLUMN revision TYPE bigint,
    ALTER COLUMN progress TYPE smallint,
    ALTER COLUMN pages TYPE integer,
    ALTER COLUMN title TYPE text,
    ALTER COLUMN subject TYPE text,
    ALTER COLUMN order_type TYPE text,
    ALTER COLUMN subject_key TYPE text,
    ADD CONSTRAINT orders_state_word
        CHECK (state IN ('open', 'pending', 'active', 'completed', 'cancelled')),
    ADD CONSTRAINT orders_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    ADD CONSTRAINT orders_budget_range CHECK (budget_minor BETWEEN 1 AND 9999999999),
    ADD CONSTRAINT orders_accepted_range CHECK (accepted_minor BETWEEN 1 AND 9999999999),
    ADD CONSTRAINT orders_bids_count_counts CHECK (bids_count >= 0),
    ADD CONSTRAINT orders_version_counts CHECK (version >= 0),
    ADD CONSTRAINT orders_revision_counts CHECK (revision >= 1),
    ADD CONSTRAINT orders_progress_range CHECK (progress BETWEEN 0 AND 100),
    ADD CONSTRAINT orders_pages_range CHECK (pages BETWEEN 1 AND 10000),
    ADD CONSTRAINT orders_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
    ADD CONSTRAINT orders_subject_length CHECK (char_length(subject) BETWEEN 1 AND 200),
    ADD CONSTRAINT orders_order_type_length CHECK (char_length(order_type) BETWEEN 1 AND 200),
    ADD CONSTRAINT orders_subject_key_length CHECK (char_length(subject_key) BETWEEN 1 AND 600);

DROP DOMAIN order_state;
DROP DOMAIN currency_code;
DROP DOMAIN minor_units;
DROP DOMAIN tally;
DROP DOMAIN ordinal;
DROP DOMAIN percentage;
DROP DOMAIN page_count;
DROP DOMAIN short_line;
DROP DOMAIN subject_key;

ANALYZE orders;
