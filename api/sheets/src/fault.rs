//! What can be wrong with a file and with a row. No message repeats a cell's content.

use std::fmt;

use thiserror::Error;

/// Why a file cannot be read on. What came before stays valid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SheetError {
    /// More columns than allowed.
    #[error("the header has more than {limit} columns")]
    TooManyColumns {
        /// The limit.
        limit: usize,
    },
    /// Nothing but blank lines.
    #[error("the file has no header row")]
    NoHeader,
    /// Two columns have one name; letter case and space do not tell columns apart.
    #[error("the header names the column \"{name}\" twice")]
    DuplicateHeader {
        /// The name.
        name: String,
    },
    /// A header cell beyond the limit, or a header row beyond the limit of a row.
    #[error("the header row or a name in it is too long")]
    HeaderTooLong,
    /// A header that a spreadsheet program would compute.
    #[error("the header of column {column} looks like a formula")]
    HeaderFormula {
        /// The column's place, from 1.
        column: usize,
    },
    /// Not a text file.
    #[error("the file is not text: {reason}")]
    NotText {
        /// How one can tell.
        reason: &'static str,
    },
    /// UTF-16, as some programs' "Unicode text" is.
    #[error("the file is UTF-16: save it as \"CSV UTF-8\"")]
    Utf16,
    /// A quotation mark opens a cell and none closes it.
    #[error("a quotation mark that opens in row {row} is never closed")]
    UnterminatedQuote {
        /// The spreadsheet row.
        row: u64,
    },
}

impl SheetError {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooManyColumns { .. } => "too-many-columns",
            Self::NoHeader => "no-header",
            Self::DuplicateHeader { .. } => "duplicate-header",
            Self::HeaderTooLong => "header-too-long",
            Self::HeaderFormula { .. } => "header-formula",
            Self::NotText { .. } => "not-text",
            Self::Utf16 => "utf-16",
            Self::UnterminatedQuote { .. } => "unterminated-quote",
        }
    }
}

/// Something wrong in one row. The rows after it are read all the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct RowError {
    /// The row's number in a spreadsheet program; the header is row 1 unless blank lines come before it.
    pub row: u64,
    /// The column's name in the header, or the mapping's template or field if no single column is at fault.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: Reason,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some(column) = &self.column {
            write!(f, ", column \"{column}\"")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What can be wrong in a row.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// A cell has too many bytes.
    #[error("the cell is longer than {limit} bytes")]
    CellTooLong {
        /// The limit.
        limit: usize,
    },
    /// The cells together have too many bytes.
    #[error("the row is longer than {limit} bytes")]
    RowTooLong {
        /// The limit.
        limit: usize,
    },
    /// There is content beyond the last column of the header.
    #[error("the row has more cells than the header, which has {columns}")]
    TooManyCells {
        /// How many columns the header has.
        columns: usize,
    },
    /// The file is UTF-8 elsewhere, and not here.
    #[error("the cell is not valid UTF-8")]
    NotUtf8,
    /// A character that no text has.
    #[error("the cell contains a control character")]
    ControlCharacter,
    /// A cell that a spreadsheet program would compute.
    #[error("looks like a formula")]
    Formula,
    /// A required value is empty.
    #[error("must not be empty")]
    Missing,
    /// A value has too many characters.
    #[error("must have at most {limit} characters")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Not a whole number.
    #[error("must be a whole number")]
    NotInteger,
    /// A number outside its range.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// Not a number of bathrooms.
    #[error("must be a number of bathrooms such as 2, 2.5 or 2/1 (full/half)")]
    NotBathrooms,
    /// Not an amount.
    #[error("must be an amount such as 499900, 499,900.00 or $499,900")]
    NotPrice,
    /// An amount that two countries read differently.
    #[error("may mean thousands or thousandths: write it without separators")]
    AmbiguousPrice,
    /// Less than nothing.
    #[error("must not be negative")]
    NegativePrice,
    /// Fractions of the smallest unit.
    #[error("must be exact to the cent")]
    InexactPrice,
    /// More than the system can count.
    #[error("is too large")]
    PriceTooLarge,
    /// Not a currency code.
    #[error("must be a currency code of three letters such as USD")]
    NotCurrency,
    /// The amount's own sign contradicts the currency of the row.
    #[error("is in another currency than the row")]
    OtherCurrency,
    /// An elevation belongs to a plan.
    #[error("needs a plan")]
    NeedsPlan,
}

impl Reason {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CellTooLong { .. } => "cell-too-long",
            Self::RowTooLong { .. } => "row-too-long",
            Self::TooManyCells { .. } => "too-many-cells",
            Self::NotUtf8 => "not-utf-8",
            Self::ControlCharacter => "control-character",
            Self::Formula => "formula",
            Self::Missing => "missing",
            Self::TooLong { .. } => "too-long",
            Self::NotInteger => "not-integer",
            Self::OutOfRange { .. } => "out-of-range",
            Self::NotBathrooms => "not-bathrooms",
            Self::NotPrice => "not-price",
            Self::AmbiguousPrice => "ambiguous-price",
            Self::NegativePrice => "negative-price",
            Self::InexactPrice => "inexact-price",
            Self::PriceTooLarge => "price-too-large",
            Self::NotCurrency => "not-currency",
            Self::OtherCurrency => "other-currency",
            Self::NeedsPlan => "needs-plan",
        }
    }
}
