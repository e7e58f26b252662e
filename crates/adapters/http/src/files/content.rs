//! The bytes of a file, and how bytes are answered.

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::files::MediaType;
use domain::ids::FileId;
use futures_util::{Stream, stream};
use ports::files::{Blob, ByteSource, FileView, Interrupted};
use serde::Deserialize;
use usecases::files::{Download, Pass};
use utoipa::IntoParams;

use super::wire::Binary;
use crate::Api;
use crate::error::ApiError;
use crate::extract::PathId;

/// What a link carries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LinkParameters {
    /// Until when it is good, Unix seconds.
    #[param(value_type = i64, required = true, nullable = false, example = 1_704_900_600)]
    expires: Option<String>,
    /// That it was given here.
    #[param(required = true, nullable = false, example = "mFvbbPIpJeCMKgnjYzUOIGEgPOYYLIUbqRQbXfjFK8A")]
    signature: Option<String>,
}

impl LinkParameters {
    /// Whatever is wrong with a link is 404: it leads nowhere.
    fn read(request: &HttpRequest, id: PathId<FileId>) -> Result<Pass, ApiError> {
        let parameters = web::Query::<Self>::from_query(request.query_string());
        let Self { expires, signature } = parameters.map_err(|_| ApiError::not_found())?.into_inner();
        let expires = expires.and_then(|expires| expires.parse().ok()).ok_or_else(ApiError::not_found)?;
        let signature = signature.ok_or_else(ApiError::not_found)?;
        Ok(Pass { id: id.get()?, expires, signature })
    }
}

/// Download a file
///
/// Follow the `download_url` of a file. It needs no login, is good for ten minutes, and is then 404
/// like one that was never given out. The bytes are sent as they are kept, always to be saved and never
/// to be shown.
#[utoipa::path(
    tag = "files",
    operation_id = "downloadFile",
    params(("id" = uuid::Uuid, Path, description = "The file"), LinkParameters),
    responses(
        (status = 200, description = "The bytes, with their own `Content-Type`, `Content-Disposition: attachment` \
            with the name, and `ETag`; with `If-None-Match` perhaps 304.", content_type = "application/octet-stream", body = Binary,
            example = json!("%PDF-1.7"))
    )
)]
#[get("/files/{id}/content")]
pub(super) async fn download(
    api: web::Data<Api>,
    request: HttpRequest,
    id: PathId<FileId>,
) -> Result<HttpResponse, ApiError> {
    let pass = LinkParameters::read(&request, id)?;
    let Download { file, blob } = api.files.download_file.execute(&pass).await?;
    let disposition = attachment(file.name.as_str());
    let mut answer = bytes(&request, &file, blob, HeaderValue::from_static("private, no-cache"));
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(answer)
}

/// Answers with a blob, or with 304 when the caller has it.
pub(super) fn bytes(
    request: &HttpRequest,
    file: &FileView,
    blob: Blob,
    caching: HeaderValue,
) -> HttpResponse {
    let etag = format!("W/\"{}\"", file.hash);
    let mut answer = if has(request.headers(), &etag) {
        HttpResponse::NotModified().finish()
    } else {
        let Blob { size, content } = blob;
        HttpResponse::Ok()
            .content_type(content_type(file.media_type))
            .body(SizedStream::new(size, pieces(content)))
    };
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, caching);
    // Weak, because text may be sent compressed. It has nothing but hexadecimal digits.
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    answer
}

const fn content_type(media_type: MediaType) -> &'static str {
    match media_type {
        MediaType::Text => "text/plain; charset=utf-8",
        MediaType::Pdf
        | MediaType::Docx
        | MediaType::Png
        | MediaType::Jpeg
        | MediaType::WebP
        | MediaType::Gif
        | MediaType::Zip => media_type.as_str(),
    }
}

/// Whether `If-None-Match` names this very thing; weakly compared, as it must be there.
fn has(headers: &HeaderMap, etag: &str) -> bool {
    let weak = |tag: &str| tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || weak(tag) == weak(etag))
}

/// The pieces of a blob, as a body takes them. One that breaks off ends the connection, so that
/// nobody takes half a file for all of it.
fn pieces(content: Box<dyn ByteSource>) -> impl Stream<Item = Result<bytes::Bytes, Interrupted>> {
    stream::unfold(Some(content), |content| async {
        let mut content = content?;
        match content.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(content))),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "a file broke off while it was sent");
                Some((Err(error), None))
            }
        }
    })
}

/// RFC 6266: to be saved, under an ASCII name for those who know no better and the real one (RFC 5987).
fn attachment(name: &str) -> HeaderValue {
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// Fit for a quoted string, whatever reads it: some decode `%`, too.
fn is_plain(letter: char) -> bool {
    matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\' | '%')
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn names_are_sent_in_two_spellings() {
        let cases = [
            ("thesis.pdf", "attachment; filename=\"thesis.pdf\"; filename*=UTF-8''thesis.pdf"),
            ("a b'(1).pdf", "attachment; filename=\"a b'(1).pdf\"; filename*=UTF-8''a%20b%27%281%29.pdf"),
            ("50%.pdf", "attachment; filename=\"50_.pdf\"; filename*=UTF-8''50%25.pdf"),
            ("été.pdf", "attachment; filename=\"_t_.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf"),
            (
                "смета.pdf",
                "attachment; filename=\"_____.pdf\"; filename*=UTF-8''%D1%81%D0%BC%D0%B5%D1%82%D0%B0.pdf",
            ),
            (
                "a\";x=\"b\r\n.pdf",
                "attachment; filename=\"a_;x=_b__.pdf\"; filename*=UTF-8''a%22%3Bx%3D%22b%0D%0A.pdf",
            ),
        ];
        for (name, expected) in cases {
            assert_eq!(attachment(name), expected, "{name:?}");
        }
    }

    #[test]
    fn tags_are_compared_weakly() {
        let etag = "W/\"abc\"";
        for (given, expected) in [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("\"x\", W/\"abc\"", true),
            ("*", true),
            ("abc", false),
            ("\"x\"", false),
        ] {
            let request =
                TestRequest::default().insert_header((header::IF_NONE_MATCH, given)).to_http_request();
            assert_eq!(has(request.headers(), etag), expected, "{given}");
        }
        assert!(!has(TestRequest::default().to_http_request().headers(), etag));
    }
}
