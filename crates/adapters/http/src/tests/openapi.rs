//! The description: nothing is missing from any operation, and it fits itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

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
        let needs_login = !operation["security"].as_array().expect(&name).is_empty();
        assert!(has("500"), "{name}");
        assert!(is_health || (has("429") && has("503")), "{name}");
        assert!(!has_body || (has("400") && has("413") && has("415")), "{name}");
        assert!(!needs_login || has("401"), "{name}");
        assert!(!path.contains('{') || has("404"), "{name}");
        assert!(!path.contains("/admin/") || (needs_login && has("403")), "{name}");
    }
}

/// Contract §1: every 409 has `details.reason` and `details.state`.
#[test]
fn every_conflict_says_why_and_in_which_state() {
    let description = description();
    let mut seen = 0;
    for (name, operation) in operations(&description) {
        let Some(response) = operation["responses"].get("409") else { continue };
        let content = &resolve(&description, response)["content"]["application/json"];
        let several = content["examples"].as_object().into_iter().flatten();
        let examples = several.map(|(_, example)| &example["value"]).chain(content.get("example"));
        for example in examples {
            let details = &resolve(&description, example)["error"]["details"];
            for key in ["reason", "state"] {
                text(&details[key], &format!("{name}: {key} of {example}"));
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn commands_that_take_a_name_say_what_it_leads_to() {
    let description = description();
    let mut named = BTreeSet::new();
    for (name, operation) in operations(&description) {
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        let Some(parameter) = parameters.find(|parameter| parameter["name"] == "Idempotency-Key") else {
            continue;
        };
        assert_eq!((&parameter["in"], &parameter["required"]), (&"header".into(), &false.into()), "{name}");
        assert_eq!(parameter["schema"]["maxLength"], 255, "{name}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolve(&description, response);
            let has = |header: &str| response["headers"].get(header).is_some();
            let says = |text: &str| response["description"].as_str().unwrap().contains(text);
            assert_eq!(has("Idempotent-Replayed"), status.starts_with('2'), "{name} {status}");
            assert!(status != "409" || (says("`in_progress`") && has("Retry-After")), "{name}");
            assert!(status != "422" || says("`idempotency_key_reused`"), "{name}");
        }
        for status in ["400", "409", "413", "415", "422"] {
            assert!(operation["responses"].get(status).is_some(), "{name} {status}");
        }
        named.insert(name);
    }
    let groups = [
        "post /api/v1/payments",
        "post /api/v1/withdrawals",
        "post /api/v1/admin/withdrawals",
        "post /api/v1/orders",
        "patch /api/v1/orders",
        "post /api/v1/bids",
        "patch /api/v1/bids",
    ];
    for (name, _) in operations(&description) {
        let must = groups.iter().any(|group| name.starts_with(group));
        assert!(!must || named.contains(&name), "{name} takes no name");
    }
}

#[test]
fn what_has_versions_shows_them_and_minds_them() {
    let description = description();
    let mut versioned = BTreeSet::new();
    for (name, operation) in operations(&description) {
        let (method, path) = name.split_once(' ').unwrap();
        let is_conditional = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|parameter| parameter["name"] == "If-Match" && parameter["in"] == "header");
        assert_eq!(operation["responses"].get("412").is_some(), is_conditional, "{name}");
        if is_conditional {
            versioned.insert(path.to_owned());
        }
        let has_tag = operation["responses"]["200"]["headers"].get("ETag").is_some();
        let conditional = &description["paths"][path]["patch"]["responses"]["412"];
        let expected = ["get", "patch"].contains(&method) && !conditional.is_null();
        assert_eq!(has_tag, expected, "{name}");
    }
    let expected =
        ["/api/v1/orders/{order_id}", "/api/v1/bids/{bid_id}", "/api/v1/profile"].map(str::to_owned);
    assert_eq!(versioned, BTreeSet::from(expected));
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

#[test]
fn nothing_is_described_that_nothing_refers_to() {
    fn walk<'a>(value: &'a Value, references: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                references.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| walk(member, references));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, references)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let description = description();
    let mut references = BTreeSet::new();
    walk(&description, &mut references);
    for kind in ["schemas", "responses", "headers"] {
        for name in description["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(reference.as_str()), "nothing refers to {reference}");
        }
    }
}

/// Keys of answers that may be left out. Every other key is always sent, if only with null.
const MAY_BE_MISSING: [&str; 23] = [
    "ErrorDetails.field",
    "ErrorDetails.errors",
    "ErrorDetails.reason",
    "ErrorDetails.state",
    "ErrorDetails.required",
    "ErrorDetails.available",
    "ErrorDetails.bid",
    "ErrorDetails.revision",
    "ErrorDetails.limit",
    // What does not apply.
    "NotificationDetails.amount",
    "NotificationDetails.bid_id",
    "NotificationDetails.deposit_id",
    "NotificationDetails.due_at",
    "NotificationDetails.milestone_id",
    "NotificationDetails.order_id",
    "NotificationDetails.order_title",
    "NotificationDetails.rating",
    "NotificationDetails.reason",
    "NotificationDetails.withdrawal_id",
    // Not for providers.
    "OrdersSummary.open",
    "ReadinessDocument.reason",
    // For administrators only.
    "Withdrawal.approved_by",
    "Withdrawal.user",
];

/// Calls `visit` with every schema of an object below `schema`, and the object's name.
fn objects<'a>(
    description: &'a Value,
    name: &str,
    schema: &'a Value,
    seen: &mut BTreeSet<String>,
    visit: &mut impl FnMut(&str, &'a Value),
) {
    if let Some(reference) = schema["$ref"].as_str() {
        if seen.insert(reference.to_owned()) {
            let name = reference.rsplit('/').next().unwrap();
            objects(description, name, resolve(description, schema), seen, visit);
        }
        return;
    }
    if let Some(properties) = schema["properties"].as_object() {
        visit(name, schema);
        properties.values().for_each(|property| objects(description, name, property, seen, visit));
    }
    for parts in ["oneOf", "allOf", "anyOf"] {
        let parts = schema[parts].as_array().into_iter().flatten();
        parts.for_each(|part| objects(description, name, part, seen, visit));
    }
    if schema["items"].is_object() {
        objects(description, name, &schema["items"], seen, visit);
    }
}

fn answer_contents(description: &Value) -> Vec<(String, &Value)> {
    let mut contents = Vec::new();
    for (name, operation) in operations(description) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolve(description, response);
            for content in response["content"].as_object().unwrap().values() {
                contents.push((format!("{name} {status}"), content));
            }
        }
    }
    contents
}

#[test]
fn every_key_of_an_answer_is_required() {
    let description = description();
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for (answer, content) in answer_contents(&description) {
        objects(&description, &answer, &content["schema"], &mut seen, &mut |name, schema| {
            let required: BTreeSet<_> = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|key| key.as_str().unwrap())
                .collect();
            for key in schema["properties"].as_object().unwrap().keys() {
                let may_be_missing = MAY_BE_MISSING.contains(&format!("{name}.{key}").as_str());
                assert_eq!(required.contains(key.as_str()), !may_be_missing, "{answer}: {name}.{key}");
                count += 1;
            }
        });
    }
    assert!(count > 50, "{count}");
}

/// Checks an example against its schema, as far as keys, words and null are concerned.
fn fits(description: &Value, schema: &Value, example: &Value, place: &str) {
    let schema = resolve(description, schema);
    if let Some(parts) = schema["oneOf"].as_array() {
        let part = parts.iter().find(|part| (part["type"] == "null") == example.is_null());
        return fits(description, part.unwrap_or_else(|| panic!("{place}")), example, place);
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(example), "{place}: {example} is not among {words:?}");
    }
    let is_null_allowed = schema["type"] == "null"
        || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&Value::from("null")));
    assert!(!example.is_null() || is_null_allowed, "{place} must not be null");
    for (index, item) in example.as_array().into_iter().flatten().enumerate() {
        fits(description, &schema["items"], item, &format!("{place}[{index}]"));
    }
    let Some(members) = example.as_object() else { return };
    let mut keys = BTreeSet::new();
    let parts = schema["allOf"].as_array().map_or_else(|| vec![schema], |parts| parts.iter().collect());
    for part in parts {
        let part = resolve(description, part);
        if part["additionalProperties"].is_object() {
            keys.extend(members.keys());
        }
        for (key, schema) in part["properties"].as_object().into_iter().flatten() {
            keys.insert(key);
            if let Some(member) = members.get(key) {
                fits(description, schema, member, &format!("{place}.{key}"));
            }
        }
        for key in part["required"].as_array().into_iter().flatten() {
            assert!(members.contains_key(key.as_str().unwrap()), "{place} has no {key}");
        }
    }
    for key in members.keys() {
        // An error's details may have more members, described where they occur.
        assert!(keys.contains(key) || place.ends_with(".details"), "{place}.{key} is not described");
    }
}

#[test]
fn every_example_fits_its_schema() {
    let description = description();
    for (answer, content) in answer_contents(&description) {
        fits(&description, &content["schema"], &content["example"], &answer);
    }
}

#[test]
fn roles_states_and_addresses_of_answers_are_described_as_such() {
    let description = description();
    let mut seen = BTreeSet::new();
    for (answer, content) in answer_contents(&description) {
        objects(&description, &answer, &content["schema"], &mut seen, &mut |name, schema| {
            for (key, schema) in schema["properties"].as_object().unwrap() {
                let schema = resolve(&description, schema);
                let place = format!("{name}.{key}");
                if key == "email" {
                    assert_eq!(schema["format"], "email", "{place}");
                }
                if ["role", "state", "status"].contains(&key.as_str()) && place != "ErrorDetails.state" {
                    assert!(schema["enum"].is_array(), "{place}");
                }
            }
        });
    }
}

#[test]
fn a_body_is_required_only_where_one_is_needed() {
    let description = description();
    let mut optional = BTreeSet::new();
    for (_, operation) in operations(&description) {
        let Some(body) = operation.get("requestBody") else { continue };
        if body["required"] == false {
            optional.insert(operation["operationId"].as_str().unwrap());
        } else {
            assert_eq!(body["required"], true);
        }
    }
    let expected = [
        "refresh",
        "putOwnRecord",
        "patchOwnRecord",
        "updateProfile",
        "updateOrder",
        "updateBid",
        "confirmBid",
        "acceptBid",
        "submitMilestone",
        "readChat",
        // Words or files: which of the two, no schema says.
        "sendMessage",
        "addEvidence",
    ];
    assert_eq!(optional, BTreeSet::from(expected));
    let request = &description["components"]["schemas"]["UpdateRecordRequest"];
    assert!(request.get("required").is_none(), "null is one thing, leaving out another: {request}");
}

#[test]
fn refreshing_works_with_and_without_a_bearer_token() {
    let description = description();
    let refresh = &description["paths"]["/api/v1/auth/refresh"]["post"];
    assert_eq!(refresh["security"], json!([{}, {"bearer": []}]));
}

#[test]
fn lengths_of_passwords_in_characters_allow_every_right_number_of_bytes() {
    let description = description();
    for (schema, key) in [("RegisterRequest", "password"), ("ChangePasswordRequest", "new_password")] {
        let password = &description["components"]["schemas"][schema]["properties"][key];
        assert_eq!((&password["minLength"], &password["maxLength"]), (&json!(2), &json!(72)));
        assert!(text(&password["description"], key).contains("8 to 72 bytes"));
    }
}

#[test]
fn what_holds_for_all_operations_is_said_once() {
    let description = description();
    let general = text(&description["info"]["description"], "info").replace('\n', " ");
    for sentence in
        ["Use HTTPS", "head is no HTTP that can be parsed", "preflight", "Attempts count, not only successes"]
    {
        assert!(general.contains(sentence), "{sentence}");
    }
    let register = &description["paths"]["/api/v1/auth/register"]["post"]["description"];
    assert!(text(register, "register").replace('\n', " ").contains("those that fail count as well"));
}
