//! Registering, logging in and out, prolonging a login, and who one is.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use domain::identity::{EmailAddress, FullName, NewPassword, PhoneNumber, Role};
use secrecy::SecretString;
use serde::Deserialize;
use usecases::error::UseCaseError;
use usecases::identity::Registration;
use utoipa::ToSchema;
use validator::Validate;

use super::rules;
use super::wire::{LoggedInData, MeData, MessageData, RegisteredData, TokenData};
use super::words::RegistrationRoleWord;
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, created, ok};
use crate::error::ApiError;
use crate::extract::{Caller, JsonBody};
use crate::frame::limits::Shown;

/// What a stranger says of themselves.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterRequest {
    /// Unique without regard to case.
    #[validate(custom(function = "rules::email"))]
    #[schema(format = "email", max_length = 254, example = "writer@example.com")]
    email: String,
    /// 8 to 72 bytes; not among the most common ones, not the e-mail address.
    #[validate(custom(function = "rules::new_password"))]
    #[schema(format = "password", min_length = 2, max_length = 72, example = "SecurePass123!")]
    password: String,
    /// The name shown to others.
    #[validate(custom(function = "rules::full_name"))]
    #[schema(min_length = 1, max_length = 200, example = "John Doe")]
    full_name: String,
    /// `client` (also `customer`, `client_hunter`), `writer`, `freelancer` or `professional`, in any case.
    #[validate(custom(function = "rules::role"))]
    #[schema(value_type = RegistrationRoleWord, example = "writer")]
    role: String,
    /// 5 to 20 digits, grouped as you like.
    #[validate(custom(function = "rules::phone"))]
    #[schema(
        max_length = 40,
        pattern = "^\\+?[ ./()-]*([0-9][ ./()-]*){5,20}$",
        example = "+44 20 7946 0958"
    )]
    phone: Option<String>,
}

impl RegisterRequest {
    fn into_registration(self) -> Result<Registration, ApiError> {
        let Self { email, password, full_name, role, phone } = self;
        let email =
            EmailAddress::parse(&email).map_err(|error| UseCaseError::field("email", error.to_string()))?;
        let password = NewPassword::parse(&password, &email)
            .map_err(|error| UseCaseError::field("password", error.to_string()))?;
        let full_name = FullName::parse(&full_name)
            .map_err(|error| UseCaseError::field("full_name", error.to_string()))?;
        let role =
            Role::for_registration(&role).map_err(|error| UseCaseError::field("role", error.to_string()))?;
        let phone = phone
            .map(|phone| PhoneNumber::parse(&phone))
            .transpose()
            .map_err(|error| UseCaseError::field("phone", error.to_string()))?;
        Ok(Registration { email, password, full_name, role, phone })
    }
}

/// Open an account
///
/// The new account is logged in at once. An administrator cannot be registered. An address that
/// another account has is answered with 400 `VALIDATION_ERROR` on `email`. Ten attempts an hour per
/// address of the network; those that fail count as well.
#[utoipa::path(
    tag = "auth",
    operation_id = "register",
    request_body = RegisterRequest,
    responses((status = 201, description = "The account is open and logged in.", body = Envelope<RegisteredData>,
        example = json!({"status": "success", "data": {
            "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "email": "writer@example.com",
                     "full_name": "John Doe", "role": "writer", "created_at": "2024-01-15T10:30:00Z"},
            "access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9…", "refresh_token": "q0Vb3v…"}})))
)]
#[post("/auth/register")]
pub(super) async fn register(
    api: web::Data<Api>,
    body: JsonBody<RegisterRequest>,
) -> Result<HttpResponse, ApiError> {
    let registration = body.into_inner().into_registration()?;
    let register = api.use_cases.register.clone();
    let registered = commands::run(&api, async move { register.execute(registration).await }).await?;
    Ok(created(RegisteredData::from(registered)))
}

/// Address and password.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginRequest {
    /// Compared without regard to case.
    #[schema(example = "writer@example.com")]
    email: String,
    /// As it was set.
    #[schema(format = "password", example = "SecurePass123!")]
    password: String,
}

/// Log in
///
/// A wrong address and a wrong password get the same answer after the same time. A blocked or
/// deactivated account is told so (401, `details.reason` `account_blocked` or
/// `account_deactivated`) only after the right password. Ten attempts a minute per address of the
/// network, five per account.
#[utoipa::path(
    tag = "auth",
    operation_id = "login",
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Logged in.", body = Envelope<LoggedInData>,
        example = json!({"status": "success", "data": {
            "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "email": "writer@example.com",
                     "full_name": "John Doe", "role": "writer", "profile_complete": true,
                     "rating": 4.8, "total_orders": 45},
            "access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9…", "refresh_token": "q0Vb3v…"}})),
        (status = 401, description = "Wrong e-mail or password, or the account is blocked or deactivated.",
        body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNAUTHORIZED",
            "message": "Wrong email or password", "details": {}}}))
    )
)]
#[post("/auth/login")]
pub(super) async fn login(
    api: web::Data<Api>,
    limits: web::ReqData<Shown>,
    body: JsonBody<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    let LoginRequest { email, password } = body.into_inner();
    let email = EmailAddress::parse(&email).ok();
    if let Some(email) = &email {
        limits.tighten(api.limits.check_account(email.key())?);
    }
    let log_in = api.use_cases.log_in.clone();
    let logged_in =
        commands::run(
            &api,
            async move { log_in.execute(email.as_ref(), SecretString::from(password)).await },
        )
        .await?;
    Ok(ok(LoggedInData::from(logged_in)))
}

/// Log out
///
/// Ends the login that the token belongs to, with all tokens that descend from it: here at once,
/// on every other server within a second.
#[utoipa::path(
    tag = "auth",
    operation_id = "logout",
    security(("bearer" = [])),
    responses((status = 200, description = "Logged out.", body = Envelope<MessageData>,
        example = json!({"status": "success", "data": {"message": "Successfully logged out"}})))
)]
#[post("/auth/logout")]
pub(super) async fn logout(caller: Caller, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let log_out = api.use_cases.log_out.clone();
    commands::run(&api, async move { log_out.execute(&caller.actor).await }).await?;
    Ok(ok(MessageData { message: "Successfully logged out" }))
}

/// A refresh token.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshRequest {
    /// The newest one. May be sent as the bearer token instead.
    #[schema(format = Password, example = "q0Vb3v…")]
    refresh_token: Option<String>,
}

/// Prolong a login
///
/// Every use replaces the refresh token by the one in the answer. When that answer was lost, the
/// old token gets the same successor again for 10 seconds. Any other use of an old token ends the
/// whole login, because somebody else seems to have a copy.
#[utoipa::path(
    tag = "auth",
    operation_id = "refresh",
    security((), ("bearer" = [])),
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "Prolonged.", body = Envelope<TokenData>,
        example = json!({"status": "success", "data": {
            "access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9…", "refresh_token": "Zm9vYmFy…"}})),
        (status = 401, description = "No refresh token, or one that is unknown, expired, ended or used before.",
        body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNAUTHORIZED",
            "message": "The refresh token is not valid; log in again", "details": {}}}))
    )
)]
#[post("/auth/refresh")]
pub(super) async fn refresh(
    request: HttpRequest,
    api: web::Data<Api>,
    body: JsonBody<RefreshRequest>,
) -> Result<HttpResponse, ApiError> {
    let token = body.into_inner().refresh_token.or_else(|| bearer_token(&request)).ok_or_else(|| {
        UseCaseError::Unauthorized { reason: None, message: "A refresh token is needed".into() }
    })?;
    let refresh = api.use_cases.refresh.clone();
    let tokens = commands::run(&api, async move { refresh.execute(SecretString::from(token)).await }).await?;
    Ok(ok(TokenData::from(tokens)))
}

fn bearer_token(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// Who am I
///
/// The person behind the token, with the figures that their orders and reviews add up to.
#[utoipa::path(
    tag = "auth",
    operation_id = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The person behind the token.", body = Envelope<MeData>,
        example = json!({"status": "success", "data": {"user": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "email": "writer@example.com",
            "full_name": "John Doe", "role": "writer", "rating": 4.8, "total_orders": 45,
            "completed_orders": 42, "success_rate": 93.3, "member_since": "2023-06-15T00:00:00Z",
            "bio": "Experienced writer specializing in...",
            "avatar_url": "https://cdn.example.com/avatars/user-id.jpg"}}})))
)]
#[get("/auth/me")]
pub(super) async fn me(caller: Caller, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let account = api.use_cases.view_account.execute(&caller.actor).await?;
    Ok(ok(MeData::from(account)))
}
