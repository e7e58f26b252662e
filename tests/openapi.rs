//! The committed OpenAPI document is the one that the program makes.

use crate::harness::TestApp;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");

#[test]
fn the_committed_document_is_current() {
    let committed = std::fs::read_to_string(COMMITTED).expect("openapi/openapi.json");
    let current = adapter_http::openapi().to_pretty_json().unwrap() + "\n";
    assert!(committed == current, "openapi/openapi.json is out of date: run `make openapi` and commit it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_served_document_is_the_committed_one() {
    let app = TestApp::start().await;
    let served = app.client.get("/openapi.json").await;
    assert_eq!(served.status, 200);
    let committed: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(COMMITTED).unwrap()).unwrap();
    assert_eq!(served.json(), committed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_page_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let page = app.client.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    let policy = page.header("content-security-policy").expect("a policy").to_owned();
    assert!(policy.contains("default-src") && !policy.contains("http"), "{policy}");
    for attribute in ["src=\"", "href=\""] {
        for target in page.text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(!target.contains("//"), "{target} is elsewhere");
        }
    }
}
