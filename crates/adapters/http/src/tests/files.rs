//! Forms with files on their way in, links and pictures on their way out; on stores in memory.

use std::sync::Arc;
use std::time::Duration;

use actix_http::h1;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpMessage, ResponseError};
use adapter_memory::{MemoryBlobs, MemoryStore, PlainDownloadSigner, PlainImages, PlainInspectors};
use domain::actor::Actor;
use domain::identity::{EmailAddress, FullName, NewUser, PasswordHash, Role, User};
use domain::ids::UserId;
use ports::environment::Clock;
use ports::files::ByteSource;
use ports::store::Store;
use serde_json::{Value, json};
use usecases::files::{DownloadFile, PassOffice, RemoveAvatar, SetAvatar, ShowAvatar, UploadFile, ViewFile};
use uuid::Uuid;

use super::support::{Answer, World, session, start, start_with};
use crate::error::ApiError;
use crate::extract::UploadBody;
use crate::files::{FileUseCases, avatar_form, link_form};

/// The largest file in these tests.
pub(super) const MAX_BYTES: u64 = 100_000;

/// What the handlers of files see: persons 1 and 2, and stores in memory.
pub(super) struct FileWorld {
    store: Arc<MemoryStore>,
    blobs: MemoryBlobs,
    world: Arc<World>,
}

impl FileWorld {
    pub(super) async fn new(world: &Arc<World>) -> Self {
        let store = Arc::new(MemoryStore::new());
        for number in [1, 2] {
            let new = NewUser {
                id: UserId::new(Uuid::from_u128(number)),
                email: EmailAddress::parse(&format!("{number}@example.com")).unwrap(),
                full_name: FullName::parse("Ada Lovelace").unwrap(),
                role: Role::Writer,
                phone: None,
                password: PasswordHash::new("x".into()),
            };
            let mut work = store.begin().await.unwrap();
            let _granted = work.users().insert(&User::register(new, world.now()).0).await.unwrap();
            work.commit().await.unwrap();
        }
        Self { store, blobs: MemoryBlobs::new(world.clone()), world: world.clone() }
    }

    pub(super) fn use_cases(&self) -> FileUseCases {
        let (store, blobs, world) = (&self.store, Arc::new(self.blobs.clone()), &self.world);
        let passes =
            PassOffice { clock: world.clone(), signer: Arc::new(PlainDownloadSigner), link: link_form("") };
        FileUseCases {
            upload_file: Arc::new(UploadFile {
                store: store.clone(),
                blobs: blobs.clone(),
                inspectors: Arc::new(PlainInspectors),
                passes: passes.clone(),
                clock: world.clone(),
                ids: world.clone(),
                max_bytes: MAX_BYTES,
            }),
            view_file: Arc::new(ViewFile { files: store.clone(), passes: passes.clone() }),
            download_file: Arc::new(DownloadFile { files: store.clone(), blobs: blobs.clone(), passes }),
            set_avatar: Arc::new(SetAvatar {
                store: store.clone(),
                blobs: blobs.clone(),
                inspectors: Arc::new(PlainInspectors),
                images: Arc::new(PlainImages),
                clock: world.clone(),
                ids: world.clone(),
                address: avatar_form("https://api.example.com"),
            }),
            remove_avatar: Arc::new(RemoveAvatar {
                store: store.clone(),
                blobs: blobs.clone(),
                clock: world.clone(),
            }),
            show_avatar: Arc::new(ShowAvatar { files: store.clone(), blobs }),
        }
    }

    /// Whether nothing is left of what went wrong.
    fn is_empty(&self) -> bool {
        self.blobs.keys().is_empty() && self.blobs.unfinished() == 0
    }
}

const BOUNDARY: &str = "b0undary";
const FORM: &str = "multipart/form-data; boundary=b0undary";

/// One field of a form.
fn field(disposition: &str, content: &str) -> String {
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\
         Content-Type: application/x-nonsense\r\n\r\n{content}\r\n"
    )
}

/// A whole form.
fn form(fields: &[String]) -> String {
    format!("{}--{BOUNDARY}--\r\n", fields.concat())
}

fn file(name: &str, content: &str) -> String {
    form(&[field(&format!("name=\"file\"; filename=\"{name}\""), content)])
}

fn post(path: &str, body: impl Into<Bytes>) -> TestRequest {
    TestRequest::post()
        .uri(path)
        .insert_header((header::AUTHORIZATION, "Bearer writer:1"))
        .insert_header((header::CONTENT_TYPE, FORM))
        .set_payload(body)
}

fn uploaded(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()["data"]["file"].clone()
}

#[actix_web::test]
async fn a_file_goes_up_and_comes_down() {
    let app = start().await;
    let answer = app.send(post("/api/v1/files", file("Räport.pdf", "pdf of mine"))).await;
    let shown = uploaded(&answer);
    let id = shown["id"].as_str().unwrap();
    let expected = json!({"id": id, "name": "Räport.pdf", "size": 11, "size_formatted": "11 B",
        "mime_type": "application/pdf", "uploaded_at": "2024-01-15T10:30:00Z", "uploaded_by": "writer",
        "download_url": format!("/api/v1/files/{id}/content?expires=1705315200&signature={id}-1705315200")});
    assert_eq!(shown, expected);
    let answer = app.get(shown["download_url"].as_str().unwrap()).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"pdf of mine"[..]));
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let disposition = "attachment; filename=\"R_port.pdf\"; filename*=UTF-8''R%C3%A4port.pdf";
    assert_eq!(answer.header("content-disposition"), Some(disposition));
    let again = TestRequest::get()
        .uri(shown["download_url"].as_str().unwrap())
        .insert_header((header::IF_NONE_MATCH, answer.header("etag").unwrap()));
    let again = app.send(again).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}

#[actix_web::test]
async fn forms_have_one_file_and_nothing_else() {
    let app = start().await;
    let named = "name=\"file\"; filename=\"a.pdf\"";
    let cases = [
        (form(&[]), "file", "is required"),
        (form(&[field("name=\"document\"; filename=\"a.pdf\"", "pdf")]), "document", "is not a known field"),
        (form(&[field("name=\"file\"", "pdf")]), "file", "must be a file, sent with its name"),
        (form(&[field(named, "pdf"), field(named, "pdf")]), "file", "must be given only once"),
        (form(&[field(named, "pdf"), field("name=\"note\"", "x")]), "note", "is not a known field"),
        (form(&[field(named, "")]), "file", "must not be empty"),
        ("nonsense".to_owned(), "body", "could not be read to its end"),
        (String::new(), "body", "could not be read to its end"),
        (field(named, "pdf"), "body", "could not be read to its end"),
    ];
    for (body, field, message) in cases {
        let answer = app.send(post("/api/v1/files", body.clone())).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], json!([{"field": field, "message": message}]), "{body}");
        assert!(app.files.is_empty(), "{body}");
    }
}

#[actix_web::test]
async fn only_forms_are_taken() {
    let app = start().await;
    for kind in ["application/json", "multipart/mixed; boundary=b0undary", "multipart/form-data", "image/png"]
    {
        let request = post("/api/v1/files", file("a.pdf", "pdf")).insert_header((header::CONTENT_TYPE, kind));
        app.send(request).await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let packed = post("/api/v1/files", "x").insert_header((header::CONTENT_ENCODING, "gzip"));
    app.send(packed).await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    let stranger = TestRequest::post().uri("/api/v1/files").set_payload("nonsense");
    app.send(stranger).await.expect_error(401, "UNAUTHORIZED");
    assert!(app.files.is_empty());
}

#[actix_web::test]
async fn what_is_not_taken_is_415_and_leaves_nothing() {
    let app = start().await;
    for (name, content) in [("a.pdf", "exe x"), ("a.png", "pdf x"), ("a.zip", "bomb"), ("a.pdf", "nonsense")]
    {
        let answer = app.send(post("/api/v1/files", file(name, content))).await;
        answer.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        assert!(app.files.is_empty(), "{name} {content}");
    }
}

#[actix_web::test]
async fn sizes_around_the_limit() {
    let app = start().await;
    let limit = usize::try_from(MAX_BYTES).unwrap();
    let content = |length: usize| format!("pdf{}", "x".repeat(length - 3));
    let fits = app.send(post("/api/v1/files", file("a.pdf", &content(limit)))).await;
    assert_eq!(uploaded(&fits)["size"], MAX_BYTES);
    let kept = app.files.blobs.keys();
    for length in [limit + 1, limit + 8_000, limit + 20_000, limit * 10] {
        let answer = app.send(post("/api/v1/files", file("a.pdf", &content(length)))).await;
        assert_eq!(answer.expect_error(413, "PAYLOAD_TOO_LARGE"), json!({"limit": MAX_BYTES}), "{length}");
    }
    let announced = post("/api/v1/files", "").insert_header((header::CONTENT_LENGTH, "99999999"));
    app.send(announced).await.expect_error(413, "PAYLOAD_TOO_LARGE");
    assert_eq!((app.files.blobs.keys(), app.files.blobs.unfinished()), (kept, 0));
}

#[actix_web::test]
async fn a_name_for_the_request_is_a_name_for_its_content() {
    let app = start().await;
    let send = |body: String| app.send(post("/api/v1/files", body).insert_header(("idempotency-key", "k")));
    let first = uploaded(&send(file("a.pdf", "pdf one")).await);
    app.world.advance(Duration::from_secs(60));
    let again = send(file("a.pdf", "pdf one")).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(uploaded(&again), first, "the very same answer");
    assert_eq!(app.files.blobs.keys().len(), 1, "the second one was taken away again");
    // Another spelling of the same name is the same request.
    assert_eq!(uploaded(&send(file("../x/a.pdf", "pdf one")).await), first);
    for other in [file("a.pdf", "pdf two"), file("b.pdf", "pdf one")] {
        let details = send(other).await.expect_error(422, "UNPROCESSABLE_ENTITY");
        assert_eq!(details["reason"], "idempotency_key_reused");
    }
    assert_eq!(app.files.blobs.keys().len(), 1);
}

#[actix_web::test]
async fn links_end_and_cannot_be_forged() {
    let app = start().await;
    let shown = uploaded(&app.send(post("/api/v1/files", file("a.txt", "txt hello"))).await);
    let (id, link) = (shown["id"].as_str().unwrap(), shown["download_url"].as_str().unwrap());
    let other = uploaded(&app.send(post("/api/v1/files", file("b.txt", "txt other"))).await);
    let other = other["id"].as_str().unwrap();
    let missing = app.get("/api/v1/files/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11/content").await;
    let missing = missing.expect_error(404, "NOT_FOUND");
    for forged in [
        link.replace("expires=1705315200", "expires=1705315201"),
        link.replace("expires=1705315200", "expires=x"),
        link.replace("&signature", "&other"),
        link.replacen(id, other, 1),
        format!("{link}x"),
        format!("{link}&expires=1705315200"),
        link.split('?').next().unwrap().to_owned(),
        link.replace(id, "nonsense"),
    ] {
        assert_eq!(app.get(&forged).await.expect_error(404, "NOT_FOUND"), missing, "{forged}");
    }
    app.world.advance(Duration::from_secs(599));
    assert_eq!(app.get(link).await.status, 200, "good to its last second");
    assert_eq!(app.get(link).await.header("content-type"), Some("text/plain; charset=utf-8"));
    app.world.advance(Duration::from_secs(1));
    app.get(link).await.expect_error(404, "NOT_FOUND");
}

fn get_as(path: &str, who: &'static str) -> TestRequest {
    TestRequest::get().uri(path).insert_header((header::AUTHORIZATION, format!("Bearer {who}")))
}

#[actix_web::test]
async fn a_file_is_its_owners() {
    let app = start().await;
    let shown = uploaded(&app.send(post("/api/v1/files", file("a.txt", "txt hello"))).await);
    let path = format!("/api/v1/files/{}", shown["id"].as_str().unwrap());
    app.world.advance(Duration::from_secs(60));
    for who in ["writer:1", "admin:9"] {
        let seen = app.send(get_as(&path, who)).await.json()["data"]["file"].clone();
        assert_ne!(seen["download_url"], shown["download_url"], "a fresh link");
        assert_eq!(app.get(seen["download_url"].as_str().unwrap()).await.status, 200);
    }
    for who in ["writer:2", "client:2"] {
        app.send(get_as(&path, who)).await.expect_error(404, "NOT_FOUND");
    }
    app.get(&path).await.expect_error(401, "UNAUTHORIZED");
}

#[actix_web::test]
async fn pictures_are_replaced_and_removed() {
    let app = start().await;
    let put = |content: &str| {
        let request = post("/api/v1/profile/avatar", file("me.png", content));
        app.send(request.method(actix_web::http::Method::PUT))
    };
    let answer = put("png one").await;
    let first = answer.json()["data"].clone();
    assert_eq!(first["message"], "Avatar updated successfully");
    assert_eq!(
        (&first["profile"]["role"], first["profile"]["missing_fields"].is_array()),
        (&"writer".into(), true)
    );
    assert!(answer.header("etag").is_some(), "the version of the profile");
    let address = |data: &Value| {
        let url = data["profile"]["avatar_url"].as_str().unwrap().to_owned();
        url.strip_prefix("https://api.example.com").unwrap().to_owned()
    };
    let seen = app.get(&address(&first)).await;
    assert_eq!((seen.status.as_u16(), &seen.body[..]), (200, &b"png of png one"[..]));
    assert_eq!(seen.header("content-type"), Some("image/png"));
    assert_eq!(seen.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let second = put("png two").await.json()["data"].clone();
    app.get(&address(&first)).await.expect_error(404, "NOT_FOUND");
    assert_eq!(app.files.blobs.keys().len(), 1, "the first one is gone");
    // A picture is no attachment, and the other way round.
    let id = address(&second).rsplit('/').next().unwrap().to_owned();
    app.send(get_as(&format!("/api/v1/files/{id}"), "writer:1")).await.expect_error(404, "NOT_FOUND");
    for content in ["pdf", "gif", "exe"] {
        put(content).await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let details = put("png large").await.expect_error(400, "VALIDATION_ERROR");
    assert_eq!(details["field"], "file");
    put("png busy").await.expect_error(503, "SERVICE_UNAVAILABLE");
    assert_eq!(app.get(&address(&second)).await.status, 200, "what fails changes nothing");
    for _ in 0..2 {
        let remove = TestRequest::delete()
            .uri("/api/v1/profile/avatar")
            .insert_header((header::AUTHORIZATION, "Bearer writer:1"));
        let removed = app.send(remove).await;
        assert_eq!(removed.json()["data"]["profile"]["avatar_url"], Value::Null);
        assert!(removed.header("etag").is_some());
    }
    app.get(&address(&second)).await.expect_error(404, "NOT_FOUND");
    assert!(app.files.is_empty());
}

#[actix_web::test]
async fn a_picture_is_set_and_removed_once_for_a_key() {
    let app = start().await;
    let named = |request: TestRequest| app.send(request.insert_header(("idempotency-key", "once")));
    let put = |content: &str| {
        let request = post("/api/v1/profile/avatar", file("me.png", content));
        named(request.method(actix_web::http::Method::PUT))
    };
    let (first, again) = (put("png one").await, put("png one").await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!((first.body, again.header("idempotent-replayed")), (again.body.clone(), Some("true")));
    put("png two").await.expect_error(422, "UNPROCESSABLE_ENTITY");
    assert_eq!(app.files.blobs.keys().len(), 1);
    let remove = TestRequest::delete()
        .uri("/api/v1/profile/avatar")
        .insert_header((header::AUTHORIZATION, "Bearer writer:1"));
    named(remove).await.expect_error(422, "UNPROCESSABLE_ENTITY");
}

/// Reads a form whose payload the test holds in its hand; hands out all of the file.
async fn receive(payload: h1::Payload, idle: Duration, all: Duration) -> Result<Vec<u8>, ApiError> {
    let app = start_with(|settings| {
        settings.body_timeout = idle;
        settings.upload_timeout = all;
    })
    .await;
    let request = TestRequest::post().insert_header((header::CONTENT_TYPE, FORM)).to_http_request();
    request.extensions_mut().insert(());
    let body = UploadBody::from_request(&request, &mut Payload::from(payload)).await?;
    let actor = Actor { user_id: UserId::new(Uuid::nil()), session_id: session(1), role: Role::Writer };
    let api = web::Data::clone(&app.api);
    body.receive(&api, &actor, MAX_BYTES, |_, mut arriving| async move {
        let mut all = Vec::new();
        loop {
            match arriving.next().await {
                Ok(Some(piece)) => all.extend_from_slice(&piece),
                Ok(None) => return Ok(all),
                Err(_) => return Err(ApiError::field("file", "broke off")),
            }
        }
    })
    .await
}

const LONG: Duration = Duration::from_secs(60);

/// The beginning of a form, up to the middle of its file.
fn begun() -> Bytes {
    file("a.pdf", "pdf some").replace("\r\n--b0undary--\r\n", "").into()
}

fn expect_refusal(outcome: Result<Vec<u8>, ApiError>, status: u16) {
    let answer = outcome.unwrap_err().error_response();
    assert_eq!(answer.status(), status);
    assert!(!answer.head().keep_alive(), "the connection is closed");
}

#[actix_web::test]
async fn pieces_are_put_together() {
    let (mut sender, payload) = h1::Payload::create(false);
    for byte in file("a.pdf", "pdf in pieces").bytes() {
        sender.feed_data(Bytes::copy_from_slice(&[byte]));
    }
    sender.feed_eof();
    assert_eq!(receive(payload, LONG, LONG).await.unwrap(), b"pdf in pieces");
}

#[actix_web::test]
async fn forms_that_never_end_are_given_up() {
    let (mut sender, payload) = h1::Payload::create(false);
    sender.feed_data(begun());
    expect_refusal(receive(payload, Duration::from_millis(20), LONG).await, 400);
    let (mut sender, payload) = h1::Payload::create(false);
    sender.feed_data(begun());
    expect_refusal(receive(payload, LONG, Duration::from_millis(20)).await, 400);
}

#[actix_web::test]
async fn forms_that_break_off_are_400() {
    let (mut sender, payload) = h1::Payload::create(false);
    sender.feed_data(begun());
    sender.set_error(PayloadError::Incomplete(None));
    expect_refusal(receive(payload, LONG, LONG).await, 400);
}

#[actix_web::test]
async fn forms_that_are_too_long_are_413_whatever_they_announce() {
    let (mut sender, payload) = h1::Payload::create(false);
    sender.feed_data(begun());
    for _ in 0..40 {
        sender.feed_data(Bytes::from(vec![b'x'; 8_192]));
    }
    expect_refusal(receive(payload, LONG, LONG).await, 413);
    // Before the form as well.
    let (mut sender, payload) = h1::Payload::create(false);
    for _ in 0..40 {
        sender.feed_data(Bytes::from([vec![b'x'; 8_190], b"\r\n".to_vec()].concat()));
    }
    expect_refusal(receive(payload, LONG, LONG).await, 413);
}
