//! How much is to be made.

use std::str::FromStr;

use thiserror::Error;

/// Hundredths of a unit. A unit is 1,000 writers, 1,000 clients, 20,000 orders, 100,000 bids, 20,000
/// chats with 200,000 messages and 100,000 notifications; all of them are multiples of a hundred, so
/// that a hundredth of a unit is whole, and nothing is ever rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale(u16);

/// Why a scale was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a number from 0.01 to 100 with at most two decimal places")]
pub struct ScaleError;

/// A hundred units.
const MOST: u16 = 10_000;

impl Scale {
    pub(super) fn hundredths(self) -> i64 {
        self.0.into()
    }

    /// Writers; there are as many clients.
    #[must_use]
    pub fn people(self) -> i64 {
        10 * self.hundredths()
    }

    /// Orders, of which a quarter is open.
    #[must_use]
    pub fn orders(self) -> i64 {
        200 * self.hundredths()
    }
}

impl FromStr for Scale {
    type Err = ScaleError;

    fn from_str(typed: &str) -> Result<Self, ScaleError> {
        let (whole, part) = typed.split_once('.').unwrap_or((typed, "0"));
        if [whole, part].iter().any(|digits| digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(ScaleError);
        }
        let whole: u16 = whole.parse().map_err(|_| ScaleError)?;
        let part: u16 = match part.len() {
            1 => part.parse::<u16>().map_err(|_| ScaleError)?.saturating_mul(10),
            2 => part.parse().map_err(|_| ScaleError)?,
            _ => return Err(ScaleError),
        };
        let hundredths =
            whole.checked_mul(100).and_then(|whole| whole.checked_add(part)).ok_or(ScaleError)?;
        if (1..=MOST).contains(&hundredths) { Ok(Self(hundredths)) } else { Err(ScaleError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_whole() {
        let table = [
            ("1", Some(100)),
            ("10", Some(1_000)),
            ("0.01", Some(1)),
            ("0.5", Some(50)),
            ("2.25", Some(225)),
            ("100", Some(10_000)),
            ("0", None),
            ("0.00", None),
            ("0.001", None),
            ("100.01", None),
            ("700", None),
            ("-1", None),
            ("+1", None),
            ("1.", None),
            (".5", None),
            ("1e3", None),
            ("", None),
        ];
        for (typed, expected) in table {
            let scale = typed.parse::<Scale>();
            assert_eq!(scale.ok().map(Scale::hundredths), expected, "{typed:?}");
        }
    }
}
