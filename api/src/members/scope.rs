//! Which projects a member may work in.

use std::collections::BTreeSet;

use keystead_ids::ProjectId;
use keystead_tenants::TenantTx;

use super::store;
use crate::http::{FieldCode, Problem};

/// A member has at most this many listed projects; who needs more has all of them.
const MAX_PROJECTS: usize = 200;

/// The projects that somebody gives to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProjectScope {
    /// Every project, of today and of tomorrow.
    All,
    /// These.
    Listed(BTreeSet<ProjectId>),
}

impl ProjectScope {
    /// Reads what was asked for.
    ///
    /// # Errors
    /// 422 when `project_ids` contradicts `all_projects` or is too long.
    pub(crate) fn read(all_projects: bool, project_ids: Vec<ProjectId>) -> Result<Self, Problem> {
        if all_projects && !project_ids.is_empty() {
            return Err(Problem::field(
                "/project_ids",
                FieldCode::Contradicts,
                "must be empty when all_projects is true",
            ));
        }
        if project_ids.len() > MAX_PROJECTS {
            return Err(Problem::field(
                "/project_ids",
                FieldCode::TooMany,
                format!("must name at most {MAX_PROJECTS} projects"),
            ));
        }
        Ok(if all_projects { Self::All } else { Self::Listed(project_ids.into_iter().collect()) })
    }

    /// Reads what somebody is invited to.
    ///
    /// # Errors
    /// As [`ProjectScope::read`], and 422 when it is no project at all.
    pub(crate) fn of_invitation(all_projects: bool, project_ids: Vec<ProjectId>) -> Result<Self, Problem> {
        if !all_projects && project_ids.is_empty() {
            return Err(Problem::field(
                "/project_ids",
                FieldCode::Contradicts,
                "must name a project unless all_projects is true",
            ));
        }
        Self::read(all_projects, project_ids)
    }

    /// Is it every project?
    pub(crate) const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// The listed ones.
    pub(crate) fn listed(&self) -> impl Iterator<Item = ProjectId> {
        let listed = match self {
            Self::All => None,
            Self::Listed(ids) => Some(ids),
        };
        listed.into_iter().flatten().copied()
    }

    /// May the caller give these projects? Nobody gives a project that they do not see themselves; one that does not exist
    /// looks the same.
    ///
    /// # Errors
    /// 422 that names the field.
    pub(crate) async fn check(&self, tx: &TenantTx) -> Result<(), Problem> {
        self.check_among(tx, &store::visible_projects(tx, self.listed()).await?)
    }

    /// The same, where the caller is known to see `seen`, of all that were asked for.
    ///
    /// # Errors
    /// 422 that names the field.
    pub(crate) fn check_among(&self, tx: &TenantTx, seen: &BTreeSet<ProjectId>) -> Result<(), Problem> {
        match self {
            Self::All if tx.grant().projects().is_some() => Err(Problem::field(
                "/all_projects",
                FieldCode::NotAllowed,
                "must be false: you do not work in every project yourself",
            )),
            Self::Listed(ids) if !ids.is_subset(seen) => {
                Err(Problem::field("/project_ids", FieldCode::NotAllowed, "must be projects that you work in"))
            }
            Self::All | Self::Listed(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn ids(count: u128) -> Vec<ProjectId> {
        (1..=count).map(|n| ProjectId(Uuid::from_u128(n))).collect()
    }

    #[test]
    fn a_scope_is_everything_or_a_list_without_repeats() {
        assert_eq!(ProjectScope::read(true, ids(0)).expect("all"), ProjectScope::All);
        let twice = [ids(2), ids(2)].concat();
        let scope = ProjectScope::read(false, twice).expect("listed");
        assert_eq!(scope.listed().collect::<Vec<_>>(), ids(2));
        assert!(!scope.is_all());
        assert!(ProjectScope::All.is_all() && ProjectScope::All.listed().next().is_none());
    }

    #[test]
    fn contradictions_and_endless_lists_are_refused() {
        assert!(ProjectScope::read(true, ids(1)).is_err());
        assert!(ProjectScope::read(false, ids(200)).is_ok());
        assert!(ProjectScope::read(false, ids(201)).is_err());
    }
}
