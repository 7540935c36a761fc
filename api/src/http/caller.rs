//! Who calls, and what they may do. The extractor is the permission: only [`Tx`] opens a tenant's transaction.

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use keystead_identity::{Actor, Audience};
use keystead_ids::{MemberId, Permission, RequestId, TenantHost, TenantId};
use keystead_tenants::{
    TenantGrant, TenantTx,
    orm::DbErr,
    platform::{Limits as TenantLimits, Session, SessionScope},
};

use super::{Problem, RequestInfo, request::whole_path};
use crate::app::App;

/// A verified session, whatever it may do.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The session.
    pub session: Arc<Session>,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // Several extractors of one handler ask; the caller is verified, and counted, once.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let caller = Self::verify(parts, app).await?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

impl Caller {
    async fn verify(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let info = info(parts)?;
        let Some(token) = bearer(parts) else {
            app.limits.anonymous(&info)?;
            return Err(Problem::unauthenticated());
        };
        let audience = if is_operator_route(parts) { Audience::Operator } else { Audience::Api };
        let now = app.clock.now();
        let claims = match app.verify(token, audience, now).await {
            Ok(claims) => claims,
            Err(reason) => {
                app.limits.anonymous(&info)?;
                return Err(Problem::unauthenticated().log(reason.to_string()));
            }
        };
        let session = app.db.platform().session(claims.session, now).await?;
        let session = session.ok_or_else(|| Problem::unauthenticated().log("the session has ended"))?;
        match (claims.actor, &session.scope) {
            (Actor::Member { tenant, member }, SessionScope::Tenant { grant, slug, .. })
                if grant.tenant() == tenant && grant.member() == member =>
            {
                info.is_member(tenant, member);
                same_host(parts, &info, app, tenant, slug)?;
                app.limits.member(&info, tenant, member)?;
            }
            (Actor::Operator { identity }, SessionScope::Operator) if identity == session.identity => {
                info.is_operator(identity);
                app.limits.operator(&info, identity)?;
            }
            _ => return Err(Problem::unauthenticated().log("token and session disagree")),
        }
        Ok(Self { session })
    }
}

/// A token is good on its own tenant's host and on the platform's, nowhere else.
fn same_host(parts: &Parts, info: &RequestInfo, app: &App, tenant: TenantId, slug: &str) -> Result<(), Problem> {
    if let Some((routed, _)) = info.routed() {
        // The edge knows hosts that we do not: tenants' own domains.
        let other = || Problem::forbidden().log("the token is another tenant's than the edge routed for");
        return if *routed == tenant { Ok(()) } else { Err(other()) };
    }
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match app.hosts.read(host) {
        TenantHost::Platform => Ok(()),
        TenantHost::Tenant(named) if named.as_str() == slug => Ok(()),
        TenantHost::Tenant(_) => Err(Problem::forbidden().log("the token is another tenant's than the host")),
        TenantHost::Unknown => Err(Problem::not_found()),
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    // Two Authorization headers are an attack or a mistake.
    if values.next().is_some() {
        return None;
    }
    value.strip_prefix("Bearer ")
}

fn is_operator_route(parts: &Parts) -> bool {
    whole_path(&parts.extensions, &parts.uri).starts_with("/v1/platform/")
}

pub(super) fn info(parts: &Parts) -> Result<RequestInfo, Problem> {
    parts.extensions.get::<RequestInfo>().cloned().ok_or_else(|| Problem::internal("the request was not tracked"))
}

/// A permission as a type, for [`Tx`].
pub trait Needs: Send + Sync + 'static {
    /// The permission; `None` for whoever is a member.
    const PERMISSION: Option<Permission>;
}

/// No permission of its own: whoever is a member. The policies alone decide which rows there are.
#[derive(Debug)]
pub struct BeMember;

impl Needs for BeMember {
    const PERMISSION: Option<Permission> = None;
}

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident = $permission:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl Needs for $name {
            const PERMISSION: Option<Permission> = Some(Permission::$permission);
        }
    )*};
}

needs! {
    /// `settings.read`.
    ReadSettings = SettingsRead;
    /// `settings.manage`.
    ManageSettings = SettingsManage;
    /// `members.read`.
    ReadMembers = MembersRead;
    /// `members.manage`.
    ManageMembers = MembersManage;
    /// `projects.read`.
    ReadProjects = ProjectsRead;
    /// `projects.manage`.
    ManageProjects = ProjectsManage;
    /// `units.read`.
    ReadUnits = UnitsRead;
    /// `units.manage`.
    ManageUnits = UnitsManage;
    /// `files.read`.
    ReadFiles = FilesRead;
    /// `files.manage`.
    ManageFiles = FilesManage;
    /// `contacts.read`.
    ReadContacts = ContactsRead;
    /// `contacts.manage`.
    ManageContacts = ContactsManage;
    /// `contacts.reveal`.
    RevealContacts = ContactsReveal;
    /// `contacts.erase`.
    EraseContacts = ContactsErase;
    /// `contracts.read`.
    ReadContracts = ContractsRead;
    /// `contracts.write`.
    WriteContracts = ContractsWrite;
    /// `contracts.approve`.
    ApproveContracts = ContractsApprove;
    /// `contracts.cancel`.
    CancelContracts = ContractsCancel;
    /// `audit.read`.
    ReadAudit = AuditRead;
}

/// The caller's transaction in their tenant, given only to those who hold the permission `P`.
pub struct Tx<P> {
    tx: TenantTx,
    session: Arc<Session>,
    info: RequestInfo,
    permission: PhantomData<P>,
}

impl<P: Needs> FromRequestParts<App> for Tx<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Caller { session } = Caller::from_request_parts(parts, app).await?;
        let SessionScope::Tenant { grant, .. } = &session.scope else {
            return Err(Problem::forbidden().log("an operator has no tenant"));
        };
        if let Some(needed) = P::PERMISSION
            && !grant.permissions().allows(needed)
        {
            return Err(Problem::forbidden().log(format!("needs {needed}")));
        }
        let info = info(parts)?;
        let tx = app.db.begin(&grant.for_request(info.id()));
        info.watch(tx.outcome());
        Ok(Self { tx, session, info, permission: PhantomData })
    }
}

impl<P> Deref for Tx<P> {
    type Target = TenantTx;

    fn deref(&self) -> &TenantTx {
        &self.tx
    }
}

impl<P> Tx<P> {
    /// Makes the writes durable.
    ///
    /// # Errors
    /// When the database does not say that it did.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.tx.commit().await
    }

    /// Ends this transaction and begins another with the same rights: for work in batches.
    ///
    /// # Errors
    /// When the database does not say that it committed.
    pub async fn commit_and_go_on(self, app: &App) -> Result<Self, DbErr> {
        let grant = self.tx.grant().clone();
        self.tx.commit().await?;
        let tx = app.db.begin(&grant);
        self.info.watch(tx.outcome());
        Ok(Self { tx, session: self.session, info: self.info, permission: PhantomData })
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tx.grant().tenant()
    }

    /// Who acts.
    #[must_use]
    pub fn member(&self) -> MemberId {
        self.tx.grant().member()
    }

    /// The request that this serves.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.tx.grant().request()
    }

    /// What the caller may see.
    #[must_use]
    pub fn grant(&self) -> &TenantGrant {
        self.tx.grant()
    }

    /// The caller's session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What the tenant may have.
    #[must_use]
    pub fn limits(&self) -> TenantLimits {
        match &self.session.scope {
            SessionScope::Tenant { limits, .. } => *limits,
            SessionScope::Operator => TenantLimits::default(),
        }
    }

    /// Where the tenant's files are kept.
    #[must_use]
    pub fn storage_prefix(&self) -> &str {
        match &self.session.scope {
            SessionScope::Tenant { storage_prefix, .. } => storage_prefix,
            SessionScope::Operator => "",
        }
    }
}

/// An operator of the platform.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Their session.
    pub session: Arc<Session>,
}

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Caller { session } = Caller::from_request_parts(parts, app).await?;
        match session.scope {
            SessionScope::Operator => Ok(Self { session }),
            SessionScope::Tenant { .. } => Err(Problem::forbidden()),
        }
    }
}
