//! Every field of every body, and fields that are not the caller's to set.

use reqwest::Method;
use serde_json::Value;

use super::operations::{Field, Kind, Operation, Step, dotted, fields, operations};
use super::scenes::{Ground, Scene};
use super::values::{PRIVILEGED, odd, refused};
use super::{fault_of, form_fault, none_of, shortened};
use crate::harness::Answer;

/// Whoever logs in is told nothing about the address that they tried, not even that it cannot be one.
const TRIED: (&str, &str) = ("POST /api/v1/auth/login", "email");
/// Stands in a body for JSON text that no value can hold.
const PLACEHOLDER: &str = "the text under test";

/// Where a field stands in a body, if it is there.
fn at<'a>(body: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(body, |inside, step| match step {
        Step::Key(key) => inside.get_mut(key.as_str()),
        Step::First => inside.get_mut(0),
    })
}

/// The scene's body with this text where the field is.
fn with(scene: &Scene, path: &[Step], text: &str) -> String {
    let mut body = scene.body.clone();
    *at(&mut body, path).unwrap() = PLACEHOLDER.into();
    body.to_string().replace(&format!("\"{PLACEHOLDER}\""), text)
}

async fn send(operation: &Operation, scene: &Scene, body: String) -> Answer {
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let request = scene.caller.request(method, &scene.path).header("content-type", "application/json");
    scene.caller.send(request.body(body)).await
}

/// Why a refusal does not say which field it is about, if it does not. What is no JSON has no fields.
fn naming_fault(answer: &Answer, field: &str, body: &str) -> Option<String> {
    if serde_json::from_str::<Value>(body).is_err() {
        return None;
    }
    let named = answer.json()["error"]["details"]["field"].as_str().unwrap_or_default().to_owned();
    let fits = if named.is_empty() { field.is_empty() } else { named.starts_with(field) };
    (!fits).then(|| format!("names {named:?}: {}", answer.text))
}

/// Sends everything that is wrong for a field: refused, the field is named, nothing is different.
async fn refuse(
    ground: &Ground,
    operation: &Operation,
    scene: &Scene,
    field: &Field,
    faults: &mut Vec<String>,
) {
    let before = ground.census.take().await;
    let name = dotted(&field.path);
    for text in refused(field) {
        let body = with(scene, &field.path, &text);
        let answer = send(operation, scene, body.clone()).await;
        let fault = match answer.status {
            401 if TRIED == (operation.name().as_str(), name.as_str()) => None,
            _ => fault_of(&answer, &[400]).or_else(|| naming_fault(&answer, &name, &body)),
        };
        faults.extend(
            fault.map(|fault| format!("{} {name} = {}: {fault}", operation.name(), shortened(&text))),
        );
    }
    let after = ground.census.take().await;
    if before != after {
        let changed =
            after.iter().filter(|(table, rows)| before.get(*table) != Some(rows)).map(|(table, _)| table);
        faults.push(format!(
            "{} {name}: refused, yet {:?} changed",
            operation.name(),
            changed.collect::<Vec<_>>()
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_refuses_what_is_not_of_its_kind() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    for operation in operations() {
        let Some(schema) = &operation.schema else { continue };
        let scenes = Ground::scenes_of(&operation);
        assert!(!scenes.is_empty(), "no scene for {}", operation.name());
        let mut open: Vec<_> = fields(schema);
        for scene in scenes {
            let mut scene = ground.set(scene).await;
            let there =
                open.extract_if(.., |field| at(&mut scene.body, &field.path).is_some()).collect::<Vec<_>>();
            for field in there {
                refuse(&ground, &operation, &scene, &field, &mut faults).await;
            }
        }
        let missing: Vec<_> = open.iter().map(|field| dotted(&field.path)).collect();
        assert!(missing.is_empty(), "no scene of {} fills in {missing:?}", operation.name());
    }
    none_of(&faults);
    ground.app.assert_books_balance().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_survives_what_is_odd() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    for operation in operations() {
        let Some(schema) = &operation.schema else { continue };
        for number in Ground::scenes_of(&operation) {
            let mut scene = ground.set(number).await;
            let mut before = ground.census.take().await;
            for field in fields(schema) {
                if at(&mut scene.body, &field.path).is_none() {
                    continue;
                }
                for text in odd(&field.kind) {
                    let answer = send(&operation, &scene, with(&scene, &field.path, text)).await;
                    let name = format!("{} {} = {text}", operation.name(), dotted(&field.path));
                    faults.extend(form_fault(&answer).map(|fault| format!("{name}: {fault}")));
                    if answer.status < 300 {
                        scene = ground.set(number).await;
                        before = ground.census.take().await;
                    } else if before != ground.census.take().await {
                        faults.push(format!(
                            "{name}: refused with {}, yet the database changed",
                            answer.status
                        ));
                    }
                }
            }
        }
    }
    none_of(&faults);
    ground.app.assert_books_balance().await;
}

/// Mass assignment: each word that a body does not have, at each place where there could be one.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_what_is_not_theirs_to_set() {
    let ground = Ground::start().await;
    let mut faults = Vec::new();
    for operation in operations() {
        let Some(schema) = &operation.schema else { continue };
        for scene in Ground::scenes_of(&operation) {
            let mut scene = ground.set(scene).await;
            let before = ground.census.take().await;
            for field in fields(schema) {
                let Kind::Object { known } = &field.kind else { continue };
                if at(&mut scene.body, &field.path).is_none() {
                    continue;
                }
                for word in PRIVILEGED.into_iter().filter(|word| !known.iter().any(|known| known == word)) {
                    let mut body = scene.body.clone();
                    let object = at(&mut body, &field.path).unwrap().as_object_mut().unwrap();
                    object.insert(word.to_owned(), 1.into());
                    let answer = send(&operation, &scene, body.to_string()).await;
                    let path =
                        field.path.iter().cloned().chain([Step::Key(word.to_owned())]).collect::<Vec<_>>();
                    let name = dotted(&path);
                    let fault = fault_of(&answer, &[400]).or_else(|| naming_fault(&answer, &name, "{}"));
                    faults.extend(fault.map(|fault| format!("{} {name}: {fault}", operation.name())));
                }
            }
            if before != ground.census.take().await {
                faults.push(format!("{}: refused, yet the database changed", operation.name()));
            }
        }
    }
    none_of(&faults);
}
