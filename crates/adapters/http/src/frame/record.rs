//! What is written down of each request: one line in the access log, and the metrics. Never headers,
//! bodies or query strings.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use domain::ids::UserId;

/// Longer paths are cut in the log, at this many characters.
const MAX_PATH: usize = 512;

/// A request that has been answered.
pub(super) struct Record<'a> {
    pub(super) method: &'a Method,
    /// As it was asked for, percent-encoded, without the query.
    pub(super) path: &'a str,
    /// The pattern of the route, such as `/api/v1/orders/{id}`.
    pub(super) route: Option<&'static str>,
    pub(super) status: StatusCode,
    pub(super) took: Duration,
    pub(super) user: Option<UserId>,
    /// Health routes are asked all the time.
    pub(super) is_routine: bool,
}

impl Record<'_> {
    /// Writes it down.
    pub(super) fn write(&self) {
        self.count();
        let Self { method, path, route, status, took, user, is_routine } = self;
        let path = shortened(path);
        let (route, status) = (route.unwrap_or("unmatched"), status.as_u16());
        let duration_ms = took.as_secs_f64() * 1000.0;
        let user = user.map(tracing::field::display);
        if *is_routine {
            tracing::debug!(target: "access", %method, route, path, status, duration_ms, user_id = user, "answered");
        } else {
            tracing::info!(target: "access", %method, route, path, status, duration_ms, user_id = user, "answered");
        }
    }

    fn count(&self) {
        let labels = [
            ("method", method_label(self.method)),
            ("route", self.route.unwrap_or("unmatched")),
            ("status", status_class(self.status)),
        ];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_duration_seconds", &labels).record(self.took.as_secs_f64());
    }
}

/// Counts a request as long as it is under way.
pub(super) struct UnderWay(metrics::Gauge);

impl UnderWay {
    pub(super) fn begin() -> Self {
        let gauge = metrics::gauge!("http_requests_in_flight");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Callers can invent paths as well, of any length.
fn shortened(path: &str) -> &str {
    path.char_indices().nth(MAX_PATH).and_then(|(end, _)| path.get(..end)).unwrap_or(path)
}

/// Callers can invent methods; metrics must not grow with them.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_are_cut() {
        let long = "é".repeat(MAX_PATH);
        for path in ["", "/", long.as_str()] {
            assert_eq!(shortened(path), path);
        }
        assert_eq!(shortened(&format!("{long}x")), long);
    }
}
