-- Contracts, their steps, and what they make of their orders.
CREATE TEMPORARY TABLE deal ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY task.id) AS place, task.*, bidding.id AS bid_id, amount AS price, proposed_deadline,
       pg_temp.identifier('contract', task.id, task.awarded_at) AS contract_id,
       CASE WHEN task.state <> 'pending' THEN task.awarded_at + pg_temp.chance(task.id, 44, 6) * interval '1 hour' END AS funded_at,
       -- How many steps are paid out, and how far the next one is.
       CASE task.state WHEN 'completed' THEN steps WHEN 'active' THEN pg_temp.chance(task.id, 45, steps) ELSE 0 END AS done,
       CASE task.state WHEN 'active' THEN (ARRAY['funded', 'in_progress', 'submitted', 'changes_requested'])[1 + pg_temp.chance(task.id, 46, 4)] END AS next
FROM task JOIN bidding ON task_id = task.id AND bidding.place = 0
WHERE task.awarded_at IS NOT NULL;
ANALYZE deal;

CREATE TEMPORARY TABLE step ON COMMIT DROP AS
SELECT deal.place, deal.id AS task_id, contract_id, number, steps, done, funded_at, next,
       (ARRAY['Outline', 'First Draft', 'Final Submission'])[number + 3 - steps] AS title,
       created_at + number * interval '5 days' AS due_date,
       amount, before, price,
       CASE WHEN funded_at IS NULL THEN 'unfunded' WHEN number <= done THEN 'completed'
            WHEN number = done + 1 THEN next ELSE 'funded' END AS state,
       CASE WHEN number <= done THEN funded_at + pace * (2 * number - 1)
            WHEN number = done + 1 AND next IN ('submitted', 'changes_requested') THEN now_at - (now_at - funded_at) * 0.1
       END AS submitted_at,
       CASE WHEN number <= done THEN funded_at + pace * (2 * number) END AS approved_at
FROM plan CROSS JOIN deal
CROSS JOIN LATERAL generate_series(1, steps) AS number
CROSS JOIN LATERAL (
    SELECT CASE WHEN number = steps THEN price - (steps - 1) * (price / steps) ELSE price / steps END AS amount,
           (number - 1) * (price / steps) AS before,
           CASE deal.state WHEN 'completed' THEN interval '40 hours' + pg_temp.chance(deal.id, 47, 3600) * interval '1 second'
                           ELSE (now_at - funded_at) / (2 * steps + 2) END AS pace
) AS reckoned;
ANALYZE step;

INSERT INTO contracts (id, order_id, bid_id, client_id, provider_id, price_minor, currency, provider_fee_bps,
                       client_fee_bps, is_funded, released_minor, refunded_minor, disputed_minor,
                       provider_outstanding_minor, held_minor, provider_net_minor, state, created_at, funded_at,
                       ended_at, updated_at, version)
SELECT contract_id, deal.id, bid_id, client.id, writer.id, price, 'USD', provider_bps, client_bps, is_funded, released, 0, 0,
       CASE WHEN is_funded THEN price - pg_temp.share(price, provider_bps) - net ELSE 0 END,
       CASE WHEN is_funded THEN price - released + pg_temp.share(price, client_bps) - pg_temp.share(released, client_bps)
            ELSE 0 END,
       net,
       CASE deal.state WHEN 'pending' THEN 'pending_funding' ELSE deal.state END, awarded_at, funded_at,
       CASE deal.state WHEN 'completed' THEN last_at END, coalesce(last_at, funded_at, awarded_at),
       CASE deal.state WHEN 'pending' THEN 0 ELSE 1 + done * 2 END
FROM plan CROSS JOIN deal
JOIN client ON client.n = deal.client
JOIN writer ON writer.n = deal.provider
JOIN (
    SELECT task_id, coalesce(sum(amount) FILTER (WHERE approved_at IS NOT NULL), 0)::bigint AS released,
           max(coalesce(approved_at, submitted_at)) AS last_at
    FROM step GROUP BY task_id
) AS sum ON sum.task_id = deal.id
CROSS JOIN LATERAL (
    SELECT funded_at IS NOT NULL AS is_funded, released - pg_temp.share(released, provider_bps) AS net
) AS reckoned
ORDER BY deal.id;

INSERT INTO milestones (contract_id, number, title, due_date, amount_minor, state, submissions, submitted_at,
                        changes_message, auto_release_at, completed_at, released_minor, released_provider_fee_minor,
                        released_client_fee_minor)
SELECT contract_id, number, title, due_date, amount, state, CASE WHEN submitted_at IS NULL THEN 0 ELSE 1 END,
       submitted_at, CASE state WHEN 'changes_requested' THEN 'Please add two more sources to the second part.' END,
       CASE state WHEN 'submitted' THEN submitted_at + interval '14 days' END, approved_at,
       CASE WHEN approved_at IS NOT NULL THEN amount END,
       CASE WHEN approved_at IS NOT NULL THEN pg_temp.share(before + amount, provider_bps) - pg_temp.share(before, provider_bps) END,
       CASE WHEN approved_at IS NOT NULL THEN pg_temp.share(before + amount, client_bps) - pg_temp.share(before, client_bps) END
FROM plan CROSS JOIN step ORDER BY task_id, number;

INSERT INTO submissions (contract_id, milestone, number, message, submitted_at)
SELECT contract_id, number, 1, 'Here it is, with all sources that you asked for.', submitted_at
FROM step WHERE submitted_at IS NOT NULL ORDER BY task_id, number;

INSERT INTO reviews (order_id, author_id, subject_id, rating, comment, created_at)
SELECT task_id, CASE author WHEN 'client' THEN client.id ELSE writer.id END,
       CASE author WHEN 'client' THEN writer.id ELSE client.id END,
       5 - pg_temp.chance(task_id, 70 + place, 8) / 4 - pg_temp.chance(task_id, 72 + place, 12) / 11,
       CASE author WHEN 'client' THEN 'Well written, well sourced, and on time.' ELSE 'Clear wishes, and quick to answer.' END,
       completed_at + (1 + place) * interval '1 hour'
FROM (
    SELECT deal.id AS task_id, client, provider, approved_at AS completed_at
    FROM deal JOIN step ON step.task_id = deal.id AND number = deal.steps WHERE deal.state = 'completed'
) AS over
CROSS JOIN (VALUES ('client', 0), ('provider', 1)) AS side (author, place)
JOIN client ON client.n = over.client
JOIN writer ON writer.n = over.provider
ORDER BY completed_at, place;

INSERT INTO orders (id, client_id, deadline, budget_minor, bids_count, revision, created_at, updated_at, version,
                    progress, currency, state, title, subject, subject_key, order_type, pages, provider_id,
                    accepted_bid_id, contract_id, accepted_minor, awarded_at, posted_deadline, started_at,
                    completed_at, cancelled_at)
SELECT task.id, client.id, coalesce(deal.proposed_deadline, task.posted_deadline), task.budget, live, CASE WHEN task.is_edited THEN 2 ELSE 1 END,
       task.created_at,
       coalesce(last_at, deal.funded_at, task.awarded_at, CASE WHEN task.is_edited THEN edited_at END, task.created_at),
       CASE task.state WHEN 'open' THEN CASE WHEN task.is_edited THEN 1 ELSE 0 END WHEN 'pending' THEN 1 WHEN 'active' THEN 2 ELSE 3 END,
       CASE WHEN task.state = 'completed' THEN 100
            WHEN deal.next <> 'funded' THEN 100 * done / deal.steps + pg_temp.chance(task.id, 7, 25) + 5
            ELSE coalesce(100 * done / deal.steps, 0) END,
       'USD', task.state,
       kind.title || topic.title || ' #' || task.id, subject.name, lower(subject.name), kind.name,
       3 + pg_temp.chance(task.id, 5, 20), writer.id, deal.bid_id, deal.contract_id, deal.price, task.awarded_at,
       CASE WHEN deal.id IS NOT NULL THEN task.posted_deadline END, deal.funded_at,
       CASE task.state WHEN 'completed' THEN last_at END, NULL
FROM task
JOIN client ON client.n = task.client
JOIN subject ON subject.n = pg_temp.chance(task.id, 3, 8)
JOIN kind ON kind.n = pg_temp.chance(task.id, 1, 6)
JOIN topic ON topic.n = pg_temp.chance(task.id, 2, 10)
JOIN (
    SELECT task_id, count(*) FILTER (WHERE state IN ('open', 'changed', 'countered')) AS live, max(edited_at) AS edited_at
    FROM bidding GROUP BY task_id
) AS bid ON bid.task_id = task.id
LEFT JOIN deal ON deal.id = task.id
LEFT JOIN writer ON writer.n = deal.provider
LEFT JOIN (SELECT task_id, max(coalesce(approved_at, submitted_at)) AS last_at FROM step GROUP BY task_id) AS work
       ON work.task_id = task.id
ORDER BY task.id;

INSERT INTO order_texts (order_id, is_open, description, requirements_text, detailed_requirements, specifications,
                         milestone_plan, search_words)
SELECT task.id, state = 'open',
       'Comprehensive analysis of the topic with a clear thesis, a review of the literature and a discussion of the limits of the evidence. The order asks for careful citation and a short executive summary for a general reader.',
       'Experience with the field is required; peer-reviewed sources only.',
       ARRAY['APA citation style', 'Minimum ' || (5 + pg_temp.chance(task.id, 8, 15)) || ' scholarly sources',
             'Include data visualizations', 'Double-spaced, 12pt Times New Roman'],
       '{"format": "PDF", "citation_style": "APA", "language": "English (US)", "additional_notes": "Please include charts and graphs."}',
       steps.plan,
       -- As cut by domain::search: letters and digits, small, each word once.
       array_to_tsvector(common.words || kind.words || topic.words || subject.words
                         || ARRAY[task.id::text, substr(pg_temp.known_as('', task.id), 1)])
FROM task
JOIN subject ON subject.n = pg_temp.chance(task.id, 3, 8)
JOIN kind ON kind.n = pg_temp.chance(task.id, 1, 6)
JOIN topic ON topic.n = pg_temp.chance(task.id, 2, 10)
CROSS JOIN (
    SELECT array_remove(regexp_split_to_array(lower(
        'ord Comprehensive analysis of the topic with a clear thesis, a review of the literature and a discussion of the limits of the evidence. The order asks for careful citation and a short executive summary for a general reader.'
    ), '[^a-z0-9]+'), '') AS words
) AS common
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
               'title', (ARRAY['Outline', 'First Draft', 'Final Submission'])[number + 3 - task.steps],
               'due_date', to_char((CASE task.state WHEN 'open' THEN task.posted_deadline - (task.steps - number) * interval '1 day'
                                    ELSE task.created_at + number * interval '5 days' END) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'amount_minor', NULL) ORDER BY number) AS plan
    FROM generate_series(1, task.steps) AS number
) AS steps
ORDER BY task.id;

-- Every open order asks somebody to bid, and every third one that was awarded had asked who won.
INSERT INTO invitations (order_id, provider_id, created_at, declined_at)
SELECT task.id, writer.id, task.created_at, NULL
FROM plan CROSS JOIN task
JOIN writer ON writer.n = coalesce(provider, pg_temp.somebody(task.id, 50, people))
WHERE state = 'open' OR task.id % 3 = 0
ORDER BY task.id;
