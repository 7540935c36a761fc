//! What a request may see, decided before any tenant row is read.

use std::sync::Arc;

use keystead_ids::{MemberId, Permission, PermissionSet, ProjectId, RequestId, TenantId};
use uuid::Uuid;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person of the tenant.
    Member(MemberId),
    /// The platform itself, doing a named job for the tenant.
    System(SystemJob),
}

/// Jobs that the platform does inside a tenant, each with just the permissions it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemJob {
    /// Fills a new tenant.
    Provision,
    /// Turns an accepted invitation into a membership.
    AcceptInvitation,
    /// Reads everything of a tenant into an export.
    Export,
    /// Destroys the keys of a tenant that leaves.
    Offboard,
    /// Makes the tenant's tree of shares, wraps keys with shares, destroys those of erased persons.
    Shares,
    /// Counts what a tenant has, for its limits and for operators. It sees no buyers.
    Measure,
}

impl SystemJob {
    fn permissions(self) -> PermissionSet {
        use Permission as P;
        match self {
            Self::Provision => [P::SettingsRead, P::SettingsManage, P::MembersRead, P::MembersManage, P::ContactsRead]
                .into_iter()
                .collect(),
            Self::AcceptInvitation => [P::MembersRead, P::MembersManage].into_iter().collect(),
            Self::Export => PermissionSet::all(),
            Self::Shares => [P::ContactsRead].into_iter().collect(),
            Self::Measure => {
                [P::MembersRead, P::ProjectsRead, P::UnitsRead, P::FilesRead, P::ContractsRead].into_iter().collect()
            }
            Self::Offboard => {
                [P::SettingsManage, P::ContactsRead, P::ContactsManage, P::AuditRead].into_iter().collect()
            }
        }
    }
}

/// The right to act in one tenant. Its fields are private: it comes from a verified session or a named job only.
#[derive(Debug, Clone)]
pub struct TenantGrant {
    pub(crate) tenant: TenantId,
    pub(crate) actor: Actor,
    pub(crate) permissions: PermissionSet,
    /// `None`: every project.
    pub(crate) projects: Option<Arc<[ProjectId]>>,
    pub(crate) request: RequestId,
    pub(crate) key_epoch: u64,
}

impl TenantGrant {
    pub(crate) fn system(tenant: TenantId, job: SystemJob, request: RequestId, key_epoch: u64) -> Self {
        Self { tenant, actor: Actor::System(job), permissions: job.permissions(), projects: None, request, key_epoch }
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The member who acts; the nil id when the platform does.
    #[must_use]
    pub const fn member(&self) -> MemberId {
        match self.actor {
            Actor::Member(id) => id,
            Actor::System(_) => MemberId(Uuid::nil()),
        }
    }

    /// What the actor may do.
    #[must_use]
    pub const fn permissions(&self) -> PermissionSet {
        self.permissions
    }

    /// The actor's projects; `None` means all.
    #[must_use]
    pub fn projects(&self) -> Option<&[ProjectId]> {
        self.projects.as_deref()
    }

    /// The request that this grant serves.
    #[must_use]
    pub const fn request(&self) -> RequestId {
        self.request
    }

    /// The tenant's key epoch: cached data keys of an older epoch are void.
    #[must_use]
    pub const fn key_epoch(&self) -> u64 {
        self.key_epoch
    }

    /// The same grant for another request.
    #[must_use]
    pub fn for_request(&self, request: RequestId) -> Self {
        Self { request, ..self.clone() }
    }
}
