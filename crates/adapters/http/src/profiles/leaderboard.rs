//! The ranking of providers. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 8).

use actix_web::{HttpResponse, get, web};
use domain::profiles::Period;
use ports::profiles::{LeaderboardView, MAX_PLACES, PersonView, RankedProvider};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Api;
use crate::document::examples::success;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, Query, Top, TopQuery, must_be_one_of};
use crate::wire::{Amount, Timestamp, rating, success_rate, words};

words!(
    /// Which completed orders count.
    PeriodWord,
    "LeaderboardPeriod",
    Period::ALL.iter().map(|period| period.as_str()),
    "Which completed orders count: every one, or those of the present calendar month or ISO week (UTC)."
);

/// Which ranking is wanted.
#[derive(Debug)]
pub(super) struct Ranking(Period);

impl Top for Ranking {
    const DEFAULT: u8 = 50;
    const MOST: u8 = MAX_PLACES;

    fn read(query: &mut Query) -> Self {
        let period = query.read("period", |text| {
            Period::from_word(text)
                .ok_or_else(|| must_be_one_of(Period::ALL.iter().map(|period| period.as_str())))
        });
        Self(period.unwrap_or(Period::AllTime))
    }
}

/// A ranking.
#[derive(Serialize, ToSchema)]
pub(super) struct LeaderboardData {
    /// The caller's own place, wherever it is; null for whoever is not ranked.
    current_user_position: Option<LeaderboardPlace>,
    /// The first ones, best first.
    leaderboard: Vec<LeaderboardPlace>,
    #[schema(value_type = PeriodWord)]
    period: &'static str,
    /// As of when the ranking is: at most a minute ago.
    updated_at: Timestamp,
}

/// A place in a ranking.
#[derive(Serialize, ToSchema)]
struct LeaderboardPlace {
    /// Counted from 1; nobody shares a place.
    #[schema(minimum = 1)]
    rank: i64,
    writer: RankedWriter,
    /// Orders that were completed in the period.
    #[schema(minimum = 1)]
    orders_completed: u32,
    /// What these have brought, net of fees; for all time what `GET /balance` says.
    total_earned: Amount,
    /// Of all their orders, whatever the period: completed × 100 / total with one decimal, cut off.
    success_rate: Option<f64>,
}

/// A provider in a ranking.
#[derive(Serialize, ToSchema)]
struct RankedWriter {
    id: Uuid,
    name: String,
    /// Where the picture is; null without one.
    avatar_url: Option<String>,
    /// Mean of all reviews to two decimals; null before the first.
    rating: Option<f64>,
}

impl From<RankedProvider> for LeaderboardPlace {
    fn from(place: RankedProvider) -> Self {
        let RankedProvider { rank, person, orders_completed, total_earned } = place;
        let PersonView { id, name, avatar_url, figures } = person;
        Self {
            rank,
            writer: RankedWriter { id: id.uuid(), name, avatar_url, rating: rating(&figures) },
            orders_completed,
            total_earned: Amount(total_earned),
            success_rate: success_rate(&figures),
        }
    }
}

/// See the ranking of providers
///
/// Providers who have completed an order, by what it brought them, then by how many orders they have
/// completed, then by their rating. Rating and success rate are those of all their orders, whatever
/// the period. The ranking is made anew every half minute; `updated_at` says when. Names and pictures of others may be
/// two seconds old. There are no pages.
#[utoipa::path(
    tag = "profiles",
    operation_id = "getLeaderboard",
    security(("bearer" = [])),
    params(
        ("period" = inline(Option<PeriodWord>), Query, nullable = false, example = "all-time",
            description = "`all-time` (default), `monthly` or `weekly`."),
        ("limit" = inline(Option<i64>), Query, nullable = false, minimum = 1, maximum = 100,
            description = "How many of the first ones at most; 50 if it is left out.", example = 50),
    ),
    responses((status = 200, description = "The first ones, and the caller's own place.",
        body = Envelope<LeaderboardData>,
        example = json!(success(&json!({
            "current_user_position": {"rank": 12,
                "writer": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe",
                    "avatar_url": "https://cdn.example.com/avatars/user.jpg", "rating": 4.8},
                "orders_completed": 42, "total_earned": 5240.00, "success_rate": 93.3},
            "leaderboard": [
                {"rank": 1,
                    "writer": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22", "name": "Sarah Johnson",
                        "avatar_url": "https://cdn.example.com/avatars/sarah.jpg", "rating": 4.9},
                    "orders_completed": 158, "total_earned": 28450.00, "success_rate": 98.7},
                {"rank": 2,
                    "writer": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e23", "name": "Michael Chen",
                        "avatar_url": "https://cdn.example.com/avatars/michael.jpg", "rating": 4.95},
                    "orders_completed": 142, "total_earned": 26780.00, "success_rate": 97.2}],
            "period": "all-time", "updated_at": "2024-01-15T00:00:00Z"})))))
)]
#[get("/leaderboard")]
pub(super) async fn show(
    caller: Caller,
    api: web::Data<Api>,
    query: TopQuery<Ranking>,
) -> Result<HttpResponse, ApiError> {
    let TopQuery { filter: Ranking(period), limit } = query;
    let view = api.profiles.leaderboard.execute(&caller.actor, period, limit).await?;
    let LeaderboardView { ranked, own, as_of } = view;
    Ok(ok(LeaderboardData {
        current_user_position: own.map(LeaderboardPlace::from),
        leaderboard: ranked.into_iter().map(LeaderboardPlace::from).collect(),
        period: period.as_str(),
        updated_at: Timestamp(as_of),
    }))
}
