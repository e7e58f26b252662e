-- PostgreSQL reads every CHECK of a table anew, from its stored text, for each statement that writes to it, even if
-- the statement changes nothing that the CHECK speaks of. An order has one more bid again and again, and to be told so
-- it read twenty rules, in a tenth of the time that a bid takes. What a domain says is kept by each connection, and
-- looked at for the columns that are written. So what concerns one column alone is said by its type.
SET LOCAL lock_timeout = '5s';

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

ALTER TABLE orders
    DROP CONSTRAINT orders_state_word,
    DROP CONSTRAINT orders_currency_word,
    DROP CONSTRAINT orders_budget_range,
    DROP CONSTRAINT orders_accepted_range,
    DROP CONSTRAINT orders_bids_count_counts,
    DROP CONSTRAINT orders_version_counts,
    DROP CONSTRAINT orders_revision_counts,
    DROP CONSTRAINT orders_progress_range,
    DROP CONSTRAINT orders_pages_range,
    DROP CONSTRAINT orders_title_length,
    DROP CONSTRAINT orders_subject_length,
    DROP CONSTRAINT orders_order_type_length,
    DROP CONSTRAINT orders_subject_key_length,
    ALTER COLUMN state TYPE order_state,
    ALTER COLUMN currency TYPE currency_code,
    ALTER COLUMN budget_minor TYPE minor_units,
    ALTER COLUMN accepted_minor TYPE minor_units,
    ALTER COLUMN bids_count TYPE tally,
    ALTER COLUMN version TYPE tally,
    ALTER COLUMN revision TYPE ordinal,
    ALTER COLUMN progress TYPE percentage,
    ALTER COLUMN pages TYPE page_count,
    ALTER COLUMN title TYPE short_line,
    ALTER COLUMN subject TYPE short_line,
    ALTER COLUMN order_type TYPE short_line,
    ALTER COLUMN subject_key TYPE subject_key;

-- What was known of columns whose type changes is gone.
ANALYZE orders;
