//! What a deployment of the edge decides.

use serde::Deserialize;

use crate::{directory::Cell, limits::Quota, sign::EdgeKey, signed::TrustedKey};

/// The configuration of one edge. Hosts read it from their environment or bindings, as JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The cell that is asked for the directory.
    pub home: Cell,
    /// The keys that may sign the directory and the feeds of revocations: public, pinned here.
    pub trusted: Vec<TrustedKey>,
    /// The keys that sign requests to cells; the newest first, and it signs.
    pub keys: Vec<EdgeKey>,
    /// Origins that browsers may call from, besides the host itself: `https://app.example`, compared whole.
    #[serde(default)]
    pub cors_origins: Vec<String>,
    /// Where browsers send and fetch files by presigned URL: goes into the content security policy.
    #[serde(default)]
    pub file_origins: Vec<String>,
    /// Requests that need no tenant's counter.
    #[serde(default)]
    pub shield: Shield,
    /// Serve plain HTTP to browsers (a machine of one's own): no HSTS, no upgrade of requests.
    #[serde(default)]
    pub insecure: bool,
}

/// The first shield: counted by the edge itself, before anything is looked up.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shield {
    /// All requests to the API of one address (an IPv6 host has its whole /64).
    pub per_address: Quota,
    /// Requests of one address without a valid token.
    pub anonymous: Quota,
    /// Requests of one address to log in, sign up and redeem.
    pub auth: Quota,
    /// Requests of one address to renew a token: each page that somebody opens makes one.
    pub renewals: Quota,
    /// Requests of one operator, and of an API key whose tenant the host does not name.
    pub operator: Quota,
    /// Requests of one member or API key; the tenant's counter decides exactly, this is used while it cannot be asked.
    pub alone: Quota,
}

impl Default for Shield {
    fn default() -> Self {
        Self {
            per_address: Quota::per_minute(1_200),
            anonymous: Quota::per_minute(100),
            auth: Quota::per_minute(30),
            renewals: Quota::per_minute(300),
            operator: Quota::per_minute(100),
            alone: Quota::per_minute(50),
        }
    }
}
