//! How deep a JSON text is nested, found out before it is parsed: the parser's own limit is fixed,
//! and what it would build for a deep text is what the limit is to prevent.

/// Whether objects and lists are nested deeper than `limit`. Brackets inside strings do not count;
/// a text that is no JSON may get either answer, the parser refuses it afterwards.
pub(super) fn exceeds(text: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn brackets_in_strings_do_not_count() {
        let cases = [
            ("{}", 1),
            ("[]", 1),
            ("1", 0),
            ("[[],[]]", 2),
            ("{\"a\":[1,{\"b\":[]}]}", 4),
            ("\"[[[[\"", 0),
            ("[\"\\\"[[\"]", 1),
            ("[\"\\\\\",[]]", 2),
            ("[\"\\\\\\\"[\"]", 1),
        ];
        for (text, depth) in cases {
            assert!(!exceeds(text.as_bytes(), depth), "{text}");
            assert!(depth == 0 || exceeds(text.as_bytes(), depth - 1), "{text}");
        }
    }

    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            "[\\[\\]{}\"\\\\a]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[\\[{\"\\\\a]{0,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_parsed_value(value in any_json(), limit in 0_usize..8) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(exceeds(text.as_bytes(), limit), depth(&value) > limit);
            }
        }

        #[test]
        fn never_panics(text in prop::collection::vec(any::<u8>(), 0..200), limit in 0_usize..4) {
            exceeds(&text, limit);
        }
    }
}
