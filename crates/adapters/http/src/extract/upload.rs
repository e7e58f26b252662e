//! Uploaded files: `multipart/form-data` with exactly one field, `file`.
//!
//! - Anything else than `multipart/form-data`, and any content encoding, is 415; more bytes than the
//!   file may have is 413, announced or not; a form that is malformed, has another field or more than
//!   one file, or breaks off, is 400.
//! - The bytes go straight on to the command, piece by piece and no faster than it takes them; only a
//!   few pieces are in memory. The command learns of the end only when the form has been read to its
//!   end, so it never acts on half a request. When the client goes away the command learns that too,
//!   because it runs on its own, and takes away what it has begun.
//! - Each piece may take as long as a JSON body, all of them together as long as it says in the
//!   settings; then it is 400 and the connection is closed.
//! - What the sender says about the type of the file is not looked at.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use async_trait::async_trait;
use domain::actor::Actor;
use futures_util::future::{Ready, join, ready};
use futures_util::{Stream, StreamExt};
use ports::files::{ByteSource, Interrupted};
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, timeout_at};

use crate::Api;
use crate::error::ApiError;

/// The one field.
const FIELD: &str = "file";
/// The field that faults of the form as a whole are given.
const BODY: &str = "body";
/// Bytes that a form may have around its file.
const AROUND: u64 = 16 * 1024;
/// Pieces that may wait to be taken.
const WAITING: usize = 4;

/// A request's body that is going to be a form with a file. Taking it reads nothing yet.
pub struct UploadBody {
    headers: HeaderMap,
    payload: Payload,
    /// What is wrong with how the body is sent.
    form: Result<(), ApiError>,
}

impl FromRequest for UploadBody {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = check_form(request);
        ready(Ok(Self { headers: request.headers().clone(), payload: payload.take(), form }))
    }
}

fn check_form(request: &HttpRequest) -> Result<(), ApiError> {
    let is_plain = request
        .headers()
        .get_all(header::CONTENT_ENCODING)
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"));
    let is_form = request.mime_type().ok().flatten().is_some_and(|mime| {
        mime.type_() == "multipart" && mime.subtype() == "form-data" && mime.get_param("boundary").is_some()
    });
    if is_plain && is_form {
        Ok(())
    } else {
        let message = "Send the file as Content-Type: multipart/form-data, without a content encoding";
        Err(ApiError::unsupported_media_type(message).closing())
    }
}

impl UploadBody {
    /// Hands the name and the bytes of the file to `command` and answers as it does, unless the form
    /// itself is at fault. `limit` is how many bytes the file may have.
    ///
    /// # Errors
    /// 415, 413, 400 as said above; 503 when too many uploads are under way; the command's own.
    pub async fn receive<T, F>(
        self,
        api: &Api,
        actor: &Actor,
        limit: u64,
        command: impl FnOnce(String, Arriving) -> F,
    ) -> Result<T, ApiError>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let Self { headers, payload, form } = self;
        form?;
        if announced(&headers).is_some_and(|length| length > limit.saturating_add(AROUND)) {
            return Err(ApiError::file_too_large(limit).closing());
        }
        let _place = api.uploads.enter(actor.user_id).ok_or_else(|| ApiError::overloaded().closing())?;
        let mut form = Form::new(&headers, payload, limit, api);
        let (name, field) = form.first().await.map_err(ApiError::closing)?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let (fed, outcome) = join(form.feed(field, sender), command(name, Arriving(receiver))).await;
        match fed {
            Ok(Fed::Whole) => outcome,
            // The rest of the body is on its way, and nobody wants it.
            Ok(Fed::Unwanted) => outcome.map_err(ApiError::closing),
            Err(fault) => Err(fault.closing()),
        }
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What a command is sent.
enum Piece {
    Bytes(Bytes),
    /// The form has been read to its end.
    End,
}

/// The bytes of a file on their way in. Without an end they have broken off.
pub struct Arriving(mpsc::Receiver<Piece>);

#[async_trait]
impl ByteSource for Arriving {
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        match self.0.recv().await {
            Some(Piece::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Piece::End) => Ok(None),
            None => Err(Interrupted("the request ended before its form did".into())),
        }
    }
}

/// How handing a file on ended.
enum Fed {
    Whole,
    /// The command has its answer already.
    Unwanted,
}

/// A form that is being read.
struct Form {
    parts: Multipart,
    body: Counted,
    limit: u64,
    idle: Duration,
    deadline: Instant,
}

impl Form {
    fn new(headers: &HeaderMap, payload: Payload, limit: u64, api: &Api) -> Self {
        let body = Counted {
            payload: Rc::new(RefCell::new(payload)),
            left: Rc::new(RefCell::new(limit.saturating_add(AROUND))),
        };
        Self {
            parts: Multipart::new(headers, body.clone()),
            body,
            limit,
            idle: api.settings.body_timeout,
            deadline: Instant::now() + api.settings.upload_timeout,
        }
    }

    /// The file, which is the first field.
    async fn first(&mut self) -> Result<(String, Field), ApiError> {
        let Some(field) = self.next_field().await? else {
            return Err(ApiError::field(FIELD, "is required"));
        };
        if field.name() != Some(FIELD) {
            let name = field.name().filter(|name| !name.is_empty()).unwrap_or(BODY).to_owned();
            return Err(ApiError::field(name, "is not a known field"));
        }
        let disposition = field.content_disposition();
        match disposition.and_then(|disposition| disposition.get_filename()) {
            Some(name) => Ok((name.to_owned(), field)),
            None => Err(ApiError::field(FIELD, "must be a file, sent with its name")),
        }
    }

    /// Hands the file on, and then its end, once nothing else has come.
    async fn feed(mut self, mut field: Field, sender: mpsc::Sender<Piece>) -> Result<Fed, ApiError> {
        loop {
            let piece = match self.in_time(field.next()).await? {
                Some(Ok(piece)) => piece,
                Some(Err(error)) => return Err(self.fault(&error)),
                None => break,
            };
            if !piece.is_empty() && sender.send(Piece::Bytes(piece)).await.is_err() {
                return Ok(Fed::Unwanted);
            }
        }
        drop(field);
        if let Some(more) = self.next_field().await? {
            let is_file = more.name() == Some(FIELD);
            let name = more.name().filter(|_| !is_file).unwrap_or(FIELD).to_owned();
            let fault = if is_file { "must be given only once" } else { "is not a known field" };
            return Err(ApiError::field(name, fault));
        }
        self.drain().await?;
        // Whoever is gone has its answer, and this was the end anyway.
        sender.send(Piece::End).await.ok();
        Ok(Fed::Whole)
    }

    async fn next_field(&mut self) -> Result<Option<Field>, ApiError> {
        let (idle, deadline) = (self.idle, self.deadline);
        match in_time(idle, deadline, self.parts.next()).await? {
            Some(Ok(field)) => Ok(Some(field)),
            Some(Err(error)) => Err(self.fault(&error)),
            None => Ok(None),
        }
    }

    /// Reads what comes behind the form, so that the connection can be used again.
    async fn drain(&mut self) -> Result<(), ApiError> {
        let (idle, deadline) = (self.idle, self.deadline);
        while let Some(piece) = in_time(idle, deadline, self.body.next()).await? {
            piece.map_err(|error| self.fault(&MultipartError::Payload(error)))?;
        }
        Ok(())
    }

    async fn in_time<F: Future>(&self, future: F) -> Result<F::Output, ApiError> {
        in_time(self.idle, self.deadline, future).await
    }

    fn fault(&self, error: &MultipartError) -> ApiError {
        if *self.body.left.borrow() == 0 {
            return ApiError::file_too_large(self.limit);
        }
        tracing::debug!(%error, "a form could not be read");
        let is_broken = matches!(error, MultipartError::Incomplete | MultipartError::Payload(_));
        let message =
            if is_broken { "could not be read to its end" } else { "is not well-formed multipart/form-data" };
        ApiError::field(BODY, message)
    }
}

/// Waits for the next thing to come, neither too long for it nor for all of them.
async fn in_time<F: Future>(idle: Duration, deadline: Instant, future: F) -> Result<F::Output, ApiError> {
    let until = deadline.min(Instant::now() + idle);
    timeout_at(until, future).await.map_err(|_| ApiError::field(BODY, "did not arrive in time"))
}

/// A request's body that ends with an error when it has more bytes than it may.
#[derive(Clone)]
struct Counted {
    payload: Rc<RefCell<Payload>>,
    left: Rc<RefCell<u64>>,
}

impl Stream for Counted {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut *self.payload.borrow_mut()).poll_next(context);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            let mut left = self.left.borrow_mut();
            *left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            if *left == 0 {
                return Poll::Ready(Some(Err(PayloadError::Overflow)));
            }
        }
        polled
    }
}
