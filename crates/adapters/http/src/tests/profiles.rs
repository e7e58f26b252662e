//! Profiles and rankings: the source document's examples, and what is wrong with a request. What is
//! done with a good one is tested with the use cases.

use std::sync::Arc;

use actix_web::http::Method;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::identity::Role;
use domain::ids::UserId;
use domain::money::{Currency, Money};
use domain::profiles::{Figures, Period};
use ports::identity::AccountView;
use ports::profiles::{
    LeaderboardQueries, LeaderboardView, PersonView, ProfileQueries, ProfileVersion, ProfileView,
    PublicProfileView, RankedProvider,
};
use ports::store::StoreError;
use serde_json::{Value, json};
use usecases::profiles::{EditProfile, ViewLeaderboard, ViewProfile, ViewPublicProfile};
use uuid::Uuid;

use super::orders::desk;
use super::support::{Faults, World, command, covers, example, faults, get, start};
use crate::profiles::ProfileUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> ProfileUseCases {
    ProfileUseCases {
        view: Arc::new(ViewProfile { profiles: world.clone() }),
        view_public: Arc::new(ViewPublicProfile { profiles: world.clone() }),
        edit: Arc::new(EditProfile(desk(world))),
        leaderboard: Arc::new(ViewLeaderboard { rankings: world.clone(), clock: world.clone() }),
    }
}

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn figures(completed: u32, total: u32, sum: u32, count: u32) -> Figures {
    Figures {
        orders_total: total,
        orders_completed: completed,
        rating_sum: sum,
        rating_count: count,
        ..Figures::default()
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The person of the source document, with this number.
fn account(number: u128, role: Role) -> AccountView {
    AccountView {
        id: UserId::new(Uuid::from_u128(number)),
        email: "writer@example.com".into(),
        full_name: "John Doe".into(),
        role,
        phone: Some("12345".into()),
        is_verified: true,
        created_at: moment("2023-06-15T00:00:00.5Z"),
        updated_at: moment("2023-06-15T00:00:00.5Z"),
        bio: Some("Experienced writer with 5+ years in academic writing...".into()),
        avatar_url: Some("https://cdn.example.com/avatars/user.jpg".into()),
        specializations: texts(&["Business", "Marketing", "Research"]),
        education: Some("MBA, Marketing".into()),
        languages: texts(&["English", "Spanish"]),
        figures: figures(42, 45, 24, 5),
    }
}

/// Number 7 has said nothing and done nothing yet, 8 is an administrator, 9 is nobody.
fn found(id: UserId) -> Option<AccountView> {
    let number = id.uuid().as_u128();
    match number {
        7 => Some(AccountView {
            bio: None,
            avatar_url: None,
            specializations: vec![],
            education: None,
            languages: vec![],
            figures: Figures::default(),
            is_verified: false,
            ..account(number, Role::Client)
        }),
        8 => Some(account(number, Role::Admin)),
        9 => None,
        _ => Some(account(number, Role::Writer)),
    }
}

#[async_trait]
impl ProfileQueries for World {
    async fn profile(&self, user_id: UserId, _: Currency) -> Result<Option<ProfileView>, StoreError> {
        Ok(found(user_id).map(|account| ProfileView {
            total_earned: usd(if account.figures.orders_total > 0 { 1_245_000 } else { 0 }),
            changed_at: moment("2024-01-15T14:30:00Z"),
            version: ProfileVersion { account: 3, profile: 1 },
            account,
        }))
    }

    async fn public_profile(&self, user_id: UserId) -> Result<Option<PublicProfileView>, StoreError> {
        Ok(found(user_id).map(PublicProfileView::from))
    }
}

fn place(rank: i64, name: &str, earned: i64, figures: Figures) -> RankedProvider {
    let avatar_url = Some("https://cdn.example.com/avatars/user.jpg".into());
    let id = UserId::new(Uuid::from_u128(u128::try_from(rank).unwrap()));
    let person = PersonView { id, name: name.into(), avatar_url, figures };
    RankedProvider { rank, person, orders_completed: figures.orders_completed, total_earned: usd(earned) }
}

/// The ranking of the source document; none of this week.
#[async_trait]
impl LeaderboardQueries for World {
    async fn leaderboard(
        &self,
        period: Period,
        places: u8,
        whose: UserId,
    ) -> Result<Option<LeaderboardView>, StoreError> {
        let number = whose.uuid().as_u128();
        self.questions.lock().unwrap().push(format!("{period} {places} {number}"));
        Ok((period != Period::Weekly).then(|| LeaderboardView {
            ranked: vec![
                place(1, "Sarah Johnson", 2_845_000, figures(158, 160, 49, 10)),
                place(2, "Michael Chen", 2_678_000, figures(142, 146, 99, 20)),
            ],
            own: (number == 12).then(|| place(12, "John Doe", 524_000, figures(42, 45, 24, 5))),
            as_of: moment("2024-01-15T00:00:00.9Z"),
        }))
    }
}

fn source() -> Value {
    json!({"status": "success", "data": {"profile": {
        "id": "user-uuid", "email": "writer@example.com", "full_name": "John Doe", "role": "writer",
        "avatar_url": "https://cdn.example.com/avatars/user.jpg",
        "bio": "Experienced writer with 5+ years in academic writing...", "rating": 4.8, "total_orders": 45,
        "completed_orders": 42, "success_rate": 93.3,
        "specializations": ["Business", "Marketing", "Research"], "education": "MBA, Marketing",
        "languages": ["English", "Spanish"], "member_since": "2023-06-15T00:00:00Z",
        "total_earned": 12450.00, "verified": true}}})
}

#[actix_web::test]
async fn ones_own_profile_is_that_of_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/profile", "writer:1")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.headers.get("etag").unwrap()),
        (200, &"\"3.1\"".parse().unwrap())
    );
    let mut expected = source();
    let profile = expected["data"]["profile"].as_object_mut().unwrap();
    profile.insert("id".into(), json!(Uuid::from_u128(1)));
    profile.insert("profile_complete".into(), json!(false));
    profile.insert("missing_fields".into(), json!(["bio"]));
    profile.insert("updated_at".into(), json!("2024-01-15T14:30:00Z"));
    assert_eq!(answer.json(), expected);
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(body.contains("\"total_earned\":12450.00,"), "amounts have two decimals: {body}");

    let bare = app.send(get("/api/v1/profile", "client:7")).await.json()["data"]["profile"].clone();
    for null in ["bio", "avatar_url", "education", "rating", "success_rate"] {
        assert_eq!(bare[null], Value::Null, "{null}");
    }
    assert_eq!((&bare["specializations"], &bare["languages"]), (&json!([]), &json!([])));
    assert_eq!((&bare["profile_complete"], &bare["missing_fields"]), (&json!(true), &json!([])));
    assert_eq!((&bare["verified"], &bare["total_orders"]), (&json!(false), &json!(0)));
}

#[actix_web::test]
async fn others_do_not_see_what_is_private() {
    let app = start().await;
    let path = |number: u128| format!("/api/v1/profiles/{}", Uuid::from_u128(number));
    for token in ["writer:1", "client:2", "admin:8"] {
        let answer = app.send(get(&path(1), token)).await;
        assert_eq!(answer.status, 200, "{token}");
        let mut expected = source();
        let profile = expected["data"]["profile"].as_object_mut().unwrap();
        profile.insert("id".into(), json!(Uuid::from_u128(1)));
        for private in ["email", "total_earned"] {
            profile.remove(private);
        }
        assert_eq!(answer.json(), expected);
    }
    let unknown = app.send(get(&path(9), "client:2")).await;
    assert_eq!(unknown.status, 404);
    for other in ["/api/v1/profiles/x", "/api/v1/profiles/%00"] {
        let answer = app.send(get(other, "client:2")).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (404, &unknown.body), "{other}");
    }
}

#[actix_web::test]
async fn the_ranking_is_that_of_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/leaderboard", "writer:12")).await;
    assert_eq!(answer.status, 200);
    let row = |rank: u128, name, rating, completed, earned, rate| {
        json!({"rank": rank,
            "writer": {"id": Uuid::from_u128(rank), "name": name,
                "avatar_url": "https://cdn.example.com/avatars/user.jpg", "rating": rating},
            "orders_completed": completed, "total_earned": earned, "success_rate": rate})
    };
    let expected = json!({"status": "success", "data": {
        "current_user_position": row(12, "John Doe", 4.8, 42, 5240.00, 93.3),
        "leaderboard": [
            row(1, "Sarah Johnson", 4.9, 158, 28450.00, 98.7),
            row(2, "Michael Chen", 4.95, 142, 26780.00, 97.2)],
        "period": "all-time", "updated_at": "2024-01-15T00:00:00Z"}});
    assert_eq!(answer.json(), expected);

    let others = app.send(get("/api/v1/leaderboard?period=monthly&limit=100", "client:1")).await.json();
    assert_eq!(others["data"]["current_user_position"], Value::Null);
    assert_eq!(others["data"]["period"], "monthly");
    let none = app.send(get("/api/v1/leaderboard?period=weekly&limit=1&page=7", "client:1")).await.json();
    let empty = json!({"current_user_position": null, "leaderboard": [], "period": "weekly",
        "updated_at": "2024-01-15T10:30:00Z"});
    assert_eq!(none["data"], empty, "nobody is ranked yet");
    let asked = app.world.questions.lock().unwrap().clone();
    assert_eq!(asked, ["all-time 50 12", "monthly 100 1", "weekly 1 1"]);
}

#[actix_web::test]
async fn faults_in_the_query_are_named() {
    let app = start().await;
    const LIMIT: &str = "must be a whole number between 1 and 100";
    const PERIOD: &str = "must be one of all-time, monthly, weekly";
    let cases: [(&str, Faults<'_>); 6] = [
        ("limit=0", &[("limit", LIMIT)]),
        ("limit=101", &[("limit", LIMIT)]),
        ("period=yearly", &[("period", PERIOD)]),
        ("period=all", &[("period", PERIOD)]),
        ("period=weekly&period=monthly", &[("period", "must be given only once")]),
        ("period=&limit=x", &[("limit", LIMIT), ("period", PERIOD)]),
    ];
    for (query, expected) in cases {
        let answer = app.send(get(&format!("/api/v1/leaderboard?{query}"), "client:1")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.json()["error"]["details"]["errors"], faults(expected), "{query}");
    }
}

#[actix_web::test]
async fn faults_in_a_profile_are_named() {
    let app = start().await;
    const EMPTY: &str = "must not be empty";
    let many: Vec<_> = (0..51).map(|number| number.to_string()).collect();
    let cases: [(Value, Faults<'_>); 9] = [
        (json!({"full_name": ""}), &[("full_name", EMPTY)]),
        (json!({"full_name": "x".repeat(201)}), &[("full_name", "must have at most 200 characters")]),
        (json!({"bio": "x".repeat(20_001)}), &[("bio", "must have at most 20000 characters")]),
        (json!({"education": "x".repeat(2_001)}), &[("education", "must have at most 2000 characters")]),
        (json!({"specializations": many}), &[("specializations", "must have at most 50 entries")]),
        (json!({"languages": ["a", "b", ""]}), &[("languages[2]", EMPTY)]),
        (json!({"languages": ["x".repeat(101)]}), &[("languages[0]", "must have at most 100 characters")]),
        (
            json!({"languages": ["English", "Spanish", " ENGLISH"]}),
            &[("languages[2]", "is in the list already")],
        ),
        (
            json!({"specializations": ["Law", "law"], "bio": "\u{0}", "full_name": " "}),
            &[
                ("specializations[1]", "is in the list already"),
                ("bio", "must not contain control characters"),
                ("full_name", EMPTY),
            ],
        ),
    ];
    for (body, expected) in cases {
        let text = body.to_string();
        let answer = app.send(command(Method::PATCH, "/api/v1/profile", "writer:1", &text)).await;
        assert_eq!(answer.status, 400, "{text}");
        let found = answer.json()["error"]["details"]["errors"].clone();
        let sorted = |faults: &Value| {
            let mut faults: Vec<_> = faults.as_array().unwrap().iter().map(Value::to_string).collect();
            faults.sort_unstable();
            faults
        };
        assert_eq!(sorted(&found), sorted(&faults(expected)));
    }
    for (body, field) in [
        ("{\"full_name\":null}", "full_name"),
        ("{\"bio\":7}", "bio"),
        ("{\"languages\":\"English\"}", "languages"),
        ("{\"languages\":[null]}", "languages[0]"),
        ("{\"avatar_url\":\"/a.png\"}", "avatar_url"),
        ("{\"email\":\"a@example.com\"}", "email"),
    ] {
        let answer = app.send(command(Method::PATCH, "/api/v1/profile", "writer:1", body)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["details"]["field"]),
            (400, &json!(field))
        );
    }
    // Good ones get as far as the store, which is down here; everybody who is logged in may.
    for token in ["writer:1", "client:2", "admin:8"] {
        for body in ["", "{}", "{\"bio\":null,\"languages\":null}"] {
            let answer = app.send(command(Method::PATCH, "/api/v1/profile", token, body)).await;
            assert_eq!(answer.status, 503, "{token}: {body}");
        }
    }
}

#[test]
fn the_descriptions_examples_have_the_sources_keys() {
    let description = serde_json::to_value(crate::openapi()).unwrap();
    covers(&example(&description, "get", "/api/v1/profile", "200"), &source(), "profile");
    let changed = json!({"status": "success", "data": {
        "profile": {"id": "user-uuid", "full_name": "John Doe", "bio": "Updated bio text...",
            "updated_at": "2024-01-15T14:30:00Z"},
        "message": "Profile updated successfully"}});
    covers(&example(&description, "patch", "/api/v1/profile", "200"), &changed, "change");
    let row = json!({"rank": 12, "writer": {"id": "uuid", "name": "John Doe",
        "avatar_url": "https://cdn.example.com/avatars/user.jpg", "rating": 4.8},
        "orders_completed": 42, "total_earned": 5240.00, "success_rate": 93.3});
    let ranking = json!({"status": "success", "data": {"current_user_position": row, "leaderboard": [row],
        "period": "all-time", "updated_at": "2024-01-15T00:00:00Z"}});
    covers(&example(&description, "get", "/api/v1/leaderboard", "200"), &ranking, "ranking");
}
