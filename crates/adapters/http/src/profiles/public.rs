//! The profiles of others.

use actix_web::{HttpResponse, get, web};
use domain::ids::UserId;
use serde_json::json;

use super::wire::PublicProfileData;
use crate::Api;
use crate::document::examples::success;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, PathId};

/// See somebody's profile
///
/// For everybody who is logged in. Without what is private: address, telephone number, earnings.
/// Administrators, and accounts that are closed or blocked, have none that others see: 404.
#[utoipa::path(
    tag = "profiles",
    operation_id = "getPublicProfile",
    security(("bearer" = [])),
    params(("user_id" = Uuid, Path, description = "The person",
        example = "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11")),
    responses((status = 200, description = "Their profile.", body = Envelope<PublicProfileData>,
        example = json!(success(&json!({"profile": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "full_name": "John Doe", "role": "writer",
            "avatar_url": "https://cdn.example.com/avatars/user.jpg",
            "bio": "Experienced writer with 5+ years in academic writing...", "rating": 4.8,
            "total_orders": 45, "completed_orders": 42, "success_rate": 93.3,
            "specializations": ["Business", "Marketing", "Research"], "education": "MBA, Marketing",
            "languages": ["English", "Spanish"], "member_since": "2023-06-15T00:00:00Z", "verified": true}})))))
)]
#[get("/profiles/{user_id}")]
pub(super) async fn show(
    _caller: Caller,
    api: web::Data<Api>,
    id: PathId<UserId>,
) -> Result<HttpResponse, ApiError> {
    let view = api.profiles.view_public.execute(id.get()?).await?;
    Ok(ok(PublicProfileData::from(view)))
}
