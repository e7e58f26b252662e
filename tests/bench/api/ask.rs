//! Who asks, and for what.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// People who ask; some of the busiest are among them.
const PEOPLE: usize = 16;
/// How long a login is used. It is good for a quarter of an hour.
const LOGIN: Duration = Duration::from_secs(300);
/// How long the list of the mixture is.
const MIXED: usize = 60_000;

/// A request as it goes to the generator.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// Whose it is.
    pub(crate) person: usize,
    pub(crate) token: String,
    pub(crate) body: String,
}

/// Requests of one kind, and what they say to PostgreSQL.
pub(crate) struct Endpoint {
    pub(crate) name: &'static str,
    pub(crate) requests: Vec<Request>,
    /// A script for `pgbench` for each person.
    pub(crate) scripts: Vec<PathBuf>,
}

struct Person {
    email: String,
    token: String,
    /// Of the orders that they may bid on, those that nobody of these has used.
    open: Vec<String>,
    orders: Vec<String>,
    chats: Vec<String>,
}

/// All who ask, and what they know.
pub(crate) struct World {
    http: reqwest::Client,
    people: Vec<Person>,
    logged_in: Instant,
    /// The scripts of each kind of read.
    pub(crate) scripts: Vec<(&'static str, Vec<PathBuf>)>,
}

/// Kinds of reads by their paths; `{order}` and `{chat}` are one's own.
pub(crate) const READS: [(&str, &str); 13] = [
    ("me", "/api/v1/auth/me"),
    ("balance", "/api/v1/balance"),
    ("orders", "/api/v1/orders?page=1&limit=20"),
    ("order", "/api/v1/orders/{order}"),
    ("available", "/api/v1/available-orders?page=1&limit=20"),
    ("available_subject", "/api/v1/available-orders?subject=Business&min_budget=100&max_budget=400&limit=20"),
    ("available_search", "/api/v1/available-orders?search=Ocean%20Policy&limit=20"),
    ("bids", "/api/v1/bids?page=1&limit=20"),
    ("notifications", "/api/v1/notifications?page=1&limit=20"),
    ("transactions", "/api/v1/transactions?page=1&limit=20"),
    ("chats", "/api/v1/chats?page=1&limit=20"),
    ("messages", "/api/v1/chats/{chat}/messages?page=1&limit=50"),
    ("leaderboard", "/api/v1/leaderboard?limit=50"),
];

/// How often each kind comes in a hundred requests of the mixture.
const MIXTURE: [(&str, usize); 13] = [
    ("orders", 12),
    ("order", 12),
    ("available", 10),
    ("available_subject", 4),
    ("me", 5),
    ("notifications", 8),
    ("chats", 6),
    ("messages", 8),
    ("bids", 3),
    ("balance", 1),
    ("transactions", 1),
    ("post_message", 20),
    ("post_bid", 10),
];

impl World {
    /// Logs in and looks around.
    pub(crate) async fn enter(base: &str) -> Self {
        let http = reqwest::Client::new();
        let mut world = Self { http, people: Vec::new(), logged_in: Instant::now(), scripts: Vec::new() };
        for number in 0..PEOPLE {
            let email = format!("writer{}@bench.test", 1 + number * 31);
            let token = world.token(base, &email).await;
            let orders = world.ids(base, &token, "/api/v1/orders?limit=100", "orders", 1).await;
            let chats = world.ids(base, &token, "/api/v1/chats?limit=100", "chats", 1).await;
            let mut open = world.ids(base, &token, "/api/v1/available-orders?limit=100", "orders", 60).await;
            // Everybody begins somewhere else, so that they do not queue for the same orders.
            let turned = open.len() * number / PEOPLE;
            open.rotate_left(turned);
            world.people.push(Person { email, token, open, orders, chats });
        }
        world
    }

    async fn token(&self, base: &str, email: &str) -> String {
        let body = json!({"email": email, "password": "Passw0rd!"});
        let answer = self.http.post(format!("{base}/api/v1/auth/login")).json(&body).send().await.unwrap();
        let data: Value = answer.json().await.unwrap();
        data["data"]["access_token"].as_str().expect("a login").to_owned()
    }

    /// Everybody, anew.
    pub(crate) async fn log_in(&mut self, base: &str) {
        self.logged_in = Instant::now();
        for number in 0..self.people.len() {
            let email = self.people[number].email.clone();
            self.people[number].token = self.token(base, &email).await;
        }
    }

    /// Everybody, if their logins may end soon.
    pub(crate) async fn stay_logged_in(&mut self, base: &str) {
        if self.logged_in.elapsed() > LOGIN {
            self.log_in(base).await;
        }
    }

    /// Requests that were made with logins from before.
    pub(crate) fn give_tokens(&self, endpoint: &mut Endpoint) {
        for request in &mut endpoint.requests {
            request.token.clone_from(&self.people[request.person].token);
        }
    }

    async fn get(&self, base: &str, token: &str, path: &str) -> Value {
        let answer = self.http.get(format!("{base}{path}")).bearer_auth(token).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn ids(&self, base: &str, token: &str, path: &str, list: &str, most_pages: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for page in 1..=most_pages {
            let answer = self.get(base, token, &format!("{path}&page={page}")).await;
            let rows = answer["data"][list].as_array().unwrap();
            ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            if answer["data"]["pagination"]["has_next"] != true {
                break;
            }
        }
        ids
    }

    /// What a kind of read is for each person, of as many things of theirs as there are; the first is of everybody.
    pub(crate) fn requests(&self, path: &str) -> Vec<Vec<Request>> {
        let of = |(number, person): (usize, &Person)| {
            let things: &[String] = match path {
                path if path.contains("{order}") => &person.orders,
                path if path.contains("{chat}") => &person.chats,
                _ => &[String::new()],
            };
            let request = |thing: &String| Request {
                method: "GET",
                path: path.replace("{order}", thing).replace("{chat}", thing),
                person: number,
                token: person.token.clone(),
                body: String::new(),
            };
            things.iter().map(request).collect::<Vec<_>>()
        };
        self.people.iter().enumerate().map(of).filter(|requests| !requests.is_empty()).collect()
    }

    /// Asks, and wants it done.
    pub(crate) async fn ask(&self, base: &str, request: &Request) {
        let Request { method, path, person: _, token, body } = request;
        let url = format!("{base}{path}");
        let asked = match *method {
            "GET" => self.http.get(url),
            _ => self.http.post(url).header("content-type", "application/json").body(body.clone()),
        };
        let answer = asked.bearer_auth(token).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    pub(crate) fn read(&self, name: &'static str, path: &str) -> Endpoint {
        let (_, scripts) = self.scripts.iter().find(|(kind, _)| *kind == name).unwrap();
        let requests = self.requests(path).into_iter().flatten().collect();
        Endpoint { name, requests, scripts: scripts.clone() }
    }

    fn post((number, person): (usize, &Person), path: String, body: &Value) -> Request {
        Request { method: "POST", path, person: number, token: person.token.clone(), body: body.to_string() }
    }

    pub(crate) fn messages(&self) -> Endpoint {
        let body = json!({
            "content": "Yes, I will send the first draft by 5 PM tomorrow, with sources.", "attachments": []
        });
        let of = |(number, person): (usize, &Person)| -> Vec<_> {
            let path = |chat: &String| format!("/api/v1/chats/{chat}/messages");
            person.chats.iter().map(|chat| Self::post((number, person), path(chat), &body)).collect()
        };
        let by_person: Vec<_> = self.people.iter().enumerate().map(of).collect();
        Endpoint { name: "post_message", requests: in_turn(&by_person), scripts: Vec::new() }
    }

    /// Everybody on everything that they may bid on, each once.
    pub(crate) fn bids(&self) -> Endpoint {
        let body = json!({"bid_amount": 150.0, "message": "I have five years of experience in this field."});
        let of = |(number, person): (usize, &Person)| -> Vec<_> {
            let path = |order: &String| format!("/api/v1/orders/{order}/bids");
            person.open.iter().map(|order| Self::post((number, person), path(order), &body)).collect()
        };
        let by_person: Vec<_> = self.people.iter().enumerate().map(of).collect();
        Endpoint { name: "post_bid", requests: in_turn(&by_person), scripts: Vec::new() }
    }

    /// Seven reads and three writes in ten, with bids that are still to be placed.
    pub(crate) fn mixture(&self, bids: &Endpoint) -> Endpoint {
        let mut kinds: Vec<(usize, Vec<Request>)> = Vec::new();
        for (name, weight) in MIXTURE {
            let requests = match name {
                "post_message" => self.messages().requests,
                "post_bid" => bids.requests.clone(),
                _ => {
                    let (_, path) = READS.into_iter().find(|(read, _)| *read == name).unwrap();
                    in_turn(&self.requests(path))
                }
            };
            kinds.push((weight, requests));
        }
        // Spread evenly: each kind comes when it is furthest behind its share.
        let mut sent = vec![0_usize; kinds.len()];
        let mut requests = Vec::new();
        for number in 1..=MIXED {
            let behind = |kind: &usize| (kinds[*kind].0 * number).saturating_sub(sent[*kind] * 100);
            let kind = (0..kinds.len()).max_by_key(behind).unwrap();
            let of_kind = &kinds[kind].1;
            requests.push(of_kind[sent[kind] % of_kind.len()].clone());
            sent[kind] += 1;
        }
        Endpoint { name: "mixed 70/30", requests, scripts: Vec::new() }
    }
}

/// One of each, and again.
fn in_turn(lists: &[Vec<Request>]) -> Vec<Request> {
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|at| lists.iter().filter_map(move |list| list.get(at).cloned())).collect()
}
