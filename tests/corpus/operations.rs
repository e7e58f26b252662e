//! What the OpenAPI document says about operations and the fields of their bodies.

use serde_json::Value;

/// An operation, as it is described.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Of its JSON body, if it takes one.
    pub(crate) schema: Option<Value>,
    /// Whether it takes any body, in JSON or in parts.
    pub(crate) takes_a_body: bool,
    /// Whether it can do without one.
    pub(crate) body_is_optional: bool,
    /// Names and places (`path`, `query`, `header`) of its parameters.
    pub(crate) parameters: Vec<(String, String)>,
}

/// A field of a body, or of an object inside it.
pub(crate) struct Field {
    /// Keys and positions that lead to it.
    pub(crate) path: Vec<Step>,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
}

/// One step into a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    First,
}

/// What a field holds.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Money,
    /// An amount that may be nothing.
    Share,
    Moment,
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    Uuid,
    Email,
    Secret,
    Word,
    Text {
        min: u64,
        max: Option<u64>,
    },
    List {
        max: Option<u64>,
    },
    Object {
        known: Vec<String>,
    },
}

/// All operations of the program.
pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(adapter_http::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let body = &operation["requestBody"];
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                schema: body["content"]["application/json"].get("schema").cloned(),
                takes_a_body: body.is_object(),
                body_is_optional: !body["required"].as_bool().unwrap_or(false),
                parameters: parameters.map(|one| (text(&one["name"]), text(&one["in"]))).collect(),
            });
        }
    }
    operations
}

/// Every field of a body, the body itself first.
pub(crate) fn fields(schema: &Value) -> Vec<Field> {
    let document = serde_json::to_value(adapter_http::openapi()).unwrap();
    let mut found = Vec::new();
    walk(&document, schema, &[], &mut found);
    found
}

fn walk(document: &Value, schema: &Value, path: &[Step], found: &mut Vec<Field>) {
    let (schema, name, nullable) = resolve(document, schema);
    let kind = kind(&schema, name.as_deref());
    let mut inside = Vec::new();
    if matches!(kind, Kind::List { max } if max != Some(0)) {
        inside.push((Step::First, &schema["items"]));
    }
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        inside.push((Step::Key(key.clone()), property));
    }
    found.push(Field { path: path.to_vec(), kind, nullable });
    for (step, schema) in inside {
        let path: Vec<_> = path.iter().cloned().chain([step]).collect();
        walk(document, schema, &path, found);
    }
}

/// Follows references: the schema, the name it goes by, and whether null will do as well.
pub(crate) fn resolve(document: &Value, schema: &Value) -> (Value, Option<String>, bool) {
    if let Some(choices) = schema["oneOf"].as_array() {
        let nullable = choices.iter().any(|choice| choice["type"] == "null");
        let other = choices.iter().find(|choice| choice["type"] != "null").unwrap();
        let (schema, name, inner) = resolve(document, other);
        return (schema, name, nullable || inner);
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        let (target, _, nullable) = resolve(document, &document["components"]["schemas"][name]);
        return (target, Some(name.to_owned()), nullable);
    }
    let nullable = schema["type"].as_array().is_some_and(|types| types.contains(&"null".into()));
    (schema.clone(), None, nullable)
}

fn kind(schema: &Value, name: Option<&str>) -> Kind {
    let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let is = |kind: &str| types.contains(&kind.into());
    match name {
        Some("GivenAmount") => return Kind::Money,
        Some("GivenShare") => return Kind::Share,
        Some("GivenMoment") => return Kind::Moment,
        _ => {}
    }
    if is("object") {
        assert_eq!(schema["additionalProperties"], false, "an open object in a body: {schema}");
        let known = schema["properties"].as_object().unwrap().keys().cloned().collect();
        Kind::Object { known }
    } else if is("array") {
        Kind::List { max: schema["maxItems"].as_u64() }
    } else if is("integer") {
        Kind::Integer { min: schema["minimum"].as_i64(), max: schema["maximum"].as_i64() }
    } else if is("string") {
        match schema["format"].as_str() {
            Some("uuid") => Kind::Uuid,
            Some("email") => Kind::Email,
            Some("password") => Kind::Secret,
            None if schema["enum"].is_array() => Kind::Word,
            None => Kind::Text {
                min: schema["minLength"].as_u64().unwrap_or(0),
                max: schema["maxLength"].as_u64(),
            },
            Some(other) => panic!("the corpus knows no strings of the format {other}"),
        }
    } else {
        panic!("the corpus knows nothing to send for {schema}")
    }
}

/// As errors name it: `milestones[0].title`.
pub(crate) fn dotted(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::First => text.push_str("[0]"),
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
        }
    }
    text
}

impl Operation {
    /// Whether its caller may name it.
    pub(crate) fn takes_a_key(&self) -> bool {
        self.parameters.iter().any(|(name, _)| name == "Idempotency-Key")
    }

    /// Method and path.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
