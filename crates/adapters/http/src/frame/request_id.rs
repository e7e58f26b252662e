//! The name of a request, on its answer and on every line of the log that it causes.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use ports::environment::{Clock, Ids};

/// The header, in requests and answers.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const MAX_LENGTH: usize = 128;

/// The caller's own, if it is sane: 1 to 128 ASCII letters, digits, `.`, `_`, `:` or `-`. Anything
/// else could forge lines of the log. Else a fresh UUID.
pub(super) fn choose(headers: &HeaderMap, clock: &dyn Clock, ids: &dyn Ids) -> String {
    match headers.get(HEADER).and_then(|value| value.to_str().ok()) {
        Some(id) if is_sane(id) => id.to_owned(),
        _ => ids.uuid(clock.now()).to_string(),
    }
}

fn is_sane(id: &str) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

/// As a header's value.
pub(super) fn value(id: &str) -> HeaderValue {
    HeaderValue::from_str(id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sane_ids_are_taken_over() {
        for id in ["a", "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "req_1:2.3", &"x".repeat(128)] {
            assert!(is_sane(id), "{id}");
        }
        for id in ["", "a b", "a\tb", "<script>", "é", "a,b", "a/b", &"x".repeat(129)] {
            assert!(!is_sane(id), "{id}");
        }
    }
}
