//! Uploading a file.

use std::sync::Arc;

use actix_web::{HttpResponse, post, web};
use usecases::error::UseCaseError;
use usecases::files::{Naming, ShownFile};

use super::wire::{FileData, FileForm};
use crate::Api;
use crate::commands;
use crate::envelope::{Envelope, stored_created};
use crate::error::ApiError;
use crate::extract::{Caller, IdempotencyHeader, IdempotencyKey, UploadBody};

fn render(shown: &ShownFile) -> Result<ports::idempotency::StoredAnswer, UseCaseError> {
    stored_created(FileData::from(shown))
}

/// Upload a file
///
/// One file, as the field `file` of a form. What it is, is found out from its bytes: PDF, DOCX, PNG,
/// JPEG, WebP, GIF, ZIP, or plain text in UTF-8. A name whose extension says something else is refused,
/// and so are web pages, drawings and scripts. Names are cleaned: no folders, no control characters.
/// Only you and administrators can have the file until it is attached to something.
///
/// Out of a JPEG, PNG or WebP picture goes what is none of it: where and when it was taken, with what,
/// comments, thumbnails. Its pixels, its colour profile and which side is up stay, so size and bytes
/// may be others than those that were sent. A picture may have 250 million pixels.
///
/// With `Idempotency-Key` requests are the same when the bytes that are kept and the cleaned name are;
/// the link in a repeated answer is that of the first one.
#[utoipa::path(
    tag = "files",
    operation_id = "uploadFile",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The file.", body = Envelope<FileData>,
        example = json!({"status": "success", "data": {"file": {
            "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15", "name": "research-outline.pdf", "size": 159744,
            "size_formatted": "156 KB", "mime_type": "application/pdf",
            "uploaded_at": "2024-01-10T15:30:00Z", "uploaded_by": "writer",
            "download_url": "/api/v1/files/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15/content?expires=1704900600&signature=mFvbbPIpJeCMKgnjYzUOIGEgPOYYLIUbqRQbXfjFK8A"}}})),
        (status = 413, description = "The file is too large.", body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "PAYLOAD_TOO_LARGE",
            "message": "The file may have at most 26214400 bytes", "details": {"limit": 26_214_400}}})),
        (status = 415, description = "The body is no `multipart/form-data`, or the file is of a type that is not taken, \
            or is not what its name says.", body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNSUPPORTED_MEDIA_TYPE",
            "message": "The name ends in .png, but the file is plain text", "details": {}}})),
        (status = 422, description = "The day's allowance is used up.", body = crate::error::ErrorBody,
        example = json!({"status": "error", "error": {"code": "UNPROCESSABLE_ENTITY",
            "message": "At most 500 files and 2 GB can be uploaded within 24 hours",
            "details": {"reason": "daily_upload_limit"}}}))
    )
)]
#[post("/files")]
pub(super) async fn upload(
    caller: Caller,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: UploadBody,
) -> Result<HttpResponse, ApiError> {
    let actor = caller.actor;
    let upload_file = Arc::clone(&api.files.upload_file);
    body.receive(&api, &actor, api.settings.max_upload_bytes, |name, mut content| {
        let naming: Naming = Box::new(move |file| {
            key.once_for(&actor, &format!("{}\n{}", file.hash, file.name.as_str()), render)
        });
        commands::run_rendered(&api, render, async move {
            upload_file.execute(&actor, &name, &mut content, naming).await
        })
    })
    .await
}
