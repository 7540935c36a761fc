//! What the database answers when it does not do what it was asked.

use std::{fmt, str::FromStr};

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};
use thiserror::Error;

/// How the verifier of signed contexts begins its refusals (`ctx.verified` of the migrations).
const CONTEXT: &str = "tenant context";

/// A statement that the database refused, without any value of the statement: messages of the server may quote rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// SQLSTATE.
    pub code: String,
    /// The violated constraint, where there is one.
    pub constraint: Option<String>,
}

impl Refusal {
    pub(crate) fn of(error: &tokio_postgres::Error) -> Option<Self> {
        let db = error.as_db_error()?;
        let context = db.message().starts_with(CONTEXT).then_some(CONTEXT);
        Some(Self { code: db.code().code().to_owned(), constraint: db.constraint().or(context).map(str::to_owned) })
    }

    /// A UNIQUE constraint was violated.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        self.code == "23505"
    }

    /// A referenced row does not exist, or is another tenant's or project's.
    #[must_use]
    pub fn is_missing_reference(&self) -> bool {
        self.code == "23503"
    }

    /// A CHECK constraint was violated.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.code == "23514"
    }

    /// Row-level security or a grant said no.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.code == "42501" && !self.is_context()
    }

    /// The verifier refused the signed context: it is expired, or not yet valid, by the database's clock. No caller can help
    /// that; the clocks of the server and of the database differ, or the statement was held up on its way.
    #[must_use]
    pub fn is_context(&self) -> bool {
        self.constraint.as_deref() == Some(CONTEXT)
    }

    /// Another transaction stood in the way: trying again may help.
    #[must_use]
    pub fn is_contention(&self) -> bool {
        matches!(self.code.as_str(), "40001" | "40P01" | "55P03" | "57014")
    }

    /// Is it this constraint?
    #[must_use]
    pub fn violates(&self, constraint: &str) -> bool {
        self.constraint.as_deref() == Some(constraint)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQLSTATE {} on {}", self.code, self.constraint.as_deref().unwrap_or("-"))
    }
}

impl FromStr for Refusal {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (code, constraint) = text.strip_prefix("SQLSTATE ").and_then(|rest| rest.split_once(" on ")).ok_or(())?;
        Ok(Self { code: code.to_owned(), constraint: (constraint != "-").then(|| constraint.to_owned()) })
    }
}

/// Reads the refusal out of an error.
pub trait Refused {
    /// The refusal, when the database answered with one; `None` when it did not answer.
    fn refusal(&self) -> Option<Refusal>;
}

impl Refused for DbErr {
    fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Exec(RuntimeErr::Internal(text)) | Self::Query(RuntimeErr::Internal(text)) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Refused for DbError {
    fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal.clone()),
            _ => None,
        }
    }
}

/// Why a platform method or a transaction failed.
#[derive(Debug, Error)]
pub enum DbError {
    /// No connection became free in time.
    #[error("no database connection became free in time")]
    Busy,
    /// Too many of the tenant's own requests wait for a connection.
    #[error("too many requests of the tenant wait")]
    Crowded,
    /// The server is not reachable, or the connection broke.
    #[error("the database is not reachable")]
    Unreachable,
    /// The server refused a statement.
    #[error("the database refused: {0}")]
    Refused(Refusal),
    /// A tenant's transaction sends SELECT, INSERT, UPDATE, DELETE and WITH, and nothing else.
    #[error("only statements on data are sent")]
    NotOnData,
    /// An export cannot be whole: the role may not read this table.
    #[error("{0} cannot be read")]
    Unreadable(String),
    /// A tenant is to be restored where one is already.
    #[error("there is a tenant in this database already")]
    Occupied,
    /// A value could not be written to or read from the wire: a mistake of ours.
    #[error("a value does not convert: {0}")]
    Conversion(&'static str),
    /// A stored value does not parse: corruption, not a caller's mistake.
    #[error("corrupt value in {table}.{column}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(refusal) = Refusal::of(&error) {
            return Self::Refused(refusal);
        }
        // The driver keeps the kind of its errors to itself, but its messages are fixed; the cause, which may quote a value,
        // is not in them.
        let message = error.to_string();
        if message.starts_with("error serializing") {
            Self::Conversion("a parameter does not fit its column")
        } else if message.starts_with("error deserializing") {
            Self::Conversion("a column does not fit its type")
        } else if message.starts_with("query returned an unexpected number of rows") {
            Self::Conversion("another number of rows than asked for")
        } else {
            Self::Unreachable
        }
    }
}

impl From<deadpool_postgres::PoolError> for DbError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Timeout(_) => Self::Busy,
            // Whatever it says, there is no connection: a wrong password, no such database, one that takes nobody.
            deadpool_postgres::PoolError::Backend(error) => {
                let code = error.code().map_or("none", |code| code.code());
                tracing::error!(code, "the database takes no connection");
                Self::Unreachable
            }
            _ => Self::Unreachable,
        }
    }
}

impl From<DbError> for DbErr {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Refused(refusal) => Self::Query(RuntimeErr::Internal(refusal.to_string())),
            DbError::Conversion(what) => Self::Type(what.to_owned()),
            DbError::NotOnData => Self::Custom(error.to_string()),
            DbError::Crowded => Self::ConnectionAcquire(ConnAcquireErr::Timeout),
            other => Self::Conn(RuntimeErr::Internal(other.to_string())),
        }
    }
}
