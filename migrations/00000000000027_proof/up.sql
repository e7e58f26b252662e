-- Checks of the books that were made, holds on payouts that follow from them, and what auditors read.
SET LOCAL lock_timeout = '5s';

CREATE TABLE ledger_checks (
    id          uuid        PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    offending   bigint      NOT NULL CONSTRAINT ledger_checks_offending_counts CHECK (offending >= 0),
    findings    jsonb       NOT NULL
                            CONSTRAINT ledger_checks_findings_is_array CHECK (jsonb_typeof(findings) = 'array'),
    CONSTRAINT ledger_checks_end_after_they_began CHECK (finished_at >= started_at)
);

-- For the last one.
CREATE INDEX ledger_checks_by_time ON ledger_checks (started_at DESC, id DESC);

CREATE TRIGGER ledger_checks_never_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

COMMENT ON TABLE ledger_checks IS 'Checks of the whole books: one a night. Rows never change and are never deleted.';
COMMENT ON COLUMN ledger_checks.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN ledger_checks.started_at IS 'When it began; what it says is of that moment or a little later.';
COMMENT ON COLUMN ledger_checks.finished_at IS 'When it was done.';
COMMENT ON COLUMN ledger_checks.offending IS 'How many rows disagree; 0 when all is well.';
COMMENT ON COLUMN ledger_checks.findings IS 'Rule by rule: its name, its words, how many rows disagree, and the first hundred of them.';

CREATE TABLE payout_holds (
    id          uuid        PRIMARY KEY,
    user_id     uuid        NOT NULL REFERENCES users (id),
    check_id    uuid        NOT NULL REFERENCES ledger_checks (id),
    placed_at   timestamptz NOT NULL,
    lifted_at   timestamptz,
    lifted_by   uuid        REFERENCES users (id),
    lift_reason text        CONSTRAINT payout_holds_lift_reason_length
                            CHECK (char_length(lift_reason) BETWEEN 1 AND 2000),
    CONSTRAINT payout_holds_lifted_by_somebody_for_a_reason CHECK (
        (lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL)
    )
);

CREATE UNIQUE INDEX payout_holds_active_once ON payout_holds (user_id) WHERE lifted_at IS NULL;
-- Those that are on, oldest first.
CREATE INDEX payout_holds_active ON payout_holds (placed_at, id) WHERE lifted_at IS NULL;
-- For the foreign keys, and for somebody's last one.
CREATE INDEX payout_holds_of_user ON payout_holds (user_id, placed_at);
CREATE INDEX payout_holds_of_check ON payout_holds (check_id);
CREATE INDEX payout_holds_of_administrator ON payout_holds (lifted_by);

COMMENT ON TABLE payout_holds IS 'Whose payouts are stopped, or were, because a check of the books found rows of theirs that disagree.';
COMMENT ON COLUMN payout_holds.id IS 'UUID version 7, minted by the program.';
COMMENT ON COLUMN payout_holds.user_id IS 'Whose payouts.';
COMMENT ON COLUMN payout_holds.check_id IS 'What found the rows.';
COMMENT ON COLUMN payout_holds.placed_at IS 'Since when.';
COMMENT ON COLUMN payout_holds.lifted_at IS 'When an administrator lifted it; absent while it is on.';
COMMENT ON COLUMN payout_holds.lifted_by IS 'Which administrator; present exactly when lifted.';
COMMENT ON COLUMN payout_holds.lift_reason IS 'What they found out; present exactly when lifted.';

CREATE VIEW audit_postings AS
SELECT posting.id AS posting_id,
       posting.transaction_id,
       movement.kind,
       movement.source,
       account.key AS account,
       coalesce(account.user_id, account.contract_id) AS owner_id,
       posting.currency,
       posting.amount_minor,
       posting.created_at
FROM postings posting
JOIN ledger_transactions movement ON movement.id = posting.transaction_id
JOIN ledger_accounts account ON account.id = posting.account_id;

COMMENT ON VIEW audit_postings IS 'For auditors: every line of the books (docs/auditors.md).';
COMMENT ON COLUMN audit_postings.posting_id IS 'The line.';
COMMENT ON COLUMN audit_postings.transaction_id IS 'The movement; its lines add up to zero in each currency.';
COMMENT ON COLUMN audit_postings.kind IS 'What kind of movement.';
COMMENT ON COLUMN audit_postings.source IS 'The one thing that the movement comes from; unique to it.';
COMMENT ON COLUMN audit_postings.account IS 'Name of the account in the books, such as user:{id}:available.';
COMMENT ON COLUMN audit_postings.owner_id IS 'The person or the contract whose account it is; absent for the platform and the outside world.';
COMMENT ON COLUMN audit_postings.currency IS 'ISO 4217.';
COMMENT ON COLUMN audit_postings.amount_minor IS 'Minor units: above zero a credit, below zero a debit.';
COMMENT ON COLUMN audit_postings.created_at IS 'When it was booked.';

CREATE VIEW audit_balances AS
SELECT account.key AS account,
       coalesce(account.user_id, account.contract_id) AS owner_id,
       account.currency,
       coalesce(
           account.balance_minor,
           (SELECT coalesce(sum(amount_minor), 0) FROM postings WHERE account_id = account.id)
       )::bigint AS balance_minor
FROM ledger_accounts account;

COMMENT ON VIEW audit_balances IS 'For auditors: what every account holds, as it is kept; where nothing is kept, the sum of its lines (docs/auditors.md).';
COMMENT ON COLUMN audit_balances.account IS 'Name of the account in the books.';
COMMENT ON COLUMN audit_balances.owner_id IS 'The person or the contract whose account it is; absent for the platform and the outside world.';
COMMENT ON COLUMN audit_balances.currency IS 'ISO 4217.';
COMMENT ON COLUMN audit_balances.balance_minor IS 'Minor units.';
