//! Change what one says about oneself.

use axum::extract::State;
use keystead_tenants::platform::{Profile, SessionScope};

use super::{MeOut, me::described, store, wire::MePatch};
use crate::{
    app::App,
    http::{BeMember, Body, Fresh, IfMatch, Patch, Problem, Problems, Tx, Versioned},
};

/// Change one's own name, language or time zone.
///
/// What is null is as the tenant has it. Fails with `version-conflict` when the profile changed since it was read.
#[utoipa::path(patch, path = "/", tag = "sessions", operation_id = "update_me", params(("If-Match" = String, Header)),
    request_body = MePatch, responses((status = 200, body = MeOut, headers(("ETag"))), Problems),
    extensions(("x-permission" = json!("session"))))]
pub(super) async fn update(
    tx: Tx<BeMember>,
    State(app): State<App>,
    fresh: Fresh,
    seen: IfMatch,
    Body { input, .. }: Body<MePatch>,
) -> Result<Versioned<MeOut>, Problem> {
    let (platform, id) = (app.db.platform(), tx.session().id);
    // Not what is believed of the session for seconds: the patch is merged into what is there.
    let session = platform.session_now(id, fresh.now()).await?.ok_or_else(Problem::unauthenticated)?;
    let SessionScope::Tenant { profile, .. } = &session.scope else { return Err(Problem::forbidden()) };
    seen.check(profile.version)?;
    if !store::change_profile(&tx, &merged(profile, input)).await? {
        return Err(Problem::version_conflict(profile.version + 1));
    }
    tx.commit().await?;
    let session = platform.session_now(id, fresh.now()).await?.ok_or_else(Problem::unauthenticated)?;
    Ok(described(&session))
}

fn merged(profile: &Profile, input: MePatch) -> Profile {
    let keep = |patch: Patch<String>, stands: &Option<String>| match patch {
        Patch::Absent => stands.clone(),
        Patch::Null => None,
        Patch::Value(value) => Some(value),
    };
    Profile {
        version: profile.version,
        name: input.name.map_or_else(|| profile.name.clone(), |name| name.into_string()),
        locale: keep(input.locale, &profile.locale),
        time_zone: keep(input.time_zone, &profile.time_zone),
    }
}
