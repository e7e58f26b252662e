//! What the answers of all operations have in common.
//!
//! Each operation gets the answers that follow from what it has: 429, 500 and 503 always (health
//! documents: 500 only), 401 with `security`, 400, 413 and 415 with a body, 400 with parameters in
//! the query, 404 with a variable part in the path, 412 with `If-Match`, 403 below `/api/v1/admin` (other operations that
//! not every role may use say so themselves); with `Idempotency-Key` 400, 409, 413, 415 and 422, and
//! `Idempotent-Replayed` on the successes. What a handler describes itself is kept; if it
//! gives an error no body, it gets the error envelope, with its description as the example's
//! message and its first word in backticks as the example's `details.reason`. Every answer gets its
//! headers. An operation without `security` says that it needs none. Standard answers that no
//! operation has are not described.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Responses,
};
use utoipa::{PartialSchema, ToSchema};

use crate::error::ErrorBody;
use crate::extract::{IDEMPOTENCY_KEY, IF_MATCH};
use crate::health;

/// A standard answer: status, name of the component, `code`, description, message, details, and the
/// headers that go with it.
struct Standard {
    status: &'static str,
    name: &'static str,
    code: &'static str,
    description: &'static str,
    message: &'static str,
    headers: &'static [&'static str],
}

const STANDARD: &[Standard] = &[
    Standard {
        status: "400",
        name: "ValidationError",
        code: "VALIDATION_ERROR",
        description: "The request is malformed, or fields of it break their rules.",
        message: "email must be an e-mail address",
        headers: &[],
    },
    Standard {
        status: "401",
        name: "Unauthorized",
        code: "UNAUTHORIZED",
        description: "No access token, or one that is malformed, expired or revoked, or of another kind.",
        message: "Please log in: this needs an access token",
        headers: &["WWW-Authenticate"],
    },
    Standard {
        status: "402",
        name: "PaymentRequired",
        code: "PAYMENT_REQUIRED",
        description: "Paying in would make the same request succeed.",
        message: "115.00 is needed, but only 20.00 is available",
        headers: &[],
    },
    Standard {
        status: "403",
        name: "Forbidden",
        code: "FORBIDDEN",
        description: "This role may not use this function, whatever the object.",
        message: "This account's role may not do this",
        headers: &[],
    },
    Standard {
        status: "404",
        name: "NotFound",
        code: "NOT_FOUND",
        description: "It does not exist, its id is malformed, or the caller has no part in it.",
        message: "Not found",
        headers: &[],
    },
    Standard {
        status: "409",
        name: "Conflict",
        code: "CONFLICT",
        description: "The present state of the object forbids it.",
        message: "The present state of the object forbids it",
        headers: &[],
    },
    Standard {
        status: "412",
        name: "PreconditionFailed",
        code: "PRECONDITION_FAILED",
        description: "`If-Match` names no present version: it has changed since you read it.",
        message: "This has changed since you read it",
        headers: &[],
    },
    Standard {
        status: "413",
        name: "PayloadTooLarge",
        code: "PAYLOAD_TOO_LARGE",
        description: "The body has more than 256 KiB.",
        message: "The body may have at most 262144 bytes",
        headers: &[],
    },
    Standard {
        status: "415",
        name: "UnsupportedMediaType",
        code: "UNSUPPORTED_MEDIA_TYPE",
        description: "The body is not `application/json`, or it is compressed.",
        message: "Send the body as Content-Type: application/json",
        headers: &[],
    },
    Standard {
        status: "422",
        name: "UnprocessableEntity",
        code: "UNPROCESSABLE_ENTITY",
        description: "Well-formed, but impossible whatever the object's state.",
        message: "This is not possible",
        headers: &[],
    },
    Standard {
        status: "429",
        name: "RateLimited",
        code: "RATE_LIMITED",
        description: "Too many requests.",
        message: "Too many requests; please slow down",
        headers: &["Retry-After"],
    },
    Standard {
        status: "500",
        name: "InternalError",
        code: "INTERNAL_ERROR",
        description: "A fault of ours; it is logged under the request id.",
        message: "Something went wrong on our side",
        headers: &[],
    },
    Standard {
        status: "503",
        name: "ServiceUnavailable",
        code: "SERVICE_UNAVAILABLE",
        description: "Overload, or the database is down. Nothing was done; please try again.",
        message: "The service is not available; please try again",
        headers: &["Retry-After"],
    },
];

/// What a caller's own name for a request can lead to.
const NAMED: &[Standard] = &[
    Standard {
        status: "409",
        name: "InProgress",
        code: "CONFLICT",
        description: "A request with the same `Idempotency-Key` is under way (`in_progress`); come back after \
                      `Retry-After` seconds.",
        message: "A request with this Idempotency-Key is in progress",
        headers: &["Retry-After"],
    },
    Standard {
        status: "422",
        name: "KeyReused",
        code: "UNPROCESSABLE_ENTITY",
        description: "The `Idempotency-Key` was used for another request (`idempotency_key_reused`).",
        message: "This Idempotency-Key was used for another request",
        headers: &[],
    },
];

/// Name, description, whether it is a number, whether every answer has it.
const HEADERS: &[(&str, &str, Type)] = &[
    ("X-Request-Id", "The request's name, for questions about it.", Type::String),
    ("RateLimit-Limit", "Requests that the tightest limit allows.", Type::Integer),
    ("RateLimit-Remaining", "How many of them are left.", Type::Integer),
    ("RateLimit-Reset", "Seconds until all of them are there again.", Type::Integer),
    ("Retry-After", "Seconds after which to come back, at least 1.", Type::Integer),
    ("WWW-Authenticate", "`Bearer`", Type::String),
    (ETAG, "The version, for `If-Match`. Answers that were given before have none.", Type::String),
    (REPLAYED, "`true` when the answer was given before, and nothing was done now.", Type::String),
];

const ETAG: &str = "ETag";
const REPLAYED: &str = "Idempotent-Replayed";
const EVERY: &[&str] = &["X-Request-Id"];
const LIMITED: &[&str] = &["X-Request-Id", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];

/// Completes a description that has all operations.
pub(super) fn complete(description: &mut OpenApi) {
    let components = description.components.get_or_insert_with(|| ComponentsBuilder::new().build());
    let mut schemas = vec![(ErrorBody::name().into_owned(), ErrorBody::schema())];
    ErrorBody::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for (name, text, kind) in HEADERS {
        components.headers.insert((*name).to_owned(), header(text, kind.clone()).into());
    }
    for standard in STANDARD.iter().chain(NAMED) {
        components.responses.insert(standard.name.to_owned(), standard.component().into());
    }
    for (path, item) in &mut description.paths.paths {
        let is_health = health::PATHS.contains(&path.as_str());
        let path =
            Path { is_health, has_id: path.contains('{'), is_admin: path.starts_with("/api/v1/admin/") };
        for operation in operations(item) {
            add(operation, path);
        }
        // What can be changed under a version is shown with it.
        if item.patch.as_ref().is_some_and(has_versions) {
            for operation in [&mut item.get, &mut item.patch].into_iter().flatten() {
                name_on_success(&mut operation.responses, ETAG);
            }
        }
    }
    let used: BTreeSet<String> =
        description.paths.paths.values_mut().flat_map(operations).flat_map(standard_answers).collect();
    if let Some(components) = &mut description.components {
        components.responses.retain(|name, _| used.contains(name));
    }
}

/// The names of the standard answers that an operation has.
fn standard_answers(operation: &mut Operation) -> Vec<String> {
    let name = |answer: &RefOr<Response>| match answer {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    };
    operation.responses.responses.values().filter_map(name).collect()
}

pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn header(description: &str, kind: Type) -> Header {
    let schema = ObjectBuilder::new().schema_type(SchemaType::Type(kind)).build();
    HeaderBuilder::new().description(Some(description)).schema(Some(schema)).build()
}

impl Standard {
    fn find(status: &str) -> Option<&'static Self> {
        STANDARD.iter().find(|standard| standard.status == status)
    }

    fn reference(&self) -> RefOr<Response> {
        RefOr::Ref(Ref::new(format!("#/components/responses/{}", self.name)))
    }

    fn component(&self) -> Response {
        let mut response = ResponseBuilder::new().description(self.description).build();
        self.fill(&mut response, self.message, &self.details());
        name_headers(&mut response, if self.status == "500" { EVERY } else { LIMITED });
        response
    }

    fn details(&self) -> Value {
        match self.status {
            "400" => json!({"field": "email", "errors": [
                {"field": "email", "message": "must be an e-mail address"}]}),
            "402" => json!({"required": 115.00, "available": 20.00}),
            "413" => json!({"limit": 262_144}),
            _ if self.name == "InProgress" => json!({"reason": "in_progress", "state": "in_progress"}),
            _ if self.name == "KeyReused" => json!({"reason": "idempotency_key_reused"}),
            _ => json!({}),
        }
    }

    /// The error envelope with an example, and the headers of this very error.
    fn fill(&self, response: &mut Response, message: &str, details: &Value) {
        let example = json!({"status": "error",
            "error": {"code": self.code, "message": message, "details": details}});
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(ErrorBody::name())))
            .example(Some(example))
            .build();
        response.content.insert("application/json".to_owned(), content.into());
        name_headers(response, self.headers);
    }
}

fn name_headers(response: &mut Response, names: &[&str]) {
    for name in names {
        let reference = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
        response.headers.entry((*name).to_owned()).or_insert(reference);
    }
}

/// What follows from an operation's path.
#[derive(Clone, Copy)]
struct Path {
    is_health: bool,
    has_id: bool,
    is_admin: bool,
}

fn add(operation: &mut Operation, path: Path) {
    let Path { is_health, has_id, is_admin } = path;
    let has_body = operation.request_body.is_some();
    let has_query = operation.parameters.iter().flatten().any(is_query);
    let has_name =
        operation.parameters.iter().flatten().any(|parameter| is_header(parameter, IDEMPOTENCY_KEY));
    let needs_login = operation.security.as_ref().is_some_and(|security| !security.is_empty());
    let always = !is_health;
    let follows = [
        ("400", has_body || has_query || has_name),
        ("401", needs_login),
        ("403", is_admin),
        ("404", has_id),
        ("412", has_versions(operation)),
        // A command with a name has its body read even where it has none.
        ("413", has_body || has_name),
        ("415", has_body || has_name),
        ("429", always),
        ("500", true),
        ("503", always),
    ];
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response {
            own(status, response, is_health);
        }
    }
    for standard in
        follows.iter().filter(|(_, follows)| *follows).filter_map(|(status, _)| Standard::find(status))
    {
        responses.entry(standard.status.to_owned()).or_insert_with(|| standard.reference());
    }
    if has_name {
        add_names(&mut operation.responses);
    }
    operation.security.get_or_insert_default();
}

/// What follows from an operation's taking an `Idempotency-Key`.
fn add_names(answers: &mut Responses) {
    name_on_success(answers, REPLAYED);
    for standard in NAMED {
        match answers.responses.get_mut(standard.status) {
            None => {
                answers.responses.insert(standard.status.to_owned(), standard.reference());
            }
            Some(RefOr::T(own)) => {
                own.description = format!("{} Or: {}", own.description, standard.description);
                name_headers(own, standard.headers);
            }
            Some(RefOr::Ref(_)) => {}
        }
    }
}

fn is_query(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query)
}

fn is_header(parameter: &RefOr<Parameter>, name: &str) -> bool {
    matches!(parameter, RefOr::T(parameter)
        if parameter.parameter_in == ParameterIn::Header && parameter.name == name)
}

fn has_versions(operation: &Operation) -> bool {
    operation.parameters.iter().flatten().any(|parameter| is_header(parameter, IF_MATCH))
}

fn name_on_success(answers: &mut Responses, header: &str) {
    for (status, answer) in &mut answers.responses {
        if let RefOr::T(answer) = answer
            && status.starts_with('2')
        {
            name_headers(answer, &[header]);
        }
    }
}

/// Completes an answer that the handler describes.
fn own(status: &str, response: &mut Response, is_health: bool) {
    name_headers(response, if is_health { EVERY } else { LIMITED });
    let Some(standard) = Standard::find(status) else { return };
    if response.content.is_empty() {
        let description = response.description.clone();
        let reason = description.split('`').nth(1).filter(|_| standard.status == "409");
        let details = reason.map_or_else(|| standard.details(), |reason| json!({"reason": reason}));
        standard.fill(response, &description, &details);
    } else {
        name_headers(response, standard.headers);
    }
}
