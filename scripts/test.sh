#!/bin/sh
# Runs all tests; the last thing it prints is the test runner's own summary.
set -eu
cd "$(dirname "$0")/.."

# The server, for the TypeScript client; all that is built here the other tests need as well.
echo 'cargo build --workspace --all-targets --locked'
cargo build --workspace --all-targets --locked
GUILDHALL_BIN="${CARGO_TARGET_DIR:-target}/debug/guildhall" sh scripts/typescript.sh

if ! cargo nextest --version >/dev/null 2>&1; then
    echo 'cargo test --workspace --locked'
    exec cargo test --workspace --locked
fi
# cargo-nextest does not run examples in documentation.
if grep -rqE '^[[:space:]]*//[/!] ```' crates tests; then
    echo 'cargo test --doc --workspace --locked'
    cargo test --doc --workspace --locked
fi
echo 'cargo nextest run --workspace --locked --no-fail-fast'
exec cargo nextest run --workspace --locked --no-fail-fast
