//! Rankings of providers: the rows of `leaderboards` and `leaderboard_places`.
//!
//! A ranking is reckoned by one statement and written by the same one: whoever has no place any more
//! goes, and only rows that are different are written. So readers see either the old ranking or the
//! new one. What is the same is not even locked: a ranking
//! that has not changed is only read. Of all time it follows from the figures and
//! totals that are kept of everybody; of a month or a week from the orders that an index finds.
//!
//! With a hundred thousand providers that takes a second or so, in which nobody waits for it; so it
//! has more time than the statements that people wait for.
//!
//! The first places are the same for everybody, so they are kept and shared like what long lists come to
//! ([`crate::shared`]): names and pictures in them may be two seconds old. One's own place is looked up each time,
//! and stands in the list as it was found; it also tells whether what is kept is of the present ranking.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Record, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use domain::identity::AccountState;
use domain::ids::UserId;
use domain::money::Currency;
use domain::profiles::{Period, policy};
use futures_util::FutureExt;
use ports::profiles::{
    LeaderboardQueries, LeaderboardView, MAX_PLACES, PersonView, RankProviders, RankedProvider,
};
use ports::store::{StoreError, UnitOfWork};
use uuid::Uuid;

use super::{FiguresRow, roles_that};
use crate::error::{corrupt, exactly_one, store_error};
use crate::link::Line;
use crate::money::{currency as currency_of, total};
use crate::pool::Database;
use crate::statement::{Pieces, Statement, statement};
use crate::uow::bounded;

/// Held by whoever ranks until their transaction ends ("Guildlea" in ASCII).
const TRY_LOCK: &str = "SELECT pg_try_advisory_xact_lock(5149137663230240097) AS is_so";

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    is_so: bool,
}

/// Ranks what `$achieved` finds: rows of `user_id`, `orders_completed` and `earned_minor`. The order
/// is that of `domain::profiles::rank`, the rating that of `Figures::rating`; who may be ranked, the domain
/// says.
macro_rules! ranking {
    ($achieved:literal) => {
        concat!(
            "WITH wanted AS (
                 SELECT $1 AS period, $2 AS currency, $3 AS since, $4 AS as_of
             ), achieved AS (",
            $achieved,
            "), placed AS (
                 SELECT achieved.user_id, achieved.orders_completed, achieved.earned_minor,
                        figures.orders_total AS orders_ever, figures.orders_completed AS completed_ever,
                        figures.rating_sum, figures.rating_count,
                        row_number() OVER (
                            ORDER BY achieved.earned_minor DESC, achieved.orders_completed DESC,
                                     (200 * figures.rating_sum::bigint + figures.rating_count)
                                         / nullif(2 * figures.rating_count::bigint, 0) DESC NULLS LAST,
                                     achieved.user_id
                        )::integer AS rank
                 FROM achieved
                 JOIN users ON users.id = achieved.user_id
                 JOIN user_figures figures ON figures.user_id = achieved.user_id
                 WHERE users.state = $5 AND users.role = ANY($6)
             ), gone AS (
                 DELETE FROM leaderboard_places AS place USING wanted
                 WHERE place.period = wanted.period
                   AND NOT EXISTS (SELECT FROM placed WHERE placed.user_id = place.user_id)
             ), written AS (
                 INSERT INTO leaderboard_places AS place
                     (period, user_id, rank, orders_completed, earned_minor, orders_ever, completed_ever,
                      rating_sum, rating_count)
                 SELECT wanted.period, placed.user_id, placed.rank, placed.orders_completed,
                        placed.earned_minor, placed.orders_ever, placed.completed_ever, placed.rating_sum,
                        placed.rating_count
                 FROM wanted CROSS JOIN placed
                 LEFT JOIN leaderboard_places before
                        ON before.period = wanted.period AND before.user_id = placed.user_id
                 WHERE (before.rank, before.orders_completed, before.earned_minor, before.orders_ever,
                        before.completed_ever, before.rating_sum, before.rating_count)
                       IS DISTINCT FROM
                       (placed.rank, placed.orders_completed, placed.earned_minor, placed.orders_ever,
                        placed.completed_ever, placed.rating_sum, placed.rating_count)
                 ON CONFLICT (user_id, period) DO UPDATE
                 SET rank = excluded.rank, orders_completed = excluded.orders_completed,
                     earned_minor = excluded.earned_minor, orders_ever = excluded.orders_ever,
                     completed_ever = excluded.completed_ever, rating_sum = excluded.rating_sum,
                     rating_count = excluded.rating_count
             )
             INSERT INTO leaderboards AS board (period, currency, as_of)
             SELECT period, currency, as_of FROM wanted
             ON CONFLICT (period) DO UPDATE SET currency = excluded.currency, as_of = excluded.as_of"
        )
    };
}

const OF_ALL_TIME: &str = ranking!(
    "SELECT figures.user_id, figures.orders_completed, greatest(totals.earned_minor, 0) AS earned_minor
     FROM wanted
     JOIN user_figures figures ON figures.orders_completed > 0
     LEFT JOIN wallet_totals totals
            ON totals.user_id = figures.user_id AND totals.currency = wanted.currency"
);

/// What cancelled contracts released before is not in it: their orders were not completed.
const SINCE: &str = ranking!(
    "SELECT orders.provider_id AS user_id, count(*)::integer AS orders_completed,
            coalesce(sum(contracts.provider_net_minor) FILTER (WHERE contracts.currency = wanted.currency), 0)::bigint
                AS earned_minor
     FROM wanted
     JOIN orders ON orders.state = 'completed' AND orders.completed_at >= wanted.since
     JOIN contracts ON contracts.id = orders.contract_id
     GROUP BY orders.provider_id"
);

/// For one ranking on a busy server, before its job is given up.
const TAKE_YOUR_TIME: &str = "SET LOCAL statement_timeout = '50s'";
/// Longer, so that it ends only what a server that has fallen silent would never end.
const PATIENCE: Duration = Duration::from_secs(55);

async fn begin_ranking(connection: &mut Line<'_>) -> Result<bool, StoreError> {
    connection.batch_execute(TAKE_YOUR_TIME).await.map_err(store_error)?;
    let Answer { is_so } = statement(TRY_LOCK).get_result(connection).await.map_err(store_error)?;
    Ok(is_so)
}

async fn rank(
    connection: &mut Line<'_>,
    period: Period,
    since: Option<DateTime<Utc>>,
    currency: Currency,
    as_of: DateTime<Utc>,
) -> Result<(), StoreError> {
    let affected = statement(if since.is_some() { SINCE } else { OF_ALL_TIME })
        .bind::<Text, _>(period.as_str())
        .bind::<Text, _>(currency.as_str())
        .bind::<Nullable<Timestamptz>, _>(since)
        .bind::<Timestamptz, _>(as_of)
        .bind::<Text, _>(AccountState::Active.as_str())
        .bind::<Array<Text>, _>(roles_that(policy::may_be_ranked).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map_err(store_error)?;
    exactly_one(affected, "leaderboard")
}

#[async_trait]
impl RankProviders for Database {
    async fn rank(
        &self,
        period: Period,
        since: Option<DateTime<Utc>>,
        currency: Currency,
        as_of: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut unit = self.begin_unit().await?;
        unit.patience = unit.patience.max(PATIENCE);
        let is_ours = bounded!(unit, |connection| begin_ranking(connection))?;
        if is_ours {
            bounded!(unit, |connection| rank(connection, period, since, currency, as_of))?;
        }
        Box::new(unit).commit().await?;
        Ok(is_ours)
    }
}

/// A place with the person who has it.
macro_rules! place {
    () => {
        "ROW(place.user_id, users.full_name, profiles.avatar_url, place.rank, place.orders_completed,
             place.earned_minor, place.orders_ever, place.completed_ever, place.rating_sum, place.rating_count)
             AS place
         FROM leaderboard_places place
         JOIN users ON users.id = place.user_id
         JOIN profiles ON profiles.user_id = place.user_id"
    };
}

/// The first places and one's own, or a single row without a place where nobody is ranked. That ranks
/// are no higher than 100 is said once more for the index that has no others.
const VIEW: &str = concat!(
    "WITH wanted AS (SELECT $1 AS period, $2 AS places, $3 AS whose)
     SELECT board.currency, board.as_of, listed.is_own, listed.place
     FROM wanted
     JOIN leaderboards board ON board.period = wanted.period
     LEFT JOIN LATERAL (
         SELECT false AS is_own, place.rank, ",
    place!(),
    "    WHERE place.period = wanted.period AND place.rank <= wanted.places AND place.rank <= 100
         UNION ALL
         SELECT true, place.rank, ",
    place!(),
    "    WHERE place.period = wanted.period AND place.user_id = wanted.whose
     ) AS listed ON true
     ORDER BY listed.is_own, listed.rank"
);

/// One's own place, or a row without one where one is not ranked.
const OWN: &str = concat!(
    "SELECT board.currency, board.as_of, true AS is_own, own.place
     FROM leaderboards board
     LEFT JOIN LATERAL (
         SELECT ",
    place!(),
    "    WHERE place.period = board.period AND place.user_id = $1
     ) AS own ON true
     WHERE board.period = $2"
);

/// See [`place!`].
type PlaceSql =
    Record<(SqlUuid, Text, Nullable<Text>, Integer, Integer, BigInt, Integer, Integer, Integer, Integer)>;

/// See [`place!`].
type PlaceRow = (Uuid, String, Option<String>, i32, i32, i64, i32, i32, i32, i32);

/// What [`VIEW`] tells.
#[derive(QueryableByName)]
struct LeaderboardRow {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Timestamptz)]
    as_of: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Bool>)]
    is_own: Option<bool>,
    #[diesel(sql_type = Nullable<PlaceSql>)]
    place: Option<PlaceRow>,
}

fn ranked(row: PlaceRow, currency: Currency) -> Result<RankedProvider, StoreError> {
    const TABLE: &str = "leaderboard_places";
    let (id, name, avatar_url, rank, done, earned, orders_total, orders_completed, rating_sum, rating_count) =
        row;
    let figures = FiguresRow {
        orders_posted: 0,
        orders_total,
        orders_completed,
        orders_cancelled: 0,
        rating_sum,
        rating_count,
    };
    let orders_completed =
        u32::try_from(done).map_err(|_| corrupt(TABLE, "orders_completed", id, "is negative"))?;
    Ok(RankedProvider {
        rank: rank.into(),
        person: PersonView { id: UserId::new(id), name, avatar_url, figures: figures.into_figures(id)? },
        orders_completed,
        total_earned: total(TABLE, "earned_minor", id, earned, currency)?,
    })
}

fn view(rows: Vec<LeaderboardRow>) -> Result<Option<LeaderboardView>, StoreError> {
    let mut view: Option<LeaderboardView> = None;
    for LeaderboardRow { currency, as_of, is_own, place } in rows {
        let view = view.get_or_insert_with(|| LeaderboardView { ranked: Vec::new(), own: None, as_of });
        let Some(place) = place else { continue };
        let place = ranked(place, currency_of("leaderboards", as_of, &currency)?)?;
        if is_own == Some(true) {
            view.own = Some(place);
        } else {
            view.ranked.push(place);
        }
    }
    Ok(view)
}

/// The first places of a ranking, for all who ask.
#[derive(Debug)]
pub(crate) struct Board {
    as_of: DateTime<Utc>,
    /// [`MAX_PLACES`] of them, or all.
    ranked: Vec<RankedProvider>,
}

/// Which is told of any ranking, however short. Without one there is nothing to tell.
pub(crate) const ANY_RANKING: i64 = 0;
const NO_RANKING: i64 = ANY_RANKING - 1;

impl Database {
    async fn own_place(&self, period: Period, whose: UserId) -> Result<Option<LeaderboardView>, StoreError> {
        let question = self.reads().ask(|connection| {
            async move {
                let mut connection = connection;
                let own = statement(OWN).bind::<SqlUuid, _>(whose.uuid()).bind::<Text, _>(period.as_str());
                own.load(&mut connection).await
            }
            .boxed()
        });
        view(question.await?)
    }

    /// The first places, of nobody in particular.
    async fn board(self, period: Period) -> Result<(i64, Arc<Board>), StoreError> {
        let question = self.reads().ask_aside(|connection| {
            async move {
                let mut connection = connection;
                whole(period, MAX_PLACES, UserId::new(Uuid::nil())).load(&mut connection).await
            }
            .boxed()
        });
        Ok(match view(question.await?)? {
            Some(LeaderboardView { ranked, own: _, as_of }) => {
                (ANY_RANKING, Arc::new(Board { as_of, ranked }))
            }
            None => (NO_RANKING, Arc::new(Board { as_of: DateTime::default(), ranked: Vec::new() })),
        })
    }
}

fn whole(period: Period, places: u8, whose: UserId) -> Statement<impl Pieces + Send> {
    statement(VIEW)
        .bind::<Text, _>(period.as_str())
        .bind::<Integer, _>(i32::from(places))
        .bind::<SqlUuid, _>(whose.uuid())
}

#[async_trait]
impl LeaderboardQueries for Database {
    async fn leaderboard(
        &self,
        period: Period,
        places: u8,
        whose: UserId,
    ) -> Result<Option<LeaderboardView>, StoreError> {
        let Some(mut view_of_own) = self.own_place(period, whose).await? else { return Ok(None) };
        let board = self.come_to(|totals| &totals.leaderboards, period, Self::board).await;
        if let Some(board) = board.filter(|board| board.as_of == view_of_own.as_of) {
            let first = board.ranked.iter().take(places.into());
            view_of_own.ranked = first
                .map(|place| view_of_own.own.as_ref().filter(|own| own.rank == place.rank).unwrap_or(place))
                .cloned()
                .collect();
            return Ok(Some(view_of_own));
        }
        // It was made a moment ago, or nothing could be kept.
        let question = self.reads().ask(|connection| {
            async move {
                let mut connection = connection;
                whole(period, places, whose).load(&mut connection).await
            }
            .boxed()
        });
        view(question.await?)
    }
}
