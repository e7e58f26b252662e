//! Identifiers in paths.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::ids::{
    BidId, ChargebackId, ChatId, DisputeId, FileId, JobId, MilestoneNumber, NotificationId, OrderId,
    ProposalId, UserId, WithdrawalId,
};
use domain::money::Account;

use crate::error::ApiError;
use crate::wire::hyphenated;

/// A value that stands in a path.
pub trait PathSegment: Sized + 'static {
    /// `None` when no such thing can exist: the answer is 404, as for one that does not.
    fn from_segment(segment: &str) -> Option<Self>;
}

impl PathSegment for UserId {
    fn from_segment(segment: &str) -> Option<Self> {
        hyphenated(segment).map(Self::new)
    }
}

impl PathSegment for ChargebackId {
    fn from_segment(segment: &str) -> Option<Self> {
        hyphenated(segment).map(Self::new)
    }
}

impl PathSegment for ChatId {
    fn from_segment(segment: &str) -> Option<Self> {
        hyphenated(segment).map(Self::new)
    }
}

impl PathSegment for DisputeId {
    fn from_segment(segment: &str) -> Option<Self> {
        hyphenated(segment).map(Self::new)
    }
}

impl PathSegment for ProposalId {
    fn from_segment(segment: &str) -> Option<Self> {
        hyphenated(segment).map(Self::new)
    }
}

impl PathSegment for FileId {
    fn from_segment(segment: &str) -> Option<Self> {
        hyphenated(segment).map(Self::new)
    }
}

impl PathSegment for NotificationId {
    fn from_segment(segment: &str) -> Option<Self> {
        hyphenated(segment).map(Self::new)
    }
}

impl PathSegment for WithdrawalId {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

impl PathSegment for OrderId {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

impl PathSegment for BidId {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

impl PathSegment for MilestoneNumber {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::new(segment.parse().ok()?).filter(|number| number.to_string() == segment)
    }
}

impl PathSegment for JobId {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

impl PathSegment for Account {
    fn from_segment(segment: &str) -> Option<Self> {
        Self::parse(segment)
    }
}

/// The `INDEX`-th variable part of the path, counted from 0.
///
/// Taking it never fails, so that a fault in the body (400) is found before a malformed id (404).
#[derive(Debug)]
pub struct PathId<T, const INDEX: usize = 0> {
    value: Option<T>,
}

impl<T, const INDEX: usize> PathId<T, INDEX> {
    /// The identifier.
    ///
    /// # Errors
    /// 404 when it is malformed.
    pub fn get(self) -> Result<T, ApiError> {
        self.value.ok_or_else(ApiError::not_found)
    }
}

impl<T: PathSegment, const INDEX: usize> FromRequest for PathId<T, INDEX> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

impl<T: PathSegment, const INDEX: usize> PathId<T, INDEX> {
    /// That part of a request's path.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let segment = request.match_info().iter().nth(INDEX);
        Self { value: segment.and_then(|(_, segment)| T::from_segment(segment)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hyphenated_uuids_are_ids() {
        let cases = [
            ("0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", true),
            ("0190C2A4-7E1B-7CC3-9F43-1B0D3C5A7E11", true),
            ("0190c2a47e1b7cc39f431b0d3c5a7e11", false),
            ("{0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11}", false),
            ("urn:uuid:0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", false),
            ("0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e1g", false),
            ("", false),
            ("1", false),
        ];
        for (segment, is_id) in cases {
            assert_eq!(UserId::from_segment(segment).is_some(), is_id, "{segment}");
        }
    }

    #[test]
    fn milestones_are_counted_from_1_and_written_in_one_way() {
        let number = |segment| MilestoneNumber::from_segment(segment).map(MilestoneNumber::number);
        assert_eq!((number("1"), number("12"), number("2147483647")), (Some(1), Some(12), Some(i32::MAX)));
        for segment in ["", "0", "-1", "+1", "01", "1.0", "x", " 1", "2147483648"] {
            assert_eq!(number(segment), None, "{segment}");
        }
    }

    #[test]
    fn an_order_has_two_names() {
        assert_eq!(OrderId::from_segment("AO-001"), OrderId::new(1));
        assert_eq!(OrderId::from_segment("ORD-001"), OrderId::new(1));
        assert_eq!((OrderId::from_segment("ORD-1"), BidId::from_segment("bid-001")), (None, None));
    }
}
