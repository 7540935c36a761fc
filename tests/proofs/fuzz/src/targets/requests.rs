//! What reaches a cell: bodies, query strings, headers, tokens, ids and hosts.

use std::sync::LazyLock;

use axum::extract::FromRequestParts;
use futures::FutureExt;
use keystead_api::http::{CursorKey, IfMatch, Problem, read_json, read_query};
use keystead_edge::directory::host_name;
use keystead_identity::{Audience, KeyRing, Opaque, SigningKey};
use keystead_ids::{ContractId, HostRule, Slug, TenantHost};
use uuid::Uuid;

use super::{noon, text};

/// Nobody has the key, so no token is good, for nobody.
pub(super) fn access_token(bytes: &[u8]) {
    static RING: LazyLock<KeyRing> = LazyLock::new(|| {
        let key = SigningKey::generate().expect("a key");
        KeyRing::new("https://keystead.example", key, Vec::new()).expect("a ring")
    });
    for audience in [Audience::Api, Audience::Operator] {
        assert!(RING.verify(text(bytes), audience, noon()).is_err(), "a forged token is good");
    }
}

/// Reads a body as one kind; the status that it would be answered with.
type Reader = fn(&[u8]) -> u16;

macro_rules! bodies {
    ($($module:ident :: $kind:ident),* $(,)?) => {
        &[$((stringify!($kind), |bytes: &[u8]| {
            read_json::<keystead_api::$module::$kind>(bytes).map_or_else(|problem| problem.status().as_u16(), |_| 200)
        })),*]
    };
}

/// Every kind of JSON body that the API takes, by its name in the OpenAPI document; a test compares the two.
pub const BODIES: &[(&str, Reader)] = bodies!(
    auth::LoginIn,
    auth::MePatch,
    auth::PasswordIn,
    auth::RefreshIn,
    buildings::BuildingIn,
    buildings::BuildingPatch,
    contacts::ContactIn,
    contacts::ContactPatch,
    contacts::EraseIn,
    contacts::RevealIn,
    contracts::CancelIn,
    contracts::ContractIn,
    elevations::ElevationIn,
    elevations::ElevationPatch,
    files::FileIn,
    import_mappings::MappingIn,
    invitations::AcceptIn,
    invitations::BulkIn,
    invitations::InvitationIn,
    members::MemberPatch,
    operator_invitations::AcceptOperatorIn,
    phases::PhaseIn,
    phases::PhasePatch,
    plans::PlanIn,
    plans::PlanPatch,
    platform::OffboardIn,
    platform::OperatorIn,
    platform::ReasonIn,
    platform::RejectIn,
    platform::TenantPatch,
    projects::ProjectIn,
    projects::ProjectPatch,
    roles::RolePatch,
    settings::SettingsPatch,
    signups::SignupIn,
    signups::VerifyIn,
    units::UnitIn,
    units::UnitPatch,
);

/// Bodies of requests: each is taken, or refused as what it is.
pub(super) fn body(bytes: &[u8]) {
    for (kind, read) in BODIES {
        let status = read(bytes);
        assert!(matches!(status, 200 | 400 | 422), "{status} from a {kind}");
    }
}

/// Nobody has the key, so no cursor opens; what was sealed opens where it belongs and nowhere else.
pub(super) fn cursor(bytes: &[u8]) {
    let key = CursorKey { key: [7; 32], scope: bytes.to_vec() };
    assert_eq!(key.open(text(bytes), noon()), None, "a forged cursor opens");
    let id = Uuid::from_u128(bytes.len() as u128);
    let cursor = key.seal(id, noon());
    assert_eq!(key.open(&cursor, noon()), Some(id));
    let mut elsewhere = key;
    elsewhere.scope.push(0);
    assert_eq!(elsewhere.open(&cursor, noon()), None, "a cursor opens elsewhere");
}

/// A host names a tenant by its slug only.
pub(super) fn host(bytes: &[u8]) {
    if let TenantHost::Tenant(slug) = HostRule::new("keystead.example").read(text(bytes)) {
        let again = HostRule::new("keystead.example").read(&format!("{}.keystead.example", slug.as_str()));
        assert_eq!(again, TenantHost::Tenant(slug));
    }
    if let Some(name) = host_name(text(bytes)) {
        assert_eq!(host_name(&name), Some(name.clone()), "a host has two names");
    }
}

/// An id has one spelling.
pub(super) fn id(bytes: &[u8]) {
    if let Ok(id) = text(bytes).parse::<ContractId>() {
        assert_eq!(id.to_string(), text(bytes));
    }
    if let Ok(slug) = text(bytes).parse::<Slug>() {
        assert!(slug.as_str().len() <= 40 && slug.as_str().is_ascii(), "{}", slug.as_str());
    }
}

/// The headers of a write.
pub(super) fn if_match(bytes: &[u8]) {
    let Ok(value) = axum::http::HeaderValue::from_bytes(bytes) else { return };
    let request = axum::http::Request::builder().header("if-match", value).body(()).expect("a request");
    let (mut parts, ()) = request.into_parts();
    let read = IfMatch::from_request_parts(&mut parts, &()).now_or_never().expect("it does not wait");
    if let Ok(version) = read {
        let known = text(bytes).trim().trim_matches('"').parse().unwrap_or(0);
        assert!(version.check(known).is_ok(), "a version reads as another");
    }
}

/// Tokens of links and refreshes.
pub(super) fn opaque_token(bytes: &[u8]) {
    if let Some(hash) = Opaque::hash(text(bytes)) {
        assert_ne!(hash, [0; 32]);
        assert_eq!(Opaque::hash(text(bytes)), Some(hash));
    }
}

/// Reads a query string as the parameters of one operation.
type QueryReader = fn(&[u8]) -> Result<(), Problem>;

macro_rules! queries {
    ($($operation:ident: $module:ident :: $kind:ident),* $(,)?) => {
        &[$((stringify!($operation), |bytes: &[u8]| {
            read_query::<keystead_api::$module::$kind>(text(bytes)).map(drop)
        })),*]
    };
}

/// Every operation with query parameters of its own, by its name in the OpenAPI document; a test compares the two.
pub const QUERIES: &[(&str, QueryReader)] = queries!(
    import_units: imports::ImportParams,
    list_audit_events: audit::EventFilters,
    list_buildings: buildings::BuildingFilters,
    list_contacts: contacts::ContactFilters,
    list_contracts: contracts::ContractFilters,
    list_elevations: elevations::ElevationFilters,
    list_files: files::FileFilters,
    list_imports: imports::ImportFilters,
    list_phases: phases::PhaseFilters,
    list_plans: plans::PlanFilters,
    list_platform_log: platform::LogFilters,
    list_units: units::UnitFilters,
    read_dashboard: dashboard::DashboardParams,
    read_unit_board: units::BoardParams,
    search: search::SearchParams,
);

/// What every list takes besides, and what is left for one that takes nothing else.
pub const LISTS: &[(&str, QueryReader)] = queries!(paging: http::PageParams, nothing_else: http::NoFilters);

/// Query strings: each is taken, or refused as what cannot be accepted.
pub(super) fn query(bytes: &[u8]) {
    for (operation, read) in QUERIES.iter().chain(LISTS) {
        let status = read(bytes).map_or_else(|problem| problem.status().as_u16(), |()| 200);
        assert!(matches!(status, 200 | 422), "{status} from a query of {operation}");
    }
}
