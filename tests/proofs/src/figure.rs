//! One figure: what it is, what it should be, whether it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names the file that figures are appended to as JSON lines.
pub const LOG: &str = "KEYSTEAD_PROOF_LOG";

/// A measured figure and the verdict over it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    /// The suite, as security rules number it: `T6`.
    pub suite: String,
    /// What was measured, in words joined by hyphens: `rows-leaked`.
    pub figure: String,
    /// The measured value.
    pub value: f64,
    /// The condition: `=0`, `<=60`, `>=0.95`, or `-` where there is none.
    pub threshold: String,
    /// Whether the condition holds.
    pub pass: bool,
    /// Repeats the run.
    pub seed: u64,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suite, figure, value, threshold, pass, seed } = self;
        // Three decimals are enough for a ratio; whole numbers stay whole.
        let value = (value * 1000.0).round() / 1000.0;
        write!(f, "{suite} {figure} {value} {threshold} {} {seed}", if *pass { "pass" } else { "fail" })
    }
}
