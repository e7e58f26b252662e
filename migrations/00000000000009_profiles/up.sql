-- Profiles that their owners change, and rankings of providers.
SET LOCAL lock_timeout = '5s';

ALTER TABLE profiles ADD COLUMN version bigint NOT NULL DEFAULT 0
                                CONSTRAINT profiles_version_counts CHECK (version >= 0);

COMMENT ON COLUMN profiles.version IS 'Counts the saves; a save with a stale one is refused.';

-- For what was completed in the present month or week.
CREATE INDEX orders_completed_by_time ON orders (completed_at) WHERE state = 'completed';

CREATE TABLE leaderboards (
    period   text        PRIMARY KEY
                         CONSTRAINT leaderboards_period_word CHECK (period IN ('all-time', 'monthly', 'weekly')),
    currency text        NOT NULL
                         CONSTRAINT leaderboards_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    as_of    timestamptz NOT NULL
);

COMMENT ON TABLE leaderboards IS 'The rankings of providers, one for each period, as they were made last. Reckoned anew every half minute; nothing is lost with them.';
COMMENT ON COLUMN leaderboards.period IS 'Which completed orders count.';
COMMENT ON COLUMN leaderboards.currency IS 'Of all amounts of the ranking.';
COMMENT ON COLUMN leaderboards.as_of IS 'As of when the ranking is.';

CREATE TABLE leaderboard_places (
    period           text    NOT NULL
                             CONSTRAINT leaderboard_places_period_word
                             CHECK (period IN ('all-time', 'monthly', 'weekly')),
    user_id          uuid    NOT NULL REFERENCES users (id),
    rank             integer NOT NULL CONSTRAINT leaderboard_places_rank_counts CHECK (rank >= 1),
    orders_completed integer NOT NULL CONSTRAINT leaderboard_places_have_completed CHECK (orders_completed >= 1),
    earned_minor     bigint  NOT NULL CONSTRAINT leaderboard_places_earned CHECK (earned_minor >= 0),
    orders_ever      integer NOT NULL,
    completed_ever   integer NOT NULL,
    rating_sum       integer NOT NULL,
    rating_count     integer NOT NULL,
    PRIMARY KEY (user_id, period)
);

-- Nobody asks for more than the first hundred; all others are found by their id.
CREATE INDEX leaderboard_places_first ON leaderboard_places (period, rank) WHERE rank <= 100;

COMMENT ON TABLE leaderboard_places IS 'Who is where in a ranking. A new ranking writes the rows that are different, in one transaction.';
COMMENT ON COLUMN leaderboard_places.period IS 'The ranking.';
COMMENT ON COLUMN leaderboard_places.user_id IS 'The provider.';
COMMENT ON COLUMN leaderboard_places.rank IS 'Counted from 1; each once, but within a transaction.';
COMMENT ON COLUMN leaderboard_places.orders_completed IS 'Orders of theirs that were completed in the period.';
COMMENT ON COLUMN leaderboard_places.earned_minor IS 'What these have brought, net of fees; for all time what the wallet has ever earned.';
COMMENT ON COLUMN leaderboard_places.orders_ever IS 'Orders ever active, when the ranking was made.';
COMMENT ON COLUMN leaderboard_places.completed_ever IS 'Those of them that were completed.';
COMMENT ON COLUMN leaderboard_places.rating_sum IS 'Sum of all ratings received, when the ranking was made.';
COMMENT ON COLUMN leaderboard_places.rating_count IS 'How many ratings that was.';
