SET LOCAL lock_timeout = '5s';

DROP TABLE reviews;
DROP TABLE submissions;
DROP TABLE milestones;
DROP TABLE contracts;
DROP TABLE offers;
DROP TABLE bids;
DROP TABLE invitations;
DROP TABLE order_texts;
DROP TABLE orders;
-- Those who migrated before domains were thought of have none.
DROP DOMAIN IF EXISTS order_state, currency_code, minor_units, tally, ordinal, percentage, page_count, short_line,
    subject_key;
ALTER TABLE user_figures
    DROP COLUMN orders_cancelled,
    DROP COLUMN orders_posted,
    RESET (fillfactor);
