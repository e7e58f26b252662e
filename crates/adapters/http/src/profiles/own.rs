//! One's own profile.

use actix_web::{HttpResponse, get, patch, web};
use ports::profiles::ProfileVersion;
use serde_json::{Value, json};
use usecases::profiles::ProfileEdit;

use super::request::{Edit, UpdateProfileRequest};
use super::wire::{ProfileData, ProfileUpdatedData};
use crate::Api;
use crate::commands;
use crate::document::examples::{success, with};
use crate::envelope::{Envelope, ok, stored_ok};
use crate::error::ApiError;
use crate::extract::{Caller, IdempotencyHeader, IdempotencyKey, IfMatch, IfMatchHeader, JsonBody, Version};

/// For the description.
pub(crate) fn example() -> Value {
    json!({
        "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "email": "writer@example.com", "full_name": "John Doe",
        "role": "writer", "avatar_url": "https://cdn.example.com/avatars/user.jpg",
        "bio": "Experienced writer with 5+ years in academic writing...", "rating": 4.8, "total_orders": 45,
        "completed_orders": 42, "success_rate": 93.3,
        "specializations": ["Business", "Marketing", "Research"], "education": "MBA, Marketing",
        "languages": ["English", "Spanish"], "member_since": "2023-06-15T00:00:00Z", "total_earned": 12450.00,
        "verified": true, "profile_complete": false, "missing_fields": ["bio"],
        "updated_at": "2023-06-15T00:00:00Z"
    })
}

/// The same after the change that the source shows.
fn example_after() -> Value {
    with(
        example(),
        json!({"bio": "Updated bio text...", "specializations": ["Business", "Marketing", "Finance"],
            "languages": ["English", "Spanish", "French"], "updated_at": "2024-01-15T14:30:00Z"}),
    )
}

/// See one's own profile
///
/// With what is missing from it: a provider's is complete with a name, a bio of at least 100
/// characters, a picture, a field of work, education and a language.
#[utoipa::path(
    tag = "profiles",
    operation_id = "getProfile",
    security(("bearer" = [])),
    responses((status = 200, description = "The caller's profile.", body = Envelope<ProfileData>,
        example = json!(success(&json!({"profile": example()})))))
)]
#[get("/profile")]
pub(super) async fn show(caller: Caller, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let view = api.profiles.view.execute(&caller.actor).await?;
    let (name, value) = view.version.header()?;
    let mut answer = ok(ProfileData::from(&view));
    answer.headers_mut().insert(name, value);
    Ok(answer)
}

/// Change one's own profile
///
/// What is not named stays as it is; values equal to the present ones change nothing. The picture is
/// not changed here, but with `PUT /profile/avatar`.
#[utoipa::path(
    tag = "profiles",
    operation_id = "updateProfile",
    security(("bearer" = [])),
    params(IdempotencyHeader, IfMatchHeader),
    request_body = UpdateProfileRequest,
    responses((status = 200, description = "The profile as it is now.", body = Envelope<ProfileUpdatedData>,
        example = json!(success(&json!({"profile": example_after(), "message": "Profile updated successfully"})))))
)]
#[patch("/profile")]
pub(super) async fn update(
    caller: Caller,
    api: web::Data<Api>,
    key: IdempotencyKey,
    seen: IfMatch<ProfileVersion>,
    body: JsonBody<UpdateProfileRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |view| {
        stored_ok(ProfileUpdatedData::new(view, "Profile updated successfully"))
    });
    let Edit { full_name, patch } = body.read(UpdateProfileRequest::edit)?;
    let edit = ProfileEdit { full_name, patch, versions: seen.into_versions() };
    let edit_profile = api.profiles.edit.clone();
    let command = |once| async move { edit_profile.execute(&caller.actor, edit, &once).await };
    commands::run_once_versioned(&api, once, |view| view.version, command).await
}
