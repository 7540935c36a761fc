# The only commands that a newcomer needs. `make up` and `make test` want Rust, Node.js with npm, a C compiler and Python 3.
.PHONY: up down reset test edge worker edge-deps prove lint deny advisories sbom bench bench-api bench-edge bench-wires fmt ui ui-deps ui-browser ui-lint ui-test ui-flows ui-images ui-figures

CARGO ?= cargo
# What is built is what Cargo.lock says.
LOCKED := --locked
SERVER := keystead-server keystead-edge-native keystead-local
RUNNER := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo "nextest run" || echo "test -q")

## Start everything on this machine; Ctrl-C stops it.
up: ui
	@$(CARGO) build -q $(LOCKED) $(addprefix -p ,$(SERVER))
	@target="$${CARGO_TARGET_DIR:-target}"; exec "$$target/debug/keystead-local" up

## Stop what runs in the background.
down:
	@$(CARGO) run -q $(LOCKED) -p keystead-local -- down

## Remove all local data.
reset:
	@$(CARGO) run -q $(LOCKED) -p keystead-local -- reset

## Every test, on real services that are started for the run.
test: worker
	@$(CARGO) build $(LOCKED) --workspace --all-targets
	@target="$${CARGO_TARGET_DIR:-target}"; "$$target/debug/keystead-local" with --fast -- $(CARGO) $(RUNNER) $(LOCKED) --workspace
	@$(MAKE) --no-print-directory ui-test ui-flows

## What the admin UI is made of, as its lock file says; npm keeps a cache per machine.
ui-deps:
	@cd admin-ui; [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund

# Chromium, or what else Playwright drives; CHROMIUM names another.
ui-browser:
	@[ -n "$${CHROMIUM:-}" ] || for name in chromium chromium-browser google-chrome; do command -v $$name && break; done >/dev/null || { \
		echo "no browser: installing chromium" >&2; install="apt-get install -qq -y --no-install-recommends chromium"; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then $$install >&2 || { apt-get update -qq && $$install; } >&2; \
		else echo "install chromium (apt-get install chromium), or name a browser in CHROMIUM" >&2; exit 1; fi; }

## Types, eslint, prettier, and that the generated client is the document's.
ui-lint: ui-deps
	@cd admin-ui; npm run -s lint

## The UI as the edge serves it: admin-ui/dist.
ui: ui-deps
	@cd admin-ui; if [ -n "$$(find src public index.html package-lock.json -newer dist/index.html 2>&1 | head -1)" ]; then npm run -s build; fi

## Components and every story.
ui-test: ui-deps
	@cd admin-ui; npm test

# What needs a browser needs the platform, and the UI as the edge serves it.
ON_PLATFORM = @$(CARGO) build -q $(LOCKED) $(addprefix -p ,$(SERVER)) && target="$${CARGO_TARGET_DIR:-$(CURDIR)/target}" && \
	cd admin-ui && KEYSTEAD_LOCAL="$$target/debug/keystead-local" npm run -s

## The flows in a browser on the whole platform, every screen past axe, and the size of a first visit.
ui-flows: ui ui-browser
	$(ON_PLATFORM) e2e
	@cd admin-ui; npm run -s size

## The README's pictures, anew.
ui-images: ui ui-browser
	$(ON_PLATFORM) screenshots

## Calls, bytes, LCP and latency of the UI in a headless browser; wants a quiet machine. Writes admin-ui/e2e/results/figures.json.
## KEYSTEAD_CONTACTS=1000 for a quick one.
ui-figures: ui ui-browser
	$(ON_PLATFORM) measure

## The promises, checked: all of them, or `make prove isolation keys`; `make prove LIST=1` names them.
prove: $(if $(LIST),,worker)
	@$(CARGO) build $(LOCKED) --workspace --all-targets
	@target="$${CARGO_TARGET_DIR:-target}"; "$$target/debug/keystead-local" with --fast -- "$$target/debug/prove" $(if $(LIST),--list) $(PROOFS)

# The words after `prove` are suites, not targets.
ifeq (prove,$(firstword $(MAKECMDGOALS)))
PROOFS := $(wordlist 2,99,$(MAKECMDGOALS))
.PHONY: $(PROOFS)
$(PROOFS):
	@:
endif

## The edge as a Cloudflare worker, in edge/worker/build. What it needs beyond Rust and Node.js it fetches, once per machine.
# (`make prove edge` means a suite.)
ifneq (prove,$(firstword $(MAKECMDGOALS)))
edge: worker
endif

worker: edge-deps
	@edge/build

# What runs the worker in tests and measurements. Here, since tests are processes side by side and npm clears the folder first.
edge-deps:
	@cd tests/edge; [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent --no-audit --no-fund

lint: deny ui-lint
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy $(LOCKED) --workspace --all-targets -- -D warnings
	@target="$${CARGO_TARGET_DIR:-$(CURDIR)/target}"; cd tests/bench/wires && $(CARGO) fmt --check && \
		CARGO_TARGET_DIR="$$target/wires" $(CARGO) clippy -q $(LOCKED) -- -D warnings
	@edge/build lint

## Licences, banned crates and sources of everything that any lock file names, by cargo-deny.
deny:
	@tests/proofs/deny bans licenses sources

## Known vulnerabilities of the same, and of what npm's lock files name. Fetches the RustSec database from GitHub, so it needs more
## network than the rest; KEYSTEAD_ADVISORY_DB names a checkout of it.
advisories:
	@tests/proofs/deny advisories
	@for lock in $$(git ls-files '*package-lock.json'); do \
		echo "$$lock" && (cd "$$(dirname "$$lock")" && npm audit --package-lock-only --omit=dev) || exit; done

## What each program and the admin console are made of, as CycloneDX, in target/sbom.
sbom:
	@$(CARGO) run -q $(LOCKED) -p keystead-sbom -- target/sbom

fmt:
	@$(CARGO) fmt --all

## Our API, pgbench with the workload's SQL and with ours, and the peers in one run; prints a table and the goals, writes target/bench.json.
## BENCH_TENANTS=20 for a quick one; tests/bench/knobs.rs has the other knobs.
bench: bench-api
	@$(MAKE) --no-print-directory bench-edge

bench-api:
	@$(CARGO) build $(LOCKED) --release -p keystead-server -p keystead-tests -p keystead-local
	@target="$${CARGO_TARGET_DIR:-target}"; export KEYSTEAD_PG_SHARED_BUFFERS="$${KEYSTEAD_PG_SHARED_BUFFERS:-1GB}"; \
		"$$target/release/keystead-local" with -- "$$target/release/bench"

## W1's statements by every wire that could carry them: what chose the driver (docs/adr/0001).
bench-wires:
	@target="$${CARGO_TARGET_DIR:-$(CURDIR)/target}"; \
		CARGO_TARGET_DIR="$$target/wires" $(CARGO) build -q $(LOCKED) --release --manifest-path tests/bench/wires/Cargo.toml && \
		$(MAKE) --no-print-directory bench-api BENCH_PARTS=wires BENCH_WIRES="$$target/wires/release/keystead-wires"

## The edge alone: the worker in workerd, the JavaScript peer (BENCH_RIG) and the native host. Writes target/edge-bench.json.
bench-edge: worker
	@$(CARGO) build $(LOCKED) --release -p keystead-edge-native
	@target="$${CARGO_TARGET_DIR:-$(CURDIR)/target}"; CARGO_TARGET_DIR="$$target" EDGE_NATIVE="$$target/release/keystead-edge" node tests/edge/bench/main.mjs
