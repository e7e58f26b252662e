//! Health documents, metrics, and the reference page.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::header;
use actix_web::test::TestRequest;
use serde_json::json;

use super::support::{start, start_with};

const NOW: &str = "2024-01-15T10:30:00Z";

#[actix_web::test]
async fn health_is_a_plain_document() {
    let app = start().await;
    let expected = json!({"status": "healthy", "timestamp": NOW, "service": "guildhall", "version": "1.2.3"});
    assert_eq!(app.get("/health").await.json(), expected);
    let wrapped = app.get("/api/v1/health").await.json();
    assert_eq!(wrapped, json!({"status": "success", "data": expected}));
    assert_eq!(app.get("/livez").await.json(), json!({"status": "alive"}));
    let root = app.get("/").await.json();
    assert_eq!((&root["docs"], &root["version"]), (&json!("/docs"), &json!("1.2.3")));
}

#[actix_web::test]
async fn a_database_that_is_down_shows_where_it_matters() {
    let app = start().await;
    assert_eq!(app.get("/health/database").await.status, 200);
    assert_eq!(app.get("/readyz").await.json(), json!({"status": "ready"}));
    assert_eq!(app.get("/api/v1/status").await.json()["data"]["status"], "operational");

    app.world.database_is_down.store(true, Ordering::SeqCst);
    assert_eq!(app.get("/readyz").await.status, 200, "what was found out is good for a second");
    app.world.advance(Duration::from_secs(1));
    let database = app.get("/health/database").await;
    assert_eq!(database.status, 503);
    assert_eq!(database.json()["status"], "unhealthy");
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json(), json!({"status": "not_ready", "reason": "the database does not answer"}));
    assert_eq!(app.get("/api/v1/status").await.json()["data"]["status"], "degraded");
    for path in ["/health", "/livez", "/api/v1/health", "/"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn the_database_is_asked_once_a_second() {
    let app = start().await;
    for _ in 0..20 {
        app.get("/readyz").await;
        app.get("/health/database").await;
    }
    assert_eq!(app.world.database_checks.load(Ordering::SeqCst), 1);
    app.world.advance(Duration::from_secs(1));
    app.get("/readyz").await;
    assert_eq!(app.world.database_checks.load(Ordering::SeqCst), 2);
}

#[actix_web::test]
async fn nobody_is_sent_here_while_it_shuts_down() {
    let app = start().await;
    app.world.is_shutting_down.store(true, Ordering::SeqCst);
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json()["reason"], "shutting down");
    assert_eq!(app.get("/livez").await.status, 200);
}

#[actix_web::test]
async fn only_operators_see_the_inside() {
    let without = start().await;
    let with = start_with(|settings| settings.metrics_token = Some("the-token".into())).await;
    for path in ["/metrics", "/health/detailed", "/health/blueprints"] {
        let from = |peer: &str, token: Option<&str>, forwarded: Option<&str>| {
            let mut request = TestRequest::get().uri(path).peer_addr(peer.parse().unwrap());
            if let Some(token) = token {
                request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
            }
            if let Some(forwarded) = forwarded {
                request = request.insert_header(("x-forwarded-for", forwarded));
            }
            request
        };
        const LOCAL: &str = "127.0.0.1:9";
        const FAR: &str = "203.0.113.9:9";
        const PROXY: &str = "10.0.0.1:9";
        assert_eq!(without.send(from(LOCAL, None, None)).await.status, 200, "{path}");
        assert_eq!(without.send(from("[::1]:9", None, None)).await.status, 200, "{path}");
        without.send(from(FAR, None, None)).await.expect_error(403, "FORBIDDEN");
        without.send(from(FAR, Some("the-token"), None)).await.expect_error(403, "FORBIDDEN");
        without.send(from(FAR, None, Some("127.0.0.1"))).await.expect_error(403, "FORBIDDEN");
        without.send(from(LOCAL, None, Some("203.0.113.9"))).await.expect_error(403, "FORBIDDEN");
        without.send(from(PROXY, None, Some("203.0.113.9"))).await.expect_error(403, "FORBIDDEN");
        with.send(from(FAR, None, None)).await.expect_error(401, "UNAUTHORIZED");
        with.send(from(FAR, Some("the-tokem"), None)).await.expect_error(401, "UNAUTHORIZED");
        with.send(from(FAR, Some("the-toke"), None)).await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(with.send(from(FAR, Some("the-token"), None)).await.status, 200, "{path}");
        assert_eq!(with.send(from(LOCAL, None, None)).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn nobody_is_local_behind_a_proxy_that_says_too_little() {
    let undeclared = start().await;
    let declared =
        start_with(|settings| settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    for (name, value) in [
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=8.8.8.8"),
        ("x-forwarded-for", "unknown"),
        ("x-forwarded-for", "8.8.8.8, unknown"),
        ("x-forwarded-for", "fe80::1%eth0"),
        ("x-real-ip", "1.2.3.4"),
    ] {
        let request = || {
            let local = TestRequest::get().uri("/metrics").peer_addr("127.0.0.1:9".parse().unwrap());
            local.insert_header((name, value))
        };
        undeclared.send(request()).await.expect_error(403, "FORBIDDEN");
        declared.send(request()).await.expect_error(403, "FORBIDDEN");
    }
    let local = TestRequest::get().uri("/metrics").peer_addr("127.0.0.1:9".parse().unwrap());
    assert_eq!(declared.send(local).await.status, 200);
}

#[actix_web::test]
async fn the_inside_is_shown() {
    let app = start().await;
    let local = |path: &str| TestRequest::get().uri(path).peer_addr("127.0.0.1:9".parse().unwrap());
    let metrics = app.send(local("/metrics")).await;
    assert_eq!(metrics.body, "up 1\n");
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));

    app.world.advance(Duration::from_secs(5));
    let detailed = app.send(local("/health/detailed")).await.json();
    assert_eq!(detailed["components"]["database"]["pool_capacity"], 16);
    assert_eq!(
        detailed["components"]["http"],
        json!({"status": "healthy", "in_flight": 0, "max_in_flight": 512})
    );
    assert_eq!((&detailed["started_at"], &detailed["uptime_seconds"]), (&json!(NOW), &json!(5)));
    app.world.database_is_down.store(true, Ordering::SeqCst);
    app.world.advance(Duration::from_secs(5));
    let broken = app.send(local("/health/detailed")).await;
    assert_eq!((broken.status.as_u16(), &broken.json()["status"]), (503, &json!("unhealthy")));

    let groups = app.send(local("/health/blueprints")).await.json();
    let health = &groups["blueprints"][0];
    assert_eq!((&health["name"], &health["routes"]), (&json!("health"), &json!(10)));
    let sum: u64 =
        groups["blueprints"].as_array().unwrap().iter().map(|group| group["routes"].as_u64().unwrap()).sum();
    assert_eq!(groups["total_routes"], sum);
}

#[actix_web::test]
async fn the_reference_page_loads_nothing_from_elsewhere() {
    let app = start().await;
    for (path, folder) in [("/docs", "docs/"), ("/docs/", "")] {
        let page = app.get(path).await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(!policy.contains("http") && policy.contains("script-src 'self'"), "{policy}");
        let html = String::from_utf8(page.body.to_vec()).unwrap();
        assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
        assert!(!html.contains("<script>") && !html.contains("style="), "no inline scripts: {html}");
        let links: Vec<_> = html
            .split("src=\"")
            .skip(1)
            .chain(html.split("href=\"").skip(1))
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert!(links.len() >= 6, "{html}");
        for link in links {
            let file = link.strip_prefix(folder).unwrap_or_else(|| panic!("{link}"));
            let answer = app.get(&format!("/docs/{file}")).await;
            assert_eq!(answer.status, 200, "{file}");
            assert!(answer.header("content-security-policy").unwrap().contains("script-src 'self'"));
        }
    }
    let start_up = app.get("/docs/swagger-initializer.js").await;
    let text = String::from_utf8(start_up.body.to_vec()).unwrap();
    assert!(text.contains("\"/openapi.json\"") && text.contains("\"validatorUrl\": \"none\""), "{text}");
    assert!(!text.contains("petstore"));
}

#[actix_web::test]
async fn the_description_is_served() {
    let app = start().await;
    let answer = app.get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json()["info"]["title"], "Guildhall API");
    assert_eq!(answer.body, serde_json::to_vec(&crate::openapi()).unwrap());
}

#[actix_web::test]
async fn documents_are_sent_only_to_those_who_have_not_got_them() {
    let app = start().await;
    let mut tags = HashSet::new();
    for path in
        ["/docs", "/docs/", "/docs/swagger-ui-bundle.js", "/docs/swagger-initializer.js", "/openapi.json"]
    {
        let ask = |known: &str| TestRequest::get().uri(path).insert_header((header::IF_NONE_MATCH, known));
        let first = app.get(path).await;
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with("W/\""), "{tag}: compression changes the bytes");
        assert_eq!((first.status.as_u16(), first.header("cache-control")), (200, Some("no-cache")), "{path}");
        for known in [tag.as_str(), tag.strip_prefix("W/").unwrap(), &format!("\"x\", {tag}"), "*"] {
            let again = app.send(ask(known)).await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path} {known}");
            assert_eq!(again.header("etag"), Some(tag.as_str()));
            assert_eq!(again.header("cache-control"), Some("no-cache"));
        }
        for other in ["W/\"x\"", "nonsense", ""] {
            let whole = app.send(ask(other)).await;
            assert_eq!((whole.status.as_u16(), &whole.body), (200, &first.body), "{path} {other}");
        }
        assert!(tags.insert(tag), "{path}");
    }
}
