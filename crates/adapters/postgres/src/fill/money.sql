-- The books. Whoever pays for an order has paid in as much and a little more; some of those who are paid take half of it
-- out.
TRUNCATE deposits, ledger_transactions, postings;
INSERT INTO deposits (id, user_id, amount_minor, currency, outside, state, created_at, completed_at, version)
SELECT pay_in.id, client.id, amount, 'USD', 'sandbox', 'completed', at, at, 0
FROM pay_in JOIN client ON client.n = pay_in.client ORDER BY at, task_id;

-- Numbers of the accounts: those that are there from the beginning, then available money of clients and of writers, what
-- writers have set aside, and escrow.
CREATE UNLOGGED TABLE chart AS
SELECT last, last + people AS of_writers, last + 2 * people AS set_aside, last + 3 * people AS escrow, fees, sandbox
FROM plan CROSS JOIN (SELECT max(id) AS last, max(id) FILTER (WHERE key = 'platform:fees' AND currency = 'USD') AS fees,
                   max(id) FILTER (WHERE key = 'world:sandbox' AND currency = 'USD') AS sandbox
            FROM ledger_accounts) AS standing;

ANALYZE chart;

CREATE UNLOGGED TABLE movement AS
SELECT row_number() OVER (ORDER BY at, task_id, kind, number) AS id, made.*
FROM (
    SELECT pay_in.at, task_id, 'deposit' AS kind, 0 AS number, 'deposit:' || id AS source, id::text AS reference, amount,
           0::bigint AS client_fee, 0::bigint AS provider_fee, sandbox AS giver, last + client AS taker, 'deposit' AS purpose
    FROM pay_in, chart
    UNION ALL
    SELECT funded_at, id, 'funding', 0, 'funding:' || contract_id, known_as('ORD-', id), price,
           share(price, client_bps), 0, last + client, escrow + place, 'escrow'
    FROM plan CROSS JOIN deal CROSS JOIN chart WHERE funded_at IS NOT NULL
    UNION ALL
    SELECT approved_at, task_id, 'release', number, 'release:' || step.contract_id || ':' || number, known_as('ORD-', task_id), amount,
           share(before + amount, client_bps) - share(before, client_bps),
           share(before + amount, provider_bps) - share(before, provider_bps), escrow + step.place,
           of_writers + provider, 'payment'
    FROM plan CROSS JOIN chart CROSS JOIN step JOIN deal ON deal.id = task_id
    WHERE approved_at IS NOT NULL
    UNION ALL
    SELECT requested_at, task_id, 'withdrawal_requested', 0, 'withdrawal_requested:' || known_as, known_as, amount, 0, 0,
           of_writers + provider, set_aside + provider, purpose
    FROM chart CROSS JOIN payout CROSS JOIN known_as('WD-', id) AS known_as,
         LATERAL (SELECT CASE method WHEN 'bank_transfer' THEN 'withdrawal_to_bank' ELSE 'withdrawal_to_' || method END) AS word (purpose)
    UNION ALL
    SELECT requested_at + interval '1 day', task_id, 'withdrawal_paid', 0, 'withdrawal_paid:' || known_as, known_as, amount, 0, 0,
           set_aside + provider, (SELECT id FROM ledger_accounts WHERE key = 'world:' || method AND currency = 'USD'), purpose
    FROM chart CROSS JOIN payout CROSS JOIN known_as('WD-', id) AS known_as,
         LATERAL (SELECT CASE method WHEN 'bank_transfer' THEN 'withdrawal_to_bank' ELSE 'withdrawal_to_' || method END) AS word (purpose)
    WHERE unusual IS NULL
    UNION ALL
    SELECT requested_at + interval '6 hours', task_id, 'withdrawal_returned', 0, 'withdrawal_returned:' || known_as, known_as, amount, 0, 0,
           set_aside + provider, of_writers + provider, 'withdrawal_returned'
    FROM chart CROSS JOIN payout CROSS JOIN known_as('WD-', id) AS known_as
    WHERE unusual IN ('rejected', 'cancelled')
) AS made;

ANALYZE movement;

INSERT INTO ledger_transactions (id, source, kind, reference, created_at) OVERRIDING SYSTEM VALUE
SELECT id, source, kind, reference, at FROM movement ORDER BY id;

INSERT INTO postings (position, transaction_id, account_id, amount_minor, balance_after, created_at, id, currency, purpose)
OVERRIDING SYSTEM VALUE
SELECT position, transaction_id, account, amount,
       CASE WHEN account > last THEN sum(amount::integer) OVER (PARTITION BY account ORDER BY position ROWS UNBOUNDED PRECEDING) END,
       at, identifier('posting', position, at), 'USD', purpose
FROM chart, (
    SELECT row_number() OVER (ORDER BY movement.id, line) AS position, movement.id AS transaction_id, at,
           CASE line WHEN 1 THEN giver WHEN 2 THEN taker WHEN 3 THEN taker WHEN 4 THEN fees WHEN 5 THEN giver
                     ELSE CASE kind WHEN 'release' THEN fees ELSE taker END END AS account,
           CASE line WHEN 1 THEN -amount WHEN 2 THEN amount WHEN 3 THEN -provider_fee WHEN 4 THEN provider_fee
                     WHEN 5 THEN -client_fee ELSE client_fee END AS amount,
           CASE WHEN line <= 2 THEN purpose WHEN line <= 4 THEN 'platform_fee' ELSE 'service_fee' END AS purpose
    FROM movement, chart, generate_series(1, 6) AS line
    WHERE line <= 2 OR (line <= 4 AND provider_fee > 0) OR (line >= 5 AND client_fee > 0)
) AS written
ORDER BY position;

INSERT INTO ledger_accounts (id, key, kind, user_id, contract_id, currency, balance_minor) OVERRIDING SYSTEM VALUE
SELECT account.id, key, kind, user_id, contract_id, 'USD', balance
FROM (
    SELECT last + n AS id, 'user:' || client.id || ':available' AS key, 'user_available' AS kind, client.id AS user_id, NULL::uuid AS contract_id
    FROM client, chart
    UNION ALL
    SELECT of_writers + n, 'user:' || writer.id || ':available', 'user_available', writer.id, NULL FROM writer, chart
    UNION ALL
    SELECT set_aside + n, 'user:' || writer.id || ':withdrawing', 'user_withdrawing', writer.id, NULL FROM writer, chart
    UNION ALL
    SELECT escrow + place, 'contract:' || deal.contract_id || ':escrow', 'contract_escrow', NULL, deal.contract_id FROM deal, chart
) AS account
JOIN (SELECT account_id, sum(amount_minor)::bigint AS balance FROM postings GROUP BY account_id) AS sum ON account_id = account.id
ORDER BY account.id;

INSERT INTO wallet_totals (user_id, currency, earned_minor, withdrawn_minor)
SELECT user_id, currency, earned, withdrawn
FROM (
    SELECT account.user_id, account.currency,
           coalesce(sum(amount_minor) FILTER (WHERE purpose IN ('payment', 'platform_fee')), 0) AS earned,
           coalesce(-sum(amount_minor) FILTER (WHERE purpose LIKE 'withdrawal%'), 0) AS withdrawn,
           count(*) FILTER (WHERE purpose IN ('payment', 'platform_fee') OR purpose LIKE 'withdrawal%') AS lines
    FROM postings JOIN ledger_accounts account ON account.id = account_id
    WHERE account.kind = 'user_available' GROUP BY 1, 2
) AS sum
WHERE lines > 0;
