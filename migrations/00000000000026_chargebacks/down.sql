-- Refused by the constraints where a chargeback was won or a debt paid: the books keep their words.
SET LOCAL lock_timeout = '5s';

DROP TABLE chargebacks;

DROP INDEX ledger_accounts_of_debtors;

ALTER TABLE postings
    DROP CONSTRAINT postings_purpose_word,
    ADD CONSTRAINT postings_purpose_word
        CHECK (purpose IN ('deposit', 'escrow', 'service_fee', 'payment', 'platform_fee', 'refund',
                           'service_fee_refund', 'payment_returned', 'platform_fee_refund', 'dispute', 'bonus',
                           'withdrawal_to_bank', 'withdrawal_to_paypal', 'withdrawal_to_mobile_money',
                           'withdrawal_returned', 'chargeback')) NOT VALID;

ALTER TABLE ledger_transactions
    DROP CONSTRAINT ledger_transactions_kind_word,
    ADD CONSTRAINT ledger_transactions_kind_word
        CHECK (kind IN ('deposit', 'funding', 'release', 'clearance', 'refund', 'dispute_opened',
                        'dispute_decided', 'division', 'return', 'withdrawal_requested', 'withdrawal_paid',
                        'withdrawal_returned', 'bonus', 'chargeback')) NOT VALID;
