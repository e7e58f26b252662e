//! The pictures of people.

use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};
use domain::files::AVATAR_MAX_BYTES;
use domain::ids::FileId;
use ports::idempotency::StoredAnswer;
use ports::profiles::ProfileVersion;
use serde_json::{Value, json};
use usecases::error::UseCaseError;
use usecases::files::{AvatarChanged, AvatarNaming, Download};

use super::content::bytes;
use super::wire::{Binary, FileForm};
use crate::Api;
use crate::commands;
use crate::document::examples::{success, with};
use crate::envelope::{Envelope, stored_ok};
use crate::error::ApiError;
use crate::extract::{Caller, IdempotencyHeader, IdempotencyKey, JsonBody, NoFields, PathId, UploadBody};
use crate::profiles::{ProfileUpdatedData, profile_example};

/// Another picture has another address, so that one need never be asked for again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

fn render_set(changed: &AvatarChanged) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(ProfileUpdatedData::new(&changed.profile, "Avatar updated successfully"))
}

fn render_removed(changed: &AvatarChanged) -> Result<StoredAnswer, UseCaseError> {
    stored_ok(ProfileUpdatedData::new(&changed.profile, "Avatar removed"))
}

/// For the description.
fn example(avatar_url: &Value, message: &str) -> Value {
    let profile =
        with(profile_example(), json!({"avatar_url": avatar_url, "updated_at": "2024-01-15T14:30:00Z"}));
    success(&json!({"profile": profile, "message": message}))
}

/// Set one's picture
///
/// One PNG, JPEG or WebP picture of at most 5 MB, 24 million pixels and 10,000 pixels on each side, as
/// the field `file` of a form. It is cut square from the middle, made 512 pixels wide at most, turned
/// upright, and written anew, without anything else that was in it. The one before is gone.
///
/// With `Idempotency-Key` requests are the same when the bytes are.
#[utoipa::path(
    tag = "users",
    operation_id = "setAvatar",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The profile as it is now.", body = Envelope<ProfileUpdatedData>,
        example = json!(example(&json!("/api/v1/avatars/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e16"),
            "Avatar updated successfully"))),
        (status = 413, description = "The picture is too large.", body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "PAYLOAD_TOO_LARGE",
            "message": "The file may have at most 5242880 bytes", "details": {"limit": 5_242_880}}})),
        (status = 415, description = "The body is no `multipart/form-data`, or the file is no such picture.",
        body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNSUPPORTED_MEDIA_TYPE",
            "message": "A picture must be a PNG, JPEG or WebP picture", "details": {}}}))
    )
)]
#[put("/profile/avatar")]
pub(super) async fn replace(
    caller: Caller,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: UploadBody,
) -> Result<HttpResponse, ApiError> {
    let actor = caller.actor;
    let set_avatar = Arc::clone(&api.files.set_avatar);
    body.receive(&api, &actor, AVATAR_MAX_BYTES, |_name, mut content| {
        let naming: AvatarNaming = Box::new(move |hash| key.once_for(&actor, &hash.to_string(), render_set));
        let command = async move { set_avatar.execute(&actor, &mut content, naming).await };
        commands::run_rendered_versioned(&api, render_set, version, command)
    })
    .await
}

const fn version(changed: &AvatarChanged) -> ProfileVersion {
    changed.profile.version
}

/// Remove one's picture
///
/// Without one it changes nothing.
#[utoipa::path(
    tag = "users",
    operation_id = "removeAvatar",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    responses((status = 200, description = "The profile as it is now.", body = Envelope<ProfileUpdatedData>,
        example = json!(example(&Value::Null, "Avatar removed"))))
)]
#[delete("/profile/avatar")]
pub(super) async fn remove(
    caller: Caller,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<NoFields>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, render_removed);
    let remove_avatar = Arc::clone(&api.files.remove_avatar);
    let command = |once| async move { remove_avatar.execute(&caller.actor, &once).await };
    commands::run_once_versioned(&api, once, version, command).await
}

/// See somebody's picture
///
/// For everybody, without a login: follow the `avatar_url` of a person. It never changes; a new
/// picture has a new address.
#[utoipa::path(
    tag = "users",
    operation_id = "getAvatar",
    params(("id" = uuid::Uuid, Path, description = "The picture")),
    responses(
        (status = 200, description = "The picture, as JPEG or PNG; with `If-None-Match` perhaps 304.", content_type = "image/jpeg", body = Binary,
            example = json!("JFIF"))
    )
)]
#[get("/avatars/{id}")]
pub(super) async fn show(
    api: web::Data<Api>,
    request: HttpRequest,
    id: PathId<FileId>,
) -> Result<HttpResponse, ApiError> {
    let Download { file, blob } = api.files.show_avatar.execute(id.get()?).await?;
    Ok(bytes(&request, &file, blob, FOR_EVER))
}
