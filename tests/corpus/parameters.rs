//! Odd things in paths, queries and headers.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::Value;

use super::operations::{Operation, operations};
use super::scenes::Ground;
use super::{fault_of, form_fault, none_of, shortened};
use crate::harness::{Answer, Client};

/// What is no identifier of anything, as it stands in a path.
const NO_IDS: [&str; 23] = [
    "0",
    "-1",
    "1",
    "ORD-1",
    "ORD-0",
    "ORD-0001",
    "ORD--01",
    "ORD-01x",
    "ORD-001%0a",
    "ORD-001%20",
    "%20ORD-001",
    "ORD-9223372036854775808",
    "ORD-99999999999999999999999999",
    "BID-00%31x",
    "WD-",
    "%00",
    "%27",
    "%ff",
    "%2f",
    "%F0%9F%98%80",
    "%25s",
    "null",
    "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11%00",
];

async fn call(client: &Client, operation: &Operation, path: &str) -> Answer {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let request = client.request(method, path);
    match &operation.schema {
        Some(_) => client.send(request.json(&serde_json::json!({}))).await,
        None => client.send(request).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_id_is_found_nowhere() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    for operation in operations() {
        let Some((before_id, after_id)) = operation.path.split_once('{') else { continue };
        let after_id = after_id.split_once('}').unwrap().1.replace("{milestone_id}", "1");
        let (caller, _) = ground.caller_of(&operation).await;
        let before = ground.census.take().await;
        let long = "x".repeat(5_000);
        for id in NO_IDS.into_iter().chain([long.as_str()]) {
            let answer = call(&caller, &operation, &format!("{before_id}{id}{after_id}")).await;
            // Whoever sends an empty body is told that first (400 comes before 404).
            let expected: &[u16] = if operation.schema.is_some() { &[404, 400] } else { &[404] };
            let fault = fault_of(&answer, expected);
            faults.extend(fault.map(|fault| format!("{} with {}: {fault}", operation.name(), shortened(id))));
        }
        if before != ground.census.take().await {
            faults.push(format!("{}: not found, yet the database changed", operation.name()));
        }
    }
    none_of(&faults);
}

/// Values of a query parameter, and what they are answered with; nothing said means anything but a 5xx.
fn values_of(parameter: &str) -> Vec<(String, Option<u16>)> {
    let mut values: Vec<(String, Option<u16>)> = [
        "",
        "%00",
        "%ff",
        "'",
        "%27%20OR%201=1--",
        "%F0%9F%98%80",
        "[]",
        "a&a=b",
        "%E2%80%AE",
        "%5Cu0000",
        "*:&|!()",
        "null",
    ]
    .into_iter()
    .map(|value| (value.to_owned(), None))
    .collect();
    values.push(("x".repeat(5_000), None));
    let bad: &[&str] = match parameter {
        "page" => &["0", "-1", "1.5", "x", "99999999999999999999999"],
        "limit" => &["0", "-1", "101", "x", "1e1", "99999999999999999999999"],
        "cursor" => &["x", "AAAA", "..", "%00%00"],
        "min_budget" | "max_budget" => &["x", "-1", "1.234", "1e2", "NaN", "99999999999999"],
        _ => &[],
    };
    values.extend(bad.iter().map(|value| ((*value).to_owned(), Some(400))));
    if parameter == "page" {
        values.push((i64::MAX.to_string(), None));
        values.push(("1000000".to_owned(), Some(200)));
        values.push(("1&cursor=AAAA".to_owned(), Some(400)));
    }
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_parameter_survives_the_corpus() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    for operation in operations() {
        let (caller, path) = match operation.parameters.iter().any(|(_, place)| place == "query") {
            true => ground.caller_of(&operation).await,
            false => continue,
        };
        for (parameter, _) in operation.parameters.iter().filter(|(_, place)| place == "query") {
            for (value, expected) in values_of(parameter) {
                let answer = call(&caller, &operation, &format!("{path}?{parameter}={value}")).await;
                let fault = match expected {
                    Some(status) => fault_of(&answer, &[status]),
                    None => form_fault(&answer),
                };
                let name = format!("{} ?{parameter}={}", operation.name(), shortened(&value));
                faults.extend(fault.map(|fault| format!("{name}: {fault}")));
            }
        }
        let answer = call(&caller, &operation, &format!("{path}?unknown=1&{}", "a=b&".repeat(500))).await;
        // Whose link is not signed leads nowhere.
        let expected: &[u16] = if operation.path.ends_with("/content") { &[404] } else { &[200] };
        faults.extend(
            fault_of(&answer, expected)
                .map(|fault| format!("{} with a long query: {fault}", operation.name())),
        );
    }
    none_of(&faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_header_survives_the_corpus() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    let long = "k".repeat(256);
    for operation in operations() {
        let (caller, path) = ground.caller_of(&operation).await;
        let before = ground.census.take().await;
        let mut headers: Vec<(&str, HeaderValue, &[u16])> = vec![
            ("authorization", HeaderValue::from_static("Bearer"), &[401]),
            ("authorization", HeaderValue::from_static("Bearer x.y.z"), &[401]),
            ("authorization", HeaderValue::from_static("Basic YTpi"), &[401]),
            ("authorization", HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap(), &[401]),
        ];
        if operation.takes_a_key() {
            for bad in [&b""[..], b" ", b"\xfc", b"a\tb", long.as_bytes()] {
                headers.push(("idempotency-key", HeaderValue::from_bytes(bad).unwrap(), &[400]));
            }
        }
        if operation.parameters.iter().any(|(name, _)| name == "If-Match") {
            for bad in [&b""[..], b"1", b"\"", b"\"a", b"W/", b"\xff", b"\"x\" \"y\""] {
                headers.push(("if-match", HeaderValue::from_bytes(bad).unwrap(), &[400, 412]));
            }
        }
        let public =
            ground.app.client.send(request(&ground.app.client, &operation, &path)).await.status != 401;
        for (name, value, expected) in headers {
            if name == "authorization" && public {
                continue;
            }
            let caller = if name == "authorization" { &ground.app.client } else { &caller };
            let answer = caller.send(request(caller, &operation, &path).header(name, &value)).await;
            let fault = fault_of(&answer, expected);
            faults.extend(fault.map(|fault| format!("{} with {name}: {value:?}: {fault}", operation.name())));
        }
        if !public && before != ground.census.take().await {
            faults.push(format!("{}: refused, yet the database changed", operation.name()));
        }
    }
    none_of(&faults);
}

fn request(client: &Client, operation: &Operation, path: &str) -> reqwest::RequestBuilder {
    let request = client.request(Method::from_bytes(operation.method.as_bytes()).unwrap(), path);
    match &operation.schema {
        Some(_) => request.json(&Value::Object(serde_json::Map::new())),
        None => request,
    }
}

/// A request id is taken over from the caller only when it is sane.
#[tokio::test(flavor = "multi_thread")]
async fn odd_request_ids_are_not_sent_back() {
    let ground = Ground::start().await;
    for odd in [&b"\xff"[..], b"a b", b"<script>", &[b'x'; 1_000]] {
        let request = ground.app.client.request(Method::GET, "/api/v1/health").header("x-request-id", odd);
        let answer = ground.app.client.send(request).await;
        let sent = answer.header("x-request-id").unwrap();
        assert_ne!(sent.as_bytes(), odd);
        assert!(!sent.is_empty());
    }
}
