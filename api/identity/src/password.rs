//! Argon2id within bounds: each hash costs 19 MiB and 0.1 s of a core, so an unbounded login endpoint is a way to stop
//! the whole service.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::Error as HashError,
};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use zeroize::Zeroizing;

use crate::strength::normalise;

/// How many callers may wait for a core before the next is told to come back later.
pub const MAX_WAITING: usize = 50;

/// A salt and a digest that belong to no password; 16 zero bytes and 32 zero bytes in PHC's base64.
const NOBODY: &str = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How much work one Argon2id hash takes.
#[derive(Debug, Clone)]
pub struct PasswordCost(Params);

/// A cost that Argon2 cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a valid Argon2 cost: {0}")]
pub struct CostError(argon2::Error);

impl PasswordCost {
    /// `memory_kib` kibibytes of memory, `passes` over it, `lanes` in parallel.
    ///
    /// # Errors
    /// [`CostError`] if Argon2 allows no such cost (RFC 9106, 3.1).
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, CostError> {
        Params::new(memory_kib, passes, lanes, Some(Params::DEFAULT_OUTPUT_LEN)).map(Self).map_err(CostError)
    }
}

impl Default for PasswordCost {
    /// 19 MiB, two passes, one lane: the floor of the OWASP Password Storage Cheat Sheet.
    fn default() -> Self {
        Self(Params::DEFAULT)
    }
}

/// Why a password was neither hashed nor verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Every core is hashing and the queue is full: answer 429.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// Longer than [`crate::MAX_PASSWORD_CHARS`] after normalisation.
    #[error("the password is too long")]
    TooLong,
    /// The stored hash is not an Argon2id PHC string.
    #[error("the stored password hash cannot be read")]
    Stored,
    /// Memory, randomness or the worker thread failed.
    #[error("hashing failed")]
    Failed,
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The password is right.
    pub ok: bool,
    /// The password is right, and its hash has another cost than the present one: store a new hash.
    pub needs_rehash: bool,
}

/// Hashes and verifies passwords on a bounded number of threads. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    shared: Arc<Shared>,
}

struct Shared {
    pepper: Zeroizing<[u8; 32]>,
    cost: Params,
    /// What an unknown user's password is compared with, at the present cost.
    dummy: String,
    cores: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("cost", &self.shared.cost).finish_non_exhaustive()
    }
}

impl Passwords {
    /// `pepper` is the secret without which a stolen hash cannot be guessed at (Argon2's secret value, RFC 9106, 3.1).
    #[must_use]
    pub fn new(pepper: [u8; 32], cost: PasswordCost) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self::with_cores(pepper, cost, cores)
    }

    fn with_cores(pepper: [u8; 32], PasswordCost(cost): PasswordCost, cores: usize) -> Self {
        let (m, t, p) = (cost.m_cost(), cost.t_cost(), cost.p_cost());
        let shared = Shared {
            pepper: Zeroizing::new(pepper),
            cost,
            dummy: format!("$argon2id$v=19$m={m},t={t},p={p}{NOBODY}"),
            cores: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Hashes a new password to a PHC string. Its strength is [`crate::check_strength`]'s matter.
    ///
    /// # Errors
    /// [`PasswordError::Busy`], [`PasswordError::TooLong`] or [`PasswordError::Failed`].
    pub async fn hash(&self, password: &SecretString) -> Result<String, PasswordError> {
        let password = normalise(password.expose_secret()).ok_or(PasswordError::TooLong)?;
        self.on_a_core(move |shared| shared.hash(&password)).await
    }

    /// Compares `password` with the stored hash. Give `None` for an unknown user: the same work is done, and the answer
    /// is no, so that neither the answer nor its time tells who exists.
    ///
    /// # Errors
    /// [`PasswordError::Busy`], [`PasswordError::Stored`] or [`PasswordError::Failed`].
    pub async fn verify(&self, phc: Option<&str>, password: &SecretString) -> Result<Verdict, PasswordError> {
        let Some(password) = normalise(password.expose_secret()) else {
            // No such password can have been stored; its length is the caller's own doing and tells nothing.
            return Ok(Verdict { ok: false, needs_rehash: false });
        };
        let known = phc.is_some();
        let stored = phc.unwrap_or(&self.shared.dummy).to_owned();
        let verdict = self.on_a_core(move |shared| shared.verify(&stored, &password)).await?;
        Ok(Verdict { ok: verdict.ok && known, needs_rehash: verdict.needs_rehash && known })
    }

    async fn on_a_core<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = self.core().await?;
        let shared = Arc::clone(&self.shared);
        // The permit goes along: a caller who hangs up does not free a core that is still at work.
        let running = tokio::task::spawn_blocking(move || {
            let result = work(&shared);
            drop(permit);
            result
        });
        running.await.unwrap_or(Err(PasswordError::Failed))
    }

    async fn core(&self) -> Result<OwnedSemaphorePermit, PasswordError> {
        let cores = Arc::clone(&self.shared.cores);
        match Arc::clone(&cores).try_acquire_owned() {
            Ok(permit) => return Ok(permit),
            Err(TryAcquireError::Closed) => return Err(PasswordError::Failed),
            Err(TryAcquireError::NoPermits) => {}
        }
        let _place = Place::take(&self.shared.waiting).ok_or(PasswordError::Busy)?;
        cores.acquire_owned().await.map_err(|_| PasswordError::Failed)
    }
}

impl Shared {
    fn argon2(&self) -> Result<Argon2<'_>, PasswordError> {
        Argon2::new_with_secret(self.pepper.as_slice(), Algorithm::Argon2id, Version::V0x13, self.cost.clone())
            .map_err(|_| PasswordError::Failed)
    }

    fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let mut salt = [0; 16];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| PasswordError::Failed)?;
        let hash = self.argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|_| PasswordError::Failed)
    }

    fn verify(&self, stored: &str, password: &str) -> Result<Verdict, PasswordError> {
        let hash = PasswordHash::new(stored).map_err(|_| PasswordError::Stored)?;
        if hash.algorithm != argon2::ARGON2ID_IDENT || hash.salt.is_none() || hash.hash.is_none() {
            return Err(PasswordError::Stored);
        }
        let cost = Params::try_from(&hash).map_err(|_| PasswordError::Stored)?;
        let ok = match self.argon2()?.verify_password(password.as_bytes(), &hash) {
            Ok(()) => true,
            Err(HashError::PasswordInvalid) => false,
            Err(_) => return Err(PasswordError::Failed),
        };
        let outdated = hash.version != Some(Version::V0x13.into()) || !same_cost(&cost, &self.cost);
        Ok(Verdict { ok, needs_rehash: ok && outdated })
    }
}

fn same_cost(a: &Params, b: &Params) -> bool {
    (a.m_cost(), a.t_cost(), a.p_cost()) == (b.m_cost(), b.t_cost(), b.p_cost())
}

/// A place in the queue, given back when the caller proceeds or hangs up.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let enter = |ahead: usize| (ahead < MAX_WAITING).then_some(ahead + 1);
        waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, enter).ok()?;
        Some(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = "the ferry leaves at nine, rain or not";

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    fn cheap() -> PasswordCost {
        PasswordCost::new(64, 1, 1).expect("valid")
    }

    fn passwords() -> Passwords {
        Passwords::new([7; 32], cheap())
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let passwords = passwords();
        let phc = passwords.hash(&secret(RIGHT)).await.expect("hash");
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
        assert_ne!(phc, passwords.hash(&secret(RIGHT)).await.expect("hash"), "salted");
        let verdict = passwords.verify(Some(&phc), &secret(RIGHT)).await;
        assert_eq!(verdict, Ok(Verdict { ok: true, needs_rehash: false }));
        for wrong in ["", "the ferry leaves at nine, rain or no", "THE FERRY LEAVES AT NINE, RAIN OR NOT"] {
            let verdict = passwords.verify(Some(&phc), &secret(wrong)).await;
            assert_eq!(verdict, Ok(Verdict { ok: false, needs_rehash: false }), "{wrong}");
        }
    }

    #[tokio::test]
    async fn equivalent_spellings_are_one_password() {
        let passwords = passwords();
        let phc = passwords.hash(&secret("a cafe\u{301} ﬁlled with ２３ people")).await.expect("hash");
        let verdict = passwords.verify(Some(&phc), &secret("a café filled with 23 people")).await;
        assert_eq!(verdict.map(|v| v.ok), Ok(true));
    }

    #[tokio::test]
    async fn an_unknown_user_never_passes_but_costs_the_same_hash() {
        let passwords = Passwords::new([7; 32], PasswordCost::default());
        for attempt in [RIGHT, "", "\0"] {
            let verdict = passwords.verify(None, &secret(attempt)).await;
            assert_eq!(verdict, Ok(Verdict { ok: false, needs_rehash: false }));
        }
        let phc = passwords.hash(&secret(RIGHT)).await.expect("hash");
        let prefix = "$argon2id$v=19$m=19456,t=2,p=1$";
        assert!(phc.starts_with(prefix) && passwords.shared.dummy.starts_with(prefix));
        assert_eq!(phc.len(), passwords.shared.dummy.len());
    }

    #[tokio::test]
    async fn the_pepper_is_part_of_the_hash() {
        let phc = passwords().hash(&secret(RIGHT)).await.expect("hash");
        let other = Passwords::new([8; 32], cheap());
        assert_eq!(other.verify(Some(&phc), &secret(RIGHT)).await.map(|v| v.ok), Ok(false));
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_renewed_after_success_only() {
        let phc = passwords().hash(&secret(RIGHT)).await.expect("hash");
        let dearer = Passwords::new([7; 32], PasswordCost::new(128, 2, 1).expect("valid"));
        let verdict = dearer.verify(Some(&phc), &secret(RIGHT)).await;
        assert_eq!(verdict, Ok(Verdict { ok: true, needs_rehash: true }));
        let verdict = dearer.verify(Some(&phc), &secret("wrong")).await;
        assert_eq!(verdict, Ok(Verdict { ok: false, needs_rehash: false }));
    }

    #[tokio::test]
    async fn damaged_hashes_are_errors_not_denials() {
        let passwords = passwords();
        let argon2i = "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for bad in ["", "plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=64,t=1,p=1", argon2i] {
            assert_eq!(passwords.verify(Some(bad), &secret(RIGHT)).await, Err(PasswordError::Stored), "{bad}");
        }
    }

    #[tokio::test]
    async fn overlong_passwords_cost_nothing() {
        let passwords = passwords();
        let long = secret(&"x".repeat(257));
        assert_eq!(passwords.hash(&long).await, Err(PasswordError::TooLong));
        let verdict = passwords.verify(None, &long).await;
        assert_eq!(verdict, Ok(Verdict { ok: false, needs_rehash: false }));
        // One character that normalises to 18: many of them must not slip past the limit.
        assert_eq!(passwords.hash(&secret(&"\u{fdfa}".repeat(20))).await, Err(PasswordError::TooLong));
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_drains() {
        let passwords = Passwords::with_cores([7; 32], cheap(), 2);
        let held: Vec<_> = [passwords.core().await, passwords.core().await].into_iter().collect();
        let attempt = |passwords: Passwords| async move { passwords.verify(None, &SecretString::from(RIGHT)).await };
        let queued: Vec<_> = (0..MAX_WAITING).map(|_| tokio::spawn(attempt(passwords.clone()))).collect();
        while passwords.shared.waiting.load(Ordering::Acquire) < MAX_WAITING {
            tokio::task::yield_now().await;
        }
        assert_eq!(attempt(passwords.clone()).await, Err(PasswordError::Busy));
        queued[0].abort();
        while passwords.shared.waiting.load(Ordering::Acquire) == MAX_WAITING {
            tokio::task::yield_now().await;
        }
        drop(held);
        let mut served = 0;
        for task in queued {
            served += usize::from(matches!(task.await, Ok(Ok(_))));
        }
        assert_eq!(served, MAX_WAITING - 1);
        assert_eq!(passwords.shared.waiting.load(Ordering::Acquire), 0);
        assert!(attempt(passwords.clone()).await.is_ok());
    }

    #[test]
    fn secrets_do_not_show() {
        let shown = format!("{:?}", Passwords::new([0x5a; 32], cheap()));
        assert!(!shown.contains("90") && !shown.contains("5a"), "{shown}");
        assert!(PasswordCost::new(1, 1, 1).is_err());
    }
}
