//! Imports on the wire, and what an import remembers.

use chrono::{DateTime, Utc};
use keystead_entities::{import, import_error};
use keystead_ids::{ImportId, MappingId, ProjectId};
use keystead_sheets::Mapping;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::Text;

/// What to import, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// The project that gets the homes.
    pub project_id: ProjectId,
    /// A saved mapping; without one, the columns are taken to have the names of the fields.
    #[serde(default)]
    pub mapping_id: Option<MappingId>,
    /// Check everything and write no home.
    #[serde(default)]
    pub dry_run: bool,
    /// Phases that the import makes are released at once. Otherwise they are not released, and their homes not for sale
    /// yet. Phases that exist stay as they are.
    #[serde(default)]
    pub release_phases: bool,
    /// What the file is called, for the record.
    #[param(value_type = String, min_length = 1, max_length = 200)]
    pub file_name: Text<1, 200>,
}

/// Which imports to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportFilters {
    /// Of this project only.
    #[serde(default)]
    pub project_id: Option<ProjectId>,
}

/// What an import remembers of its instructions, for whoever resumes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instructions {
    /// Without one, the columns are taken to have the names of the fields.
    pub(super) mapping: Option<Mapping>,
    pub(super) release_phases: bool,
}

/// Where an import is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Under way, or broken off and waiting to be resumed.
    Running,
    /// The whole file was read.
    Finished,
    /// The file cannot be read on.
    Failed,
}

impl ImportState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
        }
    }
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOut {
    /// Its id.
    pub id: ImportId,
    /// The project that gets the homes.
    pub project_id: ProjectId,
    /// What the file is called.
    pub file_name: String,
    /// Only checks; counts as imported what would be.
    pub dry_run: bool,
    /// `running`, `finished` or `failed`. One that broke off stays `running` until it is resumed.
    pub state: String,
    /// Why it failed.
    #[schema(required)]
    pub failed_because: Option<String>,
    /// Rows dealt with, without the header and blank rows.
    pub rows_read: i64,
    /// Rows that became homes.
    pub rows_imported: i64,
    /// Rows with errors; each is one row, however many errors it has.
    pub rows_refused: i64,
    /// When it began.
    pub created_at: DateTime<Utc>,
}

impl From<import::Model> for ImportOut {
    fn from(row: import::Model) -> Self {
        let import::Model { id, project_id, file_name, dry_run, state, failed_because, .. } = row;
        let import::Model { rows_read, rows_imported, rows_refused, created_at, .. } = row;
        Self {
            id,
            project_id,
            file_name,
            dry_run,
            state,
            failed_because,
            rows_read,
            rows_imported,
            rows_refused,
            created_at,
        }
    }
}

/// An import that was read to its end.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// The import.
    #[serde(flatten)]
    pub import: ImportOut,
    /// The first hundred errors; all of them are at `/v1/imports/{id}/errors`.
    pub errors: Vec<ImportErrorOut>,
}

/// Something wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportErrorOut {
    /// The row's number as a spreadsheet program shows it; the header is row 1.
    pub row: i64,
    /// The column's name in the file, where one column is at fault.
    #[schema(required)]
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl From<import_error::Model> for ImportErrorOut {
    fn from(row: import_error::Model) -> Self {
        let import_error::Model { row_number, column_name, reason, .. } = row;
        Self { row: row_number, column: column_name, reason }
    }
}
