//! Parameters of a query. Unknown ones are ignored (contract §1); all faults are told together.

use std::borrow::Cow;

use actix_web::web;
use usecases::error::FieldError;

use super::json::all_together;
use crate::error::ApiError;

/// The word for not narrowing a list down.
pub(crate) const ALL: &str = "all";

/// The parameters of a request, and what was wrong with those that have been read.
#[derive(Debug, Default)]
pub struct Query {
    parameters: Vec<(String, String)>,
    faults: Vec<FieldError>,
}

impl Query {
    /// The part of a URI behind the question mark. Every text is one.
    pub(super) fn of(text: &str) -> Self {
        let parameters = web::Query::<Vec<(String, String)>>::from_query(text);
        Self { parameters: parameters.map(web::Query::into_inner).unwrap_or_default(), faults: Vec::new() }
    }

    /// Reads a parameter. `None` when it is not there, or faulty: then all that comes of the request
    /// is its 400.
    pub fn read<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Cow<'static, str>>,
    ) -> Option<T> {
        let mut values = self.parameters.iter().filter(|(given, _)| given == name).map(|(_, value)| value);
        let value = values.next()?;
        let outcome =
            if values.next().is_some() { Err("must be given only once".into()) } else { parse(value) };
        outcome.map_err(|message| self.fault(name, message)).ok()
    }

    /// Reads a parameter that is the word of one of some values, or `all`, which is the same as
    /// leaving it out.
    pub fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        values: &[T],
        word: fn(T) -> &'static str,
    ) -> Option<T> {
        let found = self.read(name, |text| match values.iter().find(|value| word(**value) == text) {
            None if text == ALL => Ok(None),
            None => Err(must_be_one_of([ALL].into_iter().chain(values.iter().map(|value| word(*value))))),
            Some(value) => Ok(Some(*value)),
        });
        found.flatten()
    }

    /// Notes a fault.
    pub fn fault(&mut self, name: &'static str, message: impl Into<Cow<'static, str>>) {
        self.faults.push(FieldError { field: Cow::Borrowed(name), message: message.into() });
    }

    /// Whether nothing has been wrong so far.
    pub(super) fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    /// # Errors
    /// 400 with all faults, in the order in which they were found.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        if self.faults.is_empty() { Ok(()) } else { Err(all_together(self.faults)) }
    }
}

/// For a word that is none of those that are known.
pub(crate) fn must_be_one_of(words: impl IntoIterator<Item = &'static str>) -> Cow<'static, str> {
    let words: Vec<_> = words.into_iter().collect();
    format!("must be one of {}", words.join(", ")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_or_all() {
        const VALUES: [bool; 2] = [true, false];
        let word = |value| if value { "yes" } else { "no" };
        let read = |text: &str| {
            let mut query = Query::of(text);
            let value = query.one_of("a", &VALUES, word);
            query.faults.pop().map_or(Ok(value), |fault| Err(fault.message))
        };
        assert_eq!((read("a=yes"), read("a=no")), (Ok(Some(true)), Ok(Some(false))));
        assert_eq!((read("a=all"), read("b=yes")), (Ok(None), Ok(None)));
        for text in ["a=", "a=Yes", "a=ALL", "a=maybe"] {
            assert_eq!(read(text), Err("must be one of all, yes, no".into()), "{text}");
        }
    }

    #[test]
    fn parameters_are_decoded_and_read_once() {
        let mut query = Query::of("a=1%202&b=x+y&a=3&c&=d&%ff=%zz");
        let text = |text: &str| Ok::<_, Cow<'static, str>>(text.to_owned());
        assert_eq!(query.read("b", text).as_deref(), Some("x y"));
        assert_eq!(query.read("c", text).as_deref(), Some(""));
        assert_eq!(query.read("d", text), None);
        assert!(query.faults.is_empty());
        assert_eq!(query.read("a", text), None);
        assert_eq!(query.read("b", |_| Err::<(), _>("must be z".into())), None);
        let faults: Vec<_> = query.faults.iter().map(|fault| (&*fault.field, &*fault.message)).collect();
        assert_eq!(faults, [("a", "must be given only once"), ("b", "must be z")]);
        assert!(query.finish().is_err());
        assert!(Query::of("&&==&%").finish().is_ok());
    }
}
