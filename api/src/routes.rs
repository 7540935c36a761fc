//! The map: one line a resource.

use axum::{
    Router,
    http::header,
    routing::{MethodRouter, get},
};
use bytes::Bytes;
use serde_json::Value;
use utoipa::{
    OpenApi,
    openapi::{
        OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{
    app::App, audit, auth, buildings, contacts, contracts, dashboard, document, edge, elevations, files, health,
    http::ProblemBody, import_mappings, imports, invitations, members, operator_invitations, phases, plans, platform,
    projects, roles, search, settings, signups, units,
};

/// The documented API.
pub(crate) fn api() -> (Router<App>, Value) {
    let (router, document) = OpenApiRouter::with_openapi(ApiDoc::openapi())
        .nest("/v1/signups", signups::router())
        .nest("/v1/auth", auth::router())
        .nest("/v1/me", auth::me_router())
        .nest("/v1/platform", platform::router())
        .nest("/v1/operator-invitations", operator_invitations::router())
        .nest("/v1/settings", settings::router())
        .nest("/v1/roles", roles::router())
        .nest("/v1/members", members::router())
        .nest("/v1/invitations", invitations::router())
        .nest("/v1/audit", audit::router())
        .nest("/v1/projects", projects::router())
        .nest("/v1/phases", phases::router())
        .nest("/v1/buildings", buildings::router())
        .nest("/v1/plans", plans::router())
        .nest("/v1/elevations", elevations::router())
        .nest("/v1/units", units::router())
        .nest("/v1/contacts", contacts::router())
        .nest("/v1/contracts", contracts::router())
        .nest("/v1/import-mappings", import_mappings::router())
        .nest("/v1/imports", imports::router())
        .nest("/v1/files", files::router())
        .nest("/v1/dashboard", dashboard::router())
        .nest("/v1/search", search::router())
        .split_for_parts();
    (router, document::finished(&document))
}

/// Adds what is not part of the API proper: health, figures, keys, the document and its reference.
pub(crate) fn open(api: Router<App>, document: Value) -> Router<App> {
    let newer = written(&document);
    let older = written(&document::older(document));
    let api = api.merge(health::router()).merge(edge::router());
    let api = api.route(DOCUMENT, newer).route("/v1/openapi-3.0.json", older);
    // The reference's scripts and styles are in the binary: it asks no other host for anything.
    api.merge(SwaggerUi::new("/docs").config(Config::from(DOCUMENT)))
}

/// Where the document is.
const DOCUMENT: &str = "/v1/openapi.json";

/// Serves a document that was written out once: it is large, and whoever asks need not be known.
fn written(document: &Value) -> MethodRouter<App> {
    let text = Bytes::from(document.to_string());
    get(|| async { ([(header::CONTENT_TYPE, "application/json")], text) })
}

/// The OpenAPI document, for tests and generated clients.
#[must_use]
pub fn document() -> Value {
    api().1
}

/// The same as OpenAPI 3.0, for generators that read nothing newer.
#[must_use]
pub fn document_3_0() -> Value {
    document::older(document())
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Keystead", description = "Home sales, from first visit to close of escrow."),
    modifiers(&Bearer),
    components(schemas(ProblemBody)),
    security(("session" = [])),
)]
struct ApiDoc;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("session", SecurityScheme::Http(scheme));
    }
}
