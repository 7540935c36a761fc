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
#[expect(dead_code, reason = "the first suite that is a program comes with the API's proofs")]
pub enum Run {
    /// Tests, by a filter of nextest.
    Tests(&'static str),
    /// A program and its arguments, started at the top of the checkout.
    Script(&'static str, &'static [&'static str]),
}

/// Every suite.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "isolation",
        about: "T1-T8: nobody reaches another tenant's, project's or role's data, through the API or past it",
        run: Run::Tests("test(/^(coverage|catalogue|policies|compile_fail|cancellation)::/)"),
    },
    Suite {
        name: "keys",
        about: "T9, T10: ciphertext, key life cycle, KMS faults",
        run: Run::Tests("package(keystead-keys) | test(/^(kms_outage|keys)::/)"),
    },
    Suite {
        name: "clients",
        about: "generated clients in TypeScript, Python and Rust do the main job with no request written by hand",
        run: Run::Tests("test(/^clients::/)"),
    },
];
