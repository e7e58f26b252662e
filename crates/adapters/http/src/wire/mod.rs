//! Wire types that every module shares.

mod amount;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

pub(crate) use amount::{Amount, GivenAmount, to_be_moved};

/// A moment: `YYYY-MM-DDTHH:MM:SSZ`, UTC, no fraction (contract §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2024-01-15T10:30:00Z")]
pub(crate) struct Timestamp(pub(crate) DateTime<Utc>);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// Reads an optional field that may be left out but not be null.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads an optional field in which null is a value of its own: `Some(None)`.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn moments_have_no_fraction() {
        let moment = Utc.timestamp_opt(1_705_314_600, 999_999_999).unwrap();
        assert_eq!(serde_json::to_string(&Timestamp(moment)).unwrap(), "\"2024-01-15T10:30:00Z\"");
    }
}
