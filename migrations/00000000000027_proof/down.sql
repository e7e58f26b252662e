SET LOCAL lock_timeout = '5s';

DROP VIEW audit_balances;
DROP VIEW audit_postings;
DROP TABLE payout_holds;
DROP TABLE ledger_checks;
