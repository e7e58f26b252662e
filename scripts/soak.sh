#!/bin/sh
# Races and crashes: what only many rounds bring about. The last thing it prints is the report.
set -eu
cd "$(dirname "$0")/.."

sh scripts/prerequisites.sh test
cargo build --workspace --tests --locked
cargo build --workspace --locked --test soak
GUILDHALL_BIN="${CARGO_TARGET_DIR:-target}/debug/guildhall"
SOAK_ROUNDS="${SOAK_ROUNDS:-100}"
export GUILDHALL_BIN SOAK_ROUNDS

# One race after the other: each has the machine, and its 32 callers, for itself.
report="${CARGO_TARGET_DIR:-target}/tmp/soak-races.txt"
mkdir -p "$(dirname "$report")"
cargo test --workspace --locked --test system -- flows::market::storms --nocapture --test-threads 1 | tee "$report"
grep -q '^test result: ok' "$report"
# shellcheck disable=SC2086 # parts are words
cargo test --workspace --locked --test soak -- ${SOAK_PARTS:-}
echo
echo 'races:'
grep -o 'storm: .*' "$report" | sed 's/^storm: /  /'
