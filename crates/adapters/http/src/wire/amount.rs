//! Amounts of money (contract §2): JSON numbers with at most two decimals, always sent with two.
//!
//! A number is read from its text and written as text, so no float ever holds an amount. What may
//! be said with that text is the domain's business ([`Money::parse`]).

use std::borrow::Cow;

use domain::money::{Currency, Money, MoneyError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use validator::ValidationError;

use crate::extract::verdict;

/// An amount on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount(pub(crate) Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

/// For the description: a bound of amounts in a query.
pub(crate) struct AmountBound;

/// An amount as a request names it: the text of a JSON number, which may still break every rule.
///
/// The crate `validator` writes broken values down beside the fault; as a string even `1e999` can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct GivenAmount(Box<str>);

impl GivenAmount {
    /// The amount, if it is one that can be moved.
    ///
    /// # Errors
    /// [`MoneyError`] with words for the person who typed it.
    pub(crate) fn to_be_moved(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::parse(&self.0, currency)?.must_be_positive()
    }
}

/// A share of an amount as a request names it, which may be nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct GivenShare(GivenAmount);

impl GivenShare {
    /// The amount.
    ///
    /// # Errors
    /// [`MoneyError`] with words for the person who typed it.
    pub(crate) fn read(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::parse(&self.0.0, currency)
    }
}

impl<'de> Deserialize<'de> for GivenShare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        GivenAmount::deserialize(deserializer).map(Self)
    }
}

impl PartialSchema for GivenShare {
    fn schema() -> RefOr<Schema> {
        number("An amount of money, zero or more, with at most two decimals, and no exponent.")
            .minimum(Some(0))
            .maximum(Some(MOST))
            .into()
    }
}

impl ToSchema for GivenShare {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("GivenShare")
    }
}

/// The rule of [`GivenAmount::to_be_moved`], in the form that the crate `validator` calls.
pub(crate) fn to_be_moved(given: &GivenAmount) -> Result<(), ValidationError> {
    // The rule is the same for all currencies.
    verdict(given.to_be_moved(Currency::Usd))
}

impl<'de> Deserialize<'de> for GivenAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Box::<RawValue>::deserialize(deserializer)?;
        let text = value.get();
        if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(de::Error::custom(MoneyError::Malformed))
        }
    }
}

/// The most that can be named: `Money::MAX_MINOR`.
const MOST: f64 = 99_999_999.99;

fn number(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Number)
        .multiple_of(Some(0.01))
        .description(Some(description))
        .examples([serde_json::json!(115.5)])
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        number("An amount of money with two decimals.").minimum(Some(0)).into()
    }
}

impl ToSchema for Amount {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Amount")
    }
}

impl PartialSchema for AmountBound {
    fn schema() -> RefOr<Schema> {
        number("An amount of money with at most two decimals.").minimum(Some(0)).maximum(Some(MOST)).into()
    }
}

impl ToSchema for AmountBound {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("AmountBound")
    }
}

impl PartialSchema for GivenAmount {
    fn schema() -> RefOr<Schema> {
        number("An amount of money above zero with at most two decimals, and no exponent.")
            .exclusive_minimum(Some(0))
            .maximum(Some(MOST))
            .into()
    }
}

impl ToSchema for GivenAmount {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("GivenAmount")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_sent_with_two_decimals() {
        let cases = [
            (0, "0.00"),
            (1, "0.01"),
            (10, "0.10"),
            (11_500, "115.00"),
            (11_510, "115.10"),
            (Money::MAX_MINOR, "99999999.99"),
            // A sum may be above what somebody may name, and above what a float can hold.
            (i64::MAX, "92233720368547758.07"),
        ];
        for (minor, text) in cases {
            let amount = Amount(Money::total(minor, Currency::Usd).unwrap());
            assert_eq!(serde_json::to_string(&amount).unwrap(), text);
        }
    }

    #[test]
    fn the_text_of_the_number_counts() {
        let minor = |text: &str| {
            let given: GivenAmount = serde_json::from_str(text).map_err(|error| error.to_string())?;
            assert_eq!(to_be_moved(&given).is_ok(), given.to_be_moved(Currency::Usd).is_ok(), "{text}");
            given.to_be_moved(Currency::Usd).map(Money::minor).map_err(|error| error.to_string())
        };
        for (text, expected) in [
            ("0.1", 10),
            ("115", 11_500),
            ("115.0", 11_500),
            (" 115.00 ", 11_500),
            ("0.01", 1),
            ("99999999.99", 9_999_999_999),
        ] {
            assert_eq!(minor(text), Ok(expected), "{text}");
        }
        const MALFORMED: &str = "must be a number with at most two decimals, such as 115.00";
        for (text, message) in [
            ("1.150", MALFORMED),
            ("0.001", MALFORMED),
            ("1e2", MALFORMED),
            ("1E-2", MALFORMED),
            ("1e999", MALFORMED),
            ("\"115\"", MALFORMED),
            ("true", MALFORMED),
            ("null", MALFORMED),
            ("[1]", MALFORMED),
            ("{}", MALFORMED),
            ("-1", "must not be negative"),
            ("-0", "must not be negative"),
            ("0", "must be greater than zero"),
            ("0.00", "must be greater than zero"),
            ("100000000", "must be at most 99999999.99"),
            ("99999999999999999999999999", "must be at most 99999999.99"),
        ] {
            assert!(minor(text).is_err_and(|error| error.starts_with(message)), "{text}: {:?}", minor(text));
        }
        assert!(serde_json::from_str::<GivenAmount>("NaN").is_err());
    }

    #[test]
    fn nothing_in_the_description_says_float() {
        for schema in [Amount::schema(), GivenAmount::schema(), GivenShare::schema()] {
            let schema = serde_json::to_value(schema).unwrap();
            assert_eq!((&schema["type"], &schema["multipleOf"]), (&"number".into(), &0.01.into()));
            assert!(schema.get("format").is_none(), "{schema}");
        }
    }
}
