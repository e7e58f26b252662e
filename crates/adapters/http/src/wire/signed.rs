//! Amounts in the books, which may be below zero: postings and balances. As with
//! [`Amount`](super::Amount) no float ever holds one.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser};
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Minor units, of which every currency has a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignedAmount(pub(crate) i64);

impl Serialize for SignedAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sign, minor) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let text = format!("{sign}{}.{:02}", minor / 100, minor % 100);
        RawValue::from_string(text).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl PartialSchema for SignedAmount {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .multiple_of(Some(0.01))
            .description(Some(
                "An amount in the books with two decimals: above zero a credit, below zero a debit.",
            ))
            .examples([serde_json::json!(-115.5)])
            .into()
    }
}

impl ToSchema for SignedAmount {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("SignedAmount")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_stands_before_the_number() {
        let cases = [
            (0, "0.00"),
            (1, "0.01"),
            (-1, "-0.01"),
            (-11_550, "-115.50"),
            (i64::MAX, "92233720368547758.07"),
            (i64::MIN, "-92233720368547758.08"),
        ];
        for (minor, text) in cases {
            assert_eq!(serde_json::to_string(&SignedAmount(minor)).unwrap(), text);
        }
    }
}
