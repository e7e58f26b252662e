//! Bad input against every field, body and parameter of every operation.
//!
//! What is sent follows from the OpenAPI document, so that a new field is tried as soon as it is
//! described; an operation without a scene (`scenes.rs`), or a field that no scene fills in, fails
//! the test. Whatever is sent: no 5xx, an error in the contract's form that names the field, and not
//! a row of the database is different afterwards.

mod bodies;
mod fields;
pub(crate) mod operations;
mod parameters;
pub(crate) mod scenes;
mod values;

use serde_json::Value;

use crate::harness::Answer;

/// Why this answer to something that had to be refused will not do, if it will not.
fn fault_of(answer: &Answer, expected: &[u16]) -> Option<String> {
    if expected.contains(&answer.status) {
        return form_fault(answer);
    }
    Some(format!("{} instead of {expected:?}: {}", answer.status, answer.text))
}

/// Why this is not an answer in the contract's form, if it is not.
fn form_fault(answer: &Answer) -> Option<String> {
    if answer.status >= 500 {
        return Some(format!("{}: {}", answer.status, answer.text));
    }
    let Ok(body) = serde_json::from_str::<Value>(&answer.text) else {
        return Some(format!("{} without an envelope: {}", answer.status, answer.text));
    };
    let whole = match body["status"].as_str() {
        Some("success") => answer.status < 300 && body["data"].is_object(),
        Some("error") => {
            let error = &body["error"];
            answer.status >= 400 && error["code"].is_string() && error["message"].is_string()
        }
        _ => false,
    };
    let identified = answer.header("x-request-id").is_some_and(|id| !id.is_empty());
    (!whole || !identified).then(|| format!("{} in another form: {}", answer.status, answer.text))
}

/// Fails with everything that was found, not with the first of it.
#[track_caller]
fn none_of(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Enough of something long to recognise it by.
fn shortened(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    if start.len() < text.len() { format!("{start}… ({} bytes)", text.len()) } else { start }
}
