//! Bodies in pieces that nobody reads to their end.
//!
//! When such a body is let go of (a 401, a 413, one that comes too slowly), the server reads on and
//! throws away whatever still comes, for as long as it comes, or for ever when nothing comes any
//! more: a client could hold connections at no cost. If the body is still held when the answer is
//! sent, the server closes the connection a moment later instead. So it is held here.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpResponse};
use futures_util::Stream;

/// The request's body, shared with whoever reads it.
#[derive(Clone)]
pub(super) struct Held(Rc<RefCell<Payload>>);

/// Takes hold of a body that comes in pieces. Where the length is known, the server closes by itself.
pub(super) fn hold(request: &mut ServiceRequest) -> Option<Held> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    let held = Held(Rc::new(RefCell::new(request.take_payload())));
    request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
    Some(held)
}

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

/// Lets go of the body when the answer has been sent, not before.
pub(super) fn until_sent(answer: HttpResponse, held: Option<Held>) -> HttpResponse {
    match held {
        Some(held) => answer.map_body(|_, body| Holding { body, _held: held }.boxed()),
        None => answer,
    }
}

/// An answer's body, with the request's.
struct Holding {
    body: BoxBody,
    _held: Held,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
