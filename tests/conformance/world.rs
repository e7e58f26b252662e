//! What the examples are replayed in: the people of the source document, with everything about them that it shows.
//! All of it comes about through the API.

use std::io::Cursor;

use chrono::{SecondsFormat, TimeDelta};
use image::{ImageFormat, RgbImage};
use ports::environment::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestApp, TestSettings, eventually};

/// A marketplace in which a client and a writer have worked together once.
pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) client: Person,
    pub(super) writer: Person,
    /// The answer to the writer's registration.
    pub(super) registered: Answer,
}

/// The writer's registration is the source's.
pub(super) const REGISTRATION: &str = "POST /api/v1/auth/register";
/// What the order was called in which they worked together, and what it cost.
pub(super) const FIRST_TITLE: &str = "Marketing Research Paper";
pub(super) const FIRST_PRICE: &str = "115.00";

impl World {
    /// Both have profiles with pictures; one order is completed and paid for, and each has reviewed the other.
    pub(super) async fn open(registration: &Value) -> Self {
        let app =
            TestApp::start_with(TestSettings::default().with("PUBLIC_URL", "https://api.example.com")).await;
        let registered = app.client.post("/api/v1/auth/register", registration).await;
        let writer = app.log_in("writer@example.com").await;
        let client = app.register("client", "client@example.com").await;
        let world = Self { app, client, writer, registered };
        for person in [&world.client, &world.writer] {
            world.introduce(person).await;
        }
        let order = world.active(&world.writer, json!({"title": FIRST_TITLE}), FIRST_PRICE).await;
        world.complete(&world.writer, &order, 1).await;
        for (person, rating) in [(&world.client, 5), (&world.writer, 4)] {
            let review = json!({"rating": rating, "comment": "A pleasure"});
            person.client.post(&format!("/api/v1/orders/{order}/review"), &review).await.data(201);
        }
        world
    }

    /// Somebody says everything of themselves, and shows a picture.
    pub(super) async fn introduce(&self, person: &Person) {
        let profile = json!({"bio": "Experienced writer specializing in business. ".repeat(3),
            "specializations": ["Business", "Marketing", "Research"], "education": "MBA, Marketing",
            "languages": ["English", "Spanish"]});
        person.client.patch("/api/v1/profile", &profile).await.data(200);
        let mut picture = Cursor::new(Vec::new());
        RgbImage::new(64, 64).write_to(&mut picture, ImageFormat::Png).unwrap();
        let bytes = picture.into_inner();
        person.client.upload(Method::PUT, "/api/v1/profile/avatar", "me.png", &bytes).await.data(200);
    }

    /// Some hours from now.
    pub(super) fn at(&self, hours: i64) -> String {
        (self.app.clock.now() + TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The client posts an order in which everything is said, with these fields on top or instead.
    pub(super) async fn post(&self, fields: Value) -> String {
        let mut order = json!({"title": "Research Paper on Climate Change", "subject": "Environmental Science",
            "type": "Research Paper", "pages": 8, "deadline": self.at(20 * 24), "budget": 120.00,
            "description": "Comprehensive analysis of climate change impacts on global agriculture...",
            "requirements": "MBA level writing, experience with business plans required",
            "detailed_requirements": ["APA citation style", "Minimum 10 scholarly sources"],
            "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)",
                "additional_notes": "Please include charts and graphs for financial projections."}});
        order.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        id(&self.client.client.post("/api/v1/orders", &order).await.data(201)["order"])
    }

    pub(super) async fn bid(&self, who: &Person, order: &str, amount: &Value) -> String {
        let body =
            json!({"bid_amount": amount, "message": "I have extensive experience in marketing research..."});
        id(&who.client.post(&format!("/api/v1/orders/{order}/bids"), &body).await.data(201)["bid"])
    }

    pub(super) async fn accept(&self, bid: &str) {
        self.client.client.post_nothing(&format!("/api/v1/bids/{bid}/accept")).await.data(200);
    }

    /// An order whose work is on, at this price.
    pub(super) async fn active(&self, who: &Person, fields: Value, price: &str) -> String {
        let amount: Value = serde_json::from_str(price).unwrap();
        self.client.client.post("/api/v1/payments/deposits", &json!({"amount": amount})).await.data(201);
        let order = self.post(fields).await;
        let bid = self.bid(who, &order, &amount).await;
        self.accept(&bid).await;
        order
    }

    /// The milestones up to this one are handed in and approved.
    pub(super) async fn complete(&self, who: &Person, order: &str, milestones: i64) {
        for milestone in 1..=milestones {
            let path = format!("/api/v1/orders/{order}/milestones/{milestone}");
            let file = self.upload(who).await;
            let work = json!({"message": "Please have a look.", "file_ids": [file["id"]]});
            who.client.post(&format!("{path}/submissions"), &work).await.data(200);
            self.client.client.post_nothing(&format!("{path}/approve")).await.data(200);
        }
    }

    /// The source's file: its name, its type and its size.
    pub(super) async fn upload(&self, who: &Person) -> Value {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        bytes.resize(159_744, b' ');
        let answer = who.client.upload(Method::POST, "/api/v1/files", "research-outline.pdf", &bytes).await;
        answer.data(201)["file"].clone()
    }

    /// Lets the schedule tick, and waits until every ranking is as of now.
    pub(super) async fn rank(&self) {
        let begun = "EXISTS (SELECT FROM schedules WHERE name = 'refresh_leaderboard')";
        eventually("the schedule has begun", || self.app.holds(begun)).await;
        self.app.clock.advance(TimeDelta::seconds(30));
        let now = self.app.clock.now().to_rfc3339();
        let fresh = format!("(SELECT count(*) = 3 FROM leaderboards WHERE as_of >= '{now}')");
        eventually("providers are ranked", || self.app.holds(&fresh)).await;
    }
}

pub(super) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_else(|| panic!("no id: {object}")).to_owned()
}
