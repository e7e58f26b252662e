//! For every operation that takes a body somebody who may call it, the thing that it is about in
//! the right state, and a body in which every field is filled in.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::operations::Operation;
use crate::authorisation::failed_job;
use crate::authorisation::market::{Ids, Stage, bring};
use crate::harness::{Census, Client, PASSWORD, Person, TestApp, eventually};

/// A server with one of each.
pub(crate) struct Ground {
    pub(super) app: TestApp,
    /// Tells whether anything is different.
    pub(super) census: Census,
    pub(super) admin: Person,
    pub(super) client: Person,
    pub(super) writer: Person,
    /// Takes money out.
    target: Person,
    /// Gets blocked.
    blocked: Person,
    /// Of the next account.
    number: AtomicU32,
}

/// Ready to be called.
pub(super) struct Scene {
    pub(super) caller: Client,
    pub(super) path: String,
    pub(super) body: Value,
}

/// Who calls, and what about.
#[derive(Clone, Copy)]
enum About {
    Nobody,
    Client(Option<Stage>),
    Writer(Option<Stage>),
    /// The writer, and what they have been told of.
    ToldWriter,
    /// The account in the path.
    AdminOfAccount,
    /// The withdrawal in the path.
    AdminOfWithdrawal,
    /// The withdrawal in the path, of which nobody knows what became of it.
    AdminOfDoubt,
    /// The chargeback in the path.
    AdminOfChargeback,
    /// The dispute in the path, which waits for a decision.
    AdminOfDispute,
    /// A job that has failed in the path.
    AdminOfJob,
    /// Somebody in the path whose payouts are stopped.
    AdminOfHold,
    /// An account of the books in the path.
    AdminOfBooks,
}

impl About {
    /// How far the order has to have come, if it is about one.
    const fn stage(self) -> Option<Stage> {
        match self {
            Self::Client(stage) | Self::Writer(stage) => stage,
            Self::AdminOfDispute => Some(Stage::InReview),
            Self::Nobody
            | Self::ToldWriter
            | Self::AdminOfAccount
            | Self::AdminOfWithdrawal
            | Self::AdminOfDoubt
            | Self::AdminOfChargeback
            | Self::AdminOfJob
            | Self::AdminOfHold
            | Self::AdminOfBooks => None,
        }
    }
}

struct Row {
    operation: &'static str,
    about: About,
    body: Value,
}

#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "a table")]
fn table() -> Vec<Row> {
    use About::{
        AdminOfAccount, AdminOfChargeback, AdminOfDispute, AdminOfDoubt, AdminOfHold, AdminOfWithdrawal, Client,
        Nobody, Writer,
    };
    let row = |operation, about, body| Row { operation, about, body };
    let order = json!({"title": "t", "subject": "s", "type": "t", "pages": 1, "deadline": "2030-01-01T00:00:00Z",
        "budget": 10, "description": "d", "requirements": "r", "detailed_requirements": ["one"],
        "specifications": {"format": "PDF", "citation_style": "APA", "language": "en", "additional_notes": "n"},
        "milestones": [{"title": "m", "due_date": "2029-01-01T00:00:00Z", "amount": 5}],
        "invited_writers": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"]});
    let withdrawal = |method: &str, details: Value|
        json!({"amount": 1, "method": method, "account_details": details});
    let terms = json!({"bid_amount": 9, "proposed_deadline": "2029-06-01T00:00:00Z", "message": "m"});
    vec![
        row("POST /api/v1/auth/register", Nobody, json!({"email": "new@example.com", "password": PASSWORD,
            "full_name": "New", "role": "writer", "phone": "+44 20 7946 0958"})),
        row("POST /api/v1/auth/login", Nobody, json!({"email": "nobody@example.com", "password": PASSWORD})),
        row("POST /api/v1/auth/refresh", Nobody, json!({"refresh_token": "q0Vb3v"})),
        row("POST /api/v1/auth/change-password", Client(None),
            json!({"old_password": "WrongPass123!", "new_password": "NewSecure456?"})),
        row("PUT /api/v1/users/profile", Client(None), json!({"full_name": "n", "phone": "12345",
            "email": "c1@example.com", "current_password": PASSWORD})),
        row("PATCH /api/v1/users/profile", Writer(None), json!({"full_name": "n", "phone": "12345",
            "email": "w1@example.com", "current_password": PASSWORD})),
        row("PATCH /api/v1/profile", Writer(None), json!({"full_name": "n", "bio": "b",
            "specializations": ["s"], "education": "e", "languages": ["l"]})),
        row("POST /api/v1/admin/users/{id}/block", AdminOfAccount, json!({"reason": "spam"})),
        row("POST /api/v1/orders", Client(None), order.clone()),
        row("PATCH /api/v1/orders/{order_id}", Client(Some(Stage::Bid)), order),
        row("PATCH /api/v1/orders/{order_id}", Writer(Some(Stage::Active)),
            json!({"progress": 50, "milestone_id": 1, "status": "in-progress"})),
        row("POST /api/v1/orders/{order_id}/invitations", Client(Some(Stage::Bid)),
            json!({"writer_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"})),
        row("POST /api/v1/orders/{order_id}/bids", Writer(Some(Stage::Invited)), terms.clone()),
        row("PATCH /api/v1/bids/{bid_id}", Writer(Some(Stage::Bid)), terms.clone()),
        row("POST /api/v1/bids/{bid_id}/counter", Client(Some(Stage::Bid)), terms),
        row("POST /api/v1/bids/{bid_id}/confirm", Writer(Some(Stage::Changed)), json!({"revision": 2})),
        row("POST /api/v1/bids/{bid_id}/accept", Client(Some(Stage::Bid)), json!({"bid_amount": 9, "revision": 1})),
        row("POST /api/v1/orders/{order_id}/milestones/{milestone_id}/request-changes",
            Client(Some(Stage::Submitted)), json!({"message": "again"})),
        row("POST /api/v1/orders/{order_id}/bonus", Client(Some(Stage::Completed)),
            json!({"amount": 1, "message": "m"})),
        row("POST /api/v1/orders/{order_id}/proposals", Client(Some(Stage::Active)),
            json!({"kind": "partial_release", "milestone_id": 1, "amount": 5, "message": "m"})),
        row("POST /api/v1/disputes", Client(Some(Stage::Active)),
            json!({"order_id": "ORD-001", "milestone_id": 1, "reason": "r", "to_provider": 5})),
        row("POST /api/v1/disputes/{dispute_id}/evidence", Writer(Some(Stage::Disputed)),
            json!({"text": "t", "file_ids": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"]})),
        row("POST /api/v1/disputes/{dispute_id}/offers", Client(Some(Stage::Disputed)),
            json!({"to_provider": 5, "message": "m"})),
        row("POST /api/v1/admin/disputes/{dispute_id}/decide", AdminOfDispute,
            json!({"to_provider": 5, "reason": "r"})),
        row("POST /api/v1/orders/{order_id}/review", Client(Some(Stage::Completed)), json!({"rating": 5, "comment": "c"})),
        row("POST /api/v1/orders/{order_id}/files", Client(Some(Stage::Active)),
            json!({"file_ids": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"]})),
        row("POST /api/v1/orders/{order_id}/milestones/{milestone_id}/submissions", Writer(Some(Stage::Active)),
            json!({"message": "m", "file_ids": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"]})),
        row("POST /api/v1/chats", Client(Some(Stage::Bid)),
            json!({"order_id": "ORD-001", "participant_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"})),
        row("POST /api/v1/chats/{chat_id}/messages", Writer(Some(Stage::Active)),
            json!({"content": "c", "attachments": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"]})),
        row("POST /api/v1/chats/{chat_id}/read", Client(Some(Stage::Active)),
            json!({"up_to": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11"})),
        row("POST /api/v1/payments/deposits", Client(None), json!({"amount": 10, "method": "sandbox"})),
        row("POST /api/v1/withdrawals", Writer(None), withdrawal("bank_transfer",
            json!({"account_number": "1234567890", "bank_name": "b", "account_holder": "h"}))),
        row("POST /api/v1/withdrawals", Writer(None), withdrawal("paypal", json!({"email": "a@example.com"}))),
        row("POST /api/v1/withdrawals", Writer(None), withdrawal("mobile_money",
            json!({"provider": "p", "phone_number": "12345", "account_holder": "h"}))),
        row("POST /api/v1/admin/withdrawals/{id}/reject", AdminOfWithdrawal, json!({"reason": "no"})),
        row("POST /api/v1/admin/payout-holds/{user_id}/lift", AdminOfHold, json!({"reason": "repaired"})),
        row("POST /api/v1/admin/chargebacks", AdminOfChargeback,
            json!({"deposit_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "reason": "stolen card"})),
        row("POST /api/v1/admin/withdrawals/{id}/mark-failed", AdminOfDoubt, json!({"reason": "no"})),
    ]
}

/// What stands in the paths of operations without a body: in their right state, for whoever may call them.
const BODILESS: [(&str, About); 42] = [
    ("POST /api/v1/files", About::Writer(None)),
    ("PUT /api/v1/profile/avatar", About::Writer(None)),
    ("DELETE /api/v1/profile/avatar", About::Writer(None)),
    ("POST /api/v1/auth/logout", About::Writer(None)),
    ("POST /api/v1/users/deactivate", About::Nobody),
    ("POST /api/v1/admin/users/{id}/unblock", About::AdminOfAccount),
    ("POST /api/v1/orders/{order_id}/cancel", About::Client(Some(Stage::Bid))),
    ("POST /api/v1/orders/{order_id}/fund", About::Client(Some(Stage::Pending))),
    ("POST /api/v1/orders/{order_id}/decline-invitation", About::Writer(Some(Stage::Invited))),
    (
        "POST /api/v1/orders/{order_id}/milestones/{milestone_id}/approve",
        About::Client(Some(Stage::Submitted)),
    ),
    ("POST /api/v1/orders/{order_id}/milestones/{milestone_id}/refund", About::Writer(Some(Stage::Active))),
    ("GET /api/v1/orders/{order_id}/proposals", About::Client(Some(Stage::Proposed))),
    ("GET /api/v1/proposals/{proposal_id}", About::Writer(Some(Stage::Proposed))),
    ("POST /api/v1/proposals/{proposal_id}/accept", About::Writer(Some(Stage::Proposed))),
    ("POST /api/v1/proposals/{proposal_id}/reject", About::Writer(Some(Stage::Proposed))),
    ("POST /api/v1/proposals/{proposal_id}/withdraw", About::Client(Some(Stage::Proposed))),
    ("GET /api/v1/disputes", About::Client(Some(Stage::Disputed))),
    ("GET /api/v1/disputes/{dispute_id}", About::Writer(Some(Stage::Disputed))),
    ("POST /api/v1/disputes/{dispute_id}/offers/{number}/accept", About::Client(Some(Stage::Disputed))),
    ("POST /api/v1/disputes/{dispute_id}/offers/{number}/reject", About::Client(Some(Stage::Disputed))),
    ("POST /api/v1/disputes/{dispute_id}/escalate", About::Writer(Some(Stage::Disputed))),
    ("GET /api/v1/admin/disputes", About::AdminOfDispute),
    ("POST /api/v1/bids/{bid_id}/withdraw", About::Writer(Some(Stage::Bid))),
    ("POST /api/v1/bids/{bid_id}/accept-counter", About::Writer(Some(Stage::Countered))),
    ("POST /api/v1/bids/{bid_id}/reject-counter", About::Writer(Some(Stage::Countered))),
    ("POST /api/v1/bids/{bid_id}/decline", About::Client(Some(Stage::Bid))),
    ("POST /api/v1/withdrawals/{id}/cancel", About::Writer(None)),
    ("POST /api/v1/admin/withdrawals/{id}/approve", About::AdminOfWithdrawal),
    ("POST /api/v1/admin/withdrawals/{id}/mark-paid", About::AdminOfWithdrawal),
    ("PATCH /api/v1/notifications/{id}/read", About::ToldWriter),
    ("POST /api/v1/notifications/mark-all-read", About::Writer(None)),
    ("GET /api/v1/admin/withdrawals", About::AdminOfWithdrawal),
    ("GET /api/v1/admin/chargebacks", About::AdminOfChargeback),
    ("POST /api/v1/admin/chargebacks/{id}/win", About::AdminOfChargeback),
    ("POST /api/v1/admin/chargebacks/{id}/lose", About::AdminOfChargeback),
    ("GET /api/v1/admin/jobs", About::AdminOfJob),
    ("GET /api/v1/admin/ledger/trial-balance", About::AdminOfBooks),
    ("GET /api/v1/admin/ledger/accounts/{id}/entries", About::AdminOfBooks),
    ("GET /api/v1/admin/reconciliation", About::AdminOfBooks),
    ("POST /api/v1/admin/jobs/{id}/retry", About::AdminOfJob),
    ("POST /api/v1/admin/jobs/{id}/cancel", About::AdminOfJob),
    ("GET /api/v1/orders/{order_id}/bids", About::Client(Some(Stage::Bid))),
];

impl Ground {
    pub(super) async fn start() -> Self {
        let app = TestApp::start().await;
        let target = app.register("client", "target@example.com").await;
        let blocked = app.register("client", "blocked@example.com").await;
        let client = app.register("client", "c1@example.com").await;
        let writer = app.register("writer", "w1@example.com").await;
        let admin = app.admin().await;
        for person in [&target, &writer] {
            person.client.post("/api/v1/payments/deposits", &json!({"amount": 1000})).await.data(201);
        }
        // A job whose number, 1, is nobody's any more: nothing that the corpus names is there.
        app.sql(
            "SELECT graphile_worker.add_job('clean_up', '{}', run_at => now() + interval '1 year', job_key => 'a');
             DELETE FROM graphile_worker._private_jobs WHERE key = 'a'",
        )
        .await;
        // Else the first ranking might come while nothing is to change.
        eventually("providers are ranked", || app.holds("(SELECT count(*) = 3 FROM leaderboards)")).await;
        let census = app.census().await;
        Self { app, census, admin, client, writer, target, blocked, number: AtomicU32::new(0) }
    }

    /// The scenes of an operation that takes a body: several where its fields exclude each other.
    pub(crate) fn scenes_of(operation: &Operation) -> Vec<usize> {
        let name = operation.name();
        table().iter().enumerate().filter(|(_, row)| row.operation == name).map(|(at, _)| at).collect()
    }

    /// Sets one of [`Self::scenes_of`] up, anew.
    pub(super) async fn set(&self, scene: usize) -> Scene {
        let Row { operation, about, mut body } = table().swap_remove(scene);
        let (caller, path) = self.bring(operation, about).await;
        if operation == "POST /api/v1/auth/register" {
            body["email"] = format!("new{}@example.com", self.number.fetch_add(1, Ordering::Relaxed)).into();
        }
        if operation.ends_with("/invitations") {
            body["writer_id"] = self.writer.id.clone().into();
        }
        if operation == "POST /api/v1/chats" {
            let open = self.client.client.get("/api/v1/orders?status=open&limit=1").await.data(200);
            body["order_id"] = open["orders"][0]["id"].clone();
            body["participant_id"] = self.writer.id.clone().into();
        }
        if operation == "POST /api/v1/admin/chargebacks" {
            body["deposit_id"] = self.deposit_of(&self.target).await.into();
        }
        if operation == "POST /api/v1/disputes" {
            let active = self.client.client.get("/api/v1/orders?status=active&limit=1").await.data(200);
            body["order_id"] = active["orders"][0]["id"].clone();
        }
        if body.get("invited_writers").is_some() {
            body["invited_writers"] = json!([self.writer.id]);
        }
        Scene { caller, path, body }
    }

    /// Somebody who may use an operation, and its path; for questions a provider, if nobody is named.
    pub(super) async fn caller_of(&self, operation: &Operation) -> (Client, String) {
        let name = operation.name();
        let row = table().into_iter().find(|row| row.operation == name);
        let about = row.map(|row| row.about);
        let about =
            about.or_else(|| BODILESS.iter().find(|(known, _)| *known == name).map(|(_, about)| *about));
        assert!(about.is_some() || operation.method == "GET", "no scene for {name}");
        self.bring(&name, about.unwrap_or(About::Writer(Some(Stage::Active)))).await
    }

    async fn bring(&self, operation: &str, about: About) -> (Client, String) {
        let path = operation.split(' ').next_back().unwrap();
        let person = match about {
            About::Nobody => None,
            About::Client(_) => Some(&self.client),
            About::Writer(_) | About::ToldWriter => Some(&self.writer),
            About::AdminOfAccount
            | About::AdminOfWithdrawal
            | About::AdminOfDoubt
            | About::AdminOfChargeback
            | About::AdminOfDispute
            | About::AdminOfJob
            | About::AdminOfHold
            | About::AdminOfBooks => Some(&self.admin),
        };
        let ids = match about.stage() {
            Some(stage) => bring(stage, &self.client, &self.writer).await,
            None => Ids::default(),
        };
        let id = match about {
            About::AdminOfAccount => self.blocked.id.clone(),
            About::ToldWriter => self.notification_of(&self.writer).await,
            About::AdminOfHold => self.held().await,
            About::AdminOfBooks => "platform:fees".to_owned(),
            About::AdminOfJob => failed_job(&self.app, &self.admin.client).await,
            About::Writer(None) if path.contains("{id}") => self.withdrawal_of(&self.writer).await,
            About::AdminOfDoubt => {
                let id = self.withdrawal_of(&self.target).await;
                let number = id.trim_start_matches("WD-").trim_start_matches('0');
                self.app
                    .sql(&format!(
                        "UPDATE withdrawals SET state = 'needs_review', sent_at = requested_at WHERE id = {number}"
                    ))
                    .await;
                id
            }
            About::AdminOfWithdrawal if path.contains("{id}") => self.withdrawal_of(&self.target).await,
            About::AdminOfChargeback if path.contains("{id}") => self.chargeback_of(&self.target).await,
            About::Nobody
            | About::Client(_)
            | About::Writer(_)
            | About::AdminOfWithdrawal
            | About::AdminOfChargeback
            | About::AdminOfDispute => String::new(),
        };
        let chat = if path.contains("{chat_id}") { self.newest_chat().await } else { String::new() };
        let path = path
            .replace("{chat_id}", &chat)
            .replace("{order_id}", &ids.order)
            .replace("{bid_id}", &ids.bid)
            .replace("{user_id}", if id.is_empty() { "{user_id}" } else { &id })
            .replace("{proposal_id}", &ids.proposal)
            .replace("{dispute_id}", &ids.dispute)
            .replace("{number}", "1")
            .replace("{id}", &id);
        let caller = person.map_or(&self.app.client, |person| &person.client);
        (caller.clone(), path.replace("{milestone_id}", "1"))
    }

    /// Of client and writer, about the order that was awarded last.
    async fn newest_chat(&self) -> String {
        let data = self.writer.client.get("/api/v1/chats?limit=1").await.data(200);
        data["chats"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Somebody whose payouts are stopped.
    async fn held(&self) -> String {
        let id = self.target.id.clone();
        self.app
            .sql(&format!(
                "INSERT INTO ledger_checks
                 VALUES ('00000000-0000-0000-0000-00000000000c', now(), now(), 1, '[]')
                 ON CONFLICT DO NOTHING;
                 INSERT INTO payout_holds (id, user_id, check_id, placed_at)
                 VALUES (gen_random_uuid(), '{id}', '00000000-0000-0000-0000-00000000000c', now())
                 ON CONFLICT DO NOTHING"
            ))
            .await;
        id
    }

    /// What they have been told of their deposit, at the latest.
    async fn notification_of(&self, person: &Person) -> String {
        let path = "/api/v1/notifications";
        let told = async || person.client.get(path).await.data(200)["notifications"][0].clone();
        eventually("they are told of something", async || told().await.is_object()).await;
        told().await["id"].as_str().unwrap().to_owned()
    }

    async fn deposit_of(&self, person: &Person) -> String {
        let data = person.client.post("/api/v1/payments/deposits", &json!({"amount": 10})).await.data(201);
        data["deposit"]["id"].as_str().unwrap().to_owned()
    }

    async fn chargeback_of(&self, person: &Person) -> String {
        let body = json!({"deposit_id": self.deposit_of(person).await, "reason": "stolen card"});
        let data = self.admin.client.post("/api/v1/admin/chargebacks", &body).await.data(201);
        data["chargeback"]["id"].as_str().unwrap().to_owned()
    }

    async fn withdrawal_of(&self, person: &Person) -> String {
        let body = json!({"amount": 1, "method": "paypal", "account_details": {"email": "a@example.com"}});
        let data = person.client.post("/api/v1/withdrawals", &body).await.data(201);
        data["withdrawal"]["id"].as_str().unwrap().to_owned()
    }
}
