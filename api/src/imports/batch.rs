//! Rows on their way to the database.

use keystead_sheets::{RowError, UnitRow};

/// Rows of a batch: what the database takes in well under its statement time-out.
pub(super) const MAX_ROWS: i64 = 1_000;
/// Errors of a batch: they go in by one statement, which has at most 65,535 parameters.
pub(super) const MAX_ERRORS: usize = 4_000;

/// Something wrong with a row, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) row: i64,
    pub(super) column: Option<String>,
    pub(super) reason: String,
}

impl From<RowError> for Refusal {
    fn from(error: RowError) -> Self {
        Self { row: error.row.cast_signed(), column: error.column, reason: error.reason.to_string() }
    }
}

/// The rows of one transaction.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    /// Rows that were read.
    pub(super) rows: i64,
    /// Homes to import, in the order of the file.
    pub(super) units: Vec<UnitRow>,
    /// What is wrong with the other rows.
    pub(super) errors: Vec<Refusal>,
}

impl Batch {
    pub(super) fn is_full(&self) -> bool {
        self.rows >= MAX_ROWS || self.errors.len() >= MAX_ERRORS
    }

    /// Takes homes out that turn out to exist already.
    pub(super) fn refuse_units(&mut self, column: &str, exists: impl Fn(&UnitRow) -> bool) {
        let (refused, units) = std::mem::take(&mut self.units).into_iter().partition::<Vec<_>, _>(|unit| exists(unit));
        self.units = units;
        self.errors.extend(refused.iter().map(|unit| number_taken(unit.row, column)));
    }

    /// Rows that are no homes: all but those that are.
    pub(super) fn rows_refused(&self) -> i64 {
        self.rows - self.rows_imported()
    }

    /// Rows that are homes.
    pub(super) fn rows_imported(&self) -> i64 {
        i64::try_from(self.units.len()).unwrap_or(i64::MAX)
    }

    /// The errors in the order of the file.
    pub(super) fn take_errors(&mut self) -> Vec<Refusal> {
        let mut errors = std::mem::take(&mut self.errors);
        errors.sort_by_key(|error| error.row);
        errors
    }
}

/// The number of a home is taken, in the project or in the file.
pub(super) fn number_taken(row: u64, column: &str) -> Refusal {
    let reason = "a home with this number exists already".to_owned();
    Refusal { row: row.cast_signed(), column: Some(column.to_owned()), reason }
}
