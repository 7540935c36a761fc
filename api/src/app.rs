//! From what the server was given to a router.

use std::{
    ops::Deref,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware};
use chrono::{DateTime, Utc};
use keystead_blobs::Blobs;
use keystead_identity::{Audience, Claims, KeyRing, Passwords, TokenError};
use keystead_ids::HostRule;
use keystead_keys::Keys;
use keystead_tenants::{Clock, Databases, RootSecret};
use moka::sync::Cache;

use crate::{
    audit::KnownSigner,
    edge::{Documents, Routing, edge_keys},
    http::{Limits, Origin, Problem, Quotas, track},
    routes,
};

/// JSON bodies have at most this many bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What a deployment decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people reach us, without a trailing slash; links in mail start with it.
    pub public_url: String,
    /// The domain below which tenants have their hosts.
    pub base_domain: String,
    /// Verified sign-ups become tenants without an operator.
    pub auto_approve: bool,
    /// Requests a minute.
    pub quotas: Quotas,
    /// For how long a verified access token is believed; zero verifies each time.
    pub token_cache: Duration,
    /// How long a client may take for a JSON body.
    pub client_patience: Duration,
    /// Between signed statements of how far a tenant's audit chain has come.
    pub checkpoint_pause: Duration,
    /// The folder whose free space `/health/ready` watches.
    pub state_folder: std::path::PathBuf,
    /// This cell's name.
    pub cell: String,
    /// Answer edges alone, and probes.
    pub only_edges: bool,
    /// The generation of the keys that edges sign with; the one before it is good, too.
    pub edge_generation: u32,
}

/// What the API works with.
pub struct Inner {
    /// What the deployment decided.
    pub config: Config,
    /// Rows.
    pub db: Databases,
    /// Keys of tenants.
    pub keys: Keys,
    /// Files.
    pub blobs: Blobs,
    /// Password hashing.
    pub passwords: Passwords,
    /// Time and ids.
    pub clock: Clock,
    /// Rate limits.
    pub limits: Limits,
    /// Which hosts are whose.
    pub hosts: HostRule,
    /// The deployment's root secret.
    pub root: RootSecret,
    pub(crate) origin: Origin,
    pub(crate) documents: Documents,
    pub(crate) routing: Routing,
    pub(crate) cursor_key: [u8; 32],
    pub(crate) figures: metrics_exporter_prometheus::PrometheusHandle,
    pub(crate) log_signer: KnownSigner,
    ring: RwLock<Arc<KeyRing>>,
    verified: Cache<[u8; 32], Claims>,
}

/// The application: cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What [`App::new`] is built from.
pub struct Components {
    /// What the deployment decided.
    pub config: Config,
    /// Rows.
    pub db: Databases,
    /// Keys of tenants.
    pub keys: Keys,
    /// Files.
    pub blobs: Blobs,
    /// Password hashing.
    pub passwords: Passwords,
    /// Time and ids.
    pub clock: Clock,
    /// The deployment's root secret.
    pub root: RootSecret,
    /// The keys that sign access tokens.
    pub ring: KeyRing,
    /// Where figures are collected.
    pub figures: metrics_exporter_prometheus::PrometheusHandle,
}

impl App {
    /// Puts the application together.
    #[must_use]
    pub fn new(parts: Components) -> Self {
        // A verified token is never believed past its end, and its session is asked for regardless.
        let capacity = if parts.config.token_cache.is_zero() { 0 } else { 100_000 };
        let verified = Cache::builder().max_capacity(capacity).time_to_live(parts.config.token_cache).build();
        Self(Arc::new(Inner {
            limits: Limits::new(parts.config.quotas),
            hosts: HostRule::new(&parts.config.base_domain),
            origin: Origin::new(edge_keys(&parts.root, parts.config.edge_generation), parts.config.only_edges),
            documents: Documents::new(&parts.root),
            routing: Routing::default(),
            cursor_key: parts.root.derive("api/cursor"),
            log_signer: KnownSigner::default(),
            ring: RwLock::new(Arc::new(parts.ring)),
            verified,
            config: parts.config,
            db: parts.db,
            keys: parts.keys,
            blobs: parts.blobs,
            passwords: parts.passwords,
            clock: parts.clock,
            root: parts.root,
            figures: parts.figures,
        }))
    }

    /// The keys that sign and verify access tokens now.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the keys that sign and verify.
    pub fn use_ring(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// How many entries everything has that is kept between requests, by its name.
    pub(crate) async fn cached(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counted = u64::try_from(self.limits.counted()).unwrap_or(u64::MAX);
        self.verified.run_pending_tasks();
        let own = [
            ("verified_tokens", self.verified.entry_count()),
            ("edge_nonces", self.origin.cached()),
            ("rate_limits", counted),
        ];
        own.into_iter().chain(self.db.platform().cached().await).chain(self.keys.cached().await)
    }

    /// Verifies an access token.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn verify(&self, token: &str, audience: Audience, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        if let Some(claims) = self.verified.get(&fingerprint)
            && claims.actor.audience() == audience
            && claims.expires_at > now
        {
            return Ok(claims);
        }
        let claims = self.ring().verify(token, audience, now)?;
        self.verified.insert(fingerprint, claims.clone());
        Ok(claims)
    }
}

/// The whole API with its layers.
pub fn router(app: &App) -> Router {
    let (router, document) = routes::api();
    routes::open(router, document)
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This resource does not do that")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            // The payload may quote anything: it is not logged.
            axum::response::IntoResponse::into_response(Problem::internal("a handler panicked"))
        }))
        .layer(middleware::from_fn_with_state(app.clone(), track))
        .with_state(app.clone())
}
