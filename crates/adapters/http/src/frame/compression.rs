//! gzip for those who ask for it.

use actix_http::encoding::Encoder;
use actix_web::HttpMessage;
use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, Encoding, Header, HeaderMap, HeaderValue,
};

/// Smaller bodies gain nothing.
const WORTH_IT: u64 = 1024;

/// Whether the caller would rather have gzip than nothing.
pub(super) fn is_wanted(request: &impl HttpMessage) -> bool {
    let supported = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request)
        .is_ok_and(|accepted| accepted.negotiate(supported.iter()) == Some(Encoding::gzip()))
}

/// Compresses an answer of known size whose type is text. Streams go out as they are: a compressor
/// would hold them back.
pub(super) fn compress(answer: HttpResponse, is_wanted: bool) -> HttpResponse {
    let is_large = matches!(answer.body().size(), BodySize::Sized(size) if size >= WORTH_IT);
    if !is_large || !is_text(answer.headers()) || answer.headers().contains_key(header::CONTENT_ENCODING) {
        return answer;
    }
    answer.map_body(|head, body| {
        if is_wanted {
            return Encoder::response(ContentEncoding::Gzip, head, body).boxed();
        }
        head.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
        body
    })
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/") || kind.contains("json") || kind.contains("javascript") || kind.contains("xml")
}
