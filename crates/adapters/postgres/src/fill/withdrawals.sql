-- Withdrawals, whose accounts were sealed by the program.
INSERT INTO withdrawals (id, user_id, amount_minor, currency, method, account_sealed, account_masked, state, rejection_reason,
                         requested_at, estimated_completion, completed_at, updated_at, version)
SELECT payout.id, writer.id, amount, 'USD', method, sealed, masked, coalesce(unusual, 'paid'),
       CASE unusual WHEN 'rejected' THEN 'The account is in another name.' END, requested_at,
       -- Midnight after two business days.
       (date_trunc('day', requested_at AT TIME ZONE 'UTC')
        + (ARRAY[2, 2, 2, 4, 4, 3, 2])[date_part('isodow', requested_at AT TIME ZONE 'UTC')::integer] * interval '1 day')
       AT TIME ZONE 'UTC',
       CASE WHEN unusual IS NULL THEN requested_at + interval '1 day' END,
       requested_at + CASE coalesce(unusual, 'paid') WHEN 'paid' THEN interval '1 day' WHEN 'pending' THEN interval '0'
                                                     ELSE interval '6 hours' END,
       CASE coalesce(unusual, 'paid') WHEN 'paid' THEN 2 WHEN 'pending' THEN 0 ELSE 1 END
FROM payout
JOIN writer ON writer.n = provider
JOIN unnest($1, $2, $3) AS given (id, sealed, masked) ON given.id = payout.id
ORDER BY payout.id;
