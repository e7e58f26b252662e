//! Figures that are no money: exact fractions in the domain, numbers with few decimals on the wire.

use std::borrow::Cow;

use domain::profiles::{Figures, Rating, SuccessRate};
use serde::{Serialize, Serializer, ser};
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Mean of the reviews to two decimals, as a number.
pub(crate) fn rating(figures: &Figures) -> Option<f64> {
    figures.rating().map(Rating::hundredths).map(|hundredths| f64::from(hundredths) / 100.0)
}

/// Per cent with one decimal, as a number.
pub(crate) fn success_rate(figures: &Figures) -> Option<f64> {
    figures.success_rate().map(SuccessRate::permille).map(|permille| f64::from(permille) / 10.0)
}

/// A number with one decimal, of whole tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tenths(pub(crate) u64);

impl Serialize for Tenths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = format!("{}.{}", self.0 / 10, self.0 % 10);
        RawValue::from_string(text).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl PartialSchema for Tenths {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .multiple_of(Some(0.1))
            .minimum(Some(0))
            .description(Some("A number with one decimal."))
            .into()
    }
}

impl ToSchema for Tenths {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Tenths")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_have_one_decimal() {
        for (tenths, text) in [(0, "0.0"), (3, "0.3"), (83, "8.3"), (120, "12.0")] {
            assert_eq!(serde_json::to_string(&Tenths(tenths)).unwrap(), text);
        }
    }

    #[test]
    fn figures_are_those_of_the_source() {
        let figures = Figures {
            orders_total: 45,
            orders_completed: 42,
            rating_sum: 99,
            rating_count: 20,
            ..Figures::default()
        };
        assert_eq!((rating(&figures), success_rate(&figures)), (Some(4.95), Some(93.3)));
        assert_eq!((rating(&Figures::default()), success_rate(&Figures::default())), (None, None));
    }
}
