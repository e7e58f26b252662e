//! An application with a clock that is set by hand, tokens that say who they are for, and routes
//! that only tests have.

use std::collections::HashSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{self, Bytes};
use actix_web::{Error, HttpResponse};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use domain::bidding::BidState;
use domain::identity::{EmailAddress, NewPassword, PasswordHash, Role};
use domain::ids::{SessionId, UserId};
use domain::money::{Currency, Money};
use ports::environment::{Clock, DatabaseHealth, DatabaseStatus, Ids};
use ports::idempotency::{RequestKey, StoredAnswer};
use ports::identity::{
    AccessClaims, AccessTokens, AccountQueries, AccountView, Credentials, EndedCursor, EndedSessions,
    HasherError, InvalidToken, PasswordHasher, RefreshTokens, SessionQueries, TokenDigest,
};
use ports::store::{Cause, Store, StoreError, UnitOfWork};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use usecases::error::{Present, UseCaseError};
use usecases::idempotency::{Answered, Once};
use usecases::identity::{
    Authenticate, BlockUser, ChangePassword, DeactivateAccount, LogIn, LogOut, RefreshSession, Register,
    TokenIssuer, UnblockUser, UpdateIdentity, ViewAccount,
};
use uuid::Uuid;
use validator::Validate;

use super::{
    agreements, audit, bids, disputes, files, jobs, messaging, money, notifications, orders, profiles,
};
use crate::api::{BODY_TIMEOUT, MAX_BODY_BYTES, UPLOAD_TIMEOUT};
use crate::error::ApiError;
use crate::extract::{AdminCaller, Caller, IdempotencyKey, JsonBody, PathId};
use crate::identity::IdentityUseCases;
use crate::{
    Api, CorsOrigin, Dependencies, HttpSettings, RateLimitSettings, Readiness, commands, envelope, server,
};

/// The outside world, as the tests want it.
#[derive(Default)]
pub(super) struct World {
    elapsed_ms: AtomicU64,
    minted: AtomicU64,
    pub(super) database_is_down: AtomicBool,
    pub(super) database_checks: AtomicUsize,
    pub(super) is_shutting_down: AtomicBool,
    pub(super) is_being_prepared: AtomicBool,
    pub(super) ended: Mutex<HashSet<SessionId>>,
    /// What was asked of the books.
    pub(super) questions: Mutex<Vec<String>>,
    /// What `/test/once` has done, and its answers to those who named their requests.
    done: AtomicUsize,
    answered: Mutex<Vec<(RequestKey, StoredAnswer)>>,
    /// Lets requests to `/test/slow` go on.
    pub(super) go_on: Notify,
}

impl World {
    pub(super) fn advance(&self, by: Duration) {
        self.elapsed_ms.fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for World {
    fn now(&self) -> DateTime<Utc> {
        let start = Utc.with_ymd_and_hms(2024, 1, 15, 10, 30, 0).unwrap();
        start + TimeDelta::from_std(self.monotonic()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(Ordering::SeqCst))
    }
}

impl Ids for World {
    fn uuid(&self, _: DateTime<Utc>) -> Uuid {
        Uuid::from_u128(u128::from(self.minted.fetch_add(1, Ordering::SeqCst)) + 1)
    }
}

impl Readiness for World {
    fn obstacle(&self) -> Option<&'static str> {
        self.is_shutting_down.load(Ordering::SeqCst).then_some("shutting down").or_else(|| self.barrier())
    }

    fn barrier(&self) -> Option<&'static str> {
        self.is_being_prepared.load(Ordering::SeqCst).then_some("the database is being prepared")
    }
}

fn down() -> StoreError {
    StoreError::Unavailable("connection to 10.9.8.7 refused, password secret".into())
}

#[async_trait]
impl DatabaseHealth for World {
    async fn check(&self) -> Result<DatabaseStatus, StoreError> {
        self.database_checks.fetch_add(1, Ordering::SeqCst);
        if self.database_is_down.load(Ordering::SeqCst) {
            return Err(down());
        }
        Ok(DatabaseStatus {
            version: "15.8".into(),
            round_trip: Duration::from_micros(400),
            pool_connections: 4,
            pool_idle: 3,
            pool_capacity: 16,
        })
    }
}

#[async_trait]
impl SessionQueries for World {
    async fn ended_since(
        &self,
        _: Option<EndedCursor>,
        _: DateTime<Utc>,
    ) -> Result<EndedSessions, StoreError> {
        Err(down())
    }

    async fn is_live(&self, id: SessionId) -> Result<bool, StoreError> {
        if self.database_is_down.load(Ordering::SeqCst) {
            return Err(down());
        }
        Ok(!self.ended.lock().unwrap().contains(&id))
    }
}

/// The login of the person with this number.
pub(super) fn session(number: u128) -> SessionId {
    SessionId::new(Uuid::from_u128(number))
}

/// Tokens are `role:number`.
impl AccessTokens for World {
    fn issue(&self, _: &AccessClaims) -> Result<String, Cause> {
        Err("not in these tests".into())
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, InvalidToken> {
        let (role, number) = token.split_once(':').ok_or(InvalidToken)?;
        let number: u128 = number.parse().map_err(|_| InvalidToken)?;
        Ok(AccessClaims {
            user_id: UserId::new(Uuid::from_u128(number)),
            session_id: session(number),
            email: "person@example.com".into(),
            role: Role::from_word(role).ok_or(InvalidToken)?,
            is_verified: false,
            issued_at: now,
            expires_at: now + TimeDelta::minutes(15),
            token_id: Uuid::nil(),
        })
    }
}

impl RefreshTokens for World {
    fn first(&self) -> Result<SecretString, Cause> {
        Err("not in these tests".into())
    }

    fn successor(&self, token: &SecretString) -> SecretString {
        token.clone()
    }

    fn digest(&self, _: &SecretString) -> TokenDigest {
        TokenDigest([0; 32])
    }
}

#[async_trait]
impl Store for World {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Err(down())
    }
}

#[async_trait]
impl AccountQueries for World {
    async fn account(&self, _: UserId) -> Result<Option<AccountView>, StoreError> {
        Err(down())
    }

    async fn credentials(&self, _: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        Ok(None)
    }

    async fn credentials_of(&self, _: UserId) -> Result<Option<Credentials>, StoreError> {
        Ok(None)
    }

    async fn has_administrator(&self) -> Result<bool, StoreError> {
        Ok(true)
    }
}

#[async_trait]
impl PasswordHasher for World {
    async fn hash(&self, _: NewPassword) -> Result<PasswordHash, HasherError> {
        Err(HasherError::Busy)
    }

    async fn verify(&self, _: SecretString, _: Option<PasswordHash>) -> Result<bool, HasherError> {
        Ok(false)
    }
}

fn use_cases(world: &Arc<World>, authenticate: &Arc<Authenticate>) -> IdentityUseCases {
    let issuer = TokenIssuer {
        clock: world.clone(),
        ids: world.clone(),
        access: world.clone(),
        refresh: world.clone(),
    };
    let store: Arc<dyn Store> = world.clone();
    let accounts: Arc<dyn AccountQueries> = world.clone();
    let hasher: Arc<dyn PasswordHasher> = world.clone();
    let clock: Arc<dyn Clock> = world.clone();
    let authenticate = authenticate.clone();
    IdentityUseCases {
        register: Arc::new(Register { store: store.clone(), hasher: hasher.clone(), issuer: issuer.clone() }),
        log_in: Arc::new(LogIn {
            store: store.clone(),
            accounts: accounts.clone(),
            hasher: hasher.clone(),
            issuer: issuer.clone(),
        }),
        log_out: Arc::new(LogOut { store: store.clone(), authenticate: authenticate.clone(), clock }),
        refresh: Arc::new(RefreshSession {
            store: store.clone(),
            authenticate: authenticate.clone(),
            issuer: issuer.clone(),
        }),
        view_account: Arc::new(ViewAccount { accounts: accounts.clone() }),
        update_identity: Arc::new(UpdateIdentity {
            store: store.clone(),
            accounts: accounts.clone(),
            hasher: hasher.clone(),
            issuer: issuer.clone(),
        }),
        change_password: Arc::new(ChangePassword {
            store: store.clone(),
            accounts,
            hasher,
            authenticate: authenticate.clone(),
            issuer: issuer.clone(),
        }),
        deactivate: Arc::new(DeactivateAccount {
            store: store.clone(),
            authenticate: authenticate.clone(),
            issuer: issuer.clone(),
        }),
        block_user: Arc::new(BlockUser { store: store.clone(), authenticate, issuer: issuer.clone() }),
        unblock_user: Arc::new(UnblockUser { store, issuer }),
    }
}

fn settings() -> HttpSettings {
    let some = |number| NonZeroU32::new(number).unwrap();
    HttpSettings {
        service: "guildhall",
        version: "1.2.3",
        production: false,
        cors_origins: vec![
            CorsOrigin::Exact("https://app.example.com".into()),
            CorsOrigin::AnyPort { scheme: "http".into(), host: "localhost".into() },
        ],
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        force_https: false,
        metrics_token: None,
        rate_limits: Some(RateLimitSettings {
            user_per_minute: some(600),
            address_per_minute: some(120),
            login_address_per_minute: some(10),
            login_account_per_minute: some(5),
            register_per_hour: some(10),
        }),
        max_in_flight: NonZeroUsize::new(512).unwrap(),
        max_body_bytes: MAX_BODY_BYTES,
        body_timeout: BODY_TIMEOUT,
        max_upload_bytes: files::MAX_BYTES,
        upload_timeout: UPLOAD_TIMEOUT,
        shutdown_grace: Duration::from_secs(20),
        render_metrics: Arc::new(|| "up 1\n".to_owned()),
    }
}

/// The application under test.
pub(super) struct TestApp<S> {
    pub(super) world: Arc<World>,
    pub(super) files: files::FileWorld,
    pub(super) api: web::Data<Api>,
    service: S,
}

/// A question of the person with this token.
pub(super) fn get(path: &str, token: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
}

/// A command of the person with this token.
pub(super) fn command(method: Method, path: &str, token: &str, body: &str) -> TestRequest {
    TestRequest::with_uri(path)
        .method(method)
        .insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload(body.to_owned())
}

/// A command of the person with this token.
pub(super) fn post(path: &str, token: &str, body: &str) -> TestRequest {
    command(Method::POST, path, token, body)
}

/// Fields and what is wrong with them.
pub(super) type Faults<'a> = &'a [(&'a str, &'a str)];

/// What is wrong with which field, as an error tells it.
pub(super) fn faults(expected: Faults<'_>) -> Value {
    expected.iter().map(|(field, message)| json!({"field": field, "message": message})).collect()
}

/// Checks that every key of a source's example is in ours, with a value of the same kind, the first
/// item of a list standing for all.
pub(super) fn covers(ours: &Value, source: &Value, path: &str) {
    match (ours, source) {
        (Value::Object(ours), Value::Object(source)) => {
            for (key, value) in source {
                let own = ours.get(key).unwrap_or_else(|| panic!("{path}.{key} is missing"));
                covers(own, value, &format!("{path}.{key}"));
            }
        }
        (Value::Array(ours), Value::Array(source)) => covers(&ours[0], &source[0], path),
        (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Null, Value::Null) => {}
        (ours, source) => panic!("{path}: {ours} instead of {source}"),
    }
}

/// The example of an operation's answer in the description.
pub(super) fn example(description: &Value, method: &str, path: &str, status: &str) -> Value {
    let answer = &description["paths"][path][method]["responses"][status];
    answer["content"]["application/json"]["example"].clone()
}

/// Starts the application with the usual settings.
pub(super) async fn start()
-> TestApp<impl Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = Error>> {
    start_with(|_| ()).await
}

/// Starts the application with settings that `change` has changed.
pub(super) async fn start_with(
    change: impl FnOnce(&mut HttpSettings),
) -> TestApp<impl Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = Error>> {
    let world = Arc::new(World::default());
    let authenticate = Arc::new(Authenticate::new(world.clone(), world.clone(), world.clone()));
    let file_world = files::FileWorld::new(&world).await;
    let mut settings = settings();
    change(&mut settings);
    let api = web::Data::new(Api::new(Dependencies {
        use_cases: use_cases(&world, &authenticate),
        money: money::use_cases(&world),
        orders: orders::use_cases(&world),
        bids: bids::use_cases(&world),
        contracts: bids::contract_use_cases(&world),
        agreements: agreements::use_cases(&world),
        disputes: disputes::use_cases(&world),
        notifications: notifications::use_cases(&world),
        profiles: profiles::use_cases(&world),
        jobs: jobs::use_cases(&world),
        audit: audit::use_cases(&world),
        messaging: messaging::use_cases(&world),
        files: file_world.use_cases(),
        authenticate,
        health: world.clone(),
        readiness: world.clone(),
        clock: world.clone(),
        ids: world.clone(),
        settings,
        tasks: TaskTracker::new(),
        runtime: Handle::current(),
    }));
    let routes = world.clone();
    let service = init_service(server::app(api.clone(), move |config| test_routes(config, &routes))).await;
    TestApp { world, files: file_world, api, service }
}

impl<S: Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = Error>> TestApp<S> {
    pub(super) async fn send(&self, request: TestRequest) -> Answer {
        let answer = match self.service.call(request.to_request()).await {
            Ok(answer) => answer.into_parts().1,
            Err(error) => error.error_response(),
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, body: to_bytes(answer.into_body()).await.unwrap() }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap())
    }

    /// Checks that it is an error in the envelope, and nothing more.
    pub(super) fn expect_error(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{body}");
        assert_eq!(body["status"], "error");
        assert!(body["error"]["message"].is_string() && body["error"]["details"].is_object(), "{body}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        assert_eq!(body["error"].as_object().unwrap().len(), 3, "{body}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(self.headers.contains_key("x-request-id"));
        body["error"]["details"].clone()
    }
}

/// What the test routes take.
#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct Thing {
    #[validate(length(min = 1, max = 10))]
    pub(super) name: Option<String>,
}

async fn echo(_: Caller, body: JsonBody<Thing>) -> HttpResponse {
    envelope::ok(body.into_inner().name)
}

async fn administer(
    _: AdminCaller,
    id: PathId<UserId>,
    _: JsonBody<Thing>,
) -> Result<HttpResponse, ApiError> {
    id.get().map(|id| envelope::ok(id.uuid()))
}

/// Does it now, or remembers.
fn once(world: &World, name: Option<String>, once: &Once<String>) -> Result<Answered<String>, UseCaseError> {
    let mut answered = world.answered.lock().unwrap();
    if let Some(key) = &once.key {
        if key.key == "busy" {
            return Err(UseCaseError::InProgress);
        }
        let is_same_name = |(known, _): &&(RequestKey, StoredAnswer)| {
            (known.user_id, known.key.as_str()) == (key.user_id, key.key.as_str())
        };
        if let Some((known, answer)) = answered.iter().find(is_same_name) {
            let (reason, message) = ("idempotency_key_reused", "used before".into());
            let is_same = known.fingerprint == key.fingerprint;
            let reused = UseCaseError::Unprocessable { reason, field: None, message };
            return if is_same { Ok(Answered::Before(answer.clone())) } else { Err(reused) };
        }
    }
    let number = world.done.fetch_add(1, Ordering::SeqCst) + 1;
    let output = format!("{} {number}", name.unwrap_or_default());
    if let Some(key) = &once.key {
        answered.push((key.clone(), (once.render)(&output)?));
    }
    Ok(Answered::Now(output))
}

async fn panics() -> HttpResponse {
    panic!("the password is secret")
}

async fn command_panics(api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let command = async { Err::<(), _>(if true { panic!("secret") } else { UseCaseError::NotFound }) };
    Ok(envelope::ok(commands::run(&api, command).await?))
}

async fn breaks() -> Result<HttpResponse, ApiError> {
    Err(UseCaseError::from(StoreError::Refused("relation \"users\" does not exist".into())).into())
}

async fn unavailable() -> Result<HttpResponse, ApiError> {
    let cause = "connection to 10.9.8.7 refused".into();
    Err(UseCaseError::Unavailable { retry_after: Duration::from_millis(1500), cause }.into())
}

async fn conflicts() -> Result<HttpResponse, ApiError> {
    let message = "Already accepted".into();
    Err(UseCaseError::Conflict { reason: "not_open", state: "accepted", message, present: None }.into())
}

/// What an award can be refused with that carries more than words.
async fn refuses(kind: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let usd = |minor| Money::total(minor, Currency::Usd).map_err(ApiError::internal);
    let changed = |reason, present| UseCaseError::Conflict {
        reason,
        state: "open",
        message: "It has changed".into(),
        present: Some(present),
    };
    Err(match kind.as_str() {
        "payment" => UseCaseError::PaymentRequired { required: usd(11_500)?, available: usd(2_010)? },
        "stale" => UseCaseError::PreconditionFailed,
        "bid" => changed("bid_changed", Present::Bid(Box::new(bids::bid(BidState::Open)))),
        "revision" => changed("order_changed", Present::Revision(7)),
        _ => UseCaseError::Unprocessable {
            reason: "deadline_not_in_future",
            field: Some("deadline".into()),
            message: "deadline must be in the future".into(),
        },
    }
    .into())
}

pub(super) fn test_routes(config: &mut web::ServiceConfig, world: &Arc<World>) {
    let named = {
        let world = world.clone();
        move |caller: Caller, api: web::Data<Api>, key: IdempotencyKey, body: JsonBody<Thing>| {
            let world = world.clone();
            async move {
                let named = key.once(&caller.actor, &body, |done: &String| envelope::stored_created(done));
                let name = body.into_inner().name;
                commands::run_once(&api, named, |named| async move { once(&world, name, &named) }).await
            }
        }
    };
    let versioned = {
        let world = world.clone();
        move |caller: Caller, api: web::Data<Api>, key: IdempotencyKey, body: JsonBody<Thing>| {
            let world = world.clone();
            async move {
                let named = key.once(&caller.actor, &body, |done: &String| envelope::stored_ok(done));
                let name = body.into_inner().name;
                let command = |named| async move { once(&world, name, &named) };
                commands::run_once_versioned(&api, named, |_| 7_i64, command).await
            }
        }
    };
    let world = world.clone();
    config
        .route("/test/versioned", web::post().to(versioned))
        .route("/test/once", web::post().to(named.clone()))
        .route("/test/once/{id}", web::post().to(named))
        .route("/test/things", web::post().to(echo))
        .route("/test/things/{id}", web::post().to(administer))
        .route("/test/panic", web::get().to(panics))
        .route("/test/command-panic", web::get().to(command_panics))
        .route("/test/broken", web::get().to(breaks))
        .route("/test/unavailable", web::get().to(unavailable))
        .route("/test/conflict", web::get().to(conflicts))
        .route("/test/refused/{kind}", web::get().to(refuses))
        .route("/test/large", web::get().to(|| async { envelope::ok("x".repeat(5000)) }))
        .route("/test/small", web::get().to(|| async { envelope::ok("x") }))
        .route(
            "/test/slow",
            web::get().to(move || {
                let world = world.clone();
                async move {
                    world.go_on.notified().await;
                    envelope::ok("done")
                }
            }),
        );
}
