//! Who may read the metrics and the detailed health: requests made on this very machine (not those
//! that a proxy on it passes on, see [`crate::frame::client`]), and those with
//! `Authorization: Bearer METRICS_TOKEN`. For others it is 401 when there is a token to have, and 403
//! when there is none.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::ExposeSecret;

use crate::Api;
use crate::error::ApiError;
use crate::extract::bearer_token;
use crate::frame::client::Client;

/// Somebody who runs this installation.
pub(crate) struct Operator;

impl FromRequest for Operator {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(check(request).map(|()| Self))
    }
}

fn check(request: &HttpRequest) -> Result<(), ApiError> {
    if request.extensions().get::<Client>().is_some_and(|client| client.is_local) {
        return Ok(());
    }
    let token = request.app_data::<web::Data<Api>>().and_then(|api| api.settings.metrics_token.as_ref());
    let Some(token) = token else {
        return Err(ApiError::forbidden("Only requests from the machine itself may read this"));
    };
    let is_right = bearer_token(request.headers()).is_some_and(|given| {
        verify_slices_are_equal(given.as_bytes(), token.expose_secret().as_bytes()).is_ok()
    });
    if is_right { Ok(()) } else { Err(ApiError::unauthorized(None, "This needs the metrics token")) }
}
