//! The suites that `make prove` knows. A suite made of tests names them by module, so a test that is added to a module is
//! part of the proof the same day.

/// A promise that can be checked.
pub struct Suite {
    /// As `make prove NAME` calls it.
    pub name: &'static str,
    /// What it shows, with the numbers of the security rules.
    pub about: &'static str,
    /// What to run.
    pub run: Run,
}

/// What a suite consists of.
pub enum Run {
    /// Tests, by a filter of nextest.
    Tests(&'static str),
    /// A program of ours that is built beside this one and its arguments, started at the top of the checkout.
    Beside(&'static str, &'static [&'static str]),
    /// A program and its arguments, started at the top of the checkout.
    Script(&'static str, &'static [&'static str]),
}

/// Every suite.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "isolation",
        about: "T1-T8: nobody reaches another tenant's, project's or role's data, through the API or past it",
        run: Run::Tests("test(/^(coverage|catalogue|policies|adversary|compile_fail|cancellation)::/)"),
    },
    Suite {
        name: "edge",
        about: "T13, T16, T17 at the edge: tokens, smuggling, limits, hosts, revocation, outages; native host, and worker in workerd",
        run: Run::Tests("package(keystead-edge) | test(/^edge::/)"),
    },
    Suite {
        name: "edge-isolation",
        about: "T1-T4 twice more, every request through the native edge, then through the worker",
        run: Run::Script("sh", &["-c", THROUGH_EDGE]),
    },
    Suite {
        name: "keys",
        about: "T9, T10: ciphertext, key life cycle, KMS faults",
        run: Run::Tests("package(keystead-keys) | test(/^kms_outage::/)"),
    },
    Suite {
        name: "canary",
        about: "T21: personal data and passwords are in no log, figure, file, key, dump or freed memory",
        run: Run::Tests("test(/^pii_canary::/)"),
    },
    Suite {
        name: "restore",
        about: "T22: dumps, point-in-time recovery and one tenant's export come back whole; who was shredded or erased does not",
        run: Run::Tests("test(/^(restore|erasure)::/)"),
    },
    Suite {
        name: "faults",
        about: "T19: crashes, silence, lost answers, full disks, slow clients and wrong clocks lose and double nothing",
        run: Run::Tests("test(/^(faults|crash_server|crash_postgres|jobs|migrate)::/)"),
    },
    Suite {
        name: "fairness",
        about: "T18: a tenant as busy as fifty does not keep the others waiting; measures the release build on a quiet machine",
        run: Run::Script("sh", &["-c", FAIRNESS]),
    },
    Suite {
        name: "endurance",
        about: "T25: mixed traffic for KEYSTEAD_ENDURANCE_MINUTES (90) leaves memory, connections and tables level",
        run: Run::Tests("test(/^endurance::/)"),
    },
    Suite {
        name: "audit",
        about: "T20: every change on record, no tampering unnoticed, a million events verified offline",
        run: Run::Tests("package(keystead-audit) | test(/^audit::/)"),
    },
    Suite {
        name: "supply-chain",
        about: "T27, T28: licences, bans, known vulnerabilities, lock files, bills of materials, secrets, unsafe code, static rules",
        run: Run::Tests("binary(rules)"),
    },
    Suite {
        name: "mutants",
        about: "seeded defects: each has to turn a test red; minutes each, and it goes on where it stopped",
        run: Run::Beside("mutants", &[]),
    },
    Suite {
        name: "kernel-mutants",
        about: "cargo-mutants over keys, ids and the audit verifier; an hour",
        run: Run::Beside("mutants", &["--kernel"]),
    },
    Suite {
        name: "core-mutants",
        about: "cargo-mutants over contexts, grants, pools and transactions, judged by integration tests; an hour",
        run: Run::Beside("mutants", &["--core"]),
    },
    Suite {
        name: "clients",
        about: "generated clients in TypeScript, Python and Rust do the main job with no request written by hand",
        run: Run::Tests("test(/^clients::/)"),
    },
    Suite {
        name: "api",
        about: "T12: Schemathesis with every check, as four kinds of people: the API does what its document says",
        run: Run::Tests("test(/^conformance::/)"),
    },
    Suite {
        name: "fuzz",
        about: "T11: libFuzzer on every reader of ours of bytes that somebody else wrote; an hour each",
        run: Run::Tests("test(/^fuzz::/)"),
    },
    Suite {
        name: "speed",
        about: "G1-G16, G20: the goals of `make bench`, at their stretch, none of them unmeasured; takes a quiet machine, pgbench and the peers (BENCH_RIG)",
        run: Run::Script("sh", &["-c", SPEED]),
    },
];

/// The sweep of the API, with an edge of either host before each server.
const THROUGH_EDGE: &str = "failed=0; for host in 1 worker; do KEYSTEAD_THROUGH_EDGE=$host ${CARGO:-cargo} nextest run --locked \
    --workspace --profile proof --no-fail-fast -E 'test(/^coverage::/)' || failed=1; done; exit $failed";

/// Who waits for whom is told by what is handed out: without optimisation, opening a page of names takes a core for as long as a
/// hundred quiet requests.
const FAIRNESS: &str = "${CARGO:-cargo} build --locked --release -p keystead-server -p keystead-tests && \
    exec ${CARGO:-cargo} nextest run --locked --release --profile proof --no-fail-fast -p keystead-server -p keystead-tests \
    -E 'test(/^fairness::/)'";

/// As `make bench`, on the services that are there already.
const SPEED: &str = "${CARGO:-cargo} build --locked --release -p keystead-server -p keystead-tests && exec \"${CARGO_TARGET_DIR:-target}/release/bench\"";
