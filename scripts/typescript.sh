#!/bin/sh
# Checks the OpenAPI document and the TypeScript client: lint, drift of the generated types, compiler, unit tests, and
# the whole story against the server.
#
#   scripts/typescript.sh             all of it
#   scripts/typescript.sh generate    writes the generated types anew instead
#
# Needs Node.js with npm (see scripts/prerequisites.sh). Where they are missing and cannot be installed, or npm's
# registry cannot be reached, all of it is skipped, which is said loudly. GUILDHALL_BIN names the server if it is built
# already.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
export NPM_CONFIG_UPDATE_NOTIFIER=false REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' HUP INT TERM

skip() {
    if [ "$what" = generate ]; then
        echo "error: $1" >&2
        exit 1
    fi
    {
        echo '**************************************************************************'
        echo '**  The TypeScript client and the lint of the OpenAPI document: SKIPPED  **'
        echo '**************************************************************************'
        echo "  $1"
    } >&2
    exit 0
}

# Prints what it runs; what that prints, only if it fails.
step() {
    echo "clients/typescript: npm run $1"
    if npm run --silent "$@" >"$log" 2>&1; then return; fi
    cat "$log" >&2
    echo "error: npm run $1 failed in clients/typescript${hint:+; $hint}" >&2
    exit 1
}

passed() {
    sed -n 's/^[^a-z]* pass \([0-9]*\)$/clients\/typescript: \1 passed/p' "$log"
}

# Only what package-lock.json names, and only when it has changed since.
install_packages() {
    installed=node_modules/.package-lock.installed.json
    if cmp -s package-lock.json "$installed"; then return; fi
    echo 'clients/typescript: npm ci'
    if npm ci --no-audit --no-fund --loglevel=error --prefer-offline --fetch-timeout=60000 --fetch-retries=3 \
        --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=15000 </dev/null >"$log" 2>&1; then
        cp package-lock.json "$installed"
        return
    fi
    cat "$log" >&2
    away='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E50[0-9]'
    if grep -Eq "npm (error|ERR!) code ($away)" "$log"; then skip "npm's registry cannot be reached"; fi
    echo 'error: npm ci failed in clients/typescript' >&2
    exit 1
}

what=${1:-test}
hint=
case $what in
generate | test) ;;
*)
    echo 'error: say nothing or generate' >&2
    exit 1
    ;;
esac
sh scripts/prerequisites.sh typescript || skip 'Node.js 18 or newer with npm is needed'

program=${GUILDHALL_BIN:-}
if [ "$what" = test ] && [ -z "$program" ]; then
    cargo build --locked --package guildhall
    program=${CARGO_TARGET_DIR:-target}/debug/guildhall
fi
case $program in
/*) ;;
*) program=$root/$program ;;
esac

cd clients/typescript
install_packages
if [ "$what" = generate ]; then
    step generate
    exit
fi
step lint
hint='run make client and commit what it writes'
step generate:check
hint=
step test
passed
export GUILDHALL_BIN="$program"
step test:story
passed
