//! Where requests go that no handler takes: 405 where the path exists, else 404.
//!
//! OPTIONS is such a method as well; preflight requests from allowed origins are answered before.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, ResponseError};

use super::route_table;
use crate::error::ApiError;

/// Answers.
pub(crate) async fn fallback(request: ServiceRequest) -> Result<ServiceResponse, Error> {
    let error = match route_table::find(request.match_info().as_str()) {
        Some(route) => ApiError::method_not_allowed(&route.allow),
        None => ApiError::not_found(),
    };
    Ok(request.into_response(error.error_response()))
}
