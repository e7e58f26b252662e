-- Orders, with everything about them that has a time: a quarter is open, the others are awarded. They
-- are numbered by the time of their posting.
CREATE UNLOGGED TABLE posted AS
SELECT row_number() OVER (ORDER BY created_at, made) AS id, state, created_at,
       -- Everybody has completed one order at least.
       CASE WHEN made <= people THEN made ELSE somebody(made, 10, people) END AS client,
       CASE WHEN state = 'open' THEN NULL
            WHEN made <= people THEN 1 + (made + 2) % people
            ELSE somebody(made, 20, people)
       END AS provider
FROM (
    SELECT made, people, state,
           CASE state
               WHEN 'completed' THEN now_at - interval '14 days' - chance(made, 41, 351 * 86400) * interval '1 second'
               WHEN 'active' THEN now_at - interval '6 days' - chance(made, 41, 14 * 86400) * interval '1 second'
               WHEN 'pending' THEN now_at - interval '2 days' - chance(made, 41, 2 * 86400) * interval '1 second'
               ELSE now_at - interval '3 hours' - chance(made, 41, 25 * 86400) * interval '1 second'
           END AS created_at
    FROM (
        SELECT made, people, now_at,
               CASE WHEN made <= 110 * hundredths THEN 'completed'
                    WHEN made <= 134 * hundredths THEN 'active'
                    WHEN made <= 150 * hundredths THEN 'pending'
                    ELSE 'open'
               END AS state
        FROM plan CROSS JOIN generate_series(1, 200 * hundredths) AS made
    ) AS numbered
) AS dated;

CREATE UNLOGGED TABLE task AS
SELECT posted.id, kind.title || topic.title || ' #' || posted.id AS title, state, created_at, client, provider, 5000 + chance(posted.id, 6, 45000) AS budget,
       -- How many bids and messages there are: two neighbours have ten bids and twenty messages together.
       CASE posted.id % 2 WHEN 1 THEN 1 + chance((posted.id + 1) / 2, 30, 9) ELSE 9 - chance((posted.id + 1) / 2, 30, 9) END AS bids,
       CASE posted.id % 2 WHEN 1 THEN 2 + chance((posted.id + 1) / 2, 31, 17) ELSE 18 - chance((posted.id + 1) / 2, 31, 17) END AS messages,
       2 + posted.id % 2 AS steps,
       CASE state WHEN 'open' THEN now_at + interval '3 days' + chance(posted.id, 42, 60 * 86400) * interval '1 second'
                  ELSE created_at + interval '25 days' END AS posted_deadline,
       CASE WHEN state <> 'open' THEN created_at + interval '8 hours' + chance(posted.id, 43, 57600) * interval '1 second' END AS awarded_at,
       state = 'open' AND chance(posted.id, 55, 8) = 0 AS is_edited
FROM plan CROSS JOIN posted
JOIN kind ON kind.n = chance(posted.id, 1, 6)
JOIN topic ON topic.n = chance(posted.id, 2, 10);
ANALYZE task;
