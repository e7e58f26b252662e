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
ALTER TABLE user_figures
    DROP COLUMN orders_cancelled,
    DROP COLUMN orders_posted,
    RESET (fillfactor);
