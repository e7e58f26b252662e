#!/bin/sh
# Tries the API with requests made from openapi/openapi.json (Schemathesis): good ones, bad ones, and chains of them.
# Every answer must be as it is described there.
#
#   scripts/fuzz-api.sh [role ...]    cast (everybody in their part), client, writer, admin; without any, all four
#
# It starts a server of its own, on a private database in a temporary folder, and stops it at the end. Needs Python 3.11
# or newer with venv; Schemathesis is installed into target/schemathesis, in the versions of tests/fuzz/requirements.txt.
# GUILDHALL_BIN names the server if it is built already, FUZZ_EXAMPLES (10) says how many requests of each kind there
# are to an operation, FUZZ_SEED (1) which: the same seed makes the same ones. What failed is in target/schemathesis.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
target=${CARGO_TARGET_DIR:-target}
case $target in
/*) ;;
*) target=$root/$target ;;
esac
home=$target/schemathesis
seed=${FUZZ_SEED:-1}
examples=${FUZZ_EXAMPLES:-10}

server=
folder=
stop() {
    status=$?
    trap - EXIT HUP INT TERM
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || :
        wait "$server" 2>/dev/null || :
    fi
    [ -z "$folder" ] || rm -rf "$folder"
    exit "$status"
}
trap stop EXIT
trap 'exit 130' HUP INT TERM

give_up() {
    printf 'error: %s\n' "$@" >&2
    exit 1
}

# ---- Schemathesis ----

# Only what the requirements name, and only when they have changed since.
install_schemathesis() {
    python=${PYTHON:-python3}
    command -v "$python" >/dev/null 2>&1 || give_up "Python 3.11 or newer is needed, and $python is not there"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        give_up "Python 3.11 or newer is needed, but this is $("$python" --version 2>&1); PYTHON can name another one"
    if cmp -s tests/fuzz/requirements.txt "$home/requirements.txt"; then return; fi
    echo "pip install --requirement tests/fuzz/requirements.txt (into $home)"
    rm -rf "$home"
    mkdir -p "$home"
    log=$home/install.log
    if ! "$python" -m venv "$home/venv" >"$log" 2>&1; then
        cat "$log" >&2
        give_up "$python cannot make a virtual environment; on Debian and Ubuntu the package python3-venv is missing"
    fi
    if ! "$home/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: \
        --requirement tests/fuzz/requirements.txt >"$log" 2>&1; then
        cat "$log" >&2
        give_up "Schemathesis could not be installed: is Python's package registry within reach?"
    fi
    cp tests/fuzz/requirements.txt "$home/requirements.txt"
}

# ---- The server ----

free_port() {
    "$home/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# From here, none of the settings of whoever calls counts but where PostgreSQL's programs are.
start_server() {
    program=${GUILDHALL_BIN:-}
    if [ -z "$program" ]; then
        sh scripts/prerequisites.sh test
        cargo build --locked --package guildhall
        program=$target/debug/guildhall
    fi
    case $program in
    /*) ;;
    *) program=$root/$program ;;
    esac
    folder=$(mktemp -d)
    cp tests/fuzz/hooks.py tests/fuzz/schemathesis.toml "$folder"
    url=http://127.0.0.1:$(free_port)
    # Not in the project's folder, where there may be an .env.
    (cd "$folder" && exec env -i PATH="$PATH" HOME="$folder" ${EMBEDDED_PG_BIN:+EMBEDDED_PG_BIN="$EMBEDDED_PG_BIN"} \
        DATA_DIR="$folder/data" BIND_ADDR="${url#http://}" RATE_LIMIT=off \
        "$program" serve --demo) >"$home/server.log" 2>&1 &
    server=$!
    waited=0
    until "$home/venv/bin/python" -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' "$url/readyz" \
        >/dev/null 2>&1; do
        kill -0 "$server" 2>/dev/null || { cat "$home/server.log" >&2; give_up 'the server has ended'; }
        waited=$((waited + 1))
        [ "$waited" -le 120 ] || { cat "$home/server.log" >&2; give_up 'the server is not ready after two minutes'; }
        sleep 1
    done
}

# ---- The requests ----

fuzz() {
    log=$home/$1.log
    echo "schemathesis run openapi/openapi.json, as $1 (seed $seed, $examples examples)"
    found=0
    # What it keeps for the next run, it keeps in the folder it runs in, and it finds hooks.py there.
    (cd "$folder" && FUZZ_URL="$url" FUZZ_ROLE="$1" "$home/venv/bin/schemathesis" --config-file schemathesis.toml \
        run "$root/openapi/openapi.json" --url "$url" --checks all --phases examples,coverage,fuzzing,stateful \
        --seed "$seed" --max-examples "$examples" --generation-database none --no-color) >"$log" 2>&1 || found=$?
    if [ "$found" -ne 0 ]; then
        cat "$log" >&2
        failed="$failed $1"
        return
    fi
    sed -n 's/^  \(  \)\{0,1\}\(Tested: .*\|[0-9]* generated.*\)/  \2/p; /^=* [^=]* in [0-9.]*s =*$/p' "$log"
}

[ $# -gt 0 ] || set -- cast client writer admin
for role in "$@"; do
    case $role in
    cast | client | writer | admin) ;;
    *) give_up "$role is none of cast, client, writer, admin" ;;
    esac
done
install_schemathesis
start_server
failed=
for role in "$@"; do fuzz "$role"; done
# Nobody should have brought it down, and no answer was a 500; but the log may know more.
kill -0 "$server" 2>/dev/null || give_up "the server has ended; its log is $home/server.log"
[ -z "$failed" ] || give_up "findings as$failed; the whole output is in $home"
