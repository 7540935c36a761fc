//! The keys that sign access tokens: made once, rotated by adding one, read again every minute.

use chrono::{DateTime, Duration, Utc};
use keystead_identity::{KeyRing, PublicKey, SigningKey};
use keystead_tenants::{Clock, DbError, PlatformDb, RootSecret, platform::StoredSigningKey};

use crate::{app::App, http::Problem};

const SEAL: &str = "platform/signing-keys";
/// A token lives 10 minutes, edges keep keys for 10, and clocks differ: an older key verifies this long after its successor signs.
const OVERLAP: Duration = Duration::minutes(25);

pub(super) async fn refresh(app: &App) -> Result<(), Problem> {
    let ring = load_ring(app.db.platform(), &app.root, &app.config.public_url, &app.clock).await;
    app.use_ring(ring.map_err(|reason| Problem::internal(reason.to_string()))?);
    Ok(())
}

/// Reads the signing keys; the first process of a new deployment makes the first one.
///
/// # Errors
/// When the database fails, or a key does not open under the root secret.
pub async fn load_ring(
    platform: &PlatformDb,
    root: &RootSecret,
    issuer: &str,
    clock: &Clock,
) -> Result<KeyRing, RingError> {
    let now = clock.now();
    let mut stored = platform.signing_keys(now).await?;
    if stored.is_empty() {
        add_key(platform, root, None, now).await?;
        stored = platform.signing_keys(now).await?;
    }
    // The newest that may sign already; all of them verify.
    let signs = stored.iter().rev().find(|key| key.signs_from <= now).or(stored.first()).ok_or(RingError::NoKey)?;
    let signing =
        SigningKey::unseal(&root.derive(SEAL), &signs.kid, &signs.sealed_key).map_err(|_| RingError::Sealed)?;
    let published = stored.iter().filter_map(|key| {
        let public = PublicKey::new(key.public_key.as_slice().try_into().ok()?);
        Some(match key.retires_at {
            Some(at) => public.retiring_at(at),
            None => public,
        })
    });
    KeyRing::new(issuer, signing, published.collect()).map_err(|_| RingError::NoKey)
}

/// Adds a signing key. It is published at once, signs from `lead` on, and the keys before it retire after an overlap.
///
/// # Errors
/// When the database fails.
pub async fn add_key(
    platform: &PlatformDb,
    root: &RootSecret,
    lead: Option<Duration>,
    now: DateTime<Utc>,
) -> Result<String, RingError> {
    let key = SigningKey::generate().map_err(|_| RingError::Sealed)?;
    let signs_from = now + lead.unwrap_or_default();
    let stored = StoredSigningKey {
        kid: key.kid().to_owned(),
        public_key: key.public().bytes().to_vec(),
        sealed_key: key.seal(&root.derive(SEAL)).map_err(|_| RingError::Sealed)?,
        signs_from,
        retires_at: None,
    };
    platform.add_signing_key(&stored, lead.map(|_| signs_from + OVERLAP), now).await?;
    Ok(stored.kid)
}

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A stored key does not open: another root secret made it.
    #[error("a signing key does not open under this root secret")]
    Sealed,
    /// There is none.
    #[error("there is no signing key")]
    NoKey,
}
