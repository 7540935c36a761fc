//! Typed ids, slugs, hosts and the permission catalogue.
//!
//! No I/O and no heavy dependency: the edge worker links this crate too.

mod host;
#[macro_use]
mod id;
mod permission;
mod slug;

pub use host::{HostRule, TenantHost};
pub use id::{IdError, ParsedId, parse as parse_id};
pub use permission::{Permission, PermissionSet, PresetRole, UnknownPermission};
pub use slug::{Slug, SlugError};

use uuid::Uuid;

typed_ids! {
    /// A builder on the platform.
    TenantId = "tnt";
    /// A builder's own domain.
    DomainId = "dom";
    /// A person's login, across tenants.
    IdentityId = "idn";
    /// An application to open a tenant.
    SignupId = "sgn";
    /// One logged-in device.
    SessionId = "ses";
    /// A person's membership in one tenant; the actor of everything they do there.
    MemberId = "mem";
    /// An invitation to join a tenant.
    InvitationId = "inv";
    /// A named set of permissions.
    RoleId = "rol";
    /// A community that a builder sells.
    ProjectId = "prj";
    /// A release phase of a project.
    PhaseId = "phs";
    /// A building of a project.
    BuildingId = "bld";
    /// A floor plan offered in a project.
    PlanId = "pln";
    /// An elevation of a plan.
    ElevationId = "elv";
    /// A home.
    UnitId = "unt";
    /// A run of a spreadsheet import.
    ImportId = "imp";
    /// A saved mapping of spreadsheet columns.
    MappingId = "map";
    /// An uploaded file.
    FileId = "fil";
    /// A person who buys or may buy.
    ContactId = "cnt";
    /// A home-sale contract.
    ContractId = "ctr";
    /// One disclosure of a buyer's personal data.
    RevealId = "rvl";
    /// One erasure of a buyer.
    ErasureId = "ers";
    /// An entry of the audit trail.
    EventId = "evt";
    /// An invitation to run the platform.
    OperatorInvitationId = "opi";
    /// A mail that waits or was given up.
    MailId = "eml";
    /// One HTTP request.
    RequestId = "req";
}
