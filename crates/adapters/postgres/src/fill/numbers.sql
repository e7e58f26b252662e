-- What is numbered goes on behind what is there.
SELECT setval('order_numbers', (SELECT max(id) FROM orders)), setval('bid_numbers', (SELECT max(id) FROM bids)),
       setval('withdrawal_numbers', coalesce((SELECT max(id) FROM withdrawals), 1), EXISTS (SELECT FROM withdrawals)),
       setval('chat_activities', (SELECT max(activity) FROM chat_members)),
       setval(pg_get_serial_sequence('offers', 'position'), (SELECT max(position) FROM offers)),
       setval(pg_get_serial_sequence('ledger_accounts', 'id'), (SELECT max(id) FROM ledger_accounts)),
       setval(pg_get_serial_sequence('ledger_transactions', 'id'), (SELECT max(id) FROM ledger_transactions)),
       setval(pg_get_serial_sequence('postings', 'position'), (SELECT max(position) FROM postings)),
       setval(pg_get_serial_sequence('notifications', 'position'), (SELECT max(position) FROM notifications));
