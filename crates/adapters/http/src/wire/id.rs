//! Identifiers in bodies.

use std::fmt;

use domain::ids::OrderId;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error as ThisError;
use uuid::Uuid;

/// A UUID in a request's body: only the usual form with hyphens, in either case, as in paths. In a
/// schema it is a [`Uuid`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GivenId(pub(crate) Uuid);

/// Only the usual form with hyphens, in either case: each thing has one name.
pub(crate) fn hyphenated(text: &str) -> Option<Uuid> {
    if text.len() != uuid::fmt::Hyphenated::LENGTH {
        return None;
    }
    Uuid::try_parse(text).ok()
}

/// What no order is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("must be the id of an order, such as ORD-001")]
pub(crate) struct NoOrder;

/// An order named in a request's body.
///
/// # Errors
/// [`NoOrder`].
pub(crate) fn given_order(name: &str) -> Result<OrderId, NoOrder> {
    OrderId::parse(name).ok_or(NoOrder)
}

struct UuidText;

impl Visitor<'_> for UuidText {
    type Value = GivenId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a UUID")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<GivenId, E> {
        hyphenated(text).map(GivenId).ok_or_else(|| E::custom("must be a UUID"))
    }
}

impl<'de> Deserialize<'de> for GivenId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(UuidText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_with_hyphens_is_read() {
        let expected = GivenId(Uuid::from_u128(0x0190_c2a4_7e1b_7cc3_9f43_1b0d_3c5a_7e11));
        let read = |text: &str| serde_json::from_value::<GivenId>(text.into()).ok();
        for text in ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "0190C2A4-7E1B-7cc3-9F43-1B0D3C5A7E11"] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "0190c2a47e1b7cc39f431b0d3c5a7e11",
            "{0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11}",
            "urn:uuid:0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11",
            "0190c2a4-7e1b-7cc3-9f431b0d-3c5a-7e11",
            "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e1g",
            " 190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(serde_json::from_str::<GivenId>("7").is_err());
    }
}
