#!/bin/sh
# Makes sure that this machine has what the build, the server and the tests need:
# Rust, a C compiler, and PostgreSQL's server programs; Node.js for the TypeScript client.
#
#   scripts/prerequisites.sh build        Rust and a C compiler
#   scripts/prerequisites.sh run          and PostgreSQL, unless DATABASE_URL names a server
#   scripts/prerequisites.sh test         and PostgreSQL in any case, and curl
#   scripts/prerequisites.sh bench        as for test, and wrk
#   scripts/prerequisites.sh typescript   Node.js with npm, nothing else; without them it says why and exits with 1
#
# Says nothing when all is there. What is missing (except for Rust) it installs with the system's package
# manager, as root or with a sudo that asks for no password, and says so first. NO_INSTALL=1 forbids that.
# It starts no service: the server and the tests run PostgreSQL's programs themselves.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin"

# As in crates/private-postgres/src/binaries.rs.
OLDEST_POSTGRES=15
# As in clients/typescript/package.json.
OLDEST_NODE=18

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "error: $1"
    shift
    for line in "$@"; do say "  - $line"; done
    exit 1
}

# ---- Installing ----

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}

# The package manager to use, or nothing; $why_not then says why.
package_manager() {
    manager=
    why_not='no known package manager was found'
    if [ -n "${NO_INSTALL:-}" ]; then why_not='NO_INSTALL is set'; return; fi
    for manager in apt-get dnf apk pacman; do
        command -v "$manager" >/dev/null 2>&1 || continue
        if can_be_root; then return; fi
        why_not="$manager needs root, and sudo is missing or asks for a password"
    done
    manager=brew
    # Homebrew refuses root.
    if command -v brew >/dev/null 2>&1 && [ "$(id -u)" -ne 0 ]; then return; fi
    manager=
}

# Not every set of package lists is complete, and one broken source should not stop us.
apt_updated=
apt_update() {
    [ -z "$apt_updated" ] || return 0
    apt_updated=1
    as_root apt-get -q update </dev/null >&2 || say 'going on with the package lists that are there'
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@" </dev/null >&2
}

# ---- Rust ----

check_rust() {
    needed=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' Cargo.toml)
    if ! command -v cargo >/dev/null 2>&1 || ! found=$(rustc --version 2>/dev/null); then
        give_up "Rust $needed or newer is needed, and cargo or rustc is not there" \
            'install it as https://rustup.rs says, then open a new shell'
    fi
    version=$(printf '%s\n' "$found" | sed -n 's/^rustc \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    # shellcheck disable=SC2086 # two words on purpose
    set -- $version
    if [ "${1:-0}" -lt "${needed%%.*}" ] ||
        { [ "${1:-0}" -eq "${needed%%.*}" ] && [ "${2:-0}" -lt "${needed#*.}" ]; }; then
        give_up "Rust $needed or newer is needed, but this is $found" \
            'with rustup: rustup update stable' \
            'otherwise install a newer one as https://rustup.rs says'
    fi
}

# ---- C compiler: for the cryptographic library and the allocator, and to link ----

can_compile() {
    command -v cc >/dev/null 2>&1 || return 1
    scratch=$(mktemp -d)
    printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' >"$scratch/probe.c"
    compiled=0
    cc -o "$scratch/probe" "$scratch/probe.c" >/dev/null 2>&1 || compiled=1
    rm -rf "$scratch"
    return "$compiled"
}

check_compiler() {
    if can_compile; then return; fi
    package_manager
    say 'No working C compiler (cc) with the headers of the C library was found.'
    case $manager in
    apt-get)
        say 'Installing the packages gcc and libc6-dev ...'
        apt_update
        apt_install gcc libc6-dev || :
        ;;
    dnf)
        say 'Installing the packages gcc and glibc-devel ...'
        as_root dnf -y --setopt=install_weak_deps=False install gcc glibc-devel </dev/null >&2 || :
        ;;
    apk)
        say 'Installing the packages gcc and musl-dev ...'
        as_root apk add gcc musl-dev </dev/null >&2 || :
        ;;
    pacman)
        say 'Installing the package gcc ...'
        as_root pacman -Sy --needed --noconfirm gcc </dev/null >&2 || :
        ;;
    *) ;; # Apple's comes with the command line tools, which only their own dialogue installs.
    esac
    if can_compile; then return; fi
    give_up "a C compiler is needed and could not be installed${manager:+ with $manager}${why_not:+ ($why_not)}" \
        'Debian, Ubuntu: sudo apt-get install gcc libc6-dev' \
        'Fedora: sudo dnf install gcc glibc-devel' \
        'Alpine: apk add gcc musl-dev' \
        'Arch: sudo pacman -S gcc' \
        'macOS: xcode-select --install'
}

# ---- PostgreSQL ----

# A setting as the program would find it: in the environment, else in .env.
setting() {
    eval "value=\${$1:-}"
    if [ -z "$value" ] && [ -f .env ]; then
        value=$(sed -n "s/^[[:space:]]*\(export[[:space:]][[:space:]]*\)*$1[[:space:]]*=[[:space:]]*//p" .env |
            tail -n 1 |
            sed "s/[[:space:]]*\$//; s/^'\(.*\)'\$/\1/; s/^\"\(.*\)\"\$/\1/")
    fi
    printf '%s' "$value"
}

# Whether a folder holds the server programs in a version that will do; notes one that is too old.
suitable() {
    [ -f "$1/postgres" ] && [ -f "$1/initdb" ] || return 1
    major=$("$1/postgres" --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9][0-9]*\).*/\1/p')
    [ -n "$major" ] || return 1
    [ "$major" -ge "$OLDEST_POSTGRES" ] || { too_old="PostgreSQL $major in $1"; return 1; }
}

# Looks where the program looks (crates/private-postgres/src/binaries.rs).
has_postgres() {
    too_old=
    given=$(setting EMBEDDED_PG_BIN)
    if [ -n "$given" ]; then
        suitable "$given"
        return
    fi
    set -f
    IFS=:
    # shellcheck disable=SC2086 # split at the colons on purpose
    set -- $PATH
    unset IFS
    set +f
    for folder in "$@" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin /usr/local/pgsql/bin \
        /opt/homebrew/opt/postgresql/bin /usr/local/opt/postgresql/bin /opt/homebrew/bin /usr/local/bin; do
        case $folder in /*) ;; *) continue ;; esac
        if suitable "$folder"; then return; fi
    done
    return 1
}

# Debian's package would make a database cluster and start it with the machine. Nobody here needs it, so it is
# told not to, for this one installation only.
apt_install_postgres() {
    apt_update
    offered=$(LC_ALL=C apt-cache policy postgresql 2>/dev/null | sed -n 's/^ *Candidate: \([0-9][0-9]*\).*/\1/p')
    if [ "${offered:-0}" -lt "$OLDEST_POSTGRES" ]; then
        why_not="the package lists offer ${offered:+PostgreSQL }${offered:-none}"
        return
    fi
    folder=/etc/postgresql-common/createcluster.d
    say "(No cluster is made or started: $folder/zz-guildhall.conf says so until this is done.)"
    as_root mkdir -p "$folder"
    trap 'as_root rm -f "$folder/zz-guildhall.conf"' EXIT
    trap 'exit 130' HUP INT TERM
    echo 'create_main_cluster = false' | as_root tee "$folder/zz-guildhall.conf" >/dev/null
    apt_install postgresql || :
    as_root rm -f "$folder/zz-guildhall.conf"
    trap - EXIT HUP INT TERM
}

check_postgres() {
    if has_postgres; then return; fi
    if [ -n "$given" ]; then
        give_up "EMBEDDED_PG_BIN is $given, which does not hold PostgreSQL $OLDEST_POSTGRES or newer (postgres and initdb)" \
            'let it name the right folder, or take it away: then the usual places are searched'
    fi
    package_manager
    say "PostgreSQL's server programs, version $OLDEST_POSTGRES or newer, were not found${too_old:+ (only $too_old)}."
    case $manager in
    apt-get)
        say 'Installing the package postgresql ...'
        apt_install_postgres
        ;;
    dnf)
        say 'Installing the package postgresql-server (it starts nothing) ...'
        as_root dnf -y --setopt=install_weak_deps=False install postgresql-server </dev/null >&2 || :
        ;;
    apk)
        say 'Installing the package postgresql (it starts nothing) ...'
        as_root apk add postgresql </dev/null >&2 || :
        ;;
    pacman)
        say 'Installing the package postgresql (it starts nothing) ...'
        as_root pacman -Sy --needed --noconfirm postgresql </dev/null >&2 || :
        ;;
    brew)
        say 'Installing the formula postgresql@17 (it starts nothing) ...'
        brew install postgresql@17 </dev/null >&2 || :
        ;;
    *) ;;
    esac
    if has_postgres; then
        say "PostgreSQL $major is there now."
        return
    fi
    [ -z "$too_old" ] || why_not="there is only $too_old"
    if [ "$1" = run ]; then
        elsewhere='set DATABASE_URL to a PostgreSQL that runs already (postgres://user:password@host:5432/name)'
    else
        elsewhere='the tests start their own PostgreSQL; DATABASE_URL does not help them'
    fi
    give_up "PostgreSQL $OLDEST_POSTGRES or newer is needed and could not be installed${manager:+ with $manager}${why_not:+ ($why_not)}" \
        'install the server package yourself: postgresql (Debian, Ubuntu, Alpine, Arch), postgresql-server (Fedora), postgresql@17 (Homebrew)' \
        'set EMBEDDED_PG_BIN to the folder that holds the programs postgres and initdb' \
        "$elsewhere"
}

# ---- curl, with which the example of the README is run as it stands there; wrk, which asks in benchmarks ----

# A program of its own package: check_program name.
check_program() {
    if command -v "$1" >/dev/null 2>&1; then return; fi
    package_manager
    [ -z "$manager" ] || say "$1 was not found. Installing the package $1 ..."
    case $manager in
    apt-get)
        apt_update
        apt_install "$1" || :
        ;;
    dnf) as_root dnf -y --setopt=install_weak_deps=False install "$1" </dev/null >&2 || : ;;
    apk) as_root apk add "$1" </dev/null >&2 || : ;;
    pacman) as_root pacman -Sy --needed --noconfirm "$1" </dev/null >&2 || : ;;
    brew) brew install "$1" </dev/null >&2 || : ;;
    *) ;;
    esac
    if command -v "$1" >/dev/null 2>&1; then return; fi
    give_up "$1 is needed and could not be installed${manager:+ with $manager}${why_not:+ ($why_not)}" \
        "install the package $1 yourself"
}

# ---- Node.js ----

# Notes the major version that there is, also when it is too old.
has_node() {
    node_major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9][0-9]*\)\..*/\1/p')
    [ "${node_major:-0}" -ge "$OLDEST_NODE" ] && npm --version >/dev/null 2>&1
}

install_node() {
    # The packages would replace it, and whoever put it there had a reason.
    if [ -n "$node_major" ] && [ "$node_major" -lt "$OLDEST_NODE" ]; then
        why_not="there is only Node.js $node_major"
        return
    fi
    package_manager
    [ -z "$manager" ] || say 'Node.js with npm was not found. Installing the packages nodejs and npm ...'
    case $manager in
    apt-get)
        apt_update
        offered=$(LC_ALL=C apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: \([0-9][0-9]*\).*/\1/p')
        if [ "${offered:-0}" -lt "$OLDEST_NODE" ]; then
            why_not="the package lists offer ${offered:+Node.js }${offered:-none}"
            return
        fi
        apt_install nodejs npm || :
        ;;
    dnf) as_root dnf -y --setopt=install_weak_deps=False install nodejs npm </dev/null >&2 || : ;;
    apk) as_root apk add nodejs npm </dev/null >&2 || : ;;
    pacman) as_root pacman -Sy --needed --noconfirm nodejs npm </dev/null >&2 || : ;;
    brew) brew install node </dev/null >&2 || : ;;
    *) ;;
    esac
}

# Everything but the TypeScript client does without: it is for the caller to say what follows.
check_node() {
    if has_node; then return; fi
    install_node
    if has_node; then return; fi
    say "Node.js $OLDEST_NODE or newer with npm is not there and could not be installed${manager:+ with $manager}${why_not:+ ($why_not)}"
    say '  - install it yourself: nodejs and npm (Debian, Ubuntu, Fedora, Alpine, Arch), node (Homebrew)'
    exit 1
}

why_not=
manager=
case ${1:-} in
build | run | test | bench) ;;
typescript)
    check_node
    exit
    ;;
*) give_up "say what for: scripts/prerequisites.sh build, run, test, bench or typescript" ;;
esac
check_rust
check_compiler
case $1 in
run) [ -n "$(setting DATABASE_URL)" ] || check_postgres run ;;
test)
    check_postgres test
    check_program curl
    ;;
bench)
    check_postgres test
    check_program wrk
    ;;
*) ;;
esac
