//! Apply to open a tenant.

use axum::{Json, extract::State, http::StatusCode};
use chrono::Duration;
use keystead_identity::Opaque;
use keystead_ids::{SignupId, Slug, SlugError};
use keystead_tenants::platform::{NewSignup, QueuedMail, SlugTaken};
use serde_json::json;

use super::{SignupIn, SignupOut};
use crate::{
    app::App,
    auth::{check_new_password, hash_password},
    http::{Body, FieldCode, Fresh, Problem, Problems, Visitor},
};

/// An unverified application keeps its slug this long.
const UNVERIFIED_LIFE: Duration = Duration::hours(24);

/// Apply to open a tenant.
///
/// A link to verify the address is sent by mail. Fails with `slug-taken` when another builder has the slug or is applying
/// for it.
#[utoipa::path(post, path = "/", tag = "sign-up", operation_id = "sign_up", request_body = SignupIn, security(()),
    responses((status = 202, body = SignupOut), Problems), extensions(("x-permission" = json!("public"))))]
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    fresh: Fresh,
    Body { input, .. }: Body<SignupIn>,
) -> Result<(StatusCode, Json<SignupOut>), Problem> {
    app.limits.anonymous(&visitor.0)?;
    let slug: Slug = input.slug.parse().map_err(unfit)?;
    let context = [input.company_name.as_str(), slug.as_str(), input.admin_name.as_str(), input.email.as_str()];
    check_new_password(&input.password, "/password", &context).await?;
    let password_hash = hash_password(&app, &input.password).await?;
    let (token, token_hash) =
        Opaque::mint(Opaque::VERIFICATION).map_err(|error| Problem::internal(error.to_string()))?;
    let (id, now): (SignupId, _) = (fresh.id(), fresh.now());
    let signup = NewSignup {
        id,
        slug: slug.to_string(),
        company_name: input.company_name.into_string(),
        admin_name: input.admin_name.into_string(),
        email: input.email.into_string(),
        password_hash,
        token_hash,
        expires_at: now + UNVERIFIED_LIFE,
    };
    let mail = QueuedMail {
        id: id.uuid(),
        tenant: None,
        recipient: signup.email.clone(),
        message: json!({ "template": "verify_email", "company": signup.company_name, "name": signup.admin_name,
            "link": format!("{}/verify-email?token={token}", app.config.public_url) }),
    };
    let taken = |SlugTaken| Problem::conflict("slug-taken", "Another builder has this name, or is applying for it");
    app.db.platform().create_signup(&signup, &mail, now).await?.map_err(taken)?;
    Ok((StatusCode::ACCEPTED, Json(received(signup, now))))
}

fn received(signup: NewSignup, now: chrono::DateTime<chrono::Utc>) -> SignupOut {
    let NewSignup { id, slug, company_name, admin_name, email, .. } = signup;
    SignupOut {
        id,
        slug,
        company_name,
        admin_name,
        email,
        state: "unverified".to_owned(),
        tenant_id: None,
        created_at: now,
    }
}

fn unfit(slug: SlugError) -> Problem {
    let code = match slug {
        SlugError::Shape => FieldCode::Malformed,
        SlugError::Reserved => FieldCode::Taken,
    };
    Problem::field("/slug", code, slug.to_string())
}
