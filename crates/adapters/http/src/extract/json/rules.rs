//! Broken rules of a body that has the right shape, as one flat list.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use usecases::error::FieldError;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::BODY;

/// The outcome of one of the domain's rules in the form that the crate `validator` calls.
pub(crate) fn verdict<T, E: Display>(parsed: Result<T, E>) -> Result<(), ValidationError> {
    parsed.map(drop).map_err(broken)
}

/// A broken rule, in words for whoever sent the request.
pub(crate) fn broken(rule: impl Display) -> ValidationError {
    ValidationError::new("rule").with_message(Cow::Owned(rule.to_string()))
}

/// All broken rules, in the order in which `text`, the body, has the fields; what it has not comes
/// last, by name.
pub(super) fn flatten(errors: &ValidationErrors, text: &str) -> Vec<FieldError> {
    let layout = serde_json::from_str(text).unwrap_or(Layout::Leaf);
    let mut flat = Vec::new();
    collect(errors, "", Some(&layout), &mut flat);
    flat
}

fn collect(errors: &ValidationErrors, parent: &str, layout: Option<&Layout>, flat: &mut Vec<FieldError>) {
    let mut fields: Vec<_> = errors
        .errors()
        .iter()
        // A field whose name is a keyword of Rust is written `r#type`.
        .map(|(name, kind)| (name.strip_prefix("r#").unwrap_or(name), kind))
        .collect();
    fields
        .sort_by_key(|(name, _)| (layout.and_then(|layout| layout.rank(name)).unwrap_or(usize::MAX), *name));
    for (name, kind) in fields {
        // Rules over several fields belong to the object around them.
        let path = match (name, parent) {
            ("__all__", "") => BODY.to_owned(),
            ("__all__", parent) => parent.to_owned(),
            (name, "") => name.to_owned(),
            (name, parent) => format!("{parent}.{name}"),
        };
        let layout = layout.and_then(|layout| layout.member(name));
        match kind {
            ValidationErrorsKind::Field(broken) => {
                flat.extend(
                    broken
                        .iter()
                        .map(|rule| FieldError { field: Cow::Owned(path.clone()), message: message(rule) }),
                );
            }
            ValidationErrorsKind::Struct(errors) => collect(errors, &path, layout, flat),
            ValidationErrorsKind::List(items) => {
                for (index, errors) in items {
                    let layout = layout.and_then(|layout| layout.item(*index));
                    collect(errors, &format!("{path}[{index}]"), layout, flat);
                }
            }
        }
    }
}

fn message(rule: &ValidationError) -> Cow<'static, str> {
    if let Some(message) = &rule.message {
        return message.clone();
    }
    let bound = |name: &str| rule.params.get(name).map(ToString::to_string);
    match (rule.code.as_ref(), bound("min"), bound("max"), bound("equal")) {
        ("length", _, _, Some(length)) => format!("must have {length} characters").into(),
        ("length", Some(min), Some(max), None) => format!("must have {min} to {max} characters").into(),
        ("length", Some(min), None, None) => format!("must have at least {min} characters").into(),
        ("length", None, Some(max), None) => format!("must have at most {max} characters").into(),
        ("range", Some(min), Some(max), None) => format!("must be between {min} and {max}").into(),
        ("range", Some(min), None, None) => format!("must be at least {min}").into(),
        ("range", None, Some(max), None) => format!("must be at most {max}").into(),
        ("required", ..) => "is required".into(),
        ("email", ..) => "must be an e-mail address".into(),
        ("url", ..) => "must be a URL".into(),
        _ => "is not valid".into(),
    }
}

/// Where things stand in a JSON text.
enum Layout {
    Object(Vec<(String, Layout)>),
    List(Vec<Layout>),
    Leaf,
}

impl Layout {
    fn rank(&self, name: &str) -> Option<usize> {
        match self {
            Self::Object(members) => members.iter().position(|(member, _)| member == name),
            Self::List(_) | Self::Leaf => None,
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(member, _)| member == name).map(|(_, layout)| layout)
            }
            Self::List(_) | Self::Leaf => None,
        }
    }

    fn item(&self, index: usize) -> Option<&Self> {
        match self {
            Self::List(items) => items.get(index),
            Self::Object(_) | Self::Leaf => None,
        }
    }
}

impl<'de> Deserialize<'de> for Layout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LayoutVisitor)
    }
}

struct LayoutVisitor;

impl<'de> Visitor<'de> for LayoutVisitor {
    type Value = Layout;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Layout, E> {
        Ok(Layout::Leaf)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Layout, E> {
        Ok(Layout::Leaf)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Layout, E> {
        Ok(Layout::Leaf)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Layout, E> {
        Ok(Layout::Leaf)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Layout, E> {
        Ok(Layout::Leaf)
    }

    fn visit_unit<E>(self) -> Result<Layout, E> {
        Ok(Layout::Leaf)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Layout, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Layout::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Layout, A::Error> {
        let mut object = Vec::new();
        while let Some(name) = members.next_key()? {
            object.push((name, members.next_value()?));
        }
        Ok(Layout::Object(object))
    }
}
