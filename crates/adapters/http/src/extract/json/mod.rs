//! JSON bodies.
//!
//! - No body at all means `{}`, for every operation.
//! - A body needs `Content-Type: application/json` (or `application/…+json`) and no content encoding,
//!   else 415; it may have 256 KiB (413) and 32 levels (400), must be UTF-8 and an object (400).
//! - A body that takes longer than 15 seconds to arrive is 400, and its connection is closed. So it
//!   is with a body that breaks off, if anybody is left to read the answer.
//! - Faults of shape are found one at a time, in the order of the text; then all broken rules
//!   together, in the order in which the request has the fields (fields that it has not come last,
//!   by name). A fault of the body as a whole has the field `body`.
//! - Fields that the type does not know are refused when it has `#[serde(deny_unknown_fields)]`;
//!   a key that comes twice is refused in any case.

mod canonical;
mod depth;
mod fields;
mod objects;
mod read;
mod rules;
mod shape;

use std::fmt;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use usecases::error::FieldError;
use validator::{Validate, ValidationErrors};

use crate::Api;
use crate::error::ApiError;

pub(crate) use fields::{Fields, item};
pub(crate) use rules::{broken, verdict};

/// How deep objects and lists may be nested (contract §2).
const MAX_DEPTH: usize = 32;

/// The field that faults of the body as a whole are given.
const BODY: &str = "body";

/// The request's body, read and checked.
pub struct JsonBody<T> {
    value: T,
    /// As it was sent; `{}` for none.
    text: String,
}

impl<T> JsonBody<T> {
    /// The body.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The body in the domain's types: for bodies whose rules are those of [`Fields`].
    ///
    /// # Errors
    /// 400 with all broken rules.
    pub(crate) fn read<U>(
        &self,
        read: impl FnOnce(&T) -> Result<U, ValidationErrors>,
    ) -> Result<U, ApiError> {
        read(&self.value).map_err(|broken| all_together(rules::flatten(&broken, &self.text)))
    }

    /// The body in the one spelling that all ways of writing it have in common.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical::canonical(&self.text)
    }
}

/// What is in a body may be a password.
impl<T> fmt::Debug for JsonBody<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonBody").finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = request
            .app_data::<web::Data<Api>>()
            .ok_or_else(|| ApiError::internal("the application's state is missing"))
            .and_then(|api| read::Reading::begin(request, payload.take(), &api.settings));
        Box::pin(async move { parse(&read?.finish().await?) })
    }
}

/// The body of a command that needs none: none at all, or `{}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFields {}

impl Validate for NoFields {
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

/// Reads and checks a whole body.
fn parse<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<JsonBody<T>, ApiError> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let text = std::str::from_utf8(bytes).map_err(|_| ApiError::field(BODY, "must be UTF-8"))?;
    if depth::exceeds(bytes, MAX_DEPTH) {
        return Err(ApiError::field(BODY, format!("must not be nested deeper than {MAX_DEPTH} levels")));
    }
    let value: T = shape::read(text)?;
    match value.validate() {
        Ok(()) => Ok(JsonBody { value, text: text.to_owned() }),
        Err(broken) => Err(all_together(rules::flatten(&broken, text))),
    }
}

/// One answer for many broken rules.
pub(super) fn all_together(errors: Vec<FieldError>) -> ApiError {
    let message = match errors.split_first() {
        None => "The request is not valid".to_owned(),
        Some((first, [])) => format!("{} {}", first.field, first.message),
        Some((first, more)) => format!("{} {} (and {} more)", first.field, first.message, more.len()),
    };
    ApiError::invalid(message, errors)
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;
    use actix_web::body::MessageBody;
    use domain::money::Currency;
    use serde_json::Value;
    use validator::ValidationError;

    use super::*;
    use crate::wire::{GivenAmount, GivenId, to_be_moved};

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[validate(length(min = 1, max = 5))]
        title: String,
        pages: Option<u32>,
        #[validate(custom(function = "even"))]
        r#type: Option<u64>,
        urgent: Option<bool>,
        size: Option<Size>,
        #[serde(default)]
        #[validate(nested)]
        milestones: Vec<Milestone>,
        #[validate(custom(function = "to_be_moved"))]
        budget: Option<GivenAmount>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        Small,
        Large,
    }

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Milestone {
        #[validate(length(min = 1))]
        title: String,
        #[serde(rename = "id")]
        _id: Option<GivenId>,
        #[validate(custom(function = "to_be_moved"))]
        amount: Option<GivenAmount>,
    }

    fn even(number: u64) -> Result<(), ValidationError> {
        if number.is_multiple_of(2) {
            Ok(())
        } else {
            Err(ValidationError::new("even").with_message("must be even".into()))
        }
    }

    const NO_AMOUNT: &str = "must be a number with at most two decimals, such as 115.00";

    fn faults(body: &str) -> Vec<(String, String)> {
        let error = parse::<Order>(body.as_bytes()).unwrap_err();
        let answer = error.error_response().into_body().try_into_bytes().unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let details = &answer["error"]["details"];
        let errors: Vec<_> = details["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| {
                (fault["field"].as_str().unwrap().to_owned(), fault["message"].as_str().unwrap().to_owned())
            })
            .collect();
        assert_eq!(details["field"], errors[0].0, "{body}");
        assert_eq!(answer["error"]["code"], "VALIDATION_ERROR");
        errors
    }

    #[test]
    fn faults_of_shape_come_one_at_a_time_with_their_path() {
        let cases = [
            ("", "title", "is required"),
            ("{}", "title", "is required"),
            ("[]", "body", "must be an object"),
            ("[\"abc\", 1, 2, true, null, []]", "body", "must be an object"),
            ("null", "body", "must be an object"),
            ("\"x\"", "body", "must be an object"),
            ("{", "body", "is not valid JSON (line 1, column 1)"),
            ("{\"title\":}", "body", "is not valid JSON (line 1, column 10)"),
            ("{\"title\":\"a\"} x", "body", "is not valid JSON (line 1, column 15)"),
            ("\u{feff}{}", "body", "is not valid JSON (line 1, column 1)"),
            ("{\"title\":1}", "title", "must be a string"),
            ("{\"title\":null}", "title", "must be a string"),
            ("{\"title\":\"a\",\"title\":\"b\"}", "title", "must be given only once"),
            ("{\"title\":\"a\",\"x\":1}", "x", "is not a known field"),
            ("{\"title\":\"a\",\"pages\":\"1\"}", "pages", "must be a whole number"),
            ("{\"title\":\"a\",\"pages\":1.5}", "pages", "must be a whole number"),
            ("{\"title\":\"a\",\"pages\":-1}", "pages", "is out of range"),
            ("{\"title\":\"a\",\"pages\":4294967296}", "pages", "is out of range"),
            ("{\"title\":\"a\",\"pages\":1e999}", "pages", "is out of range"),
            ("{\"title\":1,", "body", "is not valid JSON (line 1, column 11)"),
            ("{\"title\":\"a\",\"urgent\":1}", "urgent", "must be true or false"),
            ("{\"title\":\"a\",\"size\":\"huge\"}", "size", "must be one of small, large"),
            ("{\"title\":\"a\",\"size\":1}", "size", "must be one of the words that are documented"),
            ("{\"title\":\"\\ud800\"}", "title", "must be well-formed text"),
            ("{\"title\":\"\\ud800x\"}", "title", "must be well-formed text"),
            ("{\"title\":\"\\ud800\\u0041\"}", "title", "must be well-formed text"),
            ("{\"title\":\"\\udc00\\ud800\"}", "title", "must be well-formed text"),
            ("{\"title\":\"a\",\"size\":\"\\ud800\"}", "size", "must be well-formed text"),
            ("{\"\\ud800\":\"a\"}", "body", "must be well-formed text"),
            ("{\"title\":\"\\ud80\"}", "body", "is not valid JSON (line 1, column 16)"),
            ("{\"title\":\"a\",\"milestones\":{}}", "milestones", "must be a list"),
            ("{\"title\":\"a\",\"milestones\":[{\"title\":\"x\"},{}]}", "milestones[1].title", "is required"),
            ("{\"title\":\"a\",\"milestones\":[[\"x\",null]]}", "milestones[0]", "must be an object"),
            (
                "{\"title\":\"a\",\"milestones\":[{\"title\":\"x\",\"y\":1}]}",
                "milestones[0].y",
                "is not a known field",
            ),
            (
                "{\"title\":\"a\",\"milestones\":[{\"title\":\"x\",\"id\":\"7\"}]}",
                "milestones[0].id",
                "must be a UUID",
            ),
            ("{\"title\":\"a\",\"budget\":\"115\"}", "budget", NO_AMOUNT),
            ("{\"title\":\"a\",\"budget\":{\"x\":1}}", "budget", NO_AMOUNT),
            ("{\"title\":\"a\",\"budget\":NaN}", "body", "is not valid JSON (line 1, column 23)"),
            ("{\"title\":\"a\",\"budget\":1,\"budget\":1}", "budget", "must be given only once"),
            (
                "{\"title\":\"a\",\"milestones\":[{\"title\":\"x\",\"amount\":true}]}",
                "milestones[0].amount",
                NO_AMOUNT,
            ),
        ];
        for (body, field, message) in cases {
            assert_eq!(faults(body), [(field.to_owned(), message.to_owned())], "{body}");
        }
    }

    #[test]
    fn broken_rules_come_all_together_in_the_order_of_the_request() {
        let body = "{\"type\":3,\"milestones\":[{\"title\":\"a\"},{\"title\":\"\"}],\"title\":\"too long\"}";
        let fields: Vec<_> = faults(body).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["type", "milestones[1].title", "title"]);
        assert_eq!(
            faults("{\"title\":\"\"}"),
            [("title".to_owned(), "must have 1 to 5 characters".to_owned())]
        );
        let amounts = "{\"budget\":1.150,\"milestones\":[{\"title\":\"a\",\"amount\":0}],\"title\":\"a\"}";
        let expected = [("budget", NO_AMOUNT), ("milestones[0].amount", "must be greater than zero")]
            .map(|(field, message)| (field.to_owned(), message.to_owned()));
        assert_eq!(faults(amounts), expected);
    }

    #[test]
    fn good_bodies_are_read() {
        let text = " {\"title\":\"a\",\"budget\":115.10,\"type\":2,\"size\":\"small\",\"urgent\":null} ";
        let order: Order = parse(text.as_bytes()).unwrap().into_inner();
        let budget = order.budget.unwrap().to_be_moved(Currency::Usd).unwrap();
        assert_eq!(budget.minor(), 11_510);
        assert!(matches!(order.size, Some(Size::Small)));
        assert_eq!((order.pages, order.urgent, order.title.as_str()), (None, None, "a"));
        let large: Order = parse(b"{\"title\":\"a\",\"size\":\"large\"}").unwrap().into_inner();
        assert!(matches!(large.size, Some(Size::Large)));
        assert!(large.milestones.is_empty());
    }

    #[test]
    fn commands_without_fields_take_nothing_else() {
        for body in ["", "{}", " {\n} "] {
            assert_eq!(parse::<NoFields>(body.as_bytes()).unwrap().canonical(), "{}");
        }
        assert!(parse::<NoFields>(b"{\"a\":1}").is_err());
        assert!(parse::<NoFields>(b"[]").is_err());
    }

    #[test]
    fn bodies_that_are_no_text_or_too_deep_are_refused() {
        assert!(parse::<Order>(b"{\"title\":\"\xff\"}").is_err());
        let nested = |levels: usize| {
            format!("{}{}", "{\"a\":".repeat(levels), "}".repeat(levels)).replace(":}", ":1}")
        };
        assert_eq!(faults(&nested(33))[0].1, "must not be nested deeper than 32 levels");
        assert_eq!(faults(&nested(100_000))[0].1, "must not be nested deeper than 32 levels");
        assert_eq!(faults(&nested(32))[0].0, "a", "32 levels are not too deep");
    }
}
