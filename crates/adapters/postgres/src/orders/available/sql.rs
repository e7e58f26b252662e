//! What is asked of the database about available orders.
//!
//! Three ways lead to a page. [`EVERYTHING`]: nothing is filtered; then it is reckoned once over all open
//! orders, and what is hidden from this provider (few orders, known from two indexes) is taken away again,
//! which is three times as fast as asking of each order whether it is hidden. [`filtered!`]: what matches is
//! collected once, and counted and cut from there. [`walked!`]: very many match, and how many is known; then
//! the open orders are walked down, newest first, until the page is full.

use crate::profiles::person;
use crate::states::hindering;

/// What is asked for. Not materialised: then conditions on it can use indexes.
macro_rules! wanted {
    () => {
        "WITH wanted AS NOT MATERIALIZED (
            SELECT $1 AS provider_id, $2 AS now, $3 AS least, $4 AS most, $5 AS subject_key,
                   $6::tsquery AS words, $7 AS before
        )"
    };
}

/// Whether `orders` is open to bids.
macro_rules! biddable {
    () => {
        "orders.state = 'open' AND orders.deadline > wanted.now"
    };
}

/// And its budget is right.
macro_rules! within {
    () => {
        " AND orders.budget_minor >= wanted.least AND orders.budget_minor <= wanted.most"
    };
}

/// The orders that the provider is not to see: those with a bid of theirs that was not withdrawn, and
/// those to which they said no; one may be both. Asked for as `NOT IN`, which is hashed whatever the planner
/// expects, or as an array, which one scan of an index goes through and in which nothing counts twice.
macro_rules! hidden {
    () => {
        concat!(
            "hidden AS MATERIALIZED (
            SELECT bids.order_id
            FROM wanted JOIN bids ON bids.provider_id = wanted.provider_id
                                 AND bids.state IN ",
            hindering!(),
            "
            UNION ALL
            SELECT invitations.order_id
            FROM wanted JOIN invitations ON invitations.provider_id = wanted.provider_id
            WHERE invitations.declined_at IS NOT NULL
        )"
        )
    };
}

/// Those of the hidden orders that would be offered otherwise.
macro_rules! hidden_ones {
    () => {
        "orders.id = ANY (ARRAY(SELECT order_id FROM hidden)) AND "
    };
}

/// Orders to which the provider is invited, and which are not hidden.
macro_rules! invited_ones {
    () => {
        "orders.id = ANY (ARRAY(
             SELECT invitations.order_id
             FROM wanted JOIN invitations ON invitations.provider_id = wanted.provider_id
             WHERE invitations.order_id NOT IN (SELECT order_id FROM hidden)
         )) AND "
    };
}

/// The orders of a page of numbers, beside the summary.
macro_rules! offered {
    ($page:expr) => {
        concat!(
            "SELECT summary.*, offered.* FROM summary LEFT JOIN (
                SELECT orders.id, orders.title, orders.subject, orders.order_type, orders.pages,
                       orders.deadline, orders.budget_minor, orders.currency, texts.description,
                       texts.requirements_text, texts.detailed_requirements, texts.specifications,
                       invitation.order_id IS NOT NULL AS is_invited,
                       orders.bids_count, client.person AS client, orders.created_at
                FROM (",
            $page,
            ") AS page
                CROSS JOIN LATERAL (SELECT * FROM orders WHERE id = page.id OFFSET 0) AS orders
                CROSS JOIN LATERAL (SELECT * FROM order_texts WHERE order_id = page.id OFFSET 0) AS texts
                CROSS JOIN LATERAL ",
            person!("orders.client_id"),
            " AS client
                LEFT JOIN LATERAL (
                    SELECT order_id FROM invitations
                    WHERE order_id = page.id AND provider_id = page.provider_id OFFSET 0
                ) AS invitation ON true
            ) AS offered ON true
            ORDER BY offered.id DESC"
        )
    };
}

pub(super) const EVERYTHING: &str = concat!(
    wanted!(),
    ", ",
    hidden!(),
    ", everything AS (
        SELECT count(*) AS total, coalesce(sum(orders.budget_minor), 0) AS budgets,
               coalesce(sum(orders.bids_count), 0) AS bids
        FROM wanted JOIN orders ON ",
    biddable!(),
    "), less AS (
        SELECT count(*) AS total, coalesce(sum(orders.budget_minor), 0) AS budgets,
               coalesce(sum(orders.bids_count), 0) AS bids
        FROM wanted JOIN orders ON ",
    hidden_ones!(),
    biddable!(),
    "), summary AS (
        SELECT everything.total - less.total AS total,
               (everything.budgets - less.budgets)::bigint AS budgets,
               (everything.bids - less.bids)::bigint AS bids,
               (SELECT count(*) FROM wanted JOIN orders ON ",
    invited_ones!(),
    biddable!(),
    ") AS invited
        FROM everything CROSS JOIN less
    ) ",
    offered!(concat!(
        "SELECT orders.id, wanted.provider_id FROM wanted JOIN orders ON ",
        biddable!(),
        " WHERE orders.id < wanted.before AND orders.id NOT IN (SELECT order_id FROM hidden)
          ORDER BY orders.id DESC OFFSET $8 LIMIT $9"
    ))
);

/// Collects what matches some filters first.
macro_rules! filtered {
    ($($also:expr),*) => {
        concat!(
            wanted!(),
            ", ",
            hidden!(),
            ", matching AS MATERIALIZED (
                SELECT orders.id, orders.budget_minor, orders.bids_count, wanted.provider_id
                FROM wanted JOIN orders ON ",
            biddable!(),
            within!(),
            $($also,)*
            " WHERE orders.id NOT IN (SELECT order_id FROM hidden)
            ), summary AS (
                SELECT count(*) AS total, coalesce(sum(matching.budget_minor), 0)::bigint AS budgets,
                       coalesce(sum(matching.bids_count), 0)::bigint AS bids,
                       count(*) FILTER (WHERE matching.id IN (
                           SELECT invitations.order_id
                           FROM wanted JOIN invitations ON invitations.provider_id = wanted.provider_id
                       )) AS invited
                FROM matching
            ) ",
            offered!(
                "SELECT matching.id, matching.provider_id
                 FROM wanted JOIN matching ON matching.id < wanted.before
                 ORDER BY matching.id DESC OFFSET $8 LIMIT $9"
            )
        )
    };
}

macro_rules! of_subject {
    () => {
        " AND orders.subject_key = wanted.subject_key"
    };
}

/// By the index of words.
macro_rules! found {
    () => {
        " JOIN order_texts sought ON sought.order_id = orders.id AND sought.is_open
                                 AND sought.search_words @@ wanted.words"
    };
}

/// The same of few orders: each is looked at.
macro_rules! with_words {
    () => {
        " JOIN LATERAL (
              SELECT search_words FROM order_texts WHERE order_id = orders.id OFFSET 0
          ) AS sought ON sought.search_words @@ wanted.words"
    };
}

macro_rules! invited {
    () => {
        " JOIN invitations ON invitations.order_id = orders.id
                          AND invitations.provider_id = wanted.provider_id"
    };
}

/// Walks down the open orders; what all that match come to is given.
///
/// That they are walked down must not be up to the planner, who cannot know how many match: the rows come in
/// order out of a subquery that takes no condition from outside, and nothing is joined to them on the way.
macro_rules! walked {
    ($walking:expr $(, $also:expr)*) => {
        concat!(
            wanted!(),
            ", known AS NOT MATERIALIZED (
                SELECT $8::bigint AS total, $9::bigint AS budgets, $10::bigint AS bids
            ), ",
            hidden!(),
            ", less AS (
                SELECT count(*) AS total, coalesce(sum(orders.budget_minor), 0) AS budgets,
                       coalesce(sum(orders.bids_count), 0) AS bids
                FROM wanted JOIN orders ON ",
            hidden_ones!(),
            biddable!(),
            within!(),
            $($also,)*
            "), summary AS (
                SELECT greatest(known.total - less.total, 0) AS total,
                       greatest(known.budgets - less.budgets, 0)::bigint AS budgets,
                       greatest(known.bids - less.bids, 0)::bigint AS bids,
                       (SELECT count(*) FROM wanted JOIN orders ON ",
            invited_ones!(),
            biddable!(),
            within!(),
            $($also,)*
            ") AS invited
                FROM known CROSS JOIN less
            ) ",
            offered!(concat!(
                "SELECT newest.id, (SELECT provider_id FROM wanted) AS provider_id
                 FROM (
                     SELECT id, deadline, budget_minor, subject_key FROM orders
                     WHERE orders.state = 'open' AND id < (SELECT before FROM wanted)
                     ORDER BY id DESC OFFSET 0
                 ) AS newest
                 WHERE newest.deadline > (SELECT now FROM wanted)
                   AND newest.budget_minor >= (SELECT least FROM wanted)
                   AND newest.budget_minor <= (SELECT most FROM wanted)
                   AND newest.id NOT IN (SELECT order_id FROM hidden)",
                $walking,
                " ORDER BY newest.id DESC OFFSET $11 LIMIT $12"
            ))
        )
    };
}

/// On the way: of the subject.
macro_rules! and_subject {
    () => {
        " AND newest.subject_key = (SELECT subject_key FROM wanted)"
    };
}

/// On the way: with the words.
macro_rules! and_words {
    () => {
        " AND (SELECT search_words FROM order_texts WHERE order_id = newest.id) @@ (SELECT words FROM wanted)"
    };
}

/// What all that match come to, whoever asks.
macro_rules! counted {
    ($($also:expr),*) => {
        concat!(
            "WITH wanted AS NOT MATERIALIZED (
                SELECT $1 AS now, $2 AS least, $3 AS most, $4 AS subject_key, $5::tsquery AS words
            )
            SELECT count(*) AS total, coalesce(sum(orders.budget_minor), 0)::bigint AS budgets,
                   coalesce(sum(orders.bids_count), 0)::bigint AS bids
            FROM wanted JOIN orders ON ",
            biddable!(),
            within!(),
            $($also),*
        )
    };
}

pub(super) const WITHIN_BUDGET: &str = filtered!();
pub(super) const OF_SUBJECT: &str = filtered!(of_subject!());
pub(super) const FOUND: &str = filtered!(found!());
pub(super) const FOUND_OF_SUBJECT: &str = filtered!(of_subject!(), found!());
pub(super) const INVITED: &str = filtered!(invited!());
pub(super) const INVITED_OF_SUBJECT: &str = filtered!(of_subject!(), invited!());
pub(super) const INVITED_FOUND: &str = filtered!(invited!(), with_words!());
pub(super) const INVITED_FOUND_OF_SUBJECT: &str = filtered!(of_subject!(), invited!(), with_words!());

pub(super) const WALKED: &str = walked!("");
pub(super) const WALKED_OF_SUBJECT: &str = walked!(and_subject!(), of_subject!());
pub(super) const WALKED_FOUND: &str = walked!(and_words!(), with_words!());
pub(super) const WALKED_FOUND_OF_SUBJECT: &str =
    walked!(concat!(and_subject!(), and_words!()), of_subject!(), with_words!());

pub(super) const COUNTED: &str = counted!();
pub(super) const COUNTED_OF_SUBJECT: &str = counted!(of_subject!());
pub(super) const COUNTED_FOUND: &str = counted!(found!());
pub(super) const COUNTED_FOUND_OF_SUBJECT: &str = counted!(of_subject!(), found!());
