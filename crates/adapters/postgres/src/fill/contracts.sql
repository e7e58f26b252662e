-- Contracts and their steps, reviews, orders, and what they make of people.
TRUNCATE contracts, milestones, submissions, reviews, orders, order_texts, invitations;
INSERT INTO contracts (id, order_id, bid_id, client_id, provider_id, price_minor, currency, provider_fee_bps,
                       client_fee_bps, is_funded, released_minor, refunded_minor, disputed_minor,
                       provider_outstanding_minor, held_minor, provider_net_minor, state, created_at, funded_at,
                       ended_at, updated_at, version)
SELECT contract_id, deal.id, bid_id, client.id, writer.id, price, 'USD', provider_bps, client_bps, is_funded, released, 0, 0,
       CASE WHEN is_funded THEN price - share(price, provider_bps) - net ELSE 0 END,
       CASE WHEN is_funded THEN price - released + share(price, client_bps) - share(released, client_bps)
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
    SELECT funded_at IS NOT NULL AS is_funded, released - share(released, provider_bps) AS net
) AS reckoned
ORDER BY deal.id;

INSERT INTO milestones (contract_id, number, title, due_date, amount_minor, state, submissions, submitted_at,
                        changes_message, auto_release_at, completed_at, released_minor, released_provider_fee_minor,
                        released_client_fee_minor)
SELECT contract_id, number, title, due_date, amount, state, CASE WHEN submitted_at IS NULL THEN 0 ELSE 1 END,
       submitted_at, CASE state WHEN 'changes_requested' THEN 'Please add two more sources to the second part.' END,
       CASE state WHEN 'submitted' THEN submitted_at + interval '14 days' END, approved_at,
       CASE WHEN approved_at IS NOT NULL THEN amount END,
       CASE WHEN approved_at IS NOT NULL THEN share(before + amount, provider_bps) - share(before, provider_bps) END,
       CASE WHEN approved_at IS NOT NULL THEN share(before + amount, client_bps) - share(before, client_bps) END
FROM plan CROSS JOIN step ORDER BY task_id, number;

INSERT INTO submissions (contract_id, milestone, number, message, submitted_at)
SELECT contract_id, number, 1, 'Here it is, with all sources that you asked for.', submitted_at
FROM step WHERE submitted_at IS NOT NULL ORDER BY task_id, number;

INSERT INTO reviews (order_id, author_id, subject_id, rating, comment, created_at)
SELECT task_id, CASE author WHEN 'client' THEN client.id ELSE writer.id END,
       CASE author WHEN 'client' THEN writer.id ELSE client.id END, rating, comment, said_at
FROM said
JOIN client ON client.n = said.client
JOIN writer ON writer.n = said.provider
ORDER BY said_at, task_id, author;

INSERT INTO orders (id, client_id, deadline, budget_minor, bids_count, revision, created_at, updated_at, version,
                    progress, currency, state, title, subject, subject_key, order_type, pages, provider_id,
                    accepted_bid_id, contract_id, accepted_minor, awarded_at, posted_deadline, started_at,
                    completed_at, cancelled_at)
SELECT task.id, client.id, coalesce(deal.proposed_deadline, task.posted_deadline), task.budget, live, CASE WHEN task.is_edited THEN 2 ELSE 1 END,
       task.created_at,
       coalesce(last_at, deal.funded_at, task.awarded_at, CASE WHEN task.is_edited THEN edited_at END, task.created_at),
       CASE task.state WHEN 'open' THEN CASE WHEN task.is_edited THEN 1 ELSE 0 END WHEN 'pending' THEN 1 WHEN 'active' THEN 2 ELSE 3 END,
       CASE WHEN task.state = 'completed' THEN 100
            WHEN deal.next <> 'funded' THEN 100 * done / deal.steps + chance(task.id, 7, 25) + 5
            ELSE coalesce(100 * done / deal.steps, 0) END,
       'USD', task.state,
       task.title, subject.name, lower(subject.name), kind.name,
       3 + chance(task.id, 5, 20), writer.id, deal.bid_id, deal.contract_id, deal.price, task.awarded_at,
       CASE WHEN deal.id IS NOT NULL THEN task.posted_deadline END, deal.funded_at,
       CASE task.state WHEN 'completed' THEN last_at END, NULL
FROM task
JOIN client ON client.n = task.client
JOIN subject ON subject.n = chance(task.id, 3, 8)
JOIN kind ON kind.n = chance(task.id, 1, 6)
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
       ARRAY['APA citation style', 'Minimum ' || (5 + chance(task.id, 8, 15)) || ' scholarly sources',
             'Include data visualizations', 'Double-spaced, 12pt Times New Roman'],
       '{"format": "PDF", "citation_style": "APA", "language": "English (US)", "additional_notes": "Please include charts and graphs."}',
       steps.plan,
       -- As cut by domain::search: letters and digits, small, each word once.
       array_to_tsvector(common.words || kind.words || topic.words || subject.words
                         || ARRAY[task.id::text, substr(known_as('', task.id), 1)])
FROM task
JOIN subject ON subject.n = chance(task.id, 3, 8)
JOIN kind ON kind.n = chance(task.id, 1, 6)
JOIN topic ON topic.n = chance(task.id, 2, 10)
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
JOIN writer ON writer.n = coalesce(provider, somebody(task.id, 50, people))
WHERE state = 'open' OR task.id % 3 = 0
ORDER BY task.id;

INSERT INTO user_figures (user_id, orders_total, orders_completed, rating_sum, rating_count, orders_posted, orders_cancelled)
SELECT users.id, coalesce(started, 0), coalesce(completed, 0), coalesce(stars, 0), coalesce(ratings, 0), coalesce(posted, 0), 0
FROM users
LEFT JOIN (
    SELECT user_id, count(started_at) AS started, count(completed_at) AS completed, sum(is_client) AS posted
    FROM (SELECT client_id AS user_id, started_at, completed_at, 1 AS is_client FROM orders
          UNION ALL SELECT provider_id, started_at, completed_at, 0 FROM orders WHERE provider_id IS NOT NULL) AS side
    GROUP BY user_id
) AS work ON work.user_id = users.id
LEFT JOIN (SELECT subject_id, sum(rating) AS stars, count(*) AS ratings FROM reviews GROUP BY subject_id) AS said
       ON said.subject_id = users.id;
