//! The catalogue of permissions, and the presets built from it.
//!
//! Roles are named sets of permissions; a tenant starts with copies of the presets. The database's policies name the same
//! strings, and a test compares the two.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
#[cfg(feature = "openapi")]
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// One thing that a role may allow.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Permission {
            /// Every permission there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in roles, policies and the OpenAPI document.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

permissions! {
    /// See the tenant's settings and roles.
    SettingsRead = "settings.read";
    /// Change the tenant's settings.
    SettingsManage = "settings.manage";
    /// See colleagues and invitations.
    MembersRead = "members.read";
    /// Invite, change and remove colleagues.
    MembersManage = "members.manage";
    /// See projects with their phases, buildings, plans and elevations.
    ProjectsRead = "projects.read";
    /// Create and change projects and what belongs to them.
    ProjectsManage = "projects.manage";
    /// See homes and prices.
    UnitsRead = "units.read";
    /// Create, change and import homes.
    UnitsManage = "units.manage";
    /// Download files.
    FilesRead = "files.read";
    /// Upload files.
    FilesManage = "files.manage";
    /// See buyers, masked.
    ContactsRead = "contacts.read";
    /// Create and change buyers.
    ContactsManage = "contacts.manage";
    /// See a buyer's personal data in full, for a stated purpose.
    ContactsReveal = "contacts.reveal";
    /// Erase a buyer for good.
    ContactsErase = "contacts.erase";
    /// See contracts.
    ContractsRead = "contracts.read";
    /// Draft and submit contracts.
    ContractsWrite = "contracts.write";
    /// Approve submitted contracts.
    ContractsApprove = "contracts.approve";
    /// Cancel contracts.
    ContractsCancel = "contracts.cancel";
    /// Read the audit trail.
    AuditRead = "audit.read";
}

// Derived, the schema would list the variants and not their names.
#[cfg(feature = "openapi")]
impl PartialSchema for Permission {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("One thing that a role may allow."))
            .enum_values(Some(Self::ALL.iter().map(|permission| permission.name())))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl ToSchema for Permission {}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no permission \"{0}\"")]
pub struct UnknownPermission(pub String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, UnknownPermission> {
        Self::ALL.iter().copied().find(|p| p.name() == name).ok_or_else(|| UnknownPermission(name.to_owned()))
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u64);

impl PermissionSet {
    /// Every permission.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Is `permission` in the set?
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    /// Is every permission of `other` in the set? Nobody may grant what they do not hold.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The members, in catalogue order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.allows(*p))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, p| set | 1 << p as u64))
    }
}

/// The roles that every tenant starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresetRole {
    /// Sells homes of the projects that are assigned.
    SalesAgent,
    /// Takes contracts through escrow to close.
    EscrowCoord,
    /// Approves contracts and incentives.
    VpSales,
    /// Runs the tenant; sees no buyer in full.
    Admin,
    /// Reads inventory and figures.
    Viewer,
}

impl PresetRole {
    /// All presets.
    pub const ALL: [Self; 5] = [Self::SalesAgent, Self::EscrowCoord, Self::VpSales, Self::Admin, Self::Viewer];

    /// The role's key, as in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::SalesAgent => "sales_agent",
            Self::EscrowCoord => "escrow_coord",
            Self::VpSales => "vp_sales",
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }

    /// The role's name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SalesAgent => "Sales agent",
            Self::EscrowCoord => "Escrow coordinator",
            Self::VpSales => "Sales VP",
            Self::Admin => "Administrator",
            Self::Viewer => "Viewer",
        }
    }

    /// What the role allows until the tenant edits its copy (the matrix of the home-sales domain).
    #[must_use]
    pub fn permissions(self) -> PermissionSet {
        use Permission as P;
        let inventory = [P::ProjectsRead, P::UnitsRead, P::FilesRead];
        let own: &[Permission] = match self {
            Self::SalesAgent => {
                &[P::ContactsRead, P::ContactsManage, P::ContactsReveal, P::ContractsRead, P::ContractsWrite]
            }
            Self::EscrowCoord => &[
                P::ContactsRead,
                P::ContactsReveal,
                P::ContractsRead,
                P::ContractsCancel,
                P::FilesManage,
                P::AuditRead,
            ],
            Self::VpSales => &[
                P::ContactsRead,
                P::ContactsManage,
                P::ContactsReveal,
                P::ContractsRead,
                P::ContractsWrite,
                P::ContractsApprove,
                P::ContractsCancel,
                P::FilesManage,
                P::MembersRead,
                P::AuditRead,
            ],
            Self::Admin => &[
                P::SettingsRead,
                P::SettingsManage,
                P::MembersRead,
                P::MembersManage,
                P::ProjectsManage,
                P::UnitsManage,
                P::FilesManage,
                P::ContactsRead,
                P::ContactsErase,
                P::ContractsRead,
                P::AuditRead,
            ],
            Self::Viewer => &[P::ContractsRead],
        };
        inventory.into_iter().chain(own.iter().copied()).collect()
    }
}

impl FromStr for PresetRole {
    type Err = ();

    fn from_str(key: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.key() == key).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permission_names_are_unique_and_round_trip() {
        for permission in Permission::ALL {
            assert_eq!(permission.to_string().parse(), Ok(*permission));
            assert_eq!(permission.to_string(), permission.name());
        }
        assert_eq!(PermissionSet::all().iter().count(), Permission::ALL.len());
        assert!("units.fly".parse::<Permission>().is_err());
    }

    #[test]
    fn a_set_covers_what_is_within_it() {
        let set = |permissions: &[Permission]| permissions.iter().copied().collect::<PermissionSet>();
        let reader = set(&[Permission::UnitsRead]);
        let manager = set(&[Permission::UnitsRead, Permission::UnitsManage]);
        let stranger = set(&[Permission::AuditRead]);
        assert!(manager.covers(reader) && manager.covers(manager) && manager.covers(set(&[])));
        assert!(!reader.covers(manager) && !reader.covers(stranger) && !set(&[]).covers(reader));
        assert_eq!(set(&[Permission::UnitsRead, Permission::UnitsRead]), reader, "twice is once");
    }

    #[test]
    fn presets_are_known_by_their_keys() {
        let told = PresetRole::ALL.map(|role| (role.key(), role.title()));
        let known = [
            ("sales_agent", "Sales agent"),
            ("escrow_coord", "Escrow coordinator"),
            ("vp_sales", "Sales VP"),
            ("admin", "Administrator"),
            ("viewer", "Viewer"),
        ];
        assert_eq!(told, known);
        for role in PresetRole::ALL {
            assert_eq!(role.key().parse(), Ok(role));
        }
        assert_eq!("nobody".parse::<PresetRole>(), Err(()));
    }

    #[test]
    fn presets_follow_the_domain_matrix() {
        let agent = PresetRole::SalesAgent.permissions();
        assert!(agent.allows(Permission::ContractsWrite) && !agent.allows(Permission::ContractsApprove));
        let admin = PresetRole::Admin.permissions();
        assert!(admin.allows(Permission::MembersManage) && !admin.allows(Permission::ContactsReveal));
        assert!(!PresetRole::Viewer.permissions().allows(Permission::ContactsRead));
        let erasing = |role: &PresetRole| role.permissions().allows(Permission::ContactsErase);
        assert_eq!(PresetRole::ALL.into_iter().filter(erasing).collect::<Vec<_>>(), [PresetRole::Admin]);
        assert!(!agent.covers(admin));
    }
}
