//! Seeing a file.

use actix_web::{HttpResponse, get, web};
use domain::ids::FileId;

use super::wire::FileData;
use crate::Api;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Caller, PathId};

/// See a file
///
/// What it is, with a fresh link to its bytes. For whoever uploaded it, the parties to what it is
/// attached to, and administrators; what was sent in a chat is for its two sides alone.
#[utoipa::path(
    tag = "files",
    operation_id = "getFile",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The file")),
    responses((status = 200, description = "The file.", body = Envelope<FileData>,
        example = json!({"status": "success", "data": {"file": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15", "name": "research-outline.pdf", "size": 159744,
            "size_formatted": "156 KB", "mime_type": "application/pdf",
            "uploaded_at": "2024-01-10T15:30:00Z", "uploaded_by": "writer",
            "download_url": "/api/v1/files/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15/content?expires=1704900600&signature=mFvbbPIpJeCMKgnjYzUOIGEgPOYYLIUbqRQbXfjFK8A"}}})))
)]
#[get("/files/{id}")]
pub(super) async fn show(
    caller: Caller,
    api: web::Data<Api>,
    id: PathId<FileId>,
) -> Result<HttpResponse, ApiError> {
    let shown = api.files.view_file.execute(&caller.actor, id.get()?).await?;
    Ok(ok(FileData::from(&shown)))
}
