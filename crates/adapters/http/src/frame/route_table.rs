//! Which paths there are and with which methods, from the list that the description is made from: for 405
//! answers, and for the names of routes in logs and metrics.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use matchit::Router;
use utoipa::openapi::path::PathItem;

use crate::document;
use crate::health;
use crate::routes;

/// A path with its variable parts.
#[derive(Debug)]
pub(crate) struct Route {
    /// Such as `/api/v1/orders/{id}`.
    pub(crate) pattern: String,
    /// For the header `Allow`: `GET, HEAD, POST`.
    pub(crate) allow: String,
    /// Whether it tells of the program's own health: never counted, limited or turned away.
    pub(crate) is_health: bool,
}

static ROUTES: LazyLock<Router<Route>> = LazyLock::new(build);

/// The route of a decoded path.
pub(crate) fn find(path: &str) -> Option<&'static Route> {
    ROUTES.at(path).ok().map(|found| found.value)
}

fn build() -> Router<Route> {
    // Two routes may call the same part of their paths by different names; for the router it is one.
    let mut table: BTreeMap<String, Route> = BTreeMap::new();
    for (pattern, item) in &routes::list().paths {
        let methods = methods(item);
        match table.get_mut(&shape(pattern)) {
            Some(route) => route.allow = format!("{}, {methods}", route.allow),
            None => {
                table.insert(shape(pattern), route(pattern, methods));
            }
        }
    }
    for pattern in document::UNDESCRIBED {
        table.insert((*pattern).to_owned(), route(pattern, "GET, HEAD".to_owned()));
    }
    let mut router = Router::new();
    for (shape, route) in table {
        if let Err(error) = router.insert(shape, route) {
            tracing::error!(%error, "a route is missing from the table");
        }
    }
    router
}

fn route(pattern: &str, allow: String) -> Route {
    Route { pattern: pattern.to_owned(), allow, is_health: health::PATHS.contains(&pattern) }
}

fn methods(item: &PathItem) -> String {
    let methods = [
        ("GET, HEAD", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let present: Vec<&str> =
        methods.iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| *method).collect();
    present.join(", ")
}

/// `/orders/{order_id}/bids` → `/orders/{1}/bids`
fn shape(pattern: &str) -> String {
    let parts = pattern
        .split('/')
        .enumerate()
        .map(|(index, part)| if part.starts_with('{') { format!("{{{index}}}") } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_described_path_is_in_the_table() {
        for path in document::openapi().paths.paths.keys() {
            let example = path.replace('{', "x").replace('}', "y");
            let found = find(&example).unwrap_or_else(|| panic!("{path} is missing"));
            assert_eq!(&found.pattern, path);
        }
    }

    #[test]
    fn health_paths_exist() {
        for path in health::PATHS {
            assert!(find(path).is_some_and(|route| route.is_health), "{path}");
        }
        assert!(!find("/docs/index.html").unwrap().is_health);
        assert!(find("/docs").is_some() && find("/docs/").is_some() && find("/openapi.json").is_some());
        assert!(find("/nowhere").is_none());
    }
}
