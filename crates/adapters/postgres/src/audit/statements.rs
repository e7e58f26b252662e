//! What auditors ask, as SQL.

/// Accounts without a balance stand by themselves.
pub(super) const TRIAL_BALANCE: &str = "\
    WITH line AS MATERIALIZED (
        SELECT account_id,
               coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS debits,
               coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS credits
        FROM postings GROUP BY account_id
    ), used AS (
        SELECT DISTINCT currency FROM line JOIN ledger_accounts ON ledger_accounts.id = line.account_id
    )
    SELECT account.currency, account.kind,
           CASE WHEN account.balance_minor IS NULL THEN account.key END AS key,
           count(*) AS accounts,
           coalesce(sum(line.debits), 0)::bigint AS debits,
           coalesce(sum(line.credits), 0)::bigint AS credits
    FROM ledger_accounts account
    JOIN used ON used.currency = account.currency
    LEFT JOIN line ON line.account_id = account.id
    GROUP BY 1, 2, 3";

/// An account, how many lines it has, and a page of them, if there are any. Where no balance is kept
/// what was before the page is added up, in the index.
pub(super) const ENTRIES: &str = "\
    WITH account AS MATERIALIZED (
        SELECT id, balance_minor IS NOT NULL AS keeps_balance
        FROM ledger_accounts WHERE key = $1 AND currency = $2
    ), page AS MATERIALIZED (
        SELECT * FROM postings
        WHERE account_id = (SELECT id FROM account) AND position < $3
        ORDER BY position DESC OFFSET $4 LIMIT $5
    ), before AS (
        SELECT coalesce(sum(amount_minor), 0) AS minor FROM postings
        WHERE account_id = (SELECT id FROM account WHERE NOT keeps_balance)
          AND position < (SELECT min(position) FROM page)
    )
    SELECT (SELECT count(*) FROM postings WHERE account_id = account.id) AS total, line.*
    FROM account LEFT JOIN (
        SELECT page.position AS id, page.id AS posting_id, page.transaction_id, movement.kind,
               movement.source, movement.reference, page.purpose, page.amount_minor, page.created_at,
               coalesce(page.balance_after, before.minor + sum(page.amount_minor) OVER (ORDER BY page.position))
                   ::bigint AS balance_after
        FROM page CROSS JOIN before JOIN ledger_transactions movement ON movement.id = page.transaction_id
    ) AS line ON true
    ORDER BY line.id DESC";

pub(super) const ACTIVE_HOLDS: &str = "\
    SELECT hold.id, hold.user_id, hold.check_id, hold.placed_at, users.full_name AS user_name,
           count(*) OVER () AS total
    FROM payout_holds hold JOIN users ON users.id = hold.user_id
    WHERE hold.lifted_at IS NULL
    ORDER BY hold.placed_at, hold.id
    LIMIT $1";

/// Accounts of the outside world have the name of whoever it is behind a colon.
pub(super) const OUTSIDE: &str = "\
    WITH booked AS (
        SELECT substr(account.key, length('world:') + 1) AS outside, account.currency,
               coalesce(-sum(amount_minor) FILTER (WHERE movement.kind = 'deposit'), 0) AS booked_in,
               coalesce(sum(amount_minor) FILTER (WHERE movement.kind = 'withdrawal_paid'), 0) AS booked_out,
               coalesce(sum(amount_minor) FILTER (
                   WHERE movement.kind NOT IN ('deposit', 'withdrawal_paid')), 0) AS booked_otherwise
        FROM ledger_accounts account
        JOIN postings ON postings.account_id = account.id
        JOIN ledger_transactions movement ON movement.id = postings.transaction_id
        WHERE account.kind = 'world' GROUP BY account.key, account.currency
    ), deposited AS (
        SELECT outside, currency, sum(amount_minor) AS paid_in
        FROM deposits WHERE state = 'completed' GROUP BY outside, currency
    ), withdrawn AS (
        SELECT method AS outside, currency, sum(amount_minor) AS paid_out
        FROM withdrawals WHERE state = 'paid' GROUP BY method, currency
    )
    SELECT outside, currency, coalesce(booked_in, 0)::bigint AS booked_in,
           coalesce(booked_out, 0)::bigint AS booked_out,
           coalesce(booked_otherwise, 0)::bigint AS booked_otherwise,
           coalesce(paid_in, 0)::bigint AS paid_in, coalesce(paid_out, 0)::bigint AS paid_out
    FROM booked FULL JOIN deposited USING (outside, currency) FULL JOIN withdrawn USING (outside, currency)";

pub(super) const WAITING: &str = "\
    SELECT id, user_id, amount_minor, currency, method, state, requested_at, estimated_completion,
           count(*) OVER () AS total
    FROM withdrawals
    WHERE state = ANY ($1) OR (state = ANY ($2) AND estimated_completion < $3)
    ORDER BY id
    LIMIT $4";
