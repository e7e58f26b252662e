-- Puts everything back as it was.
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN SELECT again FROM structure ORDER BY round, of_table, name LOOP
        EXECUTE statement;
    END LOOP;
END $$;
