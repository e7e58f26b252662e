# `make` alone lists what can be done. Settings can be given along: make run BIND_ADDR=127.0.0.1:9000

SHELL = /bin/sh
.DEFAULT_GOAL = help
.NOTPARALLEL:
.SUFFIXES:
# cargo would look for make's job server where there is none.
unexport MAKEFLAGS MFLAGS MAKELEVEL
# rustup puts cargo there, and not every shell knows.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

.PHONY: run
run: ## build the server and start it with a small world; stop it with Ctrl-C
	@sh scripts/prerequisites.sh run
	cargo build --profile quick --locked --package guildhall
	@exec "$${CARGO_TARGET_DIR:-target}/quick/guildhall" serve --demo

.PHONY: test
test: ## format, lints and all tests
	@sh scripts/prerequisites.sh test
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --workspace --test soak --test bench-api --test bench-escrow --locked -- -D warnings
	@sh scripts/test.sh

.PHONY: soak
soak: ## races and crashes, for some ten minutes (SOAK_ROUNDS=100 SOAK_KILLS=10 SOAK_SEED=now SOAK_PARTS="kills cuts load database")
	@sh scripts/soak.sh

.PHONY: bench
bench: ## how fast the API is, beside pgbench with the same statements (needs wrk; BENCH_SCALE=1 BENCH_SECONDS=3 BENCH_ROUNDS=3)
	@sh scripts/prerequisites.sh bench
	cargo build --release --locked --package guildhall
	GUILDHALL_BIN="$${CARGO_TARGET_DIR:-target}/release/guildhall" cargo test --workspace --locked --test bench-api

.PHONY: bench-escrow
bench-escrow: ## how fast escrow is released, and whether anybody queues for the platform (needs pgbench; BENCH_RELEASES=400)
	@sh scripts/prerequisites.sh build
	cargo build --release --locked --package guildhall
	GUILDHALL_BIN="$${CARGO_TARGET_DIR:-target}/release/guildhall" \
	    cargo test --profile quick --workspace --locked --test bench-escrow

.PHONY: build
build: ## the optimised program, target/release/guildhall
	@sh scripts/prerequisites.sh build
	cargo build --release --locked --package guildhall

.PHONY: fmt
fmt: ## format the code
	cargo fmt --all

.PHONY: lint
lint: ## lints alone
	@sh scripts/prerequisites.sh build
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --workspace --test soak --test bench-api --test bench-escrow --locked -- -D warnings

.PHONY: openapi
openapi: ## write openapi/openapi.json anew
	@sh scripts/prerequisites.sh build
	@mkdir -p openapi
	cargo run --quiet --locked --package guildhall -- openapi >openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

.PHONY: client
client: ## write the types of the TypeScript client anew, from openapi/openapi.json
	@sh scripts/typescript.sh generate

.PHONY: fuzz-api
fuzz-api: ## try the API with made-up requests (needs Python; FUZZ_EXAMPLES=10 FUZZ_SEED=1)
	@sh scripts/fuzz-api.sh

.PHONY: docs
docs: ## draw the diagrams, examples and tables in docs/ anew
	@sh scripts/prerequisites.sh test
	DRAW_DOCUMENTS=1 cargo test --locked --package guildhall-tests --test system -- documents:: conformance::page

.PHONY: doctor
doctor: ## check settings, data folder and database
	@sh scripts/prerequisites.sh build
	cargo build --quiet --profile quick --locked --package guildhall
	@exec "$${CARGO_TARGET_DIR:-target}/quick/guildhall" doctor

.PHONY: deny
deny: ## licences, bans and advisories of all dependencies (needs cargo-deny)
	@cargo deny --version >/dev/null 2>&1 || \
	    { echo 'error: cargo-deny is missing; install it with: cargo install --locked cargo-deny' >&2; exit 1; }
	cargo deny --locked check

.PHONY: docker
docker: ## the container image guildhall
	docker build --tag guildhall .

.PHONY: clean-data
clean-data: ## delete the data folder, after asking
	@sh scripts/clean-data.sh
