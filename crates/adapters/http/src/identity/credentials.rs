//! A new password.

use actix_web::{HttpResponse, post, web};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::rules;
use super::wire::MessageData;
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, JsonBody};
use crate::frame::limits::Shown;

/// The present password and the one that is to replace it.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePasswordRequest {
    /// The present one.
    #[schema(format = "password", example = "SecurePass123!")]
    old_password: String,
    /// 8 to 72 bytes; not among the most common ones, not the e-mail address.
    #[validate(custom(function = "rules::new_password"))]
    #[schema(format = "password", min_length = 2, max_length = 72, example = "EvenMoreSecure456?")]
    new_password: String,
}

/// Change the password
///
/// All other logins of the account end. A wrong old password is 400 `VALIDATION_ERROR` on
/// `old_password`: the login itself is still good. Five attempts a minute.
#[utoipa::path(
    tag = "auth",
    operation_id = "changePassword",
    security(("bearer" = [])),
    request_body = ChangePasswordRequest,
    responses((status = 200, description = "Changed; the other logins have ended.", body = Envelope<MessageData>,
        example = json!({"status": "success", "data": {"message": "Password changed successfully"}})))
)]
#[post("/auth/change-password")]
pub(super) async fn change_password(
    caller: Caller,
    api: web::Data<Api>,
    limits: web::ReqData<Shown>,
    body: JsonBody<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let ChangePasswordRequest { old_password, new_password } = body.into_inner();
    limits.tighten(api.limits.check_account(&caller.actor.user_id.to_string())?);
    let change_password = api.use_cases.change_password.clone();
    commands::run(&api, async move {
        change_password.execute(&caller.actor, SecretString::from(old_password), &new_password).await
    })
    .await?;
    Ok(ok(MessageData { message: "Password changed successfully" }))
}
