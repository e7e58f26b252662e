ANALYZE plan;

-- A number from 0 to `below` - 1 that looks like chance: the `salt`-th one of row `n`.
CREATE FUNCTION chance(n bigint, salt bigint, below bigint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT (hashint8extended(n, salt) & 9223372036854775807) % below $$;

-- One of `people`: the low numbers of each thousand are busy, hundreds of times as much as others.
CREATE FUNCTION somebody(n bigint, salt bigint, people bigint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT 1 + (chance(n, salt, (people + 999) / 1000) * 1000
                + floor(least(people, 1000)
                        * power(chance(n, salt + 1, 1000000) / 1000000.0::float8, 1.7))::bigint) % people
$$;

-- An identifier in the form of a UUID of version 7. (STABLE, or PostgreSQL would call it instead of
-- writing it out where it is used.)
CREATE FUNCTION identifier(kind text, n bigint, at timestamptz) RETURNS uuid STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT encode(int8send((((date_part('epoch', at) * 1000)::bigint << 16) | 28672) | (n & 4095))
                  || int8send((hashtextextended(kind, n) & 4611686018427387903) | '-9223372036854775808'::bigint), 'hex')::uuid
$$;

-- What people know a row by: ORD-001.
CREATE FUNCTION known_as(prefix text, n bigint) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT prefix || CASE WHEN n < 100 THEN lpad(n::text, 3, '0') ELSE n::text END $$;

-- A share in basis points, rounded half up.
CREATE FUNCTION share(amount bigint, bps bigint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
    $$ SELECT (amount * bps + 5000) / 10000 $$;

-- What a bidder says, which is also the first message of a chat.
CREATE FUNCTION bid_message(id bigint) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT 'I have extensive experience in this field and can deliver ahead of the deadline with two free revisions. Bid ' || id || '.'
$$;
