//! What only a real connection shows.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use actix_web::rt;

use super::support::{start, test_routes};
use crate::server::serve_with;

/// Sends bytes as they are and reads until the server closes.
fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may close while it is still being written to: that is what some tests are about.
    match stream.write_all(request) {
        Ok(()) => {}
        Err(error) => assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)),
    }
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error} after {}", String::from_utf8_lossy(&answer)),
        }
    }
    String::from_utf8(answer).unwrap()
}

async fn with_server(requests: impl FnOnce(SocketAddr) + Send + 'static) {
    let app = start().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let world = app.world.clone();
    let server = serve_with(app.api.clone(), listener, 1, move |config| test_routes(config, &world)).unwrap();
    let handle = server.handle();
    let running = rt::spawn(server);
    rt::task::spawn_blocking(move || requests(address)).await.unwrap();
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}

#[actix_web::test]
async fn head_has_the_length_but_no_body() {
    with_server(|address| {
        let get = exchange(address, b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let head = exchange(address, b"HEAD /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(get.starts_with("HTTP/1.1 200") && get.ends_with("{\"status\":\"alive\"}"), "{get}");
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
        for answer in [get, head] {
            assert!(answer.contains("content-length: 18"), "{answer}");
            assert!(!answer.to_lowercase().contains("\r\nserver:"), "{answer}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_panic_is_answered_and_the_connection_lives_on() {
    with_server(|address| {
        let requests = "GET /test/panic HTTP/1.1\r\nhost: x\r\nx-request-id: first\r\n\r\n\
                        GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let answers = exchange(address, requests.as_bytes());
        assert!(answers.starts_with("HTTP/1.1 500"), "{answers}");
        assert!(answers.contains("x-request-id: first"), "{answers}");
        assert!(answers.contains("INTERNAL_ERROR") && answers.contains("HTTP/1.1 200"), "{answers}");
    })
    .await;
}

#[actix_web::test]
async fn a_huge_body_is_refused_without_being_read() {
    with_server(|address| {
        let head = "POST /test/things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer client:1\r\n\
                    content-type: application/json\r\n";
        let announced = exchange(address, format!("{head}content-length: 99999999\r\n\r\n").as_bytes());
        // Neither ends: the server closes all the same.
        let mut chunked = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
        for _ in 0..40 {
            chunked.extend_from_slice(b"2000\r\n");
            chunked.extend_from_slice(&[b' '; 0x2000]);
            chunked.extend_from_slice(b"\r\n");
        }
        let chunked = exchange(address, &chunked);
        for answer in [announced, chunked] {
            assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
            assert!(answer.contains("PAYLOAD_TOO_LARGE"), "{answer}");
            assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_body_in_pieces_that_nobody_wants_ends_the_connection() {
    with_server(|address| {
        let stranger =
            "POST /test/things HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n";
        let answer = exchange(address, stranger.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("UNAUTHORIZED"), "{answer}");

        let whole = "POST /test/things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer client:1\r\n\
                     content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
                     2\r\n{}\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let answers = exchange(address, whole.as_bytes());
        assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    })
    .await;
}
