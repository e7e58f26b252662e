//! Moments (contract §2): any offset of RFC 3339 comes in; UTC without fractions goes out.
//!
//! What comes in is cut off to the second as well: what is kept is then what is shown, and sending
//! back what one was shown changes nothing.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;
use utoipa::ToSchema;

/// A moment: `YYYY-MM-DDTHH:MM:SSZ`, UTC, no fraction (contract §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2024-01-15T10:30:00Z")]
pub(crate) struct Timestamp(pub(crate) DateTime<Utc>);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// A moment as in RFC 3339, with any offset. Fractions of a second are cut off.
// What the request has in its place, that is: `read` says whether it is one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = DateTime, example = "2024-01-18T23:59:59Z")]
pub(crate) struct GivenMoment(String);

/// Why a moment was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a moment such as 2024-01-15T10:30:00Z")]
pub(crate) struct NoMoment;

impl GivenMoment {
    /// The moment, cut off to the second.
    ///
    /// # Errors
    /// [`NoMoment`] for what is not RFC 3339, and for years that four digits cannot say.
    pub(crate) fn read(&self) -> Result<DateTime<Utc>, NoMoment> {
        let given = DateTime::parse_from_rfc3339(&self.0).map_err(|_| NoMoment)?;
        let moment = DateTime::from_timestamp_secs(given.timestamp());
        moment.filter(|moment| (0..=9_999).contains(&moment.year())).ok_or(NoMoment)
    }
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

    #[test]
    fn any_offset_is_read() {
        let read = |text: &str| {
            let given: GivenMoment = serde_json::from_value(text.into()).unwrap();
            given.read().map(|moment| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        };
        for (text, expected) in [
            ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"),
            ("2024-01-15t10:30:00z", "2024-01-15T10:30:00Z"),
            ("2024-01-15T10:30:00.999999999Z", "2024-01-15T10:30:00Z"),
            ("2024-01-15T12:30:00+02:00", "2024-01-15T10:30:00Z"),
            ("2024-01-14T23:30:00-11:00", "2024-01-15T10:30:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "",
            "2024-01-15",
            "2024-01-15T10:30:00",
            "2024-01-15T10:30Z",
            "2024-13-15T10:30:00Z",
            "2024-02-30T10:30:00Z",
            "2024-01-15T24:00:00Z",
            "1705314600",
            "+10000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+01:00",
            " 2024-01-15T10:30:00Z",
        ] {
            assert_eq!(read(text), Err(NoMoment), "{text}");
        }
    }
}
