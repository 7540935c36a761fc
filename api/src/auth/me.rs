//! Who is logged in.

use axum::extract::State;
use keystead_tenants::platform::{Session, SessionScope};

use super::{MeOut, wire::MembershipOut};
use crate::{
    app::App,
    http::{Caller, Fresh, Problem, Problems, Versioned},
};

/// Say who is logged in and what they may do.
#[utoipa::path(get, path = "/", tag = "sessions", operation_id = "read_me",
    responses((status = 200, body = MeOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("session"))))]
pub(super) async fn me(caller: Caller, State(app): State<App>, fresh: Fresh) -> Result<Versioned<MeOut>, Problem> {
    // A believed session may be seconds old, and its version would be refused.
    let session = app.db.platform().session_now(caller.session.id, fresh.now()).await?;
    Ok(described(&*session.ok_or_else(Problem::unauthenticated)?))
}

/// A session as its owner sees it, with the version of what they may change about themselves.
pub(crate) fn described(session: &Session) -> Versioned<MeOut> {
    let mut me = MeOut {
        identity_id: session.identity,
        session_id: session.id,
        name: session.name.clone(),
        email: session.email.clone(),
        locale: None,
        time_zone: None,
        membership: None,
    };
    let mut version = 1;
    if let SessionScope::Tenant { slug, tenant_name, role, profile, grant, .. } = &session.scope {
        version = profile.version;
        (me.locale, me.time_zone) = (profile.locale.clone(), profile.time_zone.clone());
        me.membership = Some(MembershipOut {
            member_id: grant.member(),
            tenant_id: grant.tenant(),
            tenant: slug.clone(),
            tenant_name: tenant_name.clone(),
            role: role.clone(),
            permissions: grant.permissions().iter().map(|permission| permission.name()).collect(),
            project_ids: grant.projects().map(<[_]>::to_vec),
        });
    }
    Versioned { version, body: me }
}
