-- What is to be made, in one row.
CREATE UNLOGGED TABLE plan (
    hundredths bigint NOT NULL, people bigint NOT NULL, now_at timestamptz NOT NULL, password_hash text NOT NULL,
    provider_bps bigint NOT NULL, client_bps bigint NOT NULL
);
