//! From text to a type, with faults in words for people: no names of Rust types, no values.

use std::borrow::Cow;
use std::fmt::Write;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};

use super::BODY;
use super::objects::Objects;
use crate::error::ApiError;

/// Names and words from the request that are quoted back are cut here.
const MAX_QUOTED: usize = 200;

const ONE_OF_THE_WORDS: &str = "must be one of the words that are documented";

/// Reads a JSON object.
///
/// # Errors
/// 400 with the first fault of shape.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(Objects(&mut deserializer));
    // Whether it is JSON at all comes first, and the parser is not to be asked: it calls some values
    // of the wrong type bad syntax.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let message = format!("is not valid JSON (line {}, column {})", error.line(), error.column());
        return Err(ApiError::field(BODY, message));
    }
    value.map_err(|error| fault(path(error.path()), error.inner()))
}

/// `milestones[0].title`
fn path(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                // Writing to a string cannot fail.
                write!(text, "[{index}]").unwrap_or_default();
            }
            Segment::Map { key } => push(&mut text, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

fn fault(mut path: String, error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let message = if let Some(name) = quoted_after(text, "missing field ") {
        push(&mut path, name);
        Cow::Borrowed("is required")
    } else if let Some(name) = quoted_after(text, "duplicate field ") {
        push(&mut path, name);
        Cow::Borrowed("must be given only once")
    } else if error.is_data() {
        in_words(text)
    } else {
        of_syntax(text)
    };
    let field = if path.is_empty() { BODY.to_owned() } else { path.chars().take(MAX_QUOTED).collect() };
    ApiError::field(field, message)
}

/// `x` from "missing field `x`".
fn quoted_after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.strip_prefix('`')?.strip_suffix('`')
}

fn in_words(text: &str) -> Cow<'static, str> {
    if text.starts_with("unknown field ") {
        return "is not a known field".into();
    }
    // From the right, as the value that was found may hold the same words.
    let (found, expected) = text.rsplit_once(", expected ").unwrap_or((text, ""));
    if found.starts_with("unknown variant ") {
        return one_of(expected);
    }
    if found.starts_with("invalid value: ") && is_number(expected) {
        return "is out of range".into();
    }
    if ["invalid type: ", "invalid value: ", "invalid length "].iter().any(|start| found.starts_with(start)) {
        return must_be(expected);
    }
    // A word of our own wire types.
    Cow::Owned(text.chars().take(MAX_QUOTED).collect())
}

/// What the parser minds although the text is JSON.
fn of_syntax(text: &str) -> Cow<'static, str> {
    match text {
        "number out of range" => "is out of range".into(),
        // It wants one of an enumeration's words and finds a number.
        "expected value" => ONE_OF_THE_WORDS.into(),
        // Halves of surrogate pairs: `"\ud800"` is within JSON's grammar, but no text.
        _ => "must be well-formed text".into(),
    }
}

/// "one of `a`, `b`" and "`a` or `b`" list the words in backticks.
fn one_of(expected: &str) -> Cow<'static, str> {
    let words: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    match words.as_slice() {
        [] => "has no value that is allowed".into(),
        [word] => format!("must be {word}").into(),
        words => format!("must be one of {}", words.join(", ")).into(),
    }
}

fn is_number(expected: &str) -> bool {
    matches!(
        expected,
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize"
    ) || expected.starts_with("a nonzero ")
}

fn must_be(expected: &str) -> Cow<'static, str> {
    if is_number(expected) {
        return "must be a whole number".into();
    }
    match expected {
        "a string" | "a borrowed string" | "a character" => "must be a string".into(),
        "a boolean" => "must be true or false".into(),
        "f32" | "f64" => "must be a number".into(),
        "a map" => "must be an object".into(),
        "a sequence" => "must be a list".into(),
        other if other.starts_with("struct ") => "must be an object".into(),
        other if other.starts_with("enum ") || other.contains("variant") => ONE_OF_THE_WORDS.into(),
        other if other.starts_with("tuple ") || other.contains("array") => "must be a list".into(),
        other if other.starts_with("a ") || other.starts_with("an ") => format!("must be {other}").into(),
        _ => "has the wrong type".into(),
    }
}
