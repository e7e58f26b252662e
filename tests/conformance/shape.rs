//! Whether an answer is what an example shows: the same keys all the way down, each with a value of the same kind.
//!
//! What kind a text is of follows from the example: a moment, a name such as `ORD-001`, an identifier, an address, a
//! word of a closed list (the OpenAPI document has the list), a fixed sentence. More keys than the example's are fine.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use serde_json::Value;
use uuid::Uuid;

use super::example::Case;
use crate::corpus::operations::resolve;

/// Where null may stand although the example has a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    /// Nowhere: the example's situation is there, and so is everything that it shows.
    AsShown,
    /// Where the contract (§1) allows it; lists and texts may be empty.
    WhereAllowed,
}

/// Ends of the paths at which null may stand (contract §1).
pub(super) const NULLABLE: [&str; 16] = [
    ".rating",
    "user.success_rate",
    "profile.success_rate",
    "leaderboard[].success_rate",
    "current_user_position.success_rate",
    ".avatar_url",
    ".bio",
    ".education",
    ".accepted_bid",
    ".started_at",
    "orders[].pages",
    "order.pages",
    "client.email",
    ".completed_at",
    "current_user_position",
    "client.completion_rate",
];

/// Whether null may stand there.
pub(super) fn may_be_null(path: &str) -> bool {
    NULLABLE.iter().any(|end| path.ends_with(end))
}

/// What is wrong with an answer to an example, if anything is.
pub(super) fn faults(operation: &str, case: &Case, answer: &Value, nulls: Nulls) -> Vec<String> {
    let document = document();
    let mut comparison = Comparison { document: &document, nulls, faults: Vec::new() };
    let schema = schema_of(&document, operation, case.status);
    let envelope = |value: &Value| -> BTreeSet<String> {
        value.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect()
    };
    if envelope(&case.answer) != envelope(answer) {
        comparison.faults.push(format!("the envelope has {:?}", envelope(answer)));
    }
    comparison.compare(&case.answer, answer, &schema, "");
    comparison.faults
}

pub(super) fn document() -> Value {
    serde_json::to_value(adapter_http::openapi()).expect("the OpenAPI document")
}

/// How the answer to an operation is described.
pub(super) fn schema_of(document: &Value, operation: &str, status: u16) -> Value {
    let answers = &described(document, operation)["responses"];
    let answer = &answers[status.to_string()];
    let answer = match answer["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("a described answer"),
        None => answer,
    };
    answer["content"]["application/json"]["schema"].clone()
}

/// An operation's description.
fn described<'a>(document: &'a Value, operation: &str) -> &'a Value {
    let name = our_name(document, operation);
    let (method, path) = name.split_once(' ').expect("method and path");
    &document["paths"][path][method.to_lowercase()]
}

/// What we call an operation of the source, which names some parts of paths differently; no client sees that.
pub(super) fn our_name(document: &Value, operation: &str) -> String {
    let (method, path) = operation.split_once(' ').expect("method and path");
    let parts = |path: &str| -> Vec<String> {
        path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }.to_owned()).collect()
    };
    let mut paths = document["paths"].as_object().expect("paths").keys();
    let path = paths.find(|known| parts(known) == parts(path)).expect("the path is described");
    format!("{method} {path}")
}

struct Comparison<'a> {
    document: &'a Value,
    nulls: Nulls,
    faults: Vec<String>,
}

impl Comparison<'_> {
    fn compare(&mut self, example: &Value, actual: &Value, schema: &Value, path: &str) {
        match (example, actual) {
            (Value::Null, Value::Null) | (Value::Bool(_), Value::Bool(_)) => {}
            (Value::Null, Value::String(text)) if path.ends_with("_at") => {
                self.require(is_moment(text), path, "a moment", actual);
            }
            (_, Value::Null) if self.nulls == Nulls::WhereAllowed && may_be_null(path) => {}
            (Value::Object(wanted), Value::Object(_)) => {
                let (schema, _, _) = resolve(self.document, schema);
                for (key, value) in wanted {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    match actual.get(key) {
                        None => self.faults.push(format!("{path} is missing")),
                        Some(found) => self.compare(value, found, &schema["properties"][key], &path),
                    }
                }
            }
            (Value::Array(wanted), Value::Array(there)) => self.compare_lists(wanted, there, schema, path),
            (Value::Number(wanted), Value::Number(there)) => {
                let fits = !wanted.is_i64() || there.is_i64();
                self.require(fits, path, "a whole number", actual);
            }
            (Value::String(wanted), Value::String(there)) => {
                let (schema, _, _) = resolve(self.document, schema);
                self.compare_texts(wanted, there, &schema, path);
            }
            _ => self.faults.push(format!("{path} is {actual}, where the example has {example}")),
        }
    }

    /// Everything that is listed looks like something that the example lists. Where that lists things of different
    /// types, each type is there, and what is of a type looks like its example.
    fn compare_lists(&mut self, wanted: &[Value], there: &[Value], schema: &Value, path: &str) {
        let (schema, _, _) = resolve(self.document, schema);
        let (items, path) = (&schema["items"], format!("{path}[]"));
        let types: BTreeMap<&str, &Value> =
            wanted.iter().filter_map(|one| Some((one["type"].as_str()?, one))).collect();
        for (kind, example) in types.iter().filter(|_| types.len() > 1) {
            let mut alike = there.iter().filter(|one| one["type"] == **kind).peekable();
            if alike.peek().is_none() && self.nulls == Nulls::AsShown {
                self.faults.push(format!("{path} has no {kind}"));
            }
            alike.for_each(|one| self.compare(example, one, items, &path));
        }
        if types.len() > 1 || wanted.is_empty() {
            return;
        }
        if there.is_empty() && self.nulls == Nulls::AsShown {
            self.faults.push(format!("{path} is empty"));
        }
        for one in there {
            let attempts = wanted.iter().map(|example| {
                let mut attempt =
                    Comparison { document: self.document, nulls: self.nulls, faults: Vec::new() };
                attempt.compare(example, one, items, &path);
                attempt.faults
            });
            let best = attempts.min_by_key(Vec::len);
            self.faults.extend(best.into_iter().flatten());
        }
    }

    fn compare_texts(&mut self, wanted: &str, there: &str, schema: &Value, path: &str) {
        let last = path.rsplit('.').next().unwrap_or(path);
        let words = schema["enum"].as_array();
        let (fits, what) = if let Some(words) = words {
            let is_one = |text: &str| words.iter().any(|word| word == text);
            (is_one(wanted) && is_one(there), "one of the described words")
        } else if path == "data.message" || path.starts_with("error.") {
            (wanted == there, "the example's sentence")
        } else if is_moment(wanted) {
            (is_moment(there), "a moment such as 2024-01-15T10:30:00Z")
        } else if let Some(kind) = name_kind(wanted) {
            (name_kind(there) == Some(kind), "a name such as ORD-001")
        } else if last == "id" || last.ends_with("_id") {
            (Uuid::try_parse(there).is_ok(), "a UUID")
        } else if wanted.starts_with("https://") {
            (there.starts_with("https://"), "an address")
        } else if wanted.starts_with("jwt-") {
            (there.split('.').count() == 3, "a JSON Web Token")
        } else if wanted.contains('@') {
            (there.contains('@'), "an e-mail address")
        } else if last == "size_formatted" {
            let unit = there.split(' ').nth(1);
            (unit.is_some_and(|unit| ["B", "KB", "MB", "GB"].contains(&unit)), "a size such as 156 KB")
        } else {
            (!there.is_empty() || self.nulls == Nulls::WhereAllowed, "a text")
        };
        self.require(fits, path, what, &there.into());
    }

    fn require(&mut self, fits: bool, path: &str, what: &str, actual: &Value) {
        if !fits {
            self.faults.push(format!("{path} is not {what}: {actual}"));
        }
    }
}

/// Exactly the contract's form.
fn is_moment(text: &str) -> bool {
    text.len() == 20 && NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").is_ok()
}

/// `ORD`, `BID` or `WD`. What the source calls `AO-001` in some places is an order, and called `ORD-001` (contract §2).
fn name_kind(text: &str) -> Option<&'static str> {
    let (kind, number) = text.split_once('-')?;
    let is_number = number.len() >= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    let kind = match kind {
        "ORD" | "AO" => "ORD",
        "BID" => "BID",
        "WD" => "WD",
        _ => return None,
    };
    is_number.then_some(kind)
}

/// Amounts that are not written with two decimals. Which keys have amounts the example tells: those that it always
/// writes so.
pub(super) fn amount_faults(example: &str, answer: &str) -> Vec<String> {
    let has_cents = |number: &str| number.split_once('.').is_some_and(|(_, cents)| cents.len() == 2);
    let mut keys: BTreeMap<String, bool> = BTreeMap::new();
    for (key, number) in numbers(example) {
        *keys.entry(key).or_insert(true) &= has_cents(&number);
    }
    let is_amount = |key: &str| keys.get(key).copied().unwrap_or(false);
    let wrong = numbers(answer).into_iter().filter(|(key, number)| is_amount(key) && !has_cents(number));
    wrong.map(|(key, number)| format!("{key} is written {number}")).collect()
}

/// Every number in a JSON text, as it is written, with its key.
fn numbers(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\":") {
        let key = before.rsplit('"').next().unwrap_or_default();
        let number: String = after
            .trim_start()
            .chars()
            .take_while(|char| char.is_ascii_digit() || "-.".contains(*char))
            .collect();
        if !number.is_empty() {
            found.push((key.to_owned(), number));
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The comparison itself: each of these answers to `GET /api/v1/bids` has one fault.
    #[test]
    fn what_differs_is_found() {
        let bid = json!({"id": "BID-001", "submitted_date": "2024-01-10T14:30:00Z", "bid_amount": 150.0, "status": "open"});
        let answer =
            |bid: Value| json!({"status": "success", "data": {"bids": [bid], "summary": {"open": 12}}});
        let case = Case { status: 200, request: None, answer: answer(bid.clone()) };
        let faults = |answer: &Value| faults("GET /api/v1/bids", &case, answer, Nulls::AsShown);
        assert_eq!(faults(&answer(bid.clone())), Vec::<String>::new());
        for (key, value, fault) in [
            ("id", json!("BID-1"), "is not a name"),
            ("id", json!("ORD-001"), "is not a name"),
            ("submitted_date", json!("2024-01-10T14:30:00.5Z"), "is not a moment"),
            ("bid_amount", json!("150.00"), "where the example has"),
            ("status", json!("changed"), "is not one of"),
            ("status", Value::Null, "is null"),
        ] {
            let mut other = bid.clone();
            other[key] = value;
            let found = faults(&answer(other));
            assert!(matches!(found.as_slice(), [one] if one.contains(fault)), "{key}: {found:?}");
        }
        let mut without = answer(bid);
        without["data"]["summary"] = json!({});
        assert_eq!(faults(&without), ["data.summary.open is missing"]);
        let empty = json!({"status": "success", "data": {"bids": [], "summary": {"open": 0}}});
        assert_eq!(faults(&empty), ["data.bids[] is empty"]);
    }

    #[test]
    fn amounts_are_compared_as_they_are_written() {
        let example = r#"{"budget": 120.00, "rating": 4.95, "list": [{"rating": 4.8, "pages": 8}]}"#;
        assert_eq!(
            amount_faults(example, r#"{"budget":115.10,"rating":5.0,"pages":8}"#),
            Vec::<String>::new()
        );
        assert_eq!(amount_faults(example, r#"{"budget":115.1}"#), ["budget is written 115.1"]);
    }
}
