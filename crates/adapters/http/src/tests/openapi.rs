//! The description: nothing is missing from any operation, and it fits itself.

use std::collections::BTreeSet;

use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn description() -> Value {
    serde_json::to_value(crate::openapi()).unwrap()
}

fn operations(description: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            operations.push((format!("{method} {path}"), operation));
        }
    }
    operations
}

fn text<'a>(value: &'a Value, what: &str) -> &'a str {
    let text = value.as_str().unwrap_or_else(|| panic!("{what} is missing"));
    assert!(!text.trim().is_empty(), "{what} is empty");
    text
}

fn resolve<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => description
            .pointer(reference.strip_prefix('#').unwrap())
            .unwrap_or_else(|| panic!("{reference} leads nowhere")),
        None => value,
    }
}

#[test]
fn it_says_what_it_is() {
    let description = description();
    assert_eq!(description["openapi"], "3.1.0");
    let info = &description["info"];
    assert_eq!((&info["title"], &info["license"]["name"]), (&"Guildhall API".into(), &"MIT".into()));
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert!(info.get("contact").is_none());
    for word in ["Envelope", "Idempotency-Key", "cursor", "RateLimit-", "Money", "401"] {
        let word = if word == "Envelope" { "envelope" } else { word };
        assert!(info["description"].as_str().unwrap().contains(word), "{word}");
    }
    assert_eq!(description["servers"][0]["url"], "/");
    assert_eq!(description["components"]["securitySchemes"]["bearer"]["bearerFormat"], "JWT");
}

#[test]
fn it_is_the_same_each_time() {
    let [one, two] = [crate::document::openapi(), crate::document::openapi()];
    assert_eq!(one.to_pretty_json().unwrap(), two.to_pretty_json().unwrap());
}

#[test]
fn every_operation_is_described_in_full() {
    let description = description();
    let tags: BTreeSet<_> =
        description["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&description) {
        let id = text(&operation["operationId"], &format!("{name}: operationId"));
        assert!(ids.insert(id.to_owned()), "{name}: {id} is there twice");
        text(&operation["summary"], &format!("{name}: summary"));
        text(&operation["description"], &format!("{name}: description"));
        let own: Vec<_> = operation["tags"].as_array().unwrap().iter().collect();
        assert_eq!(own.len(), 1, "{name}: {own:?}");
        assert!(tags.contains(own[0].as_str().unwrap()), "{name}: {own:?} is not described");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            text(&parameter["description"], &format!("{name}: {}", parameter["name"]));
        }
        let variables = name.matches('{').count();
        let in_path = operation["parameters"].as_array().into_iter().flatten();
        assert_eq!(in_path.filter(|parameter| parameter["in"] == "path").count(), variables, "{name}");
    }
}

#[test]
fn every_answer_has_an_example_and_headers() {
    let description = description();
    for (name, operation) in operations(&description) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for (status, response) in responses {
            let response = resolve(&description, response);
            text(&response["description"], &format!("{name} {status}"));
            assert!(response["headers"].get("X-Request-Id").is_some(), "{name} {status}");
            for header in response["headers"].as_object().unwrap().values() {
                resolve(&description, header);
            }
            for (kind, content) in response["content"].as_object().unwrap() {
                assert!(!content["example"].is_null(), "{name} {status} {kind} has no example");
                assert!(!content["schema"].is_null(), "{name} {status} {kind} has no schema");
                if status.as_str() >= "400" && !name.contains(" /health") && !name.contains("/readyz") {
                    assert_eq!(content["example"]["status"], "error", "{name} {status}");
                    assert_eq!(
                        content["schema"]["$ref"], "#/components/schemas/ErrorBody",
                        "{name} {status}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_operation_lists_the_errors_that_it_can_have() {
    let description = description();
    for (name, operation) in operations(&description) {
        let has = |status: &str| operation["responses"].get(status).is_some();
        let path = name.split(' ').nth(1).unwrap();
        let is_health = crate::health::PATHS.contains(&path);
        let has_body = operation.get("requestBody").is_some();
        let security = operation["security"].as_array();
        assert!(has("500"), "{name}");
        assert!(is_health || (has("429") && has("503")), "{name}");
        assert!(!has_body || (has("400") && has("413") && has("415")), "{name}");
        assert!(security.is_none() || has("401"), "{name}");
        assert!(!path.contains('{') || has("404"), "{name}");
        assert!(!path.contains("/admin/") || (security.is_some() && has("403")), "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(description: &Value, value: &Value) {
        match value {
            Value::Object(members) => {
                resolve(description, value);
                members.values().for_each(|member| walk(description, member));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(description, item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let description = description();
    walk(&description, &description);
}
