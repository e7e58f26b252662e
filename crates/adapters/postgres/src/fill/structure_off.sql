-- Takes indexes, keys and foreign keys away, puts triggers and autovacuum to sleep, and remembers them. What every row must satisfy by
-- itself (CHECK, NOT NULL) stays.
CREATE UNLOGGED TABLE structure AS
SELECT CASE con.contype WHEN 'f' THEN 2 ELSE 1 END AS round, rel.relname AS of_table, con.conname AS name,
       format('ALTER TABLE %I DROP CONSTRAINT %I', rel.relname, con.conname) AS off,
       format('ALTER TABLE %I ADD CONSTRAINT %I %s', rel.relname, con.conname, pg_get_constraintdef(con.oid)) AS again
FROM pg_constraint con JOIN pg_class rel ON rel.oid = con.conrelid
WHERE con.connamespace = 'public'::regnamespace AND con.contype IN ('p', 'u', 'f') AND rel.relname <> '__diesel_schema_migrations'
UNION ALL
SELECT 1, rel.relname, idx.relname, format('DROP INDEX %I', idx.relname), pg_get_indexdef(idx.oid)
FROM pg_index JOIN pg_class idx ON idx.oid = indexrelid JOIN pg_class rel ON rel.oid = indrelid
WHERE rel.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint con WHERE con.conindid = indexrelid AND con.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 3, rel.relname, trg.tgname, format('ALTER TABLE %I DISABLE TRIGGER %I', rel.relname, trg.tgname),
       format('ALTER TABLE %I ENABLE TRIGGER %I', rel.relname, trg.tgname)
FROM pg_trigger trg JOIN pg_class rel ON rel.oid = tgrelid
WHERE rel.relnamespace = 'public'::regnamespace AND NOT tgisinternal
UNION ALL
-- They are looked through once, at the end.
SELECT 3, tablename, '', format('ALTER TABLE %I SET (autovacuum_enabled = false)', tablename),
       format('ALTER TABLE %I RESET (autovacuum_enabled)', tablename)
FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user;

DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN SELECT off FROM structure ORDER BY round DESC, of_table, name LOOP
        EXECUTE statement;
    END LOOP;
END $$;
