//! How often somebody may call.

use std::time::Duration;

use actix_web::Error;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header;
use actix_web::test::TestRequest;

use super::support::{Answer, TestApp, start, start_with};

trait App: Service<actix_http::Request, Response = ServiceResponse, Error = Error> {}
impl<S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>> App for S {}

fn from(peer: &str) -> TestRequest {
    TestRequest::get().uri("/api/v1/auth/me").peer_addr(format!("{peer}:4711").parse().unwrap())
}

fn login(peer: &str, path: &str) -> TestRequest {
    from(peer)
        .uri(path)
        .method(actix_web::http::Method::POST)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload("{\"email\":\"a@example.com\",\"password\":\"x\"}")
}

fn standing(answer: &Answer) -> (u32, u32, u32) {
    let number = |name| answer.header(name).unwrap_or_else(|| panic!("{name}")).parse().unwrap();
    (number("ratelimit-limit"), number("ratelimit-remaining"), number("ratelimit-reset"))
}

async fn allowed(app: &TestApp<impl App>, request: impl Fn() -> TestRequest) -> u32 {
    let mut count = 0;
    loop {
        if app.send(request()).await.status == 429 {
            return count;
        }
        count += 1;
    }
}

#[actix_web::test]
async fn strangers_have_120_a_minute_per_address() {
    let app = start().await;
    assert_eq!(standing(&app.send(from("192.0.2.1")).await), (120, 119, 1));
    assert_eq!(allowed(&app, || from("192.0.2.1")).await, 119);
    let refused = app.send(from("192.0.2.1")).await;
    refused.expect_error(429, "RATE_LIMITED");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(standing(&refused), (120, 0, 60));
    assert_eq!(standing(&app.send(from("192.0.2.2")).await), (120, 119, 1), "others are not concerned");

    app.world.advance(Duration::from_millis(500));
    assert_eq!(app.send(from("192.0.2.1")).await.status, 401);
    assert_eq!(app.send(from("192.0.2.1")).await.status, 429);
    app.world.advance(Duration::from_secs(60));
    assert_eq!(allowed(&app, || from("192.0.2.1")).await, 120);
}

#[actix_web::test]
async fn people_have_600_a_minute_wherever_they_are() {
    let app = start().await;
    let with = |peer: &str, token: &str| {
        from(peer).insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
    };
    assert_eq!(standing(&app.send(with("192.0.2.1", "client:1")).await), (600, 599, 1));
    assert_eq!(standing(&app.send(with("192.0.2.9", "client:1")).await), (600, 598, 1));
    assert_eq!(standing(&app.send(with("192.0.2.1", "client:2")).await), (600, 599, 1));
    assert_eq!(standing(&app.send(with("192.0.2.1", "forged")).await), (120, 119, 1));
    assert_eq!(standing(&app.send(from("192.0.2.1")).await), (120, 118, 1));
}

#[actix_web::test]
async fn a_network_of_ipv6_is_one_address() {
    let app = start().await;
    assert_eq!(allowed(&app, || from("[2001:db8:0:1::1]")).await, 120);
    assert_eq!(app.send(from("[2001:db8:0:1:ffff::2]")).await.status, 429);
    assert_eq!(app.send(from("[2001:db8:0:2::1]")).await.status, 401);
}

#[actix_web::test]
async fn forwarded_addresses_count_only_from_trusted_proxies() {
    let app = start().await;
    let via = |peer: &str, forwarded: String| from(peer).insert_header(("x-forwarded-for", forwarded));
    for number in 0..120 {
        let answer = app.send(via("203.0.113.1", format!("192.0.2.{number}"))).await;
        assert_eq!(answer.status, 401, "{number}");
    }
    assert_eq!(app.send(via("203.0.113.1", "192.0.2.200".into())).await.status, 429, "spoofed");
    for number in 0..200 {
        let answer = app.send(via("10.0.0.1", format!("9.9.9.9, 192.0.2.{number}"))).await;
        assert_eq!(answer.status, 401, "{number}");
    }
    let spoofing = || via("10.0.0.1", "1.2.3.4, 198.51.100.7".into());
    assert_eq!(allowed(&app, spoofing).await, 120);
    assert_eq!(app.send(via("10.0.0.1", "5.6.7.8, 198.51.100.7".into())).await.status, 429);
}

#[actix_web::test]
async fn logins_are_ten_a_minute_per_address_however_the_path_is_written() {
    for path in ["/api/v1/auth/login", "/auth/login/", "/api/v1/auth/%6Cogin"] {
        // Without a limit per account, that of the address is seen.
        let app = start_with(|settings| {
            let limits = settings.rate_limits.as_mut().unwrap();
            limits.login_account_per_minute = limits.user_per_minute;
        })
        .await;
        let first = app.send(login("192.0.2.1", path)).await;
        assert_eq!((first.status.as_u16(), standing(&first)), (401, (10, 9, 6)), "{path}");
        assert_eq!(allowed(&app, || login("192.0.2.1", path)).await, 9, "{path}");
        let refused = app.send(login("192.0.2.1", path)).await;
        assert_eq!((refused.header("retry-after"), standing(&refused)), (Some("6"), (10, 0, 60)));
        assert_eq!(app.send(login("192.0.2.2", path)).await.status, 401);
        assert_eq!(app.send(from("192.0.2.1")).await.status, 401, "other requests are not concerned");
        app.world.advance(Duration::from_secs(6));
        assert_eq!(app.send(login("192.0.2.1", path)).await.status, 401);
        assert_eq!(app.send(login("192.0.2.1", path)).await.status, 429);
    }
}

#[actix_web::test]
async fn an_account_can_be_tried_five_times_a_minute() {
    let app = start().await;
    for number in 1..=5 {
        assert_eq!(app.send(login(&format!("192.0.2.{number}"), "/api/v1/auth/login")).await.status, 401);
    }
    let refused = app.send(login("192.0.2.9", "/api/v1/auth/login")).await;
    refused.expect_error(429, "RATE_LIMITED");
    assert_eq!((refused.header("retry-after"), standing(&refused)), (Some("12"), (5, 0, 60)));
    let limits = &app.api.limits;
    assert!(limits.check_account("A@EXAMPLE.com ").is_err(), "case and blanks do not matter");
    assert!(limits.check_account("b@example.com").is_ok());
    app.world.advance(Duration::from_secs(12));
    assert!(limits.check_account("a@example.com").is_ok());
}

#[actix_web::test]
async fn headers_speak_of_the_account_when_it_has_the_least_left() {
    let app = start().await;
    let attempt = || login("192.0.2.1", "/api/v1/auth/login");
    for number in 1..=5 {
        let answer = app.send(attempt()).await;
        assert_eq!((answer.status.as_u16(), standing(&answer)), (401, (5, 5 - number, 12 * number)));
    }
    assert_eq!(app.send(attempt()).await.status, 429);
    // Of another account 4 attempts are left, but the address has only 3 more.
    let other = || attempt().set_payload("{\"email\":\"b@example.com\",\"password\":\"x\"}");
    assert_eq!(standing(&app.send(other()).await), (10, 3, 42));

    let change_password = TestRequest::post()
        .uri("/api/v1/auth/change-password")
        .insert_header((header::AUTHORIZATION, "Bearer client:1"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload("{\"old_password\":\"x\",\"new_password\":\"EvenMoreSecure456?\"}");
    assert_eq!(standing(&app.send(change_password).await), (5, 4, 12));
    let change_address = TestRequest::patch()
        .uri("/api/v1/users/profile")
        .insert_header((header::AUTHORIZATION, "Bearer client:1"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload("{\"email\":\"c@example.com\",\"current_password\":\"x\"}");
    assert_eq!(standing(&app.send(change_address).await), (5, 3, 24));
}

#[actix_web::test]
async fn registrations_are_ten_an_hour_per_address() {
    let app = start().await;
    let register = || login("192.0.2.1", "/api/v1/auth/register");
    assert_eq!(standing(&app.send(register()).await), (10, 9, 360));
    assert_eq!(allowed(&app, register).await, 9);
    assert_eq!(app.send(register()).await.header("retry-after"), Some("360"));
    assert_eq!(app.send(login("192.0.2.1", "/api/v1/auth/register/customer")).await.status, 429);
    app.world.advance(Duration::from_secs(360));
    assert_eq!(app.send(register()).await.status, 400);
}

#[actix_web::test]
async fn health_is_not_counted() {
    let app = start().await;
    for _ in 0..150 {
        for path in ["/health", "/api/v1/health", "/livez", "/"] {
            let answer = app.get(path).await;
            assert_eq!(answer.status, 200);
            assert!(answer.header("ratelimit-limit").is_none());
        }
    }
    assert_eq!(app.get("/nowhere").await.status, 404);
}

#[actix_web::test]
async fn limits_can_be_switched_off() {
    let app = start_with(|settings| settings.rate_limits = None).await;
    for _ in 0..700 {
        let answer = app.send(from("192.0.2.1")).await;
        assert_eq!(answer.status, 401);
        assert!(answer.header("ratelimit-limit").is_none());
    }
    assert!((0..100).all(|_| app.api.limits.check_account("a@example.com").is_ok()));
}
