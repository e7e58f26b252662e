//! One unusable setting, as one line for the person who starts the program.
//!
//! Invariants: a fault is exactly one line of printable text, and it never carries the value of a secret.

use std::fmt;

use super::names::Name;

/// How many characters of a refused value are shown; enough to recognise it, too few to flood the terminal.
const SHOWN_CHARACTERS: usize = 80;

/// One reason why the settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    /// A fault in the given words. Line breaks and control characters are shown escaped, so that it stays one
    /// line. The caller keeps secrets out of `line`.
    #[must_use]
    pub fn new(line: impl AsRef<str>) -> Self {
        Self(line.as_ref().chars().map(printable).collect())
    }

    /// `NAME="value": reason`, or `NAME: reason` where the value is or may hold a secret.
    pub(super) fn of_value(name: Name, value: &str, reason: &str) -> Self {
        let known = name.known();
        if known.secret {
            return Self::new(format!("{}: {reason}", known.name));
        }
        Self::new(format!("{}={}: {reason}", known.name, quoted(value)))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// `text` in double quotes, escaped and cut off: always one short line.
pub(super) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN_CHARACTERS).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(SHOWN_CHARACTERS).is_some() { "…" } else { "" };
    format!("\"{shown}{more}\"")
}

fn printable(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_one_line_whatever_is_in_it() {
        for line in ["a\nb", "a\r\nb", "a\u{1b}[31mb"] {
            assert!(!Fault::new(line).to_string().chars().any(char::is_control), "{line:?}");
        }
        assert_eq!(Fault::of_value(Name::BindAddr, "x\ny", "bad").to_string(), r#"BIND_ADDR="x\ny": bad"#);
    }

    #[test]
    fn a_value_is_quoted_and_cut_off_but_a_secret_is_never_shown() {
        assert_eq!(Fault::of_value(Name::BindAddr, "x", "bad").to_string(), r#"BIND_ADDR="x": bad"#);
        let long = Fault::of_value(Name::BindAddr, &"y".repeat(5_000), "bad").to_string();
        assert!(long.chars().count() < 120, "{long}");
        for name in Name::ALL.iter().copied().filter(|name| name.known().secret) {
            assert!(!Fault::of_value(name, "hunter2", "bad").to_string().contains("hunter2"), "{name:?}");
        }
    }
}
