//! The OpenAPI document promises what the examples show: each of their keys, always, and null only where the contract
//! allows it.

use serde_json::Value;

use super::example::examples;
use super::shape::{document, may_be_null, schema_of};
use crate::corpus::operations::resolve;

#[test]
fn the_description_promises_what_the_examples_show() {
    let document = document();
    let mut faults = Vec::new();
    for example in examples() {
        for case in &example.cases {
            let schema = schema_of(&document, &example.operation, case.status);
            let mut found = Vec::new();
            walk(&document, &case.answer, &schema, "", &mut found);
            faults
                .extend(found.iter().map(|fault| format!("{} {}: {fault}", example.operation, case.status)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What a notification is about depends on its type; a list that was cut by a cursor knows no pages.
fn depends_on_more(path: &str) -> bool {
    path.contains(".details.") || path.ends_with("pagination.page") || path.ends_with("pagination.pages")
}

fn walk(document: &Value, example: &Value, schema: &Value, path: &str, faults: &mut Vec<String>) {
    let (schema, _, nullable) = resolve(document, schema);
    if nullable && !may_be_null(path) && !depends_on_more(path) {
        faults.push(format!("{path} may be null"));
    }
    match example {
        Value::Object(keys) => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            for (key, value) in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let Some(property) = schema["properties"].get(key) else {
                    faults.push(format!("{path} is not described"));
                    continue;
                };
                if !required.contains(&key.as_str().into()) && !depends_on_more(&path) {
                    faults.push(format!("{path} may be missing"));
                }
                walk(document, value, property, &path, faults);
            }
        }
        Value::Array(list) => {
            for value in list {
                walk(document, value, &schema["items"], &format!("{path}[]"), faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
