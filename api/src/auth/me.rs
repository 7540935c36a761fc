//! Who is logged in.

use axum::Json;
use keystead_tenants::platform::SessionScope;

use super::{MeOut, wire::MembershipOut};
use crate::http::{Caller, Problem, Problems};

/// Say who is logged in and what they may do.
#[utoipa::path(get, path = "/", tag = "sessions", operation_id = "read_me",
    responses((status = 200, body = MeOut), Problems),
    extensions(("x-permission" = json!("session"))))]
pub(super) async fn me(caller: Caller) -> Result<Json<MeOut>, Problem> {
    let session = caller.session;
    let membership = match &session.scope {
        SessionScope::Operator => None,
        SessionScope::Tenant { slug, tenant_name, role, grant, .. } => Some(MembershipOut {
            member_id: grant.member(),
            tenant_id: grant.tenant(),
            tenant: slug.clone(),
            tenant_name: tenant_name.clone(),
            role: role.clone(),
            permissions: grant.permissions().iter().map(|permission| permission.name()).collect(),
            project_ids: grant.projects().map(<[_]>::to_vec),
        }),
    };
    let (name, email) = (session.name.clone(), session.email.clone());
    Ok(Json(MeOut { identity_id: session.identity, session_id: session.id, name, email, membership }))
}
