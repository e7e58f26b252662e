//! `docs/conformance.md`: what of each operation is held against the source and the contract. Every cell follows from what
//! the tests have: the examples, the rows of the authorisation table, the corpus, the OpenAPI document.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::example::{Example, examples};
use super::shape::{NULLABLE, document, may_be_null, our_name, schema_of};
use crate::authorisation;
use crate::corpus::operations::{Operation, fields, operations, resolve};
use crate::corpus::scenes::Ground;
use crate::documents::must_be_current;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/conformance.md");
const CODE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../");

const HEAD: &str = "\
# Conformance

For whoever builds a front end on this API, or has one that was built for the source document
(`writer-platform-api.md`). Drawn by `make docs` from the tests themselves; a test compares them, so what stands here is what
is tested on every commit.

**Every example of sections 1–9 is replayed.** Its situation is brought about through the API, its request is sent as it
stands in the document (only names of things, and moments that have to be in the future, are put in), and the answer must
have the example's status and every one of its keys, all the way down, with a value of the same kind: an amount with two
decimals, a moment such as `2024-01-15T10:30:00Z`, a name such as `ORD-001`, a UUID, a word of the closed list, the very
sentence. Where the example has a value there is one. The same requests are made by people who have nothing yet; then
`null` stands where the contract allows it, and nowhere else. The OpenAPI document, and so the TypeScript types, promise
just that. Every query parameter that the document names is taken with each of its values, and is what it says when it is
left out.

**One difference is intended:** an order is called `ORD-001` everywhere. `AO-001` is understood wherever an order is named.

How to read the tables:

| column | |
|---|---|
| example | the statuses of the replayed examples |
| values | how many values of the example's success are compared |
| null | which of these may be `null` |
| refusals | the described errors, each in the one envelope `{\"status\": \"error\", \"error\": {code, message, details}}`; \
besides, any answer may be 429, 500 or 503, and any body may be refused with 413 or 415 |
| who | who gets which answer is tested: nobody, each role, the owner, strangers, unknown and malformed ids |
| bad input | how many fields of the body, and how many parameters, are sent everything that is wrong for them; what is wrong with forms is in `tests/flows/files.rs` |
| key | takes an `Idempotency-Key`, so that it can be sent again without being done twice |

`make fuzz-api` makes requests for all of these operations from the OpenAPI document.
";

/// Else the page's last sentence about all operations would be wrong.
#[test]
fn no_operation_is_left_out_of_the_fuzzing() {
    let settings =
        std::fs::read_to_string(format!("{CODE}tests/fuzz/schemathesis.toml")).expect("its settings");
    assert!(!settings.contains("enabled = false") && !settings.contains("exclude"), "{settings}");
}

#[test]
fn the_page_is_current() {
    let (document, examples) = (document(), examples());
    let known = Known { document: &document, operations: operations(), rows: authorisation::rows() };
    let mut page = format!("{HEAD}\n## Sections 1–9\n");
    let mut section = 0;
    for example in &examples {
        if example.section != section {
            section = example.section;
            let name = SECTIONS[usize::try_from(section).expect("a small number") - 1];
            write!(page, "\n### {section}. {name}\n\n{TABLE}").unwrap();
        }
        writeln!(page, "{}", known.line_of_example(example)).unwrap();
    }
    write!(page, "\n## Beyond the source\n\n{SHORT_TABLE}").unwrap();
    let shown: BTreeSet<_> = examples.iter().map(|example| our_name(&document, &example.operation)).collect();
    for name in known.operations.iter().map(Operation::name).filter(|name| !shown.contains(name)) {
        writeln!(page, "| `{name}` | {} |", known.checks(&name)).unwrap();
    }
    page.push_str("\n## What is sent besides the examples' keys\n\n");
    for example in &examples {
        let more = more_keys(&document, example);
        if !more.is_empty() {
            writeln!(page, "- `{}`: {}", example.operation, more.join(", ")).unwrap();
        }
    }
    page.push_str("\n## Where null may stand\n\n");
    let ends: Vec<_> = NULLABLE.iter().map(|end| format!("`{}`", end.trim_start_matches('.'))).collect();
    writeln!(page, "{}; `page` and `pages` of a list that is read with `cursor`.", ends.join(", ")).unwrap();
    page.push_str(&formulas());
    must_be_current(PAGE, &page);
}

const SECTIONS: [&str; 9] = [
    "Authentication",
    "Orders",
    "Bids",
    "Available orders",
    "Notifications",
    "Balance and payments",
    "Chats and messages",
    "Leaderboard",
    "Profile",
];
const TABLE: &str = "| operation | example | values | null | refusals | who | bad input | key |\n\
                     |---|---|---:|---|---|---|---|---|\n";
const SHORT_TABLE: &str = "| operation | refusals | who | bad input | key |\n|---|---|---|---|---|\n";
/// Refusals that say nothing about an operation.
const EVERYWHERE: [&str; 5] = ["413", "415", "429", "500", "503"];

/// What there is to be told of operations.
struct Known<'a> {
    document: &'a Value,
    operations: Vec<Operation>,
    /// Of the authorisation table.
    rows: BTreeSet<String>,
}

impl Known<'_> {
    /// An operation of the source.
    fn line_of_example(&self, example: &Example) -> String {
        let name = our_name(self.document, &example.operation);
        let statuses: Vec<_> = example.cases.iter().map(|case| case.status.to_string()).collect();
        let mut paths = BTreeSet::new();
        leaves(&example.cases[0].answer, "", &mut paths);
        let nulls = paths.iter().filter(|path| may_be_null(path)).map(|path| format!("`{}`", short(path)));
        let nulls: Vec<_> = nulls.collect::<BTreeSet<_>>().into_iter().collect();
        let (statuses, values, nulls) = (statuses.join(", "), paths.len(), nulls.join(", "));
        format!("| `{name}` | {statuses} | {values} | {nulls} | {} |", self.checks(&name))
    }

    /// What is checked of every operation, by our name for it.
    fn checks(&self, name: &str) -> String {
        let operation = self.operations.iter().find(|one| one.name() == name).expect("it is described");
        let (method, path) = name.split_once(' ').expect("method and path");
        let method = method.to_lowercase();
        let answers = self.document["paths"][path][&method]["responses"].as_object().expect("answers");
        let refusals = answers.keys().filter(|status| status.as_str() >= "400");
        let refusals = refusals.filter(|status| !EVERYWHERE.contains(&status.as_str()));
        let refusals: Vec<_> = refusals.map(String::as_str).collect();
        let who = if self.rows.contains(&format!("{method} {path}")) { "✓" } else { "–" };
        let key = if operation.takes_a_key() { "✓" } else { "" };
        let (input, refusals) = (bad_input(operation), refusals.join(" "));
        format!("{refusals} | {who} | {input} | {key}")
    }
}

/// How much of an operation the corpus attacks.
fn bad_input(operation: &Operation) -> String {
    let fields = operation.schema.as_ref().map_or(0, |schema| {
        assert!(!Ground::scenes_of(operation).is_empty(), "{} has no scene", operation.name());
        fields(schema).iter().filter(|field| !field.path.is_empty()).count()
    });
    let parameters = operation.parameters.len();
    let count = |number: usize, one: &str| match number {
        0 => String::new(),
        1 => format!("1 {one}"),
        more => format!("{more} {one}s"),
    };
    let form = if operation.takes_a_body && operation.schema.is_none() { "a form" } else { "" };
    let parts = [form.to_owned(), count(fields, "field"), count(parameters, "parameter")];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "nothing to send".to_owned() } else { parts.join(", ") }
}

/// Where values stand in an example.
fn leaves(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                leaves(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, paths);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for value in list {
                leaves(value, &format!("{path}[]"), paths);
            }
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            paths.insert(path.to_owned());
        }
    }
    // An object may be null as a whole.
    if may_be_null(path) {
        paths.insert(path.to_owned());
    }
}

/// The last two keys of a path.
fn short(path: &str) -> String {
    let path = path.trim_start_matches("data.").replace("[]", "");
    let keys: Vec<_> = path.split('.').collect();
    keys[keys.len().saturating_sub(2)..].join(".")
}

/// What the success has beyond the example, at each place.
fn more_keys(document: &Value, example: &Example) -> Vec<String> {
    let case = &example.cases[0];
    let schema = schema_of(document, &example.operation, case.status);
    let mut more = BTreeSet::new();
    beyond(document, &case.answer, &schema, "", &mut more);
    more.into_iter().map(|path| format!("`{path}`")).collect()
}

fn beyond(document: &Value, example: &Value, schema: &Value, place: &str, more: &mut BTreeSet<String>) {
    let (schema, _, _) = resolve(document, schema);
    match example {
        Value::Object(keys) => {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                match keys.get(key) {
                    Some(value) => beyond(document, value, property, key, more),
                    None => drop(more.insert(format!("{place}.{key}"))),
                }
            }
        }
        Value::Array(list) => {
            for value in list {
                beyond(document, value, &schema["items"], place, more);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A rule of the contract, the source's numbers for it, and the test that has them: a file, a function in it, and how
/// the numbers stand there.
const FORMULAS: [(&str, &str, &str, &str, &str); 14] = [
    (
        "success rate of a person, cut off",
        "42 of 45 → 93.3, 158 of 160 → 98.7",
        "crates/domain/src/profiles/figures.rs",
        "the_success_rate_is_cut_off",
        "(42, 45, 933), (158, 160, 987)",
    ),
    (
        "success rate of bids, rounded",
        "16 of 24 → 67",
        "crates/domain/src/bidding/figures.rs",
        "rounded_half_up",
        "(16, 8, 67)",
    ),
    (
        "completion rate of a client",
        "22 of 23 → 96",
        "crates/domain/src/orders/figures.rs",
        "rounded_half_up",
        "(22, 1, Some(96))",
    ),
    (
        "average competition, to one decimal",
        "83 bids on 10 orders → 8.3",
        "crates/domain/src/orders/figures.rs",
        "rounded_half_up",
        "(83, 10, 83)",
    ),
    (
        "average budget",
        "570.00 for 3 orders → 190.00",
        "crates/domain/src/orders/figures.rs",
        "rounded_half_up",
        "(57_000, 3, 19_000)",
    ),
    (
        "rating, to two decimals",
        "99 stars in 20 reviews → 4.95",
        "crates/domain/src/profiles/figures.rs",
        "the_rating_is_rounded_half_up_to_two_decimals",
        "(99, 20, 495)",
    ),
    (
        "balance",
        "12450.00 earned − 11204.50 withdrawn → 1245.50",
        "tests/conformance/sections.rs",
        "section_6_balance_and_payments",
        "(\"available\", 1_245.50)",
    ),
    (
        "orders of a provider",
        "5 active + 2 pending + 38 completed → 45, 2840.00 earned, 3 pages of 20",
        "tests/conformance/figures.rs",
        "forty_five_orders",
        "\"total_earned\": 2_840.0",
    ),
    (
        "bids of a provider",
        "12 open + 3 unconfirmed + 8 declined → 23, 2 pages",
        "tests/conformance/figures.rs",
        "twenty_three_bids",
        "\"total_bids\": 23",
    ),
    (
        "size of a file for people",
        "159744 → 156 KB",
        "crates/domain/src/files/size.rs",
        "sizes_are_written_for_people",
        "(159_744, \"156 KB\")",
    ),
    (
        "response date of a bid",
        "5 × 24 hours, or the time of the answer",
        "crates/domain/src/bidding/bid/tests.rs",
        "the_client_has_five_days",
        "[at(120), at(130), at(20), at(150), at(40)]",
    ),
    (
        "urgency of an order",
        "up to 96 hours high, up to 240 hours medium",
        "crates/domain/src/orders/availability.rs",
        "the_hours_of_the_contract",
        "(at(96), Urgency::High)",
    ),
    (
        "order of the leaderboard",
        "earned, then completed, then rating, then id",
        "crates/domain/src/profiles/leaderboard.rs",
        "money_then_orders_then_rating_then_id",
        "[1, 2, 3, 6, 7, 4, 5, 8, 10]",
    ),
    (
        "estimated completion of a withdrawal",
        "two business days on",
        "crates/domain/src/money/payout_day.rs",
        "weekends_do_not_count",
        "estimated_completion(at)",
    ),
];

fn formulas() -> String {
    let mut text =
        "\n## Rules with numbers\n\n| rule | the source's numbers | tested by |\n|---|---|---|\n".to_owned();
    for (rule, numbers, file, test, proof) in FORMULAS {
        let code = std::fs::read_to_string(format!("{CODE}{file}"))
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        let body =
            code.split_once(&format!("fn {test}(")).unwrap_or_else(|| panic!("{file} has no test {test}")).1;
        let is_over =
            |line: &&str| ["fn ", "async fn ", "#["].iter().any(|start| line.trim_start().starts_with(start));
        let body: String = body.lines().take_while(|line| !is_over(line)).collect();
        assert!(body.contains(proof), "{file}: {test} does not have {proof}");
        writeln!(text, "| {rule} | {numbers} | `{test}` in `{file}` |").unwrap();
    }
    text
}
