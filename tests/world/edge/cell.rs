//! A cell that only writes down: it publishes what the test says, and answers everything that reaches it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use hyper_util::rt::TokioIo;
use keystead_api::edge::{Documents, edge_config, edge_keys};
use keystead_edge::{
    directory::{Cell, CellEntry, Plan, Snapshot, TenantEntry},
    limits::Quota,
    revocation::{Feed, KEPT},
    sign::EdgeKey,
};
use keystead_ids::{SessionId, TenantId};
use keystead_tenants::RootSecret;
use serde_json::{Value, json};
use tokio::{io::copy, net::TcpListener};

use super::{NativeEdge, mint::Mint};

/// What reached the cell.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The fields.
    pub headers: HeaderMap,
    /// The body, unless it is echoed.
    pub body: Bytes,
}

/// The cell.
#[derive(Clone)]
pub struct FakeCell {
    /// Where it answers.
    pub address: String,
    /// Whose tokens it publishes the keys of.
    pub mint: Arc<Mint>,
    root: RootSecret,
    told: Arc<Mutex<Told>>,
}

/// What it tells edges, and what it was told.
pub struct Told {
    /// The directory.
    pub snapshot: Snapshot,
    /// Sessions that were ended, and when, in milliseconds.
    pub revoked: Vec<(SessionId, i64)>,
    /// The keys of tokens; `None` is an outage of that page.
    pub keys: Option<Value>,
    /// What reached it.
    pub seen: Vec<Seen>,
    /// How often each page for edges was asked for.
    pub fetches: HashMap<String, usize>,
    /// The status of its answers.
    pub status: StatusCode,
}

/// The `iss` of its tokens.
pub const ISSUER: &str = "http://keystead.test";
/// Its tenants: `acme`, and `globex`, the other.
pub const TENANTS: [(&str, &str); 2] =
    [("acme", "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"), ("globex", "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f7")];

/// What the words of the recipes stand for.
pub const WORDS: &[(&str, &str)] = &[
    ("@iss", ISSUER),
    ("@iss-other", "http://west.keystead.test"),
    ("@ISS", "HTTP://KEYSTEAD.TEST"),
    ("@tid", TENANTS[0].1),
    ("@tid-other", TENANTS[1].1),
    ("@tid-unknown", "tnt_0197f0a1b2c37d4e8f90a1b2c3d4e5f8"),
    ("@TID", "tnt_0197F0A1B2C37D4E8F90A1B2C3D4E5F6"),
    ("@sub", "mem_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"),
    ("@sid", "ses_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"),
    ("@jti", "0197f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6"),
    ("@identity", "idn_0197f0a1b2c37d4e8f90a1b2c3d4e5f6"),
];

impl FakeCell {
    /// A cell named `main` whose tenants may do so much a minute, each and each of their members.
    pub async fn start(per_tenant: u32, per_subject: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mint = Arc::new(Mint::new(WORDS));
        let told = Told {
            snapshot: snapshot(per_tenant, per_subject),
            revoked: Vec::new(),
            keys: Some(mint.jwks()),
            seen: Vec::new(),
            fetches: HashMap::new(),
            status: StatusCode::OK,
        };
        let root = RootSecret::from_hex(&"5e".repeat(32)).unwrap();
        let cell = Self { address, mint, root, told: Arc::new(Mutex::new(told)) };
        let router = Router::new()
            .route("/edge/directory", get(directory))
            .route("/edge/revocations", get(revocations))
            .route("/.well-known/jwks.json", get(keys))
            .route("/v1/imports", any(echo))
            .route("/v1/socket", any(socket))
            .fallback(note)
            .with_state(cell.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        cell
    }

    /// What it tells and was told, to be looked at and changed.
    pub fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An edge in front of it, with further configuration.
    pub async fn edge(&self, further: &Value) -> NativeEdge {
        NativeEdge::start(&self.config(further), vec![format!("main=http://{}", self.address)], None).await
    }

    /// The configuration of an edge in front of it.
    pub fn config(&self, further: &Value) -> Value {
        let mut config = edge_config(&self.root, "main", 1);
        let quota = json!({ "limit": 1_000_000, "window": 60 });
        config["insecure"] = json!(true);
        config["shield"] = json!({ "per_address": quota, "anonymous": quota, "auth": quota, "renewals": quota,
            "operator": quota, "alone": quota });
        for (name, value) in further.as_object().into_iter().flatten() {
            config[name] = value.clone();
        }
        config
    }

    /// The keys that its edges sign with.
    pub fn edge_keys(&self) -> Vec<EdgeKey> {
        edge_keys(&self.root, 1)
    }

    /// A good token of a member, and of a session of their own.
    pub fn token(&self, tenant: &str, member: &str, session: SessionId) -> String {
        let now = keystead_tenants::Clock::system().now().timestamp();
        self.mint.good(&json!({ "iss": ISSUER, "aud": "keystead-api", "sub": member, "tid": tenant, "sid": session,
            "iat": now, "exp": now + 600, "jti": uuid::Uuid::new_v4(), "epoch": 0 }))
    }
}

fn snapshot(per_tenant: u32, per_subject: u32) -> Snapshot {
    let cell = Cell::from("main");
    let plan = Plan { per_tenant: Quota::per_minute(per_tenant), per_subject: Quota::per_minute(per_subject) };
    let tenant = |(slug, id): (&str, &str)| TenantEntry {
        id: id.parse::<TenantId>().unwrap(),
        slug: slug.to_owned(),
        cell: cell.clone(),
        plan: "standard".to_owned(),
        moving: false,
    };
    Snapshot {
        epoch: 1,
        base_domain: "localhost".to_owned(),
        default_cell: cell.clone(),
        cells: HashMap::from([(cell.clone(), CellEntry { issuer: ISSUER.to_owned() })]),
        plans: HashMap::from([("standard".to_owned(), plan)]),
        tenants: TENANTS.map(tenant).into(),
        domains: Vec::new(),
    }
}

fn counted(cell: &FakeCell, page: &str) {
    *cell.told().fetches.entry(page.to_owned()).or_default() += 1;
}

async fn directory(State(cell): State<FakeCell>) -> String {
    counted(&cell, "directory");
    let snapshot = cell.told().snapshot.clone();
    Documents::new(&cell.root).sign(keystead_edge::directory::TYPE, &snapshot).unwrap()
}

async fn revocations(State(cell): State<FakeCell>) -> String {
    counted(&cell, "revocations");
    let at = keystead_tenants::Clock::system().now().timestamp_millis();
    let sessions = cell.told().revoked.clone();
    let feed = Feed { cell: Cell::from("main"), at, since: at - KEPT, sessions, tenants: Vec::new() };
    Documents::new(&cell.root).sign(keystead_edge::revocation::TYPE, &feed).unwrap()
}

async fn keys(State(cell): State<FakeCell>) -> Response {
    counted(&cell, "keys");
    match cell.told().keys.clone() {
        Some(keys) => Json(keys).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Everything else: noted, and answered with fields that an edge has to see to.
async fn note(State(cell): State<FakeCell>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let seen = Seen { method: parts.method.to_string(), target, headers: parts.headers, body };
    cell.told().seen.push(seen);
    let status = cell.told().status;
    let fields = [
        ("cache-control", "public, max-age=600"),
        ("server", "cell"),
        ("x-keystead-internal", "secret"),
        ("access-control-allow-origin", "*"),
        ("set-cookie", "a=1"),
    ];
    let mut response = (status, fields, Json(json!({ "seen": true }))).into_response();
    response.headers_mut().append("set-cookie", "b=2".parse().unwrap());
    response
}

/// Gives the body back while it arrives.
async fn echo(request: Request) -> Body {
    Body::from_stream(request.into_body().into_data_stream())
}

/// Opens a WebSocket, as far as HTTP is concerned, and gives back whatever comes.
async fn socket(mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let (mut from, mut to) = tokio::io::split(TokioIo::new(upgrade.await.unwrap()));
        let _ = copy(&mut from, &mut to).await;
    });
    let fields = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-accept", "anything")];
    (StatusCode::SWITCHING_PROTOCOLS, fields).into_response()
}
