//! What a search finds, on the wire.

use keystead_entities::{plan, project};
use keystead_ids::ProjectId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{contacts::ContactOut, contracts, http::Text, units::UnitRow};

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SearchParams {
    /// Part of a project's, plan's or home's name, number or address; the number of a contract or of its home; a buyer's whole
    /// e-mail address or phone number, or the beginnings of the words of their name.
    #[param(inline, example = "101")]
    pub q: Text<1, 200>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchOut {
    /// At most eight of each kind, kind by kind.
    pub items: Vec<HitOut>,
}

/// A record that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitOut {
    /// What it is.
    pub kind: HitKind,
    /// Its id.
    pub id: String,
    /// The project that it belongs to, or that it is.
    pub project_id: ProjectId,
    /// What it is called: a name, a code or a number; a contact's initials.
    #[schema(required)]
    pub title: Option<String>,
    /// What tells it from others of the name: a plan's name, a home's address, the number of a contract's home, a contact's
    /// masked e-mail address or phone number.
    #[schema(required)]
    pub subtitle: Option<String>,
    /// Where it stands: the state of a project or contract, the status of a home.
    #[schema(required)]
    pub state: Option<String>,
}

/// What a found record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    /// A project.
    Project,
    /// A home.
    Unit,
    /// A plan.
    Plan,
    /// A contract.
    Contract,
    /// A contact, masked.
    Contact,
}

impl From<project::Model> for HitOut {
    fn from(row: project::Model) -> Self {
        Self {
            kind: HitKind::Project,
            id: row.id.to_string(),
            project_id: row.id,
            title: Some(row.code),
            subtitle: Some(row.name),
            state: Some(row.state),
        }
    }
}

impl From<UnitRow> for HitOut {
    fn from(UnitRow { unit, status }: UnitRow) -> Self {
        Self {
            kind: HitKind::Unit,
            id: unit.id.to_string(),
            project_id: unit.project_id,
            title: Some(unit.number),
            subtitle: unit.address,
            state: Some(status.name().to_owned()),
        }
    }
}

impl From<plan::Model> for HitOut {
    fn from(row: plan::Model) -> Self {
        Self {
            kind: HitKind::Plan,
            id: row.id.to_string(),
            project_id: row.project_id,
            title: Some(row.code),
            subtitle: Some(row.name),
            state: None,
        }
    }
}

impl From<contracts::Row> for HitOut {
    fn from((contract, unit): contracts::Row) -> Self {
        Self {
            kind: HitKind::Contract,
            id: contract.id.to_string(),
            project_id: contract.project_id,
            title: Some(contract.number.to_string()),
            subtitle: unit.map(|unit| unit.number),
            state: Some(contract.state),
        }
    }
}

impl From<ContactOut> for HitOut {
    fn from(contact: ContactOut) -> Self {
        Self {
            kind: HitKind::Contact,
            id: contact.id.to_string(),
            project_id: contact.project_id,
            title: contact.name,
            subtitle: contact.email.or(contact.phone),
            state: None,
        }
    }
}
