//! The first ones of a list that has no pages.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::list::whole_number;
use super::query::Query;
use crate::error::ApiError;

/// A list of which only the first ones are shown, and what it can be narrowed down to.
pub trait Top: Sized + 'static {
    /// How many are shown when nobody says.
    const DEFAULT: u8;
    /// How many can be asked for.
    const MOST: u8;

    /// Reads the filter's parameters; faults are noted in the query.
    fn read(query: &mut Query) -> Self;
}

/// How many of the first ones are wanted. Faults in the query are 400, each on its parameter.
#[derive(Debug)]
pub struct TopQuery<T> {
    /// Which list.
    pub filter: T,
    /// At most so many.
    pub limit: u8,
}

impl<T: Top> TopQuery<T> {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let mut query = Query::of(text);
        let limit = query.read("limit", |text| whole_number(text, 1..=T::MOST.into()));
        let limit = limit.and_then(|limit| u8::try_from(limit).ok()).unwrap_or(T::DEFAULT);
        let filter = T::read(&mut query);
        query.finish()?;
        Ok(Self { filter, limit })
    }
}

impl<T: Top> FromRequest for TopQuery<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Things;

    impl Top for Things {
        const DEFAULT: u8 = 50;
        const MOST: u8 = 100;

        fn read(query: &mut Query) -> Self {
            let _ =
                query.read("kind", |text| if text == "good" { Ok(()) } else { Err("must be good".into()) });
            Self
        }
    }

    #[test]
    fn limits_are_whole_numbers_within_bounds() {
        let limit = |text: &str| TopQuery::<Things>::parse(text).ok().map(|query| query.limit);
        for (text, expected) in [
            ("", Some(50)),
            ("limit=1", Some(1)),
            ("limit=100", Some(100)),
            ("limit=7&kind=good&page=0&cursor=x", Some(7)),
            ("limit=0", None),
            ("limit=101", None),
            ("limit=-1", None),
            ("limit=ten", None),
            ("limit=1&limit=2", None),
            ("limit=", None),
            ("kind=bad", None),
        ] {
            assert_eq!(limit(text), expected, "{text}");
        }
    }
}
