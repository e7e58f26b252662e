-- Accounts, what others see of them, and their logins.
-- Expand only; waits for locks are short, so that a migration never queues up all traffic behind it.
SET LOCAL lock_timeout = '5s';

CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL
                              CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    full_name     text        NOT NULL
                              CONSTRAINT users_full_name_length CHECK (char_length(full_name) BETWEEN 1 AND 200),
    role          text        NOT NULL
                              CONSTRAINT users_role_word
                              CHECK (role IN ('client', 'writer', 'freelancer', 'professional', 'admin')),
    phone         text        CONSTRAINT users_phone_length CHECK (char_length(phone) BETWEEN 5 AND 40),
    password_hash text        NOT NULL
                              CONSTRAINT users_password_hash_length
                              CHECK (char_length(password_hash) BETWEEN 1 AND 500),
    state         text        NOT NULL
                              CONSTRAINT users_state_word CHECK (state IN ('active', 'blocked', 'deactivated')),
    block_reason  text        CONSTRAINT users_block_reason_length
                              CHECK (char_length(block_reason) BETWEEN 1 AND 2000),
    state_since   timestamptz,
    is_verified   boolean     NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    version       bigint      NOT NULL CONSTRAINT users_version_counts CHECK (version >= 0),
    CONSTRAINT users_blocked_for_a_reason CHECK ((state = 'blocked') = (block_reason IS NOT NULL)),
    CONSTRAINT users_not_active_since CHECK ((state = 'active') = (state_since IS NULL))
);

-- The collation makes lower() change A to Z and nothing else, in every locale (tr_TR has an "ı").
CREATE UNIQUE INDEX users_email_key ON users ((lower(email COLLATE "C")));

-- For "is there an administrator?", asked at every start.
CREATE INDEX users_administrators ON users (role) WHERE role = 'admin';

COMMENT ON TABLE users IS 'Accounts. Rows are never deleted: contracts and books refer to them.';
COMMENT ON COLUMN users.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN users.email IS 'Login address as typed; ASCII; unique without regard to case (users_email_key).';
COMMENT ON COLUMN users.full_name IS 'Name shown to others.';
COMMENT ON COLUMN users.role IS 'What the person is in the marketplace; chosen once.';
COMMENT ON COLUMN users.phone IS 'Telephone number as typed.';
COMMENT ON COLUMN users.password_hash IS 'Encoded hash of the password. Never leaves the program.';
COMMENT ON COLUMN users.state IS 'Whether they may come in: active, blocked by an administrator, deactivated by the owner.';
COMMENT ON COLUMN users.block_reason IS 'As the administrator gave it; present exactly while blocked.';
COMMENT ON COLUMN users.state_since IS 'Since when blocked or deactivated; absent while active.';
COMMENT ON COLUMN users.is_verified IS 'Whether an administrator has checked who they are.';
COMMENT ON COLUMN users.created_at IS 'Registration.';
COMMENT ON COLUMN users.updated_at IS 'Last change of any other column.';
COMMENT ON COLUMN users.version IS 'Counts the saves; a save with a stale one is refused.';

CREATE TABLE profiles (
    user_id         uuid        PRIMARY KEY REFERENCES users (id),
    bio             text        CONSTRAINT profiles_bio_length CHECK (char_length(bio) BETWEEN 1 AND 20000),
    avatar_url      text        CONSTRAINT profiles_avatar_url_length
                                CHECK (char_length(avatar_url) BETWEEN 1 AND 2000),
    specializations text[]      NOT NULL DEFAULT '{}'
                                CONSTRAINT profiles_specializations_are_few
                                CHECK (cardinality(specializations) <= 100
                                       AND array_position(specializations, NULL) IS NULL),
    education       text        CONSTRAINT profiles_education_length
                                CHECK (char_length(education) BETWEEN 1 AND 20000),
    languages       text[]      NOT NULL DEFAULT '{}'
                                CONSTRAINT profiles_languages_are_few
                                CHECK (cardinality(languages) <= 100
                                       AND array_position(languages, NULL) IS NULL),
    updated_at      timestamptz NOT NULL
);

COMMENT ON TABLE profiles IS 'What people say of themselves: one row per account, made with it.';
COMMENT ON COLUMN profiles.user_id IS 'The account.';
COMMENT ON COLUMN profiles.bio IS 'Self-description.';
COMMENT ON COLUMN profiles.avatar_url IS 'Where the picture is.';
COMMENT ON COLUMN profiles.specializations IS 'Fields of work, in the order given.';
COMMENT ON COLUMN profiles.education IS 'Degrees.';
COMMENT ON COLUMN profiles.languages IS 'Languages, in the order given.';
COMMENT ON COLUMN profiles.updated_at IS 'Last change of any other column.';

CREATE TABLE user_figures (
    user_id          uuid    PRIMARY KEY REFERENCES users (id),
    orders_total     integer NOT NULL DEFAULT 0,
    orders_completed integer NOT NULL DEFAULT 0
                             CONSTRAINT user_figures_completed_of_total
                             CHECK (orders_completed BETWEEN 0 AND orders_total),
    rating_sum       integer NOT NULL DEFAULT 0,
    rating_count     integer NOT NULL DEFAULT 0 CONSTRAINT user_figures_rating_count CHECK (rating_count >= 0),
    -- In bigint, because five times a count may exceed an integer.
    CONSTRAINT user_figures_rating_range
        CHECK (rating_sum::bigint BETWEEN rating_count::bigint AND 5 * rating_count::bigint)
);

COMMENT ON TABLE user_figures IS 'What orders and reviews add up to per person, kept in the transactions that change it.';
COMMENT ON COLUMN user_figures.user_id IS 'The account.';
COMMENT ON COLUMN user_figures.orders_total IS 'Orders ever active: awarded and funded.';
COMMENT ON COLUMN user_figures.orders_completed IS 'Those of them that were completed.';
COMMENT ON COLUMN user_figures.rating_sum IS 'Sum of all ratings received, each 1 to 5.';
COMMENT ON COLUMN user_figures.rating_count IS 'How many ratings that is.';

CREATE TABLE sessions (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    generation integer     NOT NULL CONSTRAINT sessions_generation_counts CHECK (generation >= 0),
    rotated_at timestamptz NOT NULL,
    ended_at   timestamptz,
    end_reason text        CONSTRAINT sessions_end_reason_word
                           CHECK (end_reason IN ('logged_out', 'password_changed', 'token_reused',
                                                 'blocked', 'deactivated')),
    CONSTRAINT sessions_ended_for_a_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);

-- For the foreign key, and for "all live logins of a person".
CREATE INDEX sessions_of_user ON sessions (user_id, ended_at);

COMMENT ON TABLE sessions IS 'Logins. Each is a chain of refresh tokens, of which the newest is good.';
COMMENT ON COLUMN sessions.id IS 'UUID version 7; the sid of the access tokens.';
COMMENT ON COLUMN sessions.user_id IS 'Who logged in.';
COMMENT ON COLUMN sessions.created_at IS 'When.';
COMMENT ON COLUMN sessions.generation IS 'Place in the chain of the one refresh token that is good; the first has 0.';
COMMENT ON COLUMN sessions.rotated_at IS 'When that token was issued.';
COMMENT ON COLUMN sessions.ended_at IS 'When the login ended before its time.';
COMMENT ON COLUMN sessions.end_reason IS 'Why; present exactly when ended_at is.';

CREATE TABLE refresh_tokens (
    digest     bytea       PRIMARY KEY
                           CONSTRAINT refresh_tokens_digest_is_sha256 CHECK (octet_length(digest) = 32),
    session_id uuid        NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    generation integer     NOT NULL CONSTRAINT refresh_tokens_generation_counts CHECK (generation >= 0),
    issued_at  timestamptz NOT NULL,
    CONSTRAINT refresh_tokens_place_in_chain UNIQUE (session_id, generation)
);

COMMENT ON TABLE refresh_tokens IS 'Every refresh token ever issued, so that the use of an old one is noticed. Rows never change.';
COMMENT ON COLUMN refresh_tokens.digest IS 'SHA-256 of the token; the token itself is never stored.';
COMMENT ON COLUMN refresh_tokens.session_id IS 'The login.';
COMMENT ON COLUMN refresh_tokens.generation IS 'Its place in the chain.';
COMMENT ON COLUMN refresh_tokens.issued_at IS 'When.';

CREATE TABLE ended_sessions (
    session_id uuid        PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    ended_at   timestamptz NOT NULL,
    xact_id    bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint
);

CREATE INDEX ended_sessions_by_xact ON ended_sessions (xact_id);
CREATE INDEX ended_sessions_by_time ON ended_sessions (ended_at);

COMMENT ON TABLE ended_sessions IS 'Announcements of logins that ended early, read by every process twice a second and forgotten once no access token can outlive them.';
COMMENT ON COLUMN ended_sessions.session_id IS 'The login.';
COMMENT ON COLUMN ended_sessions.ended_at IS 'When it ended.';
COMMENT ON COLUMN ended_sessions.xact_id IS 'The transaction that ended it: readers go on from the oldest transaction that was open when they last read, and so miss none that commits late.';
