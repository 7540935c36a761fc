//! Which host is whose: from a name to a tenant and the cell that has its rows.

use std::{collections::HashMap, fmt, sync::Arc};

use keystead_ids::TenantId;
use serde::{Deserialize, Serialize};

use crate::{
    limits::Quota,
    signed::{self, DocumentError, TrustedKey},
};

/// The `typ` of a signed directory.
pub const TYPE: &str = "keystead-directory";

/// A cell's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Cell(pub Arc<str>);

impl From<String> for Cell {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<&str> for Cell {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<Cell> for String {
    fn from(cell: Cell) -> Self {
        cell.0.as_ref().to_owned()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a cell publishes, before and after the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Rises with every change; an edge never goes back.
    pub epoch: u64,
    /// The domain below which tenants have their hosts.
    pub base_domain: String,
    /// Where requests go that name no tenant.
    pub default_cell: Cell,
    /// Every cell.
    pub cells: HashMap<Cell, CellEntry>,
    /// Every plan, by name.
    pub plans: HashMap<String, Plan>,
    /// Every tenant that is to be reached.
    pub tenants: Vec<TenantEntry>,
    /// Tenants' own domains, verified.
    #[serde(default)]
    pub domains: Vec<DomainEntry>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellEntry {
    /// The `iss` of its tokens.
    pub issuer: String,
}

/// What a plan allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// All requests of a tenant.
    pub per_tenant: Quota,
    /// Requests of each of its members and API keys.
    pub per_subject: Quota,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// Its id.
    pub id: TenantId,
    /// Its host label.
    pub slug: String,
    /// Where its rows are.
    pub cell: Cell,
    /// The name of its plan.
    pub plan: String,
    /// It is on its way to another cell: nothing may be read or written meanwhile.
    #[serde(default)]
    pub moving: bool,
}

/// A tenant's own domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainEntry {
    /// The whole host, in lower case.
    pub host: String,
    /// Whose it is.
    pub tenant: TenantId,
}

/// What a host is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A tenant's workspace below the platform's domain.
    Tenant,
    /// A tenant's workspace on a domain of its own.
    CustomDomain,
    /// The operators' console: `console.<base>`.
    Console,
    /// The platform's own name, and `api.<base>`: the token decides whose data is meant.
    Platform,
    /// The public reference: `docs.<base>`.
    Docs,
}

/// Where a host leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What the host is for.
    pub kind: Kind,
    /// The tenant, where the host names one.
    pub tenant: Option<Arc<Tenant>>,
    /// The cell that answers.
    pub cell: Cell,
}

/// A tenant with what its plan allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its host label.
    pub slug: String,
    /// Where its rows are.
    pub cell: Cell,
    /// On its way to another cell.
    pub moving: bool,
    /// What it may use.
    pub plan: Plan,
}

/// A directory, ready to be asked.
#[derive(Debug)]
pub struct Directory {
    epoch: u64,
    base: String,
    default_cell: Cell,
    cells: HashMap<Cell, CellEntry>,
    tenants: HashMap<TenantId, Arc<Tenant>>,
    hosts: HashMap<String, (Kind, Arc<Tenant>)>,
}

impl Directory {
    /// Reads a signed snapshot.
    ///
    /// # Errors
    /// When it is not signed by one of `trusted`, or contradicts itself.
    pub fn open(document: &[u8], trusted: &[TrustedKey]) -> Result<Self, DocumentError> {
        Self::new(signed::open(document, TYPE, trusted)?)
    }

    /// From a snapshot whose signature was checked.
    ///
    /// # Errors
    /// [`DocumentError::Content`] if it names a cell, plan or tenant that it does not list, or one host or id twice.
    pub fn new(snapshot: Snapshot) -> Result<Self, DocumentError> {
        let base = snapshot.base_domain.to_ascii_lowercase();
        let mut directory = Self {
            epoch: snapshot.epoch,
            default_cell: snapshot.default_cell,
            cells: snapshot.cells,
            tenants: HashMap::with_capacity(snapshot.tenants.len()),
            hosts: HashMap::with_capacity(snapshot.tenants.len() + snapshot.domains.len()),
            base,
        };
        directory.cell(&directory.default_cell).ok_or(DocumentError::Content)?;
        for entry in snapshot.tenants {
            let plan = snapshot.plans.get(&entry.plan).ok_or(DocumentError::Content)?;
            directory.add(entry, *plan)?;
        }
        for domain in snapshot.domains {
            let tenant = directory.tenants.get(&domain.tenant).ok_or(DocumentError::Content)?;
            let tenant = Arc::clone(tenant);
            directory.name(domain.host.to_ascii_lowercase(), Kind::CustomDomain, tenant)?;
        }
        Ok(directory)
    }

    fn add(&mut self, entry: TenantEntry, plan: Plan) -> Result<(), DocumentError> {
        self.cell(&entry.cell).ok_or(DocumentError::Content)?;
        let TenantEntry { id, slug, cell, moving, .. } = entry;
        let host = format!("{slug}.{}", self.base);
        let tenant = Arc::new(Tenant { id, slug, cell, moving, plan });
        if self.tenants.insert(id, Arc::clone(&tenant)).is_some() {
            return Err(DocumentError::Content);
        }
        self.name(host, Kind::Tenant, tenant)
    }

    /// No host leads to two places, and none to the platform's own names or, by a domain of one's own, below them.
    fn name(&mut self, host: String, kind: Kind, tenant: Arc<Tenant>) -> Result<(), DocumentError> {
        let below = host == self.base || host.strip_suffix(&self.base).is_some_and(|label| label.ends_with('.'));
        if self.own(&host).is_some() || (kind == Kind::CustomDomain && below) {
            return Err(DocumentError::Content);
        }
        if self.hosts.insert(host, (kind, tenant)).is_some() { Err(DocumentError::Content) } else { Ok(()) }
    }

    /// Rises with every change.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// A cell.
    #[must_use]
    pub fn cell(&self, cell: &Cell) -> Option<&CellEntry> {
        self.cells.get(cell)
    }

    /// Every cell.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.cells.keys()
    }

    /// Where requests go that name no tenant.
    #[must_use]
    pub fn default_cell(&self) -> &Cell {
        &self.default_cell
    }

    /// A tenant by id.
    #[must_use]
    pub fn tenant(&self, id: TenantId) -> Option<&Arc<Tenant>> {
        self.tenants.get(&id)
    }

    /// Where a host leads; `host` is what [`host_name`] made of the request's.
    #[must_use]
    pub fn route(&self, host: &str) -> Option<Route> {
        if let Some(kind) = self.own(host) {
            return Some(Route { kind, tenant: None, cell: self.default_cell.clone() });
        }
        let (kind, tenant) = self.hosts.get(host)?;
        Some(Route { kind: *kind, cell: tenant.cell.clone(), tenant: Some(Arc::clone(tenant)) })
    }

    fn own(&self, host: &str) -> Option<Kind> {
        if host == self.base {
            return Some(Kind::Platform);
        }
        match host.strip_suffix(&self.base)?.strip_suffix('.')? {
            "api" => Some(Kind::Platform),
            "console" => Some(Kind::Console),
            "docs" => Some(Kind::Docs),
            _ => None,
        }
    }
}

/// The name in a `Host` header, in lower case and without port and final dot. Only what a DNS name of ours can be, in ASCII:
/// labels of letters, digits and inner hyphens, 253 bytes at most. Addresses name nobody.
#[must_use]
pub fn host_name(host: &str) -> Option<String> {
    let name = match host.split_once(':') {
        Some((name, port)) if (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) => return None,
        None => host,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit('.').next()?;
    let named = name.len() <= 253 && name.split('.').all(label) && !last.bytes().all(|b| b.is_ascii_digit());
    named.then(|| name.to_ascii_lowercase())
}
