//! The routes that the server has = the document = the catalogue of permissions = the catalogue of the audit trail
//! (security rule T2).

use std::collections::{BTreeMap, BTreeSet};

use keystead_api::{app, audit::ObjectId};
use keystead_ids::Permission;
use keystead_proofs::Proof;
use keystead_tests::World;
use regex::Regex;
use uuid::Uuid;

use super::document::{Document, Operation};

/// Routes beside the documented API, and why.
const BESIDE: &[(&str, &str)] = &[
    ("GET /.well-known/jwks.json", "keys that verify tokens"),
    ("GET /edge/directory", "signed, for edges: which host is whose"),
    ("GET /edge/revocations", "signed, for edges: sessions and tenants that ended"),
    ("GET /docs", "the reference"),
    ("GET /docs/", "the reference"),
    ("GET /docs/{*rest}", "the reference"),
    ("GET /health/live", "is it alive"),
    ("GET /health/ready", "can it serve"),
    ("GET /metrics", "figures, without ids"),
    ("GET /v1/openapi-3.0.json", "the document for tools that read the older form"),
    ("GET /v1/openapi.json", "the document"),
];

/// Operations that change something and name no object of a tenant's trail, and why.
const WITHOUT_EVENT: &[(&str, &str)] = &[
    ("POST /v1/auth/login", "sessions are kept beside the trail"),
    ("POST /v1/auth/logout", "sessions are kept beside the trail"),
    ("POST /v1/auth/refresh", "sessions are kept beside the trail"),
    ("PATCH /v1/me", "leaves the member's event; its answer is who is logged in"),
    ("POST /v1/me/password", "logins are kept beside the trail, and noted in the operators'"),
    ("POST /v1/me/sessions/end-others", "sessions are kept beside the trail"),
    ("DELETE /v1/me/sessions/{id}", "sessions are kept beside the trail"),
    ("POST /v1/invitations/accept", "leaves the new member's event; its answer names nobody"),
    ("POST /v1/signups", "there is no tenant yet"),
    ("POST /v1/signups/verify", "there is no tenant yet"),
    ("POST /v1/invitations/bulk", "leaves an event of each invitation; its answer is a list"),
    ("POST /v1/operator-invitations/accept", "in the operators' own trail"),
    ("POST /v1/platform/logout", "sessions are kept beside the trail"),
    ("POST /v1/platform/mail/{id}/replay", "in the operators' own trail"),
    ("POST /v1/platform/operators", "in the operators' own trail"),
    ("POST /v1/platform/operators/{id}/disable", "in the operators' own trail"),
    ("POST /v1/platform/signups/{id}/reject", "in the operators' own trail"),
];

/// What axum says of itself, which is all that it says: `RouteId(3): … allow_header: Bytes(b"GET,HEAD")` and
/// `RouteId(3): "/v1/units"`.
fn routes(router: &impl std::fmt::Debug) -> BTreeSet<String> {
    let text = format!("{router:?}");
    let text = &text[..text.find("fallback_router").expect("axum describes its routers as before")];
    let (endpoints, paths) = text.split_once("node: Node").expect("axum describes its routers as before");
    let path = Regex::new(r#"RouteId\((\d+)\): "([^"]+)""#).unwrap();
    let mut paths: BTreeMap<&str, &str> =
        path.captures_iter(paths).map(|found| found.extract::<2>().1).map(|[id, path]| (id, path)).collect();
    let start = Regex::new(r"RouteId\((\d+)\): ").unwrap();
    let starts: Vec<_> = start
        .captures_iter(endpoints)
        .map(|found| (found.get(0).unwrap().start(), found.extract::<1>().1[0]))
        .collect();
    let allow = Regex::new(r#"allow_header: Bytes\(b"([A-Z,]*)"\)"#).unwrap();
    let mut routes = BTreeSet::new();
    for (index, (from, id)) in starts.iter().enumerate() {
        let to = starts.get(index + 1).map_or(endpoints.len(), |(next, _)| *next);
        let path = paths.remove(id).expect("a path for every route");
        // A service, or a route for any method, does not tell its methods.
        let methods = allow.captures(&endpoints[*from..to]).map_or("ANY", |found| found.extract::<1>().1[0]);
        routes.extend(methods.split(',').filter(|method| *method != "HEAD").map(|method| format!("{method} {path}")));
    }
    assert!(paths.is_empty() && routes.len() > 60, "{paths:?} {routes:?}");
    routes
}

#[tokio::test]
async fn every_route_is_known_and_every_operation_is_routed() {
    let (proof, world) = (Proof::of("T2"), World::new().await);
    let document = Document::read();
    let operations = document.operations();
    let routes = routes(&app::router(&world.app));
    let documented: BTreeSet<String> = operations.iter().map(Operation::name).collect();
    let beside: BTreeSet<String> = BESIDE.iter().map(|(route, _)| (*route).to_owned()).collect();
    let listed: BTreeSet<String> = documented.union(&beside).cloned().collect();
    let (unlisted, unrouted) = (difference(&routes, &listed), difference(&listed, &routes));
    println!("unlisted {unlisted:?}, not routed {unrouted:?}");
    proof.note("routes", routes.len());
    proof.zero("unlisted", unlisted.len());
    proof.zero("documented-and-not-routed", unrouted.len());

    let besides = ["public", "session", "operator"];
    let permissions = operations.iter().filter(|o| !besides.contains(&o.permission.as_str()));
    let unknown: Vec<_> =
        permissions.filter(|o| o.permission.parse::<Permission>().is_err()).map(Operation::name).collect();
    proof.zero("operations-without-a-known-permission", unknown.len());

    let prefixes = audited(&world).await;
    let written: Vec<_> = operations.iter().filter(|operation| operation.method != "GET").collect();
    let silent: BTreeSet<String> = written
        .iter()
        .filter(|operation| !operation_kinds(operation).iter().any(|prefix| prefixes.contains(prefix)))
        .map(|operation| operation.name())
        .collect();
    let reviewed: BTreeSet<String> = WITHOUT_EVENT.iter().map(|(operation, _)| (*operation).to_owned()).collect();
    println!("without event {silent:?}");
    proof.zero("writes-whose-object-has-no-trail", difference(&silent, &reviewed).len());
    proof.zero("reviewed-and-gone", difference(&reviewed, &silent).len());
}

fn difference(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    one.difference(other).cloned().collect()
}

/// The kinds of objects whose changes the database's triggers record, with their prefixes.
async fn audited(world: &World) -> BTreeSet<String> {
    let sql = "SELECT DISTINCT split_part(encode(tgargs, 'escape'), '\\000', 1) FROM pg_trigger
        WHERE tgfoid = 'audit.record'::regproc AND tgenabled = 'O'";
    let rows = world.database.superuser().await.query(sql, &[]).await.unwrap();
    let kinds: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let ids = kinds.iter().map(|kind| ObjectId(Uuid::nil()).wire(kind));
    let prefixes = ids.filter_map(|id| id.split_once('_').map(|(prefix, _)| prefix.to_owned()));
    prefixes.chain(kinds.iter().cloned()).collect()
}

/// The kinds of what a write is about: what its path names, what it answers with, or what there is one of.
fn operation_kinds(operation: &Operation<'_>) -> Vec<String> {
    let named = operation.in_path().map(|reference| reference.prefix);
    let only = operation.path.rsplit('/').next().map(str::to_owned);
    named.into_iter().chain(only).chain(operation.made()).collect()
}
