SET LOCAL lock_timeout = '5s';

DROP TABLE idempotency_keys;
DROP TABLE withdrawals;
DROP TABLE deposits;
DROP TABLE wallet_totals;
DROP TABLE postings;
DROP TABLE ledger_transactions;
DROP TABLE ledger_accounts;
DROP FUNCTION check_transaction_adds_up();
DROP FUNCTION refuse_change();
