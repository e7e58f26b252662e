//! The examples of the source document, as they stand in `examples/`: one file for each operation, and in it what is
//! asked and answered, word for word.

use std::path::Path;

use serde_json::Value;

use super::shape::{self, Nulls};
use crate::harness::Answer;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/examples");

/// One operation of the source document.
pub(super) struct Example {
    /// The number of its section.
    pub(super) section: u64,
    /// Method and path.
    pub(super) operation: String,
    /// The parameters that it takes.
    pub(super) query: Vec<Parameter>,
    /// What it shows, the success first.
    pub(super) cases: Vec<Case>,
    /// The whole file: numbers are compared as they are written.
    text: String,
}

/// A parameter of a query.
pub(super) struct Parameter {
    pub(super) name: String,
    /// What it may be, if that is a closed list.
    pub(super) values: Vec<String>,
    /// What it is when it is not given.
    pub(super) default: Option<String>,
}

/// One answer that it shows.
pub(super) struct Case {
    pub(super) status: u16,
    pub(super) request: Option<Value>,
    pub(super) answer: Value,
}

/// All of them, in the order of the document.
pub(super) fn examples() -> Vec<Example> {
    let files = std::fs::read_dir(FOLDER).expect("the folder of the examples");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort_unstable();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Example {
    let text = std::fs::read_to_string(path).expect("an example");
    let file: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let case = |case: &Value| Case {
        status: case["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status"),
        request: case.get("request").cloned(),
        answer: case["answer"].clone(),
    };
    let parameter = |one: &Value| Parameter {
        name: one["name"].as_str().expect("a name").to_owned(),
        values: one["values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        default: one["default"].as_str().map(str::to_owned),
    };
    Example {
        query: file["query"].as_array().into_iter().flatten().map(parameter).collect(),
        section: file["section"].as_u64().expect("a section"),
        operation: file["operation"].as_str().expect("an operation").to_owned(),
        cases: file["cases"].as_array().expect("cases").iter().map(case).collect(),
        text,
    }
}

/// The examples of one section, each of which has to be replayed.
pub(super) struct Section {
    open: Vec<(Example, Vec<u16>)>,
}

impl Section {
    pub(super) fn of(number: u64) -> Self {
        let mut all = examples();
        all.retain(|example| example.section == number);
        assert!(!all.is_empty(), "section {number} has examples");
        Self { open: all.into_iter().map(|example| (example, Vec::new())).collect() }
    }

    fn find(&mut self, operation: &str) -> &mut (Example, Vec<u16>) {
        let mut open = self.open.iter_mut();
        open.find(|(example, _)| example.operation == operation)
            .unwrap_or_else(|| panic!("no example of {operation}"))
    }

    /// The request of an example, as it is.
    pub(super) fn request(&mut self, operation: &str) -> Value {
        let (example, _) = self.find(operation);
        example.cases[0].request.clone().unwrap_or_else(|| panic!("{operation} takes no body"))
    }

    /// The success that an example shows.
    pub(super) fn shown(&mut self, operation: &str) -> Value {
        self.find(operation).0.cases[0].answer.clone()
    }

    /// An answer to it: with the example's status and shape, and a value wherever the example has one.
    #[track_caller]
    pub(super) fn replay(&mut self, operation: &str, answer: &Answer) {
        let (example, seen) = self.find(operation);
        check(example, answer, Nulls::AsShown);
        seen.push(answer.status);
    }

    /// A further answer to it, for people of whom less is known.
    #[track_caller]
    pub(super) fn replay_bare(&mut self, operation: &str, answer: &Answer) {
        check(&self.find(operation).0, answer, Nulls::WhereAllowed);
    }

    /// That nothing was left out.
    #[track_caller]
    pub(super) fn close(self) {
        for (example, seen) in self.open {
            for case in &example.cases {
                assert!(
                    seen.contains(&case.status),
                    "{} {} was not replayed",
                    example.operation,
                    case.status
                );
            }
        }
    }
}

#[track_caller]
fn check(example: &Example, answer: &Answer, nulls: Nulls) {
    let Example { operation, cases, text, .. } = example;
    let case = cases.iter().find(|case| case.status == answer.status);
    let case = case.unwrap_or_else(|| panic!("{operation}: {} {}", answer.status, answer.text));
    let mut faults = shape::faults(operation, case, &answer.json(), nulls);
    faults.extend(shape::amount_faults(text, &answer.text));
    assert!(faults.is_empty(), "{operation} {}:\n{}\n{}", case.status, faults.join("\n"), answer.text);
}
