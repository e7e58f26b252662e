//! Which versions of a thing a change is meant for (contract §1: `ETag`, `If-Match`, 412).
//!
//! Versions are compared strongly (RFC 9110, section 13.1.1): a weak tag matches none, and neither
//! does a tag that we never give out.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use ports::orders::OrderVersion;
use ports::profiles::ProfileVersion;
use usecases::error::Versions;
use utoipa::IntoParams;

use crate::error::ApiError;

/// The header as it is written for people.
pub(crate) const NAME: &str = "If-Match";

/// The header's description; operations that take an [`IfMatch`] name it among their `params`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it only describes; the extractor reads the header by itself")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` under which you read it, or several: if it is another one by now, nothing is
    /// changed and the answer is 412. With `*` or without the header it is changed in any case.
    #[param(rename = "If-Match", required = false, nullable = false, example = "\"3\"")]
    versions: Option<String>,
}

/// What tells the states of a thing apart.
pub trait Version: Sized + 'static {
    /// What stands in the quotes of an `ETag`.
    fn tag(&self) -> String;

    /// The version that is written so; `None` where there can be none.
    fn from_tag(tag: &str) -> Option<Self>;

    /// The header `ETag`.
    ///
    /// # Errors
    /// 500 for a tag that is no header's value.
    fn header(&self) -> Result<(HeaderName, HeaderValue), ApiError> {
        let value = HeaderValue::try_from(format!("\"{}\"", self.tag())).map_err(ApiError::internal)?;
        Ok((header::ETAG, value))
    }
}

/// A count of saves, spelt in one way only.
fn count(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| *number >= 0 && number.to_string() == text)
}

impl Version for i64 {
    fn tag(&self) -> String {
        self.to_string()
    }

    fn from_tag(tag: &str) -> Option<Self> {
        count(tag)
    }
}

impl Version for OrderVersion {
    fn tag(&self) -> String {
        let Self { order, contract } = self;
        match contract {
            Some(contract) => format!("{order}.{contract}"),
            None => order.to_string(),
        }
    }

    fn from_tag(tag: &str) -> Option<Self> {
        match tag.split_once('.') {
            Some((order, contract)) => Some(Self { order: count(order)?, contract: Some(count(contract)?) }),
            None => Some(Self { order: count(tag)?, contract: None }),
        }
    }
}

impl Version for ProfileVersion {
    fn tag(&self) -> String {
        let Self { account, profile } = self;
        format!("{account}.{profile}")
    }

    fn from_tag(tag: &str) -> Option<Self> {
        let (account, profile) = tag.split_once('.')?;
        Some(Self { account: count(account)?, profile: count(profile)? })
    }
}

/// The versions that the caller has seen. A header that is none is 400.
#[derive(Debug)]
pub struct IfMatch<V>(Versions<V>);

impl<V> IfMatch<V> {
    /// The versions, one of which it must be; `None` for whatever it is.
    pub fn into_versions(self) -> Versions<V> {
        self.0
    }
}

fn read<V: Version>(headers: &HeaderMap) -> Result<Versions<V>, ApiError> {
    let values: Result<Vec<_>, _> = headers.get_all(header::IF_MATCH).map(HeaderValue::to_str).collect();
    let malformed = || ApiError::field(NAME, "must be * or a list of entity tags such as \"3\"");
    // Several headers are one list.
    let text = values.map_err(|_| malformed())?.join(",");
    if !headers.contains_key(header::IF_MATCH) || text.trim() == "*" {
        return Ok(None);
    }
    let tags = strong_tags(&text).ok_or_else(malformed)?;
    Ok(Some(tags.into_iter().filter_map(V::from_tag).collect()))
}

/// What stands in the quotes of the strong tags of a list; `None` for what is no list of tags.
fn strong_tags(text: &str) -> Option<Vec<&str>> {
    const BLANK: [char; 2] = [' ', '\t'];
    let mut tags = Vec::new();
    let mut rest = text;
    let mut is_empty = true;
    loop {
        // Elements of a list may be empty.
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return (!is_empty).then_some(tags);
        }
        let (is_weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let (tag, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        if !tag.chars().all(|letter| matches!(letter, '!'..='~')) {
            return None;
        }
        is_empty = false;
        if !is_weak {
            tags.push(tag);
        }
        rest = behind.trim_start_matches(BLANK);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

impl<V: Version> FromRequest for IfMatch<V> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.headers()).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn order(order: i64, contract: Option<i64>) -> OrderVersion {
        OrderVersion { order, contract }
    }

    fn seen(values: &[&str]) -> Option<Versions<OrderVersion>> {
        let mut request = TestRequest::default();
        for value in values {
            request = request.append_header((header::IF_MATCH, *value));
        }
        read(request.to_http_request().headers()).ok()
    }

    #[test]
    fn tags_are_read_as_the_standard_has_them() {
        let three = || Some(Some(vec![order(3, None)]));
        let none = || Some(Some(vec![]));
        let cases: [(&[&str], Option<Versions<OrderVersion>>); 25] = [
            (&[], Some(None)),
            (&["*"], Some(None)),
            (&[" * "], Some(None)),
            (&["\"3\""], three()),
            (&["\"3.2\""], Some(Some(vec![order(3, Some(2))]))),
            (&["\"3\", \"4.0\""], Some(Some(vec![order(3, None), order(4, Some(0))]))),
            (&["\"3\"", "\"4\""], Some(Some(vec![order(3, None), order(4, None)]))),
            (&[" ,\t\"3\" ,, "], three()),
            (&["W/\"4\",\"3\""], three()),
            // Well-formed, but never a version of ours.
            (&["W/\"3\""], none()),
            (&["\"\""], none()),
            (&["\"a,b\""], none()),
            (&["\"03\""], none()),
            (&["\"+3\""], none()),
            (&["\"-3\""], none()),
            (&["\"3.\""], none()),
            (&["\"9223372036854775808\""], none()),
            // No tags at all.
            (&[""], None),
            (&[","], None),
            (&["3"], None),
            (&["\"3"], None),
            (&["\"3\" \"4\""], None),
            (&["w/\"3\""], None),
            (&["\"a b\""], None),
            (&["*", "\"3\""], None),
        ];
        for (values, expected) in cases {
            assert_eq!(seen(values), expected, "{values:?}");
        }
    }

    #[test]
    fn what_is_given_out_is_taken_again() {
        for version in [order(0, None), order(3, Some(2)), order(i64::MAX, Some(i64::MAX))] {
            let (name, value) = version.header().unwrap();
            assert_eq!(name, header::ETAG);
            assert_eq!(seen(&[value.to_str().unwrap()]), Some(Some(vec![version])));
        }
        assert_eq!(7_i64.header().unwrap().1, "\"7\"");
        assert_eq!(i64::from_tag("7"), Some(7));
        assert_eq!(i64::from_tag("7.1"), None);
        let profile = ProfileVersion { account: 3, profile: 0 };
        assert_eq!(profile.header().unwrap().1, "\"3.0\"");
        assert_eq!(ProfileVersion::from_tag("3.0"), Some(profile));
        for tag in ["3", "3.", ".0", "3.0.0", "3.00"] {
            assert_eq!(ProfileVersion::from_tag(tag), None, "{tag}");
        }
    }
}
