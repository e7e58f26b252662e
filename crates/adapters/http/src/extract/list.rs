//! Parts of lists (contract §2): by page, or by cursor.
//!
//! A page costs more the further back it is, and moves while rows are added. A cursor stands behind
//! a row: it costs the same at any depth, and what is behind it is always the same. It says which list
//! it belongs to, whose list that is and to what it is narrowed down, so that none is taken for
//! another one. It keeps no secret: whoever makes one up sees what they may see anyway.

use std::borrow::Cow;
use std::future::{Ready, ready};
use std::ops::RangeInclusive;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ports::list::{Slice, Window};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::caller;
use super::query::Query;
use crate::error::ApiError;

const LIMITS: RangeInclusive<i64> = 1..=100;

/// What a list can be narrowed down to. A list of which all is shown has a filter without fields.
pub trait Filter: Sized + 'static {
    /// The list's name, for its cursors.
    const LIST: &'static str;
    /// How many rows there are on a page when nobody says.
    const LIMIT: i64 = 20;

    /// Reads the filter's parameters; faults are noted in the query.
    fn read(query: &mut Query) -> Self;

    /// The filter in one spelling, for its cursors: the same for all ways of asking for the same.
    fn canonical(&self) -> String;

    /// Of which object it is the list, for its cursors; empty where there is one list per person.
    fn object(_: &HttpRequest) -> String {
        String::new()
    }
}

/// Which rows of a list are wanted. Faults in the query are 400, each on its parameter.
#[derive(Debug)]
pub struct ListQuery<F> {
    /// Which rows belong to the list.
    pub filter: F,
    limit: i64,
    start: Start,
    /// What its cursors carry.
    mark: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Counted from 1.
    Page(i64),
    /// Behind the row at this position.
    Behind(i64),
}

/// The description of what every list takes; operations name it among their `params`.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes; the extractor reads the query by itself")]
pub(crate) struct ListParameters {
    /// Which page, counted from 1. One behind the last is empty. Not together with `cursor`.
    #[param(minimum = 1, default = 1, required = false, nullable = false, value_type = i64)]
    page: Option<i64>,
    /// How many rows at most.
    #[param(minimum = 1, maximum = 100, default = 20, required = false, nullable = false, value_type = i64)]
    limit: Option<i64>,
    /// The `next_cursor` of an earlier answer, for what comes behind it. Not together with `page`.
    #[param(required = false, nullable = false, value_type = String, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Where an answer's rows stand within the list.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pagination {
    /// Which page this is; null with `cursor`.
    #[schema(required = true, example = 1)]
    page: Option<i64>,
    /// How many rows a page has at most.
    #[schema(example = 20)]
    limit: i64,
    /// How many rows the whole list has. Of lists that are not one's own (available orders, what administrators
    /// see), a total above 1,000 may be two seconds old.
    #[schema(example = 156)]
    total: i64,
    /// How many pages that makes, 0 for none; null with `cursor`.
    #[schema(required = true, example = 8)]
    pages: Option<i64>,
    /// Whether there are rows behind these.
    #[schema(example = true)]
    has_next: bool,
    /// Whether this is not the first page; always true with `cursor`.
    #[schema(example = false)]
    has_prev: bool,
    /// For `cursor`, to get the rows behind these; null when there are none.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl<F: Filter> ListQuery<F> {
    /// `owner`: whose list it is, and of which object.
    fn parse(text: &str, owner: &str) -> Result<Self, ApiError> {
        const FOREIGN: &str = "is not a cursor of this list";
        let mut query = Query::of(text);
        let page = query.read("page", |text| whole_number(text, 1..=i64::MAX));
        let limit = query.read("limit", |text| whole_number(text, LIMITS)).unwrap_or(F::LIMIT);
        let cursor = query.read("cursor", |text| Cursor::read(F::LIST, text).ok_or_else(|| FOREIGN.into()));
        if page.is_some() && cursor.is_some() {
            query.fault("cursor", "must not be given together with page");
        }
        let filter = F::read(&mut query);
        let mark = mark(owner, &filter.canonical());
        let start = match cursor {
            Some(cursor) => {
                if query.is_good() && cursor.mark != mark {
                    query.fault("cursor", FOREIGN);
                }
                Start::Behind(cursor.position)
            }
            None => Start::Page(page.unwrap_or(1)),
        };
        query.finish()?;
        Ok(Self { filter, limit, start, mark })
    }

    /// The part of the list that is wanted.
    #[must_use]
    pub fn window(&self) -> Window {
        let limit = self.limit;
        match self.start {
            // So far behind that there is nothing, whatever it is exactly.
            Start::Page(page) => Window::Page { offset: page.saturating_sub(1).saturating_mul(limit), limit },
            Start::Behind(position) => Window::Before { position, limit },
        }
    }

    /// Where the rows that were found stand.
    #[must_use]
    pub fn pagination<T>(&self, found: &Slice<T>) -> Pagination {
        let Slice { rows: _, total, next } = found;
        let (page, pages, has_prev) = match self.start {
            Start::Page(page) => (Some(page), Some(pages(*total, self.limit)), page > 1),
            Start::Behind(_) => (None, None, true),
        };
        Pagination {
            page,
            limit: self.limit,
            total: *total,
            pages,
            has_next: next.is_some(),
            has_prev,
            next_cursor: next.map(|position| Cursor { mark: self.mark.clone(), position }.write(F::LIST)),
        }
    }
}

fn pages(total: i64, limit: i64) -> i64 {
    let (full, rest) = (total.checked_div(limit).unwrap_or(0), total.checked_rem(limit).unwrap_or(0));
    full.saturating_add(i64::from(rest > 0))
}

pub(super) fn whole_number(text: &str, allowed: RangeInclusive<i64>) -> Result<i64, Cow<'static, str>> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_number && allowed.contains(number));
    number.ok_or_else(|| match (allowed.start(), allowed.end()) {
        (least, &i64::MAX) => format!("must be a whole number of at least {least}").into(),
        (least, most) => format!("must be a whole number between {least} and {most}").into(),
    })
}

/// A place in a list.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    /// Whose list it is, and to what it is narrowed down: see [`mark`].
    mark: String,
    /// Behind the row at this position.
    position: i64,
}

impl Cursor {
    fn write(&self, list: &str) -> String {
        let Self { mark, position } = self;
        BASE64_URL_SAFE_NO_PAD.encode(format!("{list}:{mark}:{position}"))
    }

    /// A cursor of the list with this name. Only the one spelling counts.
    fn read(list: &str, text: &str) -> Option<Self> {
        let plain = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (mark, position) = plain.strip_prefix(list)?.strip_prefix(':')?.split_once(':')?;
        let cursor = Self { mark: mark.to_owned(), position: position.parse().ok()? };
        (cursor.position >= 0 && cursor.write(list) == text).then_some(cursor)
    }
}

/// Short for whose list it is and to what it is narrowed down: the first eight bytes of a SHA-256,
/// which is more than enough to notice a mistake.
fn mark(owner: &str, filter: &str) -> String {
    let hash = digest(&SHA256, format!("{owner}\n{filter}").as_bytes());
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl<F: Filter> FromRequest for ListQuery<F> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let owner = caller::actor(request).map_or_else(|_| String::new(), |actor| actor.user_id.to_string());
        let owner = format!("{owner}\n{}", F::object(request));
        ready(Self::parse(request.query_string(), &owner))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;
    use actix_web::body::MessageBody;
    use serde_json::{Value, json};

    use super::super::query::must_be_one_of;
    use super::*;

    #[derive(Debug)]
    struct Things {
        colour: Option<&'static str>,
    }

    impl Filter for Things {
        const LIST: &'static str = "things";

        fn read(query: &mut Query) -> Self {
            let red = |text: &str| if text == "red" { Ok("red") } else { Err(must_be_one_of(["red"])) };
            Self { colour: query.read("colour", red) }
        }

        fn canonical(&self) -> String {
            self.colour.unwrap_or_default().to_owned()
        }
    }

    #[derive(Debug)]
    struct Messages;

    impl Filter for Messages {
        const LIST: &'static str = "messages";
        const LIMIT: i64 = 50;

        fn read(_: &mut Query) -> Self {
            Self
        }

        fn canonical(&self) -> String {
            String::new()
        }
    }

    const OWNER: &str = "me\n";

    fn things(query: &str) -> ListQuery<Things> {
        ListQuery::parse(query, OWNER).unwrap()
    }

    /// A cursor of all of my things, or messages.
    fn cursor(list: &str, position: i64) -> String {
        Cursor { mark: mark(OWNER, ""), position }.write(list)
    }

    #[test]
    fn pages_and_cursors_become_windows() {
        let behind = cursor("things", 7);
        let cases = [
            (String::new(), Window::Page { offset: 0, limit: 20 }),
            ("page=1".into(), Window::Page { offset: 0, limit: 20 }),
            ("page=3&limit=10".into(), Window::Page { offset: 20, limit: 10 }),
            ("limit=100&unknown=1&page=02".into(), Window::Page { offset: 100, limit: 100 }),
            ("page=9223372036854775807".into(), Window::Page { offset: i64::MAX, limit: 20 }),
            (format!("cursor={behind}"), Window::Before { position: 7, limit: 20 }),
            (format!("cursor={behind}&limit=1"), Window::Before { position: 7, limit: 1 }),
        ];
        for (query, expected) in cases {
            assert_eq!(things(&query).window(), expected, "{query}");
        }
        let messages: ListQuery<Messages> = ListQuery::parse("", OWNER).unwrap();
        assert_eq!(messages.window(), Window::Page { offset: 0, limit: 50 });
        assert_eq!(things("colour=red").filter.colour, Some("red"));
    }

    #[test]
    fn faults_are_told_on_their_parameter() {
        const PAGE: &str = "must be a whole number of at least 1";
        const LIMIT: &str = "must be a whole number between 1 and 100";
        const CURSOR: &str = "is not a cursor of this list";
        let (own, foreign) = (cursor("things", 7), cursor("messages", 7));
        let negative = cursor("things", -7);
        let spelt = BASE64_URL_SAFE_NO_PAD.encode(format!("things:{}:07", mark(OWNER, "")));
        let unmarked = BASE64_URL_SAFE_NO_PAD.encode("things:7");
        let cases: Vec<(String, Vec<(&str, &str)>)> = vec![
            ("page=0".into(), vec![("page", PAGE)]),
            ("page=-1".into(), vec![("page", PAGE)]),
            ("page=%2B1".into(), vec![("page", PAGE)]),
            ("page=1.0".into(), vec![("page", PAGE)]),
            ("page=".into(), vec![("page", PAGE)]),
            ("page=x".into(), vec![("page", PAGE)]),
            ("page=9223372036854775808".into(), vec![("page", PAGE)]),
            ("page=1&page=2".into(), vec![("page", "must be given only once")]),
            ("limit=0".into(), vec![("limit", LIMIT)]),
            ("limit=101".into(), vec![("limit", LIMIT)]),
            ("cursor=".into(), vec![("cursor", CURSOR)]),
            ("cursor=x".into(), vec![("cursor", CURSOR)]),
            (format!("cursor={own}="), vec![("cursor", CURSOR)]),
            (format!("cursor={foreign}"), vec![("cursor", CURSOR)]),
            (format!("cursor={negative}"), vec![("cursor", CURSOR)]),
            (format!("cursor={spelt}"), vec![("cursor", CURSOR)]),
            (format!("cursor={unmarked}"), vec![("cursor", CURSOR)]),
            (format!("cursor={own}&colour=red"), vec![("cursor", CURSOR)]),
            (format!("cursor={own}&colour=blue"), vec![("colour", "must be one of red")]),
            (format!("cursor={own}&page=1"), vec![("cursor", "must not be given together with page")]),
            (
                "colour=blue&page=0&limit=0".into(),
                vec![("page", PAGE), ("limit", LIMIT), ("colour", "must be one of red")],
            ),
        ];
        for (query, expected) in cases {
            let error = ListQuery::<Things>::parse(&query, OWNER).unwrap_err().error_response();
            assert_eq!(error.status(), 400);
            let body = error.into_body().try_into_bytes().unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let expected: Vec<_> =
                expected.iter().map(|(field, message)| json!({"field": field, "message": message})).collect();
            assert_eq!(body["error"]["details"]["errors"], json!(expected), "{query}");
            assert_eq!(body["error"]["details"]["field"], expected[0]["field"], "{query}");
        }
    }

    #[test]
    fn pagination_has_the_sources_keys_and_a_cursor() {
        let found = |total, next| Slice { rows: vec![(); 1], total, next };
        let next = cursor("things", 41);
        let cases = [
            (
                "limit=20".to_owned(),
                found(156, Some(41)),
                json!({"page": 1, "limit": 20, "total": 156, "pages": 8, "has_next": true,
                    "has_prev": false, "next_cursor": next}),
            ),
            (
                "page=8".to_owned(),
                found(160, None),
                json!({"page": 8, "limit": 20, "total": 160, "pages": 8, "has_next": false,
                    "has_prev": true, "next_cursor": null}),
            ),
            (
                String::new(),
                found(0, None),
                json!({"page": 1, "limit": 20, "total": 0, "pages": 0, "has_next": false,
                    "has_prev": false, "next_cursor": null}),
            ),
            (
                "page=9&limit=1".to_owned(),
                found(1, None),
                json!({"page": 9, "limit": 1, "total": 1, "pages": 1, "has_next": false,
                    "has_prev": true, "next_cursor": null}),
            ),
            (
                format!("cursor={}", cursor("things", 50)),
                found(156, Some(41)),
                json!({"page": null, "limit": 20, "total": 156, "pages": null, "has_next": true,
                    "has_prev": true, "next_cursor": next}),
            ),
        ];
        for (query, found, expected) in cases {
            let pagination = things(&query).pagination(&found);
            assert_eq!(serde_json::to_value(&pagination).unwrap(), expected, "{query}");
        }
    }

    #[test]
    fn the_next_cursor_is_taken_again_by_its_owner_for_the_same() {
        for position in [0, 1, 41, i64::MAX] {
            for filter in ["", "&colour=red"] {
                let found = Slice { rows: vec![()], total: 1, next: Some(position) };
                let cursor = things(filter).pagination(&found).next_cursor.unwrap();
                let query = format!("cursor={cursor}{filter}");
                assert_eq!(things(&query).window(), Window::Before { position, limit: 20 });
                let others = ["you\n", "me\nORD-001"];
                assert!(others.iter().all(|other| ListQuery::<Things>::parse(&query, other).is_err()));
            }
        }
    }
}
