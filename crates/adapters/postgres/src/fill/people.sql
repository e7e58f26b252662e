-- Accounts with profiles: writers and clients in equal numbers, all older than any order.
CREATE UNLOGGED TABLE writer AS
SELECT n, identifier('writer', n, joined_at) AS id, joined_at
FROM (SELECT n, now_at - interval '400 days' - n % 600 * interval '1 day' AS joined_at
      FROM plan CROSS JOIN generate_series(1, people) AS n) AS numbered;
CREATE UNLOGGED TABLE client AS
SELECT n, identifier('client', n, joined_at) AS id, joined_at
FROM (SELECT n, now_at - interval '400 days' - n % 600 * interval '1 day' - interval '1 hour' AS joined_at
      FROM plan CROSS JOIN generate_series(1, people) AS n) AS numbered;
ANALYZE writer, client;

INSERT INTO users (id, email, full_name, role, phone, password_hash, state, block_reason, state_since, is_verified,
                   created_at, updated_at, version)
SELECT id, role || n || '@bench.test', initcap(role) || ' ' || n, role, NULL, password_hash, 'active', NULL, NULL,
       false, joined_at, joined_at, 0
FROM plan CROSS JOIN (SELECT 'writer' AS role, * FROM writer UNION ALL SELECT 'client', * FROM client) AS person
ORDER BY joined_at, id;

INSERT INTO profiles (user_id, bio, avatar_url, specializations, education, languages, updated_at, version)
SELECT id, 'Experienced writer of long-form research, careful with sources and on time with drafts; number ' || n || '.',
       'https://cdn.example.com/avatars/w' || n || '.jpg',
       ARRAY[(ARRAY['Academic Writing', 'Business Writing', 'Technical Writing', 'Editing'])[1 + n % 4]],
       (ARRAY['BA in English', 'MA in History', 'PhD in Economics'])[1 + n % 3], ARRAY['English'],
       joined_at + interval '1 hour', 1
FROM writer
UNION ALL
SELECT id, NULL, 'https://cdn.example.com/avatars/c' || n || '.jpg', '{}', NULL, '{}', joined_at + interval '1 hour', 1
FROM client;
