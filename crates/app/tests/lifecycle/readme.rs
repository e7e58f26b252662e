//! The example of README.md, "The whole story", run as it stands there: each command's answer must be
//! the one that is printed below it, but for identifiers, times and tokens.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::process::Folder;

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
const SECTION: &str = "\n## The whole story\n";
/// Printed after each block's output.
const MARK: &str = "=== the next block ===";

/// A block of commands and the answers that stand below it.
struct Step {
    commands: String,
    answers: Vec<Value>,
}

fn steps() -> Vec<Step> {
    let section = README.split(SECTION).nth(1).expect("the section is there");
    let section = section.split("\n## ").next().unwrap();
    let mut steps: Vec<Step> = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "sh" => steps.push(Step { commands: text.to_owned(), answers: vec![] }),
            "json" => {
                let answers = text
                    .lines()
                    .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
                steps.last_mut().expect("answers follow commands").answers.extend(answers);
            }
            other => panic!("a block of {other}"),
        }
    }
    steps
}

/// The same for every run: what identifies, dates or opens something becomes what it is.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), masked(value))).collect(),
        Value::Array(values) => values.iter().map(masked).collect(),
        Value::String(text) => Value::String(masked_text(text)),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other.clone(),
    }
}

fn masked_text(text: &str) -> String {
    let shape: String = text.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
    match shape.as_str() {
        "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" => "an identifier".to_owned(),
        // The dates that the story itself names stay.
        "xxxx-xx-xxTxx:xx:xxZ" if !text.starts_with("2030") => "a time".to_owned(),
        _ => text.to_owned(),
    }
}

#[test]
fn the_whole_story_is_as_the_readme_tells_it() {
    let steps = steps();
    let folder = Folder::new();
    let server = folder.start(&["serve", "--demo"], &[]);
    let mut script = String::from("set -eu\n");
    for Step { commands, .. } in &steps {
        writeln!(script, "{}\necho '{MARK}'", commands.replace("127.0.0.1:8080", &server.address)).unwrap();
    }
    let shell = Command::new("sh").arg("-c").arg(&script).stdin(Stdio::null()).output().unwrap();
    let (printed, complaints) = (
        String::from_utf8_lossy(&shell.stdout).into_owned(),
        String::from_utf8_lossy(&shell.stderr).into_owned(),
    );
    assert!(shell.status.success(), "{printed}\n{complaints}");

    let outputs: Vec<_> = printed.split(&format!("{MARK}\n")).collect();
    assert_eq!(outputs.len(), steps.len() + 1, "{printed}");
    let mut seen = String::new();
    for (step, output) in steps.iter().zip(outputs) {
        let lines: Vec<_> = output.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), step.answers.len(), "after\n{}{output}{complaints}", step.commands);
        for (line, expected) in lines.iter().zip(&step.answers) {
            let answer: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_eq!(masked(&answer), masked(expected), "after\n{}", step.commands);
            seen.push_str(line);
        }
    }
    assert!(seen.contains("\"paid\""), "the story goes to its end");
}
