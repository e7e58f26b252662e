-- The books, deposits, withdrawals, and the answers to requests that have a key.
SET LOCAL lock_timeout = '5s';

-- Said by a trigger and not only by missing rights, for installations whose owner serves.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the books are never changed afterwards', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              TABLE = TG_TABLE_NAME,
              CONSTRAINT = TG_TABLE_NAME || '_never_change';
END $$;

COMMENT ON FUNCTION refuse_change() IS 'Refuses whatever statement it is put before.';

CREATE TABLE ledger_accounts (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           text   NOT NULL,
    kind          text   NOT NULL
                         CONSTRAINT ledger_accounts_kind_word
                         CHECK (kind IN ('world', 'user_available', 'user_clearing', 'user_withdrawing',
                                         'user_debt', 'contract_escrow', 'contract_disputed',
                                         'platform_fees', 'platform_losses')),
    user_id       uuid   REFERENCES users (id),
    contract_id   uuid,
    currency      text   NOT NULL
                         CONSTRAINT ledger_accounts_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    balance_minor bigint,
    CONSTRAINT ledger_accounts_key_once UNIQUE (key, currency),
    CONSTRAINT ledger_accounts_whose CHECK (
        (user_id IS NOT NULL) = starts_with(kind, 'user_')
        AND (contract_id IS NOT NULL) = starts_with(kind, 'contract_')
    ),
    CONSTRAINT ledger_accounts_key_form CHECK (
        CASE kind
            WHEN 'user_available' THEN key = 'user:' || user_id::text || ':available'
            WHEN 'user_clearing' THEN key = 'user:' || user_id::text || ':clearing'
            WHEN 'user_withdrawing' THEN key = 'user:' || user_id::text || ':withdrawing'
            WHEN 'user_debt' THEN key = 'user:' || user_id::text || ':debt'
            WHEN 'contract_escrow' THEN key = 'contract:' || contract_id::text || ':escrow'
            WHEN 'contract_disputed' THEN key = 'contract:' || contract_id::text || ':disputed'
            WHEN 'platform_fees' THEN key = 'platform:fees'
            WHEN 'platform_losses' THEN key = 'platform:losses'
            WHEN 'world' THEN key ~ '^world:[a-z_]{1,40}$'
        END
    ),
    CONSTRAINT ledger_accounts_who_has_a_balance
        CHECK ((balance_minor IS NULL) = (kind IN ('world', 'platform_fees', 'platform_losses'))),
    CONSTRAINT ledger_accounts_never_below_zero CHECK (balance_minor >= 0 OR kind = 'user_debt')
) WITH (fillfactor = 80);

-- For the foreign key, and for everything that somebody has.
CREATE INDEX ledger_accounts_of_user ON ledger_accounts (user_id, currency);

-- Only the balance may change: postings refer to the rest.
CREATE TRIGGER ledger_accounts_never_change
    BEFORE UPDATE OF id, key, kind, user_id, contract_id, currency OR DELETE OR TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

COMMENT ON TABLE ledger_accounts IS 'Accounts of the books, one row for each currency. Those of the outside world and of the platform have no balance and are never locked or changed: everybody would queue for them. Rows are never deleted.';
COMMENT ON COLUMN ledger_accounts.id IS 'Number, for the postings.';
COMMENT ON COLUMN ledger_accounts.key IS 'Name in the books, such as user:{id}:available.';
COMMENT ON COLUMN ledger_accounts.kind IS 'What it is for.';
COMMENT ON COLUMN ledger_accounts.user_id IS 'Whose it is, if a person''s.';
COMMENT ON COLUMN ledger_accounts.contract_id IS 'Whose it is, if a contract''s. No foreign key: movements would lock the contract''s row a second time.';
COMMENT ON COLUMN ledger_accounts.currency IS 'ISO 4217.';
COMMENT ON COLUMN ledger_accounts.balance_minor IS 'Sum of its postings in minor units, kept in the transaction that adds them; absent where none is kept. Below zero only for what somebody owes.';

-- The accounts that nobody owns are there from the beginning, so that no movement ever makes one.
INSERT INTO ledger_accounts (key, kind, currency)
SELECT key, kind, currency
FROM (VALUES ('platform:fees', 'platform_fees'), ('platform:losses', 'platform_losses'),
             ('world:sandbox', 'world'), ('world:stripe', 'world'), ('world:bank_transfer', 'world'),
             ('world:paypal', 'world'), ('world:mobile_money', 'world')) AS account (key, kind)
CROSS JOIN (VALUES ('USD'), ('EUR'), ('GBP')) AS money (currency);

CREATE TABLE ledger_transactions (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source     text        NOT NULL CONSTRAINT ledger_transactions_source_once UNIQUE,
    kind       text        NOT NULL
                           CONSTRAINT ledger_transactions_kind_word
                           CHECK (kind IN ('deposit', 'funding', 'release', 'clearance', 'refund',
                                           'dispute_opened', 'dispute_decided', 'withdrawal_requested',
                                           'withdrawal_paid', 'withdrawal_returned', 'bonus', 'chargeback')),
    reference  text        NOT NULL
                           CONSTRAINT ledger_transactions_reference_form
                           CHECK (reference ~ '^((ORD|WD)-[0-9]{3,19}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$'),
    created_at timestamptz NOT NULL,
    CONSTRAINT ledger_transactions_source_form CHECK (starts_with(source, kind || ':')),
    CONSTRAINT ledger_transactions_withdrawal_reference
        CHECK (starts_with(kind, 'withdrawal_') = starts_with(reference, 'WD-'))
);

COMMENT ON TABLE ledger_transactions IS 'Movements of money. Rows never change and are never deleted.';
COMMENT ON COLUMN ledger_transactions.id IS 'Number, for the postings.';
COMMENT ON COLUMN ledger_transactions.source IS 'The one thing that it comes from, such as release:{contract}:3. Unique: whoever makes the same movement again makes nothing.';
COMMENT ON COLUMN ledger_transactions.kind IS 'What kind of movement; the beginning of source.';
COMMENT ON COLUMN ledger_transactions.reference IS 'What people know it by: an order, a withdrawal, a deposit.';
COMMENT ON COLUMN ledger_transactions.created_at IS 'The time of the command that caused it.';

CREATE TABLE postings (
    position       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_id bigint      NOT NULL REFERENCES ledger_transactions (id),
    account_id     bigint      NOT NULL,
    amount_minor   bigint      NOT NULL CONSTRAINT postings_move_something CHECK (amount_minor <> 0),
    balance_after  bigint,
    created_at     timestamptz NOT NULL,
    id             uuid        NOT NULL CONSTRAINT postings_id_once UNIQUE,
    currency       text        NOT NULL
                               CONSTRAINT postings_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    purpose        text        NOT NULL
                               CONSTRAINT postings_purpose_word
                               CHECK (purpose IN ('deposit', 'escrow', 'service_fee', 'payment', 'platform_fee',
                                                  'refund', 'service_fee_refund', 'dispute', 'bonus',
                                                  'withdrawal_to_bank', 'withdrawal_to_paypal',
                                                  'withdrawal_to_mobile_money', 'withdrawal_returned',
                                                  'chargeback'))
);

-- For the foreign key, and for the check that a transaction adds up.
CREATE INDEX postings_of_transaction ON postings (transaction_id);
-- An account's history, newest first, and its counts, without touching the table.
CREATE INDEX postings_of_account ON postings (account_id, position DESC) INCLUDE (amount_minor);

COMMENT ON TABLE postings IS 'The lines of the books. Those of one transaction add up to zero in each currency (trigger postings_add_up). Rows never change and are never deleted.';
COMMENT ON COLUMN postings.position IS 'Order of writing. On an account with a balance it is the order of the balances: its row is locked first.';
COMMENT ON COLUMN postings.transaction_id IS 'The movement that it belongs to.';
COMMENT ON COLUMN postings.account_id IS 'On whose account. No foreign key, which would lock the accounts that everybody uses; postings_add_up checks it, and ledger_accounts loses no row.';
COMMENT ON COLUMN postings.amount_minor IS 'Minor units: above zero a credit, below zero a debit.';
COMMENT ON COLUMN postings.balance_after IS 'What the account held right after it; absent where no balance is kept.';
COMMENT ON COLUMN postings.created_at IS 'The time of the command that caused it.';
COMMENT ON COLUMN postings.id IS 'UUID version 7, minted by the program; what people see.';
COMMENT ON COLUMN postings.currency IS 'ISO 4217; that of the account.';
COMMENT ON COLUMN postings.purpose IS 'What it is to the person on whose account it stands.';

CREATE TRIGGER ledger_transactions_never_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_never_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON postings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Runs at the commit, for each new transaction and each new posting: a posting added to an old
-- transaction is caught as well as a transaction without postings.
CREATE FUNCTION check_transaction_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    problem text;
BEGIN
    IF TG_TABLE_NAME = 'postings' THEN
        checked := NEW.transaction_id;
    ELSE
        checked := NEW.id;
    END IF;
    SELECT CASE
               WHEN coalesce(sum(lines), 0) < 2 THEN 'has fewer than two postings'
               WHEN bool_or(total <> 0) THEN 'does not add up to zero'
               WHEN bool_or(strays > 0) THEN 'has a posting on an account that is not there in its currency'
               WHEN bool_or(misfits > 0) THEN 'has a balance where none is kept, or none where one is'
           END
    INTO problem
    FROM (
        SELECT count(*) AS lines,
               sum(posting.amount_minor) AS total,
               count(*) FILTER (WHERE account.id IS NULL) AS strays,
               count(*) FILTER (WHERE (posting.balance_after IS NULL) <> (account.balance_minor IS NULL)) AS misfits
        FROM public.postings posting
        LEFT JOIN public.ledger_accounts account
               ON account.id = posting.account_id AND account.currency = posting.currency
        WHERE posting.transaction_id = checked
        GROUP BY posting.currency
    ) AS by_currency;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'ledger transaction % %', checked, problem
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION check_transaction_adds_up() IS 'Refuses a ledger transaction of fewer than two postings, or one that does not add up to zero in each currency.';

CREATE CONSTRAINT TRIGGER ledger_transactions_add_up
    AFTER INSERT ON ledger_transactions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_transaction_adds_up();
CREATE CONSTRAINT TRIGGER postings_add_up
    AFTER INSERT ON postings DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_transaction_adds_up();

CREATE TABLE wallet_totals (
    user_id         uuid   NOT NULL REFERENCES users (id),
    currency        text   NOT NULL
                           CONSTRAINT wallet_totals_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    earned_minor    bigint NOT NULL,
    withdrawn_minor bigint NOT NULL,
    PRIMARY KEY (user_id, currency),
    CONSTRAINT wallet_totals_never_below_zero CHECK (earned_minor >= 0 AND withdrawn_minor >= 0)
) WITH (fillfactor = 80);

COMMENT ON TABLE wallet_totals IS 'What a wallet''s postings add up to, kept in the transactions that add them, under the lock of the available balance.';
COMMENT ON COLUMN wallet_totals.user_id IS 'Whose wallet.';
COMMENT ON COLUMN wallet_totals.currency IS 'ISO 4217.';
COMMENT ON COLUMN wallet_totals.earned_minor IS 'Everything ever earned, net of fees, counted when it became available; minor units.';
COMMENT ON COLUMN wallet_totals.withdrawn_minor IS 'Everything ever withdrawn and not given back, counted at the request; minor units.';

CREATE TABLE deposits (
    id           uuid        PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users (id),
    amount_minor bigint      NOT NULL
                             CONSTRAINT deposits_amount_range CHECK (amount_minor BETWEEN 1 AND 9999999999),
    currency     text        NOT NULL
                             CONSTRAINT deposits_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    outside      text        NOT NULL
                             CONSTRAINT deposits_outside_word
                             CHECK (outside IN ('sandbox', 'stripe', 'bank_transfer', 'paypal', 'mobile_money')),
    state        text        NOT NULL
                             CONSTRAINT deposits_state_word CHECK (state IN ('pending', 'completed', 'failed')),
    created_at   timestamptz NOT NULL,
    completed_at timestamptz,
    version      bigint      NOT NULL CONSTRAINT deposits_version_counts CHECK (version >= 0),
    CONSTRAINT deposits_completed_at_a_time CHECK ((state = 'completed') = (completed_at IS NOT NULL))
);

CREATE INDEX deposits_of_user ON deposits (user_id, created_at DESC);

COMMENT ON TABLE deposits IS 'Payments into wallets.';
COMMENT ON COLUMN deposits.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN deposits.user_id IS 'Whose wallet.';
COMMENT ON COLUMN deposits.amount_minor IS 'How much, in minor units.';
COMMENT ON COLUMN deposits.currency IS 'ISO 4217.';
COMMENT ON COLUMN deposits.outside IS 'Through whom it comes.';
COMMENT ON COLUMN deposits.state IS 'How far it has come.';
COMMENT ON COLUMN deposits.created_at IS 'When it was begun.';
COMMENT ON COLUMN deposits.completed_at IS 'When the money was there; present exactly when completed.';
COMMENT ON COLUMN deposits.version IS 'Counts the saves; a save with a stale one is refused.';

CREATE SEQUENCE withdrawal_numbers AS bigint;

COMMENT ON SEQUENCE withdrawal_numbers IS 'Numbers of withdrawals; gaps are no harm.';

CREATE TABLE withdrawals (
    id                   bigint      PRIMARY KEY CONSTRAINT withdrawals_id_counts CHECK (id >= 1),
    user_id              uuid        NOT NULL REFERENCES users (id),
    amount_minor         bigint      NOT NULL
                                     CONSTRAINT withdrawals_amount_range
                                     CHECK (amount_minor BETWEEN 1 AND 9999999999),
    currency             text        NOT NULL
                                     CONSTRAINT withdrawals_currency_word CHECK (currency IN ('USD', 'EUR', 'GBP')),
    method               text        NOT NULL
                                     CONSTRAINT withdrawals_method_word
                                     CHECK (method IN ('bank_transfer', 'paypal', 'mobile_money')),
    account_sealed       bytea       NOT NULL
                                     CONSTRAINT withdrawals_account_sealed_length
                                     CHECK (octet_length(account_sealed) BETWEEN 1 AND 8192),
    account_masked       jsonb       NOT NULL
                                     CONSTRAINT withdrawals_account_masked_is_object
                                     CHECK (jsonb_typeof(account_masked) = 'object'),
    state                text        NOT NULL
                                     CONSTRAINT withdrawals_state_word
                                     CHECK (state IN ('pending', 'approved', 'sent', 'needs_review', 'paid',
                                                      'rejected', 'cancelled', 'failed')),
    rejection_reason     text        CONSTRAINT withdrawals_rejection_reason_length
                                     CHECK (char_length(rejection_reason) BETWEEN 1 AND 2000),
    requested_at         timestamptz NOT NULL,
    estimated_completion timestamptz NOT NULL,
    completed_at         timestamptz,
    updated_at           timestamptz NOT NULL,
    version              bigint      NOT NULL CONSTRAINT withdrawals_version_counts CHECK (version >= 0),
    CONSTRAINT withdrawals_rejected_for_a_reason CHECK ((state = 'rejected') = (rejection_reason IS NOT NULL)),
    CONSTRAINT withdrawals_paid_at_a_time CHECK ((state = 'paid') = (completed_at IS NOT NULL))
);

ALTER SEQUENCE withdrawal_numbers OWNED BY withdrawals.id;

-- Lists are read state by state, newest first, and counted, without touching the table.
CREATE INDEX withdrawals_of_user ON withdrawals (user_id, state, id DESC);
CREATE INDEX withdrawals_by_state ON withdrawals (state, id DESC);

COMMENT ON TABLE withdrawals IS 'Money on its way out of wallets.';
COMMENT ON COLUMN withdrawals.id IS 'Number from withdrawal_numbers; shown as WD-001.';
COMMENT ON COLUMN withdrawals.user_id IS 'Whose money it is.';
COMMENT ON COLUMN withdrawals.amount_minor IS 'How much, in minor units.';
COMMENT ON COLUMN withdrawals.currency IS 'ISO 4217.';
COMMENT ON COLUMN withdrawals.method IS 'How it is paid.';
COMMENT ON COLUMN withdrawals.account_sealed IS 'Where to: the details, encrypted for this row and column.';
COMMENT ON COLUMN withdrawals.account_masked IS 'The details as they may be shown, by their names on the wire.';
COMMENT ON COLUMN withdrawals.state IS 'How far it has come.';
COMMENT ON COLUMN withdrawals.rejection_reason IS 'As the administrator gave it; present exactly when rejected.';
COMMENT ON COLUMN withdrawals.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN withdrawals.estimated_completion IS 'When it may be expected.';
COMMENT ON COLUMN withdrawals.completed_at IS 'When it was paid; present exactly when paid.';
COMMENT ON COLUMN withdrawals.updated_at IS 'Last change of any other column.';
COMMENT ON COLUMN withdrawals.version IS 'Counts the saves; a save with a stale one is refused.';

CREATE TABLE idempotency_keys (
    user_id     uuid        NOT NULL REFERENCES users (id),
    key         text        NOT NULL
                            CONSTRAINT idempotency_keys_key_form CHECK ((key COLLATE "C") ~ '^[ -~]{1,255}$'),
    fingerprint bytea       NOT NULL
                            CONSTRAINT idempotency_keys_fingerprint_is_sha256
                            CHECK (octet_length(fingerprint) = 32),
    status      smallint    NOT NULL
                            CONSTRAINT idempotency_keys_status_is_success CHECK (status BETWEEN 200 AND 299),
    body        text        NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);

-- For forgetting them after their time.
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);

COMMENT ON TABLE idempotency_keys IS 'Answers to requests that their callers gave a key, stored in the transaction of the effect.';
COMMENT ON COLUMN idempotency_keys.user_id IS 'Whose key.';
COMMENT ON COLUMN idempotency_keys.key IS 'As the caller gave it.';
COMMENT ON COLUMN idempotency_keys.fingerprint IS 'SHA-256 over method, path and canonical body.';
COMMENT ON COLUMN idempotency_keys.status IS 'HTTP status of the answer.';
COMMENT ON COLUMN idempotency_keys.body IS 'Body of the answer, byte for byte.';
COMMENT ON COLUMN idempotency_keys.created_at IS 'When it was given.';
