//! Who calls.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use domain::actor::Actor;
use domain::identity::policy::{Forbidden, administer_accounts};
use usecases::error::UseCaseError;

use crate::error::ApiError;

/// What the frame found out about a request's `Authorization` header. It is kept with the request;
/// only an operation that needs a caller minds an error in it.
#[derive(Clone)]
pub(crate) struct Authenticated(pub(crate) Result<Actor, ApiError>);

/// The access token of a request, if it has one: scheme `Bearer` in any case, one token.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    // Two headers are no header: which of them would be meant?
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim_start();
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    (is_bearer && !token.is_empty() && !token.contains(char::is_whitespace)).then_some(token)
}

/// Who calls.
///
/// # Errors
/// 401, as the frame found out, or because nobody did.
pub(super) fn actor(request: &HttpRequest) -> Result<Actor, ApiError> {
    match request.extensions().get::<Authenticated>() {
        Some(Authenticated(outcome)) => outcome.clone(),
        None => Err(ApiError::unauthorized(None, "Please log in: this needs an access token")),
    }
}

/// Somebody who is logged in, whatever their role. Else the answer is 401.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(actor(request).map(|actor| Self { actor }))
    }
}

/// Who may use a function, whatever the object: one of the domain's policy functions as a type.
pub trait Policy: 'static {
    /// # Errors
    /// [`Forbidden`] for those who may not.
    fn check(actor: &Actor) -> Result<(), Forbidden>;
}

/// Somebody who is logged in and whom `P` permits. Else the answer is 401 or 403.
#[derive(Debug)]
pub struct Permitted<P> {
    /// Who.
    pub actor: Actor,
    policy: PhantomData<P>,
}

impl<P: Policy> FromRequest for Permitted<P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(actor(request).and_then(|actor| {
            P::check(&actor).map_err(UseCaseError::from)?;
            Ok(Self { actor, policy: PhantomData })
        }))
    }
}

/// [`administer_accounts`].
#[derive(Debug)]
pub struct AdministerAccounts;

impl Policy for AdministerAccounts {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        administer_accounts(actor)
    }
}

/// An administrator.
pub type AdminCaller = Permitted<AdministerAccounts>;

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_one_well_formed_bearer_token_counts() {
        let cases: [(&[&str], Option<&str>); 11] = [
            (&["Bearer abc.def"], Some("abc.def")),
            (&["bearer abc"], Some("abc")),
            (&["BEARER   abc "], Some("abc")),
            (&["Bearer"], None),
            (&["Bearer "], None),
            (&["Bearer a b"], None),
            (&["Basic abc"], None),
            (&["abc"], None),
            (&[""], None),
            (&["Bearer a", "Bearer b"], None),
            (&[], None),
        ];
        for (values, expected) in cases {
            let mut request = TestRequest::default();
            for value in values {
                request = request.append_header((header::AUTHORIZATION, *value));
            }
            assert_eq!(bearer_token(request.to_http_request().headers()), expected, "{values:?}");
        }
    }
}
