//! A running proof: it collects figures and fails when one misses its threshold.

use std::{
    fs::OpenOptions,
    io::Write as _,
    sync::{Mutex, PoisonError},
};

use rand::{SeedableRng as _, rngs::StdRng};

use crate::{Figure, LOG, full};

/// A proof of one suite. Report figures as they come; when it is dropped, it fails the test if a figure missed.
#[derive(Debug)]
pub struct Proof {
    suite: &'static str,
    seed: u64,
    missed: Mutex<Vec<String>>,
}

impl Proof {
    /// Starts a proof of `suite` (`T6`), with the seed of `KEYSTEAD_PROOF_SEED` or a fresh one.
    #[must_use]
    pub fn of(suite: &'static str) -> Self {
        let seed = std::env::var("KEYSTEAD_PROOF_SEED").ok().and_then(|seed| seed.parse().ok());
        // 32 bits: the seed is read and typed by people, and survives a JSON number.
        Self { suite, seed: seed.unwrap_or_else(|| rand::random::<u32>().into()), missed: Mutex::default() }
    }

    /// The seed that repeats this run.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Random numbers that the seed repeats.
    #[must_use]
    pub fn rng(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed)
    }

    /// A figure that must be nought.
    pub fn zero(&self, figure: &str, value: impl Number) {
        self.exactly(figure, value, 0);
    }

    /// A figure that must be `wanted`.
    pub fn exactly(&self, figure: &str, value: impl Number, wanted: impl Number) {
        let (value, wanted) = (value.number(), wanted.number());
        self.report(figure, value, format!("={wanted}"), (value - wanted).abs() < f64::EPSILON);
    }

    /// A figure that must not exceed `limit`.
    pub fn at_most(&self, figure: &str, value: impl Number, limit: impl Number) {
        let (value, limit) = (value.number(), limit.number());
        self.report(figure, value, format!("<={limit}"), value <= limit);
    }

    /// A figure that must reach `limit`.
    pub fn at_least(&self, figure: &str, value: impl Number, limit: impl Number) {
        let (value, limit) = (value.number(), limit.number());
        self.report(figure, value, format!(">={limit}"), value >= limit);
    }

    /// A figure to know, without a condition.
    pub fn note(&self, figure: &str, value: impl Number) {
        self.report(figure, value.number(), "-".to_owned(), true);
    }

    /// Something was left out because this machine lacks what it takes; `why` says what that is. The fast tier takes
    /// note, in the deep tier it is a miss: what did not run proves nothing.
    pub fn skipped(&self, what: &str, why: &str) {
        println!("skipped {what}: {why}");
        let figure = format!("{what}-skipped");
        if full() {
            self.zero(&figure, 1);
            self.miss(why.to_owned());
        } else {
            self.note(&figure, 1);
        }
    }

    fn report(&self, figure: &str, value: f64, threshold: String, pass: bool) {
        let figure =
            Figure { suite: self.suite.to_owned(), figure: figure.to_owned(), value, threshold, pass, seed: self.seed };
        println!("{figure}");
        append(&figure);
        if !pass {
            self.miss(figure.to_string());
        }
    }

    fn miss(&self, what: String) {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        let missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(missed.is_empty() || std::thread::panicking(), "missed: {missed:#?}");
    }
}

/// One write per line: tests of several processes share the file.
fn append(figure: &Figure) {
    let Some(path) = std::env::var_os(LOG) else { return };
    let line = serde_json::to_string(figure).expect("a figure is JSON");
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the proof log opens");
    file.write_all(format!("{line}\n").as_bytes()).expect("the proof log takes a line");
}

/// What a figure can be given as.
pub trait Number {
    /// As the report carries it.
    fn number(self) -> f64;
}

macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            fn number(self) -> f64 {
                self as f64
            }
        }
    )*};
}

impl Number for f64 {
    fn number(self) -> f64 {
        self
    }
}

numbers!(u64, u32, i32, i64, usize);
