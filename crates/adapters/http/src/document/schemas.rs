//! What follows for schemas from which way they go.
//!
//! - In an answer every key is always sent, if only with null: keys that may be null are required.
//!   A key that may be left out says so by `nullable = false` and having no value of its own.
//! - A body all of whose fields are optional may be left out (contract §2).
//! - What an envelope holds is referred to by its name, not written out again.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{OpenApi, Ref, RefOr, Required, Schema};

use super::answers::operations;

/// Completes a description that has all operations and schemas.
pub(super) fn complete(description: &mut OpenApi) {
    let requested = requested(description);
    let Some(components) = &mut description.components else { return };
    let names: BTreeSet<String> = components.schemas.keys().cloned().collect();
    for (name, schema) in &mut components.schemas {
        refer(name, schema, &names);
    }
    for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| !requested.contains(*name)) {
        require_nullable(schema);
    }
    let optional: BTreeSet<&str> = components
        .schemas
        .iter()
        .filter(
            |(_, schema)| matches!(schema, RefOr::T(Schema::Object(object)) if object.required.is_empty()),
        )
        .map(|(name, _)| name.as_str())
        .collect();
    for operation in description.paths.paths.values_mut().flat_map(operations) {
        relax_body(operation, &optional);
    }
}

/// Lets an envelope refer to what it holds.
fn refer(name: &str, schema: &mut RefOr<Schema>, names: &BTreeSet<String>) {
    let Some(held) = name.strip_prefix("Envelope_").filter(|held| names.contains(*held)) else { return };
    let RefOr::T(Schema::Object(envelope)) = schema else { return };
    if let Some(data) = envelope.properties.get_mut("data") {
        *data = RefOr::Ref(Ref::from_schema_name(held));
    }
}

/// The names of all schemas that bodies of requests are made of.
fn requested(description: &OpenApi) -> BTreeSet<String> {
    let description = serde_json::to_value(description).unwrap_or_default();
    let mut names = BTreeSet::new();
    let items =
        description.pointer("/paths").and_then(Value::as_object).into_iter().flat_map(|paths| paths.values());
    for operation in items.filter_map(Value::as_object).flat_map(|item| item.values()) {
        if let Some(body) = operation.get("requestBody") {
            collect(&description, body, &mut names);
        }
    }
    names
}

fn collect(description: &Value, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(pointer) = reference.and_then(|reference| reference.strip_prefix('#'))
                && let Some(name) = pointer.strip_prefix("/components/schemas/")
                && names.insert(name.to_owned())
                && let Some(schema) = description.pointer(pointer)
            {
                collect(description, schema, names);
            }
            members.values().for_each(|member| collect(description, member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(description, item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn require_nullable(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            object.properties.values_mut().for_each(require_nullable);
            object.required = required(object);
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                require_nullable(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(require_nullable),
        Schema::AllOf(all) => all.items.iter_mut().for_each(require_nullable),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(require_nullable),
        _ => {}
    }
}

fn required(object: &Object) -> Vec<String> {
    let keys = object.properties.iter();
    keys.filter(|(key, schema)| object.required.contains(*key) || is_nullable(schema))
        .map(|(key, _)| key.clone())
        .collect()
}

fn is_nullable(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(schema) = schema else { return false };
    match schema {
        Schema::Object(object) => has_null(&object.schema_type),
        Schema::Array(array) => has_null(&array.schema_type),
        Schema::OneOf(one) => one.items.iter().any(is_nullable),
        Schema::AnyOf(any) => any.items.iter().any(is_nullable),
        Schema::AllOf(_) | _ => false,
    }
}

fn has_null(kind: &SchemaType) -> bool {
    match kind {
        SchemaType::Type(kind) => *kind == Type::Null,
        SchemaType::Array(kinds) => kinds.contains(&Type::Null),
        SchemaType::AnyValue => false,
    }
}

fn relax_body(operation: &mut Operation, optional: &BTreeSet<&str>) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let may_be_left_out = body.content.values().all(|content| {
        let RefOr::T(content) = content else { return false };
        let Some(RefOr::Ref(reference)) = &content.schema else { return false };
        reference.ref_location.rsplit('/').next().is_some_and(|name| optional.contains(name))
    });
    if may_be_left_out {
        body.required = Some(Required::False);
    }
}
