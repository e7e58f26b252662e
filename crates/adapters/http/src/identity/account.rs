//! One's own record, and closing the account.

use actix_web::{HttpResponse, get, patch, post, put, web};
use domain::identity::{EmailAddress, FullName, PhoneNumber};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use usecases::error::UseCaseError;
use usecases::identity::IdentityChange;
use utoipa::ToSchema;
use validator::Validate;

use super::rules;
use super::wire::{MessageData, RecordData};
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, JsonBody};
use crate::frame::limits::Shown;
use crate::wire::{nullable, present};

/// For the description: a record that was changed at `updated_at`.
fn example(updated_at: &str) -> Value {
    json!({"status": "success", "data": {"user": {
        "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "email": "writer@example.com",
        "full_name": "John Doe", "role": "writer", "phone": "+44 20 7946 0958",
        "created_at": "2024-01-15T10:30:00Z", "updated_at": updated_at}}})
}

/// See one's own record
///
/// Who the account says it is, and how to reach it.
#[utoipa::path(
    tag = "users",
    operation_id = "getOwnRecord",
    security(("bearer" = [])),
    responses((status = 200, description = "The caller's own record.", body = Envelope<RecordData>,
        example = json!(example("2024-01-15T10:30:00Z"))))
)]
#[get("/users/profile")]
pub(super) async fn show(caller: Caller, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let account = api.use_cases.view_account.execute(&caller.actor).await?;
    Ok(ok(RecordData::from(account)))
}

/// What is to change; what is not named stays as it is.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateRecordRequest {
    /// The name shown to others.
    #[serde(default, deserialize_with = "present")]
    #[validate(custom(function = "rules::full_name"))]
    #[schema(min_length = 1, max_length = 200, example = "John Doe", nullable = false)]
    full_name: Option<String>,
    /// 5 to 20 digits, grouped as you like; null for none any more.
    #[serde(default, deserialize_with = "nullable")]
    #[validate(custom(function = "rules::phone"))]
    #[schema(max_length = 40, pattern = "^\\+?[ ./()-]*([0-9][ ./()-]*){5,20}$", value_type = Option<String>, example = "+44 20 7946 0958")]
    phone: Option<Option<String>>,
    /// A new address to log in with; needs `current_password`.
    #[serde(default, deserialize_with = "present")]
    #[validate(custom(function = "rules::email"))]
    #[schema(format = "email", max_length = 254, example = "john@example.com", nullable = false)]
    email: Option<String>,
    /// The present password, when `email` changes.
    #[serde(default, deserialize_with = "present")]
    #[schema(format = "password", example = "SecurePass123!", nullable = false)]
    current_password: Option<String>,
}

impl UpdateRecordRequest {
    fn into_change(self) -> Result<IdentityChange, ApiError> {
        let Self { full_name, phone, email, current_password } = self;
        let full_name = full_name
            .map(|name| FullName::parse(&name))
            .transpose()
            .map_err(|error| UseCaseError::field("full_name", error.to_string()))?;
        let phone = phone
            .map(|phone| phone.map(|phone| PhoneNumber::parse(&phone)).transpose())
            .transpose()
            .map_err(|error| UseCaseError::field("phone", error.to_string()))?;
        let email = email
            .map(|email| EmailAddress::parse(&email))
            .transpose()
            .map_err(|error| UseCaseError::field("email", error.to_string()))?;
        let current_password = current_password.map(SecretString::from);
        Ok(IdentityChange { full_name, phone, email, current_password })
    }
}

async fn update(
    caller: Caller,
    api: web::Data<Api>,
    limits: web::ReqData<Shown>,
    body: JsonBody<UpdateRecordRequest>,
) -> Result<HttpResponse, ApiError> {
    let change = body.into_inner().into_change()?;
    if change.current_password.is_some() {
        limits.tighten(api.limits.check_account(&caller.actor.user_id.to_string())?);
    }
    let update_identity = api.use_cases.update_identity.clone();
    let user =
        commands::run(&api, async move { update_identity.execute(&caller.actor, change).await }).await?;
    Ok(ok(RecordData::from(&user)))
}

/// Change one's own record
///
/// The same as PATCH: what is not named stays as it is. Changing the e-mail address needs the
/// present password; an address that another account has is 400 `VALIDATION_ERROR` on `email`.
#[utoipa::path(
    tag = "users",
    operation_id = "putOwnRecord",
    security(("bearer" = [])),
    request_body = UpdateRecordRequest,
    responses((status = 200, description = "The record as it is now.", body = Envelope<RecordData>,
        example = json!(example("2024-01-16T08:00:00Z"))))
)]
#[put("/users/profile")]
pub(super) async fn put(
    caller: Caller,
    api: web::Data<Api>,
    limits: web::ReqData<Shown>,
    body: JsonBody<UpdateRecordRequest>,
) -> Result<HttpResponse, ApiError> {
    update(caller, api, limits, body).await
}

/// Change parts of one's own record
///
/// What is not named stays as it is. Changing the e-mail address needs the present password; an
/// address that another account has is 400 `VALIDATION_ERROR` on `email`.
#[utoipa::path(
    tag = "users",
    operation_id = "patchOwnRecord",
    security(("bearer" = [])),
    request_body = UpdateRecordRequest,
    responses((status = 200, description = "The record as it is now.", body = Envelope<RecordData>,
        example = json!(example("2024-01-16T08:00:00Z"))))
)]
#[patch("/users/profile")]
pub(super) async fn patch(
    caller: Caller,
    api: web::Data<Api>,
    limits: web::ReqData<Shown>,
    body: JsonBody<UpdateRecordRequest>,
) -> Result<HttpResponse, ApiError> {
    update(caller, api, limits, body).await
}

/// Close one's own account
///
/// All logins of the account end and nobody can log in to it any more. Its open orders are called off a
/// moment later, and its bids are taken back. Its record stays, because contracts and books refer to it.
/// Administrators' accounts cannot be closed this way.
#[utoipa::path(
    tag = "users",
    operation_id = "deactivateOwnAccount",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The account is closed.", body = Envelope<MessageData>,
        example = json!({"status": "success", "data": {"message": "Account deactivated"}})),
        (status = 409, description = "An administrator's account.", body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "CONFLICT",
            "message": "administrators cannot block or deactivate their own account",
            "details": {"reason": "own_administrator_account", "state": "active"}}}))
    )
)]
#[post("/users/deactivate")]
pub(super) async fn deactivate(caller: Caller, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let deactivate = api.use_cases.deactivate.clone();
    commands::run(&api, async move { deactivate.execute(&caller.actor).await }).await?;
    Ok(ok(MessageData { message: "Account deactivated" }))
}
