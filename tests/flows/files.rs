//! Files as people send and fetch them, and as others try to misuse them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::TimeDelta;
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Person, TestApp, TestSettings, eventually};

const FILES: &str = "/api/v1/files";
const AVATAR: &str = "/api/v1/profile/avatar";
const BOUNDARY: &str = "b0undary";

/// A form with one file.
fn form(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

async fn send(person: &Person, method: Method, path: &str, name: &str, content: &[u8]) -> Answer {
    let request = person
        .client
        .request(method, path)
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(form(name, content));
    person.client.send(request).await
}

async fn upload(person: &Person, name: &str, content: &[u8]) -> Answer {
    send(person, Method::POST, FILES, name, content).await
}

async fn uploaded(person: &Person, name: &str, content: &[u8]) -> Value {
    upload(person, name, content).await.data(201)["file"].clone()
}

/// The bytes behind a link, and their headers, for somebody without a login.
async fn fetch(app: &TestApp, url: &Value) -> (u16, Vec<u8>, reqwest::header::HeaderMap) {
    let request = app.client.request(Method::GET, url.as_str().unwrap());
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, answer.bytes().await.unwrap().to_vec(), headers)
}

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(width, height, Rgb([200, 30, 30])).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// An archive with one empty entry of each of these names, as its directory lists them.
fn archive(names: &[&str], unpacked: u32) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend([0; 60]);
    let offset = u32::try_from(bytes.len()).unwrap();
    for name in names {
        bytes.extend(b"PK\x01\x02");
        bytes.extend([0; 20]);
        bytes.extend(unpacked.to_le_bytes());
        bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend([0; 16]);
        bytes.extend(name.as_bytes());
    }
    let length = u32::try_from(bytes.len()).unwrap() - offset;
    let count = u16::try_from(names.len()).unwrap().to_le_bytes();
    bytes.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count].concat());
    bytes.extend([length.to_le_bytes(), offset.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

/// Everything that is kept of files, whole or half.
fn kept(app: &TestApp) -> Vec<PathBuf> {
    fn below(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
    }
    below(&app.data_dir().join("files"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_goes_up_and_comes_down_unchanged() {
    let app = TestApp::start().await;
    let (ada, eve) =
        (app.register("writer", "ada@example.com").await, app.register("client", "eve@example.com").await);
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("research-outline.pdf", [b"%PDF-1.7\n".as_slice(), &[b' '; 159_735]].concat(), "application/pdf"),
        ("essay.docx", archive(&["[Content_Types].xml", "word/document.xml"], 100), docx),
        ("a.png", picture(30, 20, ImageFormat::Png), "image/png"),
        ("b.jpeg", picture(30, 20, ImageFormat::Jpeg), "image/jpeg"),
        ("c.webp", picture(30, 20, ImageFormat::WebP), "image/webp"),
        ("d.gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "image/gif"),
        ("sources.zip", archive(&["a.txt"], 3), "application/zip"),
        ("notes.md", "# Žluťoučký kůň\n".repeat(200).into_bytes(), "text/plain"),
    ];
    for (name, content, kind) in cases {
        let file = uploaded(&ada, name, &content).await;
        assert_eq!((&file["name"], &file["mime_type"]), (&json!(name), &json!(kind)));
        assert_eq!((&file["size"], &file["uploaded_by"]), (&json!(content.len()), &json!("writer")));
        let (status, bytes, headers) = fetch(&app, &file["download_url"]).await;
        assert_eq!(status, 200);
        assert!(bytes == content, "{name}: the bytes are the same");
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert!(header("content-type").unwrap().starts_with(kind));
        assert!(header("content-disposition").unwrap().starts_with("attachment; filename=\""));
        assert_eq!(header("x-content-type-options").unwrap(), "nosniff");
        assert!(header("cache-control").unwrap().starts_with("private"));
        let path = format!("{FILES}/{}", file["id"].as_str().unwrap());
        let seen = ada.client.get(&path).await.data(200)["file"].clone();
        assert_eq!((&seen["id"], &seen["size"]), (&file["id"], &file["size"]));
        eve.client.get(&path).await.error(404, "NOT_FOUND");
        app.client.get(&path).await.error(401, "UNAUTHORIZED");
        if name == "research-outline.pdf" {
            assert_eq!(file["size_formatted"], "156 KB");
        }
    }
    assert_eq!(kept(&app).len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_pretends_is_not_taken() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    let png = picture(30, 20, ImageFormat::Png);
    let program = [b"MZ\x90\0\x03\0\0\0".as_slice(), &[0; 2_000]].concat();
    let cases: [(&str, Vec<u8>); 12] = [
        ("page.png", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        ("page.txt", b"<html><script>alert(1)</script></html>".to_vec()),
        ("page.html", b"Hello".to_vec()),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("drawing.png", b"<?xml version='1.0'?><svg onload='alert(1)'/>".to_vec()),
        ("program.png", program.clone()),
        ("program.exe", program),
        ("picture.pdf", png.clone()),
        ("picture.png.exe", png.clone()),
        // Two files in one: a picture with an archive behind it.
        ("both.png", [png, archive(&["evil.exe"], 1)].concat()),
        ("bomb.zip", archive(&["zeros"], u32::MAX - 1)),
        ("many.zip", archive(&vec!["x"; 10_001], 0)),
    ];
    for (name, content) in cases {
        upload(&ada, name, &content).await.error(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(kept(&app), Vec::<PathBuf>::new(), "{name}");
    }
    upload(&ada, "empty.txt", b"").await.error(400, "VALIDATION_ERROR");
    app.sql("DO $$ BEGIN IF EXISTS (SELECT FROM files) THEN RAISE 'a row is left'; END IF; END $$").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_lose_what_does_not_belong_there() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    for (given, expected) in [
        ("../../../etc/passwd", "passwd.txt"),
        ("C:\\\\Windows\\\\notes.txt", "notes.txt"),
        ("a\u{202E}txt.b.txt", "atxt.b.txt"),
        ("CON.txt", "_CON.txt"),
        ("смета.txt", "смета.txt"),
        ("..", "file.txt"),
    ] {
        let file = uploaded(&ada, given, b"hello").await;
        assert_eq!(file["name"], expected, "{given}");
        let (_, _, headers) = fetch(&app, &file["download_url"]).await;
        let disposition = headers["content-disposition"].to_str().unwrap();
        assert!(!disposition.contains(['/', '\\']) && disposition.is_ascii(), "{disposition}");
    }
    let data = app.data_dir().canonicalize().unwrap();
    for path in kept(&app) {
        assert!(path.canonicalize().unwrap().starts_with(&data));
        assert!(path.file_name().unwrap().to_str().unwrap().len() == 36, "an identifier: {path:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_around_the_limit() {
    const LIMIT: usize = 3_000_000;
    let settings = TestSettings::default().with("MAX_UPLOAD_BYTES", "3000000");
    let app = TestApp::start_with(settings).await;
    let ada = app.register("writer", "ada@example.com").await;
    for (size, status) in
        [(1, 201), (LIMIT - 1, 201), (LIMIT, 201), (LIMIT + 1, 413), (LIMIT + 20_000, 413), (LIMIT * 2, 413)]
    {
        let before = kept(&app).len();
        let answer = upload(&ada, "a.txt", &vec![b'a'; size]).await;
        assert_eq!(answer.status, status, "{size}: {}", answer.text);
        if status == 413 {
            let error = answer.error(413, "PAYLOAD_TOO_LARGE");
            assert_eq!(error["details"]["limit"], json!(LIMIT));
            assert_eq!(kept(&app).len(), before, "{size}");
        } else {
            let (_, bytes, _) = fetch(&app, &answer.data(201)["file"]["download_url"]).await;
            assert_eq!(bytes.len(), size);
        }
    }
    // JSON has its own limit still.
    let large = json!({"full_name": "x".repeat(300_000)});
    ada.client.patch("/api/v1/users/profile", &large).await.error(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_end_and_belong_to_one_file() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    let (one, two) = (uploaded(&ada, "1.txt", b"one").await, uploaded(&ada, "2.txt", b"two").await);
    let (link, id) = (one["download_url"].as_str().unwrap(), one["id"].as_str().unwrap());
    let unknown = app.client.get(&format!("{FILES}/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11/content")).await;
    unknown.error(404, "NOT_FOUND");
    let last = link.chars().last().unwrap();
    let forged = [
        link.replacen(id, two["id"].as_str().unwrap(), 1),
        link.replace("expires=", "expires=9"),
        format!("{}{}", link.get(..link.len() - 1).unwrap(), if last == 'A' { 'B' } else { 'A' }),
        link.split('?').next().unwrap().to_owned(),
        link.replacen(id, "malformed", 1),
    ];
    for forged in forged {
        assert_eq!(app.client.get(&forged).await.text, unknown.text, "{forged}");
    }
    assert_eq!(fetch(&app, &json!(link)).await.1, b"one");
    // Logging out does not take a link back; its time does.
    app.clock.advance(TimeDelta::seconds(601));
    assert_eq!(app.client.get(link).await.text, unknown.text);
    let ada = app.log_in("ada@example.com").await;
    let fresh = ada.client.get(&format!("{FILES}/{id}")).await.data(200);
    assert_eq!(fetch(&app, &fresh["file"]["download_url"]).await.1, b"one");
}

/// Sends the beginning of an upload and waits.
fn begin(address: &str, token: &str, sent: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST {FILES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: 9000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let body = form("a.txt", &vec![b'a'; sent]);
    stream.write_all(&body[..body.len() - BOUNDARY.len() - 10]).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_leaves_nothing() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    for sent in [0, 10, 3_000_000, 8_000_000] {
        let (address, token) = (app.address(), ada.access_token.clone());
        let stream = tokio::task::spawn_blocking(move || begin(&address, &token, sent)).await.unwrap();
        if sent > 1_048_576 {
            eventually("it is being written", || async { !kept(&app).is_empty() }).await;
        }
        drop(stream);
        eventually("what was begun is gone", || async { kept(&app).is_empty() }).await;
    }
    // Whoever comes after them finds all places free, and nothing of theirs.
    let file = uploaded(&ada, "a.txt", b"whole").await;
    assert_eq!(kept(&app).len(), 1);
    assert_eq!(fetch(&app, &file["download_url"]).await.1, b"whole");
    app.sql("DO $$ BEGIN IF (SELECT count(*) FROM files) <> 1 THEN RAISE 'a row is left'; END IF; END $$")
        .await;
}

/// Announces an upload, and sends nothing of it.
fn announce(address: &str, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST {FILES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: 90000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_sender_is_let_go_and_others_are_served_meanwhile() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    let held = Mutex::new(Vec::new());
    // Four at once are what one person may have; everything else goes on. Whoever tries may have had
    // the last place when one of these came: then there is room for another.
    eventually("ada has used up her places", || async {
        let (address, token) = (app.address(), ada.access_token.clone());
        let stream = tokio::task::spawn_blocking(move || announce(&address, &token)).await.unwrap();
        held.lock().unwrap().push(stream);
        upload(&ada, "a.txt", b"x").await.status == 503
    })
    .await;
    let eve = app.register("writer", "eve@example.com").await;
    uploaded(&eve, "a.txt", b"x").await;
    ada.client.get("/api/v1/auth/me").await.data(200);
    drop(held);
    eventually("ada has her places again", || async { upload(&ada, "a.txt", b"x").await.status == 201 })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_twice_keeps_one() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    let send = |content: &'static [u8]| {
        let request = ada
            .client
            .request(Method::POST, FILES)
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .header("idempotency-key", "thesis-1")
            .body(form("thesis.txt", content));
        ada.client.send(request)
    };
    let first = send(b"one").await;
    let again = send(b"one").await;
    assert_eq!((first.status, again.status, &first.text), (201, 201, &again.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    send(b"two").await.error(422, "UNPROCESSABLE_ENTITY");
    assert_eq!(kept(&app).len(), 1);
}

/// A PNG of a few bytes that claims to be 50,000 pixels wide and high.
fn pixel_bomb() -> Vec<u8> {
    let mut bytes = picture(4, 4, ImageFormat::Png);
    bytes.splice(16..24, [50_000_u32.to_be_bytes(), 50_000_u32.to_be_bytes()].concat());
    let checksum =
        !bytes[12..29].iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 }
            })
        });
    bytes.splice(29..33, checksum.to_be_bytes());
    bytes
}

async fn set_avatar(person: &Person, name: &str, content: &[u8]) -> Answer {
    send(person, Method::PUT, AVATAR, name, content).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_oneself() {
    let app =
        TestApp::start_with(TestSettings::default().with("PUBLIC_URL", "https://api.example.com")).await;
    let ada = app.register("writer", "ada@example.com").await;
    let me = async || ada.client.get("/api/v1/auth/me").await.data(200)["user"]["avatar_url"].clone();
    assert_eq!(me().await, Value::Null);

    let answer = set_avatar(&ada, "me.jpg", &photograph()).await;
    let data = answer.data(200);
    let profile = ada.client.get("/api/v1/profile").await;
    assert_eq!(data["profile"], profile.data(200)["profile"], "the whole profile");
    assert_eq!(answer.headers["etag"], profile.headers["etag"]);
    let url = data["profile"]["avatar_url"].clone();
    assert_eq!(me().await, url);
    let path = json!(url.as_str().unwrap().strip_prefix("https://api.example.com").unwrap());
    let (status, bytes, headers) = fetch(&app, &path).await;
    assert_eq!((status, &headers["content-type"]), (200, &"image/jpeg".parse().unwrap()));
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert!(
        !bytes.windows(9).any(|part| part == b"SECRETGPS") && !bytes.windows(4).any(|part| part == b"Exif")
    );
    let small = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!((small.width(), small.height()), (512, 512));

    let refused = set_avatar(&ada, "bomb.png", &pixel_bomb()).await.error(400, "VALIDATION_ERROR");
    assert_eq!(refused["details"]["field"], "file");
    set_avatar(&ada, "me.png", b"%PDF-1.7").await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    set_avatar(&ada, "me.png", b"<svg onload='x'/>").await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    let large = vec![b'a'; 5 * 1024 * 1024 + 1];
    set_avatar(&ada, "me.png", &large).await.error(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(me().await, url, "what is refused changes nothing");

    let second = set_avatar(&ada, "me.png", &picture(40, 40, ImageFormat::Png)).await.data(200);
    assert_ne!(second["profile"]["avatar_url"], url);
    assert_eq!(fetch(&app, &path).await.0, 404, "the first one is gone");
    assert_eq!(kept(&app).len(), 1);
    let remove = ada.client.request(Method::DELETE, AVATAR);
    let removed = ada.client.send(remove).await;
    let profile = ada.client.get("/api/v1/profile").await;
    assert_eq!(removed.data(200)["profile"], profile.data(200)["profile"]);
    assert_eq!(removed.headers["etag"], profile.headers["etag"]);
    assert_eq!((me().await, kept(&app).len()), (Value::Null, 0));
}

/// A JPEG that says where it was taken, and that it has to be turned.
fn photograph() -> Vec<u8> {
    let jpeg = picture(700, 600, ImageFormat::Jpeg);
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0SECRETGPS";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, exif, &jpeg[2..]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_does_not_tell_where_it_was_taken() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    let sent = photograph();
    let file = uploaded(&ada, "me.jpg", &sent).await;
    let (status, bytes, _) = fetch(&app, &file["download_url"]).await;
    assert_eq!((status, &file["size"]), (200, &json!(bytes.len())));
    assert!(!bytes.windows(9).any(|part| part == b"SECRETGPS"));
    assert_eq!(bytes.len(), sent.len() - 9, "all else is there");
    let decoded = |bytes: &[u8]| image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!(decoded(&bytes).into_bytes(), decoded(&sent).into_bytes());

    let refused = upload(&ada, "bomb.png", &pixel_bomb()).await.error(400, "VALIDATION_ERROR");
    assert_eq!(refused["details"]["field"], "file");
    assert_eq!(kept(&app).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_ends_its_connection_and_a_good_one_does_not() {
    let app = TestApp::start().await;
    let ada = app.register("writer", "ada@example.com").await;
    let (address, token) = (app.address(), ada.access_token.clone());
    let answers = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let body = form("a.txt", b"hello");
        let head = |length: usize| {
            format!(
                "POST {FILES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
                 content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {length}\r\n\r\n"
            )
        };
        for _ in 0..2 {
            stream.write_all(head(body.len()).as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
        }
        stream.write_all(head(99_999_999).as_bytes()).unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        answers
    })
    .await
    .unwrap();
    assert_eq!(answers.matches("HTTP/1.1 201").count(), 2, "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 413").count(), 1, "{answers}");
}
