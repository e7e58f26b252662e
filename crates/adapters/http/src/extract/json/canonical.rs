//! The same body written in another way: one text for all of them, to compare requests by.
//!
//! Keys are sorted, blanks and escapes are gone, and a number is its digits without idle zeros and a
//! power of ten, exactly: `115`, `115.0`, `115.00` and `1.15e2` are one, and no float is involved.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::value::RawValue;

/// Rewrites a JSON text that has been read before. Its depth must be bounded.
pub(super) fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    write(text.trim(), &mut out);
    out
}

/// What cannot be read stays as it is: it equals nothing but itself.
fn write(text: &str, out: &mut String) {
    let is_written = match text.as_bytes().first() {
        Some(b'{') => object(text, out),
        Some(b'[') => list(text, out),
        Some(b'"') => string(text, out),
        Some(b'-' | b'0'..=b'9') => number(text, out),
        _ => None,
    };
    if is_written.is_none() {
        out.push_str(text);
    }
}

fn object(text: &str, out: &mut String) -> Option<()> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    out.push('{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(name).ok()?);
        out.push(':');
        write(value.get(), out);
    }
    out.push('}');
    Some(())
}

fn list(text: &str, out: &mut String) -> Option<()> {
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item.get(), out);
    }
    out.push(']');
    Some(())
}

fn string(text: &str, out: &mut String) -> Option<()> {
    let value: String = serde_json::from_str(text).ok()?;
    out.push_str(&serde_json::to_string(&value).ok()?);
    Some(())
}

/// `-1.150e3` → `-115e1`
fn number(text: &str, out: &mut String) -> Option<()> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{decimals}");
    let significant = digits.trim_end_matches('0');
    let idle = i64::try_from(digits.len().checked_sub(significant.len())?).ok()?;
    let behind_the_point = i64::try_from(decimals.len()).ok()?;
    let power = exponent.parse::<i64>().ok()?.checked_sub(behind_the_point)?.checked_add(idle)?;
    match significant.trim_start_matches('0') {
        "" => out.push('0'),
        // Writing to a string cannot fail.
        digits => write!(out, "{sign}{digits}e{power}").unwrap_or_default(),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_spelling_is_the_same_body() {
        let same: [&[&str]; 7] = [
            &["115", "115.0", "115.00", "1.15e2", "1150E-1", " 115.000 ", "0.115e+3"],
            &["0", "0.0", "-0", "0e5", "-0.00E-7"],
            &["{}", " { } "],
            &["{\"a\":1,\"b\":[1,2]}", "{ \"b\": [1.0, 2e0],\n\"a\": 1.00 }"],
            &["\"Ä\"", "\"\\u00c4\"", "\"\\u00C4\""],
            &["\"a/b\"", "\"a\\/b\""],
            &["{\"a\":{\"y\":true,\"x\":null}}", "{\"a\":{\"x\":null,\"y\":true}}"],
        ];
        let mut seen = Vec::new();
        for spellings in same {
            let one = canonical(spellings[0]);
            for other in spellings {
                assert_eq!(canonical(other), one, "{other}");
            }
            assert!(!seen.contains(&one), "{one}");
            seen.push(one);
        }
    }

    #[test]
    fn what_differs_stays_different() {
        let different = [
            "115",
            "115.01",
            "-115",
            "1150",
            "11.5",
            "\"115\"",
            "[115]",
            "[115,0]",
            "[1150]",
            "null",
            "true",
            "{}",
            "[]",
            "{\"a\":1}",
            "{\"a\":null}",
            "{\"A\":1}",
            "{\"a\":[1]}",
            "{\"a,\\\"b\":1}",
            "0.1",
            "0.1000000000000000055",
            "9007199254740992",
            "9007199254740993",
            "1e99999999999999999999",
        ];
        let mut canonicals: Vec<_> = different.iter().map(|text| canonical(text)).collect();
        canonicals.sort_unstable();
        canonicals.dedup();
        assert_eq!(canonicals.len(), different.len());
    }

    proptest! {
        #[test]
        fn it_is_stable_and_means_the_same(whole in 0_u32..10_000, decimals in "[0-9]{0,4}", key in "\\PC{0,8}") {
            let number = if decimals.is_empty() { whole.to_string() } else { format!("{whole}.{decimals}") };
            let name = serde_json::to_string(&key).unwrap();
            let once = canonical(&format!("{{{name}:{number}}}"));
            prop_assert_eq!(&canonical(&once), &once);
            let value: serde_json::Value = serde_json::from_str(&once).unwrap();
            prop_assert_eq!(value[&key].as_f64().unwrap(), number.parse::<f64>().unwrap());
        }

        #[test]
        fn never_panics(text in "[-+0-9.eE{}\\[\\]\",: a]{0,40}") {
            canonical(&text);
        }
    }
}
