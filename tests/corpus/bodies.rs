//! Bodies that are wrong as a whole.

use reqwest::Method;
use serde_json::{Value, json};

use super::operations::{Operation, operations};
use super::scenes::{Ground, Scene};
use super::values::PRIVILEGED;
use super::{fault_of, none_of, shortened};
use crate::harness::Answer;

const JSON: &str = "application/json";

/// A body, what it says it is, and what it is answered with.
struct Broken {
    name: &'static str,
    content_type: Option<&'static str>,
    bytes: Vec<u8>,
    expected: &'static [u16],
}

fn corpus(good: &Value) -> Vec<Broken> {
    let text = good.to_string();
    let inside = text.trim_start_matches('{');
    let first =
        good.as_object().unwrap().iter().next().map(|(key, value)| format!("{{{}:{value},", json!(key)));
    let bad = |name, bytes: &[u8]| Broken {
        name,
        content_type: Some(JSON),
        bytes: bytes.to_vec(),
        expected: &[400],
    };
    let as_type = |name, content_type| Broken {
        name,
        content_type,
        bytes: text.clone().into_bytes(),
        expected: &[415],
    };
    let mut marked = vec![0xEF, 0xBB, 0xBF];
    marked.extend(text.as_bytes());
    let mut broken_utf8 = text.clone().into_bytes();
    broken_utf8.extend([0xC3, 0x28]);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        bad("cut off", text.get(..text.len() - 1).unwrap().as_bytes()),
        bad("two of them", format!("{text}{text}").as_bytes()),
        bad("more behind it", format!("{text} x").as_bytes()),
        bad("a byte order mark", &marked),
        bad("broken UTF-8", &broken_utf8),
        bad("UTF-16", &utf16),
        bad("a NUL behind it", format!("{text}\0").as_bytes()),
        bad("a comment", format!("/* */{text}").as_bytes()),
        bad("a trailing comma", format!("{},}}", text.trim_end_matches('}')).as_bytes()),
        bad("keys without quotes", b"{a:1}"),
        bad("null", b"null"),
        bad("a list", b"[]"),
        bad("a list of it", format!("[{text}]").as_bytes()),
        bad("a string", b"\"{}\""),
        bad("a number", b"1"),
        bad("true", b"true"),
        bad("a key twice", format!("{}{inside}", first.unwrap()).as_bytes()),
        bad("too deep", format!("{{\"a\":{}1{}}}", "[".repeat(40), "]".repeat(40)).as_bytes()),
        bad("far too deep", "[".repeat(200_000).as_bytes()),
        Broken {
            name: "too long",
            content_type: Some(JSON),
            bytes: format!("{{\"a\":\"{}\"}}", "a".repeat(256 * 1024)).into_bytes(),
            expected: &[413],
        },
        as_type("as text", Some("text/plain")),
        as_type("as a form", Some("application/x-www-form-urlencoded")),
        as_type("as parts", Some("multipart/form-data; boundary=x")),
        as_type("as something like JSON", Some("application/jsonx")),
        as_type("as nothing", None),
        as_type("as garbage", Some("\u{fc}/;;")),
    ]
}

async fn send(operation: &Operation, scene: &Scene, broken: &Broken) -> Answer {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let mut request = scene.caller.request(method, &scene.path).body(broken.bytes.clone());
    if let Some(kind) = broken.content_type {
        request = request.header("content-type", kind);
    }
    scene.caller.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_body_that_is_broken_is_refused() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    for operation in operations().iter().filter(|operation| operation.schema.is_some()) {
        let scene = ground.set(*Ground::scenes_of(operation).first().unwrap()).await;
        let before = ground.census.take().await;
        let mut corpus = corpus(&scene.body);
        if !operation.body_is_optional {
            corpus.push(Broken {
                name: "none",
                content_type: None,
                bytes: Vec::new(),
                expected: &[400, 415],
            });
            corpus.push(Broken {
                name: "blanks",
                content_type: Some(JSON),
                bytes: b" ".to_vec(),
                expected: &[400],
            });
        }
        for broken in corpus {
            let answer = send(operation, &scene, &broken).await;
            let fault = fault_of(&answer, broken.expected);
            let name = format!("{}, body {}", operation.name(), broken.name);
            faults.extend(fault.map(|fault| format!("{name}: {}", shortened(&fault))));
        }
        if before != ground.census.take().await {
            faults.push(format!("{}: refused, yet the database changed", operation.name()));
        }
    }
    none_of(&faults);
}

/// Commands without a body refuse one.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_where_none_is_described_changes_nothing() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    let body: Value = PRIVILEGED.iter().map(|word| ((*word).to_owned(), json!(1))).collect();
    for operation in operations() {
        // Those that take no key ignore what is sent along.
        if operation.takes_a_body || !operation.takes_a_key() {
            continue;
        }
        let (caller, path) = ground.caller_of(&operation).await;
        let before = ground.census.take().await;
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let answer = caller.send(caller.request(method, &path).json(&body)).await;
        faults.extend(fault_of(&answer, &[400]).map(|fault| format!("{}: {fault}", operation.name())));
        if before != ground.census.take().await {
            faults.push(format!("{}: refused, yet the database changed", operation.name()));
        }
    }
    none_of(&faults);
}
