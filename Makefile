# The only commands that a newcomer needs. `make up` and `make test` want Rust, Node.js with npm, a C compiler and Python 3.
.PHONY: up down reset test prove lint bench fmt

CARGO ?= cargo
SERVER := keystead-server keystead-local
RUNNER := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo "nextest run" || echo "test -q")

## Start everything on this machine; Ctrl-C stops it.
up:
	@$(CARGO) build -q $(addprefix -p ,$(SERVER))
	@target="$${CARGO_TARGET_DIR:-target}"; exec "$$target/debug/keystead-local" up

## Stop what runs in the background.
down:
	@$(CARGO) run -q -p keystead-local -- down

## Remove all local data.
reset:
	@$(CARGO) run -q -p keystead-local -- reset

## Every test, on real services that are started for the run.
test:
	@$(CARGO) build --workspace --all-targets
	@target="$${CARGO_TARGET_DIR:-target}"; "$$target/debug/keystead-local" with --fast -- $(CARGO) $(RUNNER) --workspace

## The promises, checked: all of them, or `make prove isolation keys`; `make prove LIST=1` names them.
prove:
	@$(CARGO) build --workspace --all-targets
	@target="$${CARGO_TARGET_DIR:-target}"; "$$target/debug/keystead-local" with --fast -- "$$target/debug/prove" $(if $(LIST),--list) $(PROOFS)

# The words after `prove` are suites, not targets.
ifeq (prove,$(firstword $(MAKECMDGOALS)))
PROOFS := $(wordlist 2,99,$(MAKECMDGOALS))
.PHONY: $(PROOFS)
$(PROOFS):
	@:
endif

lint:
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets -- -D warnings
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --offline check bans licenses sources; \
		else echo "cargo-deny is not installed: licences and bans were not checked"; fi

fmt:
	@$(CARGO) fmt --all

## Ratios against pgbench in one run; prints a table and writes target/bench.json.
bench:
	@$(CARGO) build --release -p keystead-server -p keystead-tests -p keystead-local
	@target="$${CARGO_TARGET_DIR:-target}"; "$$target/release/keystead-local" with -- "$$target/release/bench"
