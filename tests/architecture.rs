//! Which crate may name which: the arrows of ARCHITECTURE.md, read from the build's own metadata.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Each room and the rooms that it may name (normal dependencies).
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ports", &["domain"]),
    ("usecases", &["domain", "ports"]),
    ("adapter-files", &["domain", "ports"]),
    ("adapter-http", &["domain", "ports", "usecases"]),
    ("adapter-jobs", &["ports"]),
    ("adapter-memory", &["domain", "ports"]),
    ("adapter-payments", &["domain", "ports"]),
    ("adapter-postgres", &["domain", "ports"]),
    ("adapter-security", &["domain", "ports"]),
    ("private-postgres", &[]),
    (
        "guildhall",
        &[
            "adapter-files",
            "adapter-http",
            "adapter-jobs",
            "adapter-payments",
            "adapter-postgres",
            "adapter-security",
            "domain",
            "ports",
            "private-postgres",
            "usecases",
        ],
    ),
    ("guildhall-tests", &[]),
    ("test-cluster", &["adapter-jobs", "adapter-postgres", "private-postgres"]),
];

/// Outside crates that would let a world into a room that must not know it.
const BANNED: &[(&str, &[&str])] = &[
    (
        "domain",
        &["tokio", "async-trait", "serde", "serde_json", "diesel", "diesel-async", "actix-web", "tracing"],
    ),
    ("ports", &["tokio", "serde", "serde_json", "diesel", "diesel-async", "actix-web", "anyhow"]),
    ("usecases", &["serde", "serde_json", "diesel", "diesel-async", "actix-web", "anyhow", "async-trait"]),
    ("adapter-http", &["diesel", "diesel-async", "tokio-postgres", "anyhow"]),
    ("adapter-jobs", &["actix-web", "diesel", "diesel-async", "anyhow"]),
    ("adapter-files", &["actix-web", "diesel", "reqwest", "anyhow"]),
    ("adapter-http", &["diesel", "diesel-async", "tokio-postgres", "object_store", "anyhow"]),
    ("adapter-payments", &["actix-web", "diesel", "anyhow"]),
    ("adapter-postgres", &["actix-web", "anyhow"]),
    ("adapter-security", &["actix-web", "diesel", "anyhow"]),
];

fn workspace() -> BTreeMap<String, Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        // Without it cargo wants the sources of crates for every platform there is.
        .no_deps()
        .other_options(["--offline".to_owned(), "--locked".to_owned()])
        .exec()
        .expect("cargo metadata");
    let members: BTreeSet<_> = metadata.workspace_members.iter().cloned().collect();
    metadata
        .packages
        .into_iter()
        .filter(|package| members.contains(&package.id))
        .map(|package| (package.name.to_string(), package))
        .collect()
}

fn names_of(package: &Package) -> BTreeSet<String> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.clone())
        .collect()
}

#[test]
fn every_crate_names_only_what_it_may() {
    let workspace = workspace();
    let known: BTreeSet<_> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(
        workspace.keys().cloned().collect::<BTreeSet<_>>(),
        known,
        "a new crate needs its arrows here"
    );
    for (name, allowed) in ARROWS {
        for dependency in names_of(&workspace[*name]).intersection(&known) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not name {dependency}");
        }
    }
}

#[test]
fn no_world_gets_into_a_room_that_must_not_know_it() {
    let workspace = workspace();
    for (name, banned) in BANNED {
        let names = names_of(&workspace[*name]);
        for outside in *banned {
            assert!(!names.contains(*outside), "{name} must not name {outside}");
        }
    }
}

#[test]
fn the_memory_adapter_is_for_tests_only() {
    for (name, package) in workspace() {
        assert!(
            !names_of(&package).contains("adapter-memory"),
            "{name} links adapter-memory into the program"
        );
    }
}

#[test]
fn every_crate_is_under_the_lints_of_the_workspace() {
    for (name, package) in workspace() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}");
        assert!(!manifest.contains("version = \""), "{name}: versions live in the workspace's Cargo.toml");
    }
}
