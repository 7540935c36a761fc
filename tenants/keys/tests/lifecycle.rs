//! Keys against a running KMS: creation, caching, revocation, outages, cost.

mod shares;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use aws_sdk_kms::config::{BehaviorVersion, Builder, Credentials, Region};
use futures::future::join_all;
use keystead_ids::TenantId;
use keystead_keys::{Denial, KeyError, Keys, Kms, Limits, Purpose, TenantKeys, WrappedKey, WrappedSubject};
use keystead_kms_double::{FaultMode, Faults, KmsDouble, Operation as Call, Running};
use shares::{MemoryShares, ask};
use tempfile::TempDir;
use uuid::Uuid;

struct Setting {
    _folder: TempDir,
    double: Running,
    kms: Kms,
}

impl Setting {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let double = KmsDouble::start(folder.path().to_owned(), ([127, 0, 0, 1], 0).into()).await.expect("starts");
        let kms = Kms::from_config(config(&double.endpoint()), "c1").expect("cell");
        Self { _folder: folder, double, kms }
    }

    /// The keys of a new tenant, of the given purposes.
    async fn tenant(&self, purposes: &[Purpose]) -> Vec<WrappedKey> {
        let tenant = TenantId(Uuid::new_v4());
        let key = self.kms.create_tenant_key(tenant).await.expect("key");
        let made = purposes.iter().map(|purpose| self.kms.generate(tenant, &key, *purpose, 1));
        join_all(made).await.into_iter().collect::<Result<_, _>>().expect("generates")
    }

    fn faults(&self, mode: FaultMode) {
        self.double.set_faults(Faults { mode, ..Faults::default() });
    }

    fn faults_of(&self, call: Call, mode: FaultMode) {
        self.double.set_faults(Faults { mode, only: Some(call), ..Faults::default() });
    }

    fn decrypts(&self) -> u64 {
        self.double.ledger().get("Decrypt").copied().unwrap_or_default()
    }

    /// Calls an operation on a key that the product itself never calls.
    async fn operate(&self, key: &str, operation: Operation) {
        let client = aws_sdk_kms::Client::from_conf(config(&self.double.endpoint()).build());
        match operation {
            Operation::Disable => client.disable_key().key_id(key).send().await.map(drop).expect("disables"),
            Operation::Enable => client.enable_key().key_id(key).send().await.map(drop).expect("enables"),
            Operation::Cancel => client.cancel_key_deletion().key_id(key).send().await.map(drop).expect("cancels"),
        }
    }
}

#[derive(Clone, Copy)]
enum Operation {
    Disable,
    Enable,
    Cancel,
}

fn config(endpoint: &str) -> Builder {
    aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
}

/// Limits for tests that cannot wait minutes.
fn quick() -> Limits {
    let ms = Duration::from_millis;
    Limits { fresh: ms(150), stale: ms(60_000), refused: ms(20), retry: ms(50), ..Limits::default() }
}

async fn past(limit: Duration) {
    tokio::time::sleep(limit + Duration::from_millis(30)).await;
}

#[tokio::test]
async fn a_tenant_has_one_key_however_often_it_is_created() {
    let setting = Setting::new().await;
    let tenant = TenantId(Uuid::new_v4());
    let made = join_all((0..8).map(|_| setting.kms.create_tenant_key(tenant))).await;
    let keys: BTreeSet<String> = made.into_iter().collect::<Result<_, _>>().expect("creates");
    assert_eq!(keys.len(), 1);
    assert!(keys.contains(&setting.kms.create_tenant_key(tenant).await.expect("again")));
    let other = setting.kms.create_tenant_key(TenantId(Uuid::new_v4())).await.expect("other");
    assert!(!keys.contains(&other));
}

#[test]
fn a_cells_name_is_part_of_an_alias() {
    let (longest, longer) = ("c".repeat(64), "c".repeat(65));
    for (name, legal) in
        [("c1", true), ("US_west-2", true), (&longest, true), (&longer, false), ("", false), ("a/b", false)]
    {
        assert_eq!(Kms::from_config(config("http://127.0.0.1:1"), name).is_ok(), legal, "{name:?}");
    }
}

#[tokio::test]
async fn a_cells_log_key_signs_what_its_public_half_verifies() {
    let setting = Setting::new().await;
    let key = setting.kms.create_log_key().await.expect("creates");
    assert_eq!(setting.kms.create_log_key().await.expect("again"), key);
    let elsewhere = Kms::from_config(config(&setting.double.endpoint()), "c2").expect("cell");
    assert_ne!(elsewhere.create_log_key().await.expect("another cell's"), key);
    let signature = setting.kms.sign(&key, b"so far").await.expect("signs");
    let public = setting.kms.public_key(&key).await.expect("told");
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &public);
    public.verify(b"so far", &signature).expect("its own");
    public.verify(b"so near", &signature).expect_err("another message's");
}

#[tokio::test]
async fn a_key_that_gets_no_alias_is_nobodys_once_kms_said_so() {
    let setting = Setting::new().await;
    let alone = async |mode, expected| {
        setting.faults_of(Call::CreateAlias, mode);
        let tenant = TenantId(Uuid::new_v4());
        assert_eq!(setting.kms.create_tenant_key(tenant).await.expect_err("no alias"), expected, "{mode:?}");
        setting.double.ledger().get("ScheduleKeyDeletion").copied().unwrap_or_default()
    };
    assert_eq!(alone(FaultMode::Down, KeyError::Unavailable).await, 0, "a lost answer may have been a yes");
    assert_eq!(alone(FaultMode::Deny, KeyError::Denied(Denial::AccessDenied)).await, 1);
}

#[tokio::test]
async fn a_key_that_is_not_on_its_way_out_is_not_said_to_be() {
    let setting = Setting::new().await;
    let key = setting.kms.create_tenant_key(TenantId(Uuid::new_v4())).await.expect("creates");
    setting.faults_of(Call::ScheduleKeyDeletion, FaultMode::Unready);
    let refused = setting.kms.schedule_deletion(&key, 7).await.expect_err("it stays");
    assert_eq!(refused, KeyError::Denied(Denial::KeyState));
}

#[tokio::test]
async fn every_cache_says_how_much_it_holds() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii, Purpose::Index]).await;
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::default());
    let held = async || keys.cached().await.map(|(_, entries)| entries);
    assert_eq!(held().await, [0; 6]);
    let tenant = ask(&keys, &rows, 1).await.expect("keys");
    let (subject, wrapped) = bridged_subject(&tenant);
    tenant.open_subject(subject, &wrapped).expect("opens");
    let names = keys.cached().await.map(|(name, _)| name);
    assert_eq!(names, ["kms_answers", "data_keys", "tenant_keys", "person_keys", "tree_answers", "trees"]);
    assert_eq!(held().await, [2, 2, 1, 1, 1, 1]);
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_done_once() {
    let setting = Setting::new().await;
    setting.faults(FaultMode::Mute);
    let tenant = TenantId(Uuid::new_v4());
    let key = setting.kms.create_tenant_key(tenant).await.expect("creates");
    // The alias was there when it was created a second time: it is this tenant's own, not another call's.
    assert_eq!(setting.kms.key_state(&key).await.expect("described"), "Enabled");
    assert_eq!(setting.kms.create_tenant_key(tenant).await.expect("again"), key);
    setting.kms.schedule_deletion(&key, 7).await.expect("schedules");
    setting.faults(FaultMode::None);
    setting.kms.schedule_deletion(&key, 30).await.expect("it goes already");
    assert_eq!(setting.kms.key_state(&key).await.expect("described"), "PendingDeletion");
}

#[tokio::test]
async fn a_wrapped_key_belongs_to_its_tenant_purpose_and_version() {
    let setting = Setting::new().await;
    let row = setting.tenant(&[Purpose::Pii]).await.remove(0);
    let foreign = setting.tenant(&[Purpose::Pii]).await.remove(0);
    setting.kms.unwrap(&row).await.expect("unwraps");
    let moved = [
        WrappedKey { tenant: foreign.tenant, ..row.clone() },
        WrappedKey { purpose: Purpose::Index, ..row.clone() },
        WrappedKey { version: 2, ..row.clone() },
        WrappedKey { kms_key: foreign.kms_key.clone(), ..row.clone() },
        WrappedKey { wrapped: foreign.wrapped.clone(), ..row.clone() },
        WrappedKey { wrapped: b"noise".to_vec(), ..row.clone() },
    ];
    for key in moved {
        assert_eq!(setting.kms.unwrap(&key).await.expect_err("moved"), KeyError::Denied(Denial::Ciphertext));
    }
    let rewrapped = setting.kms.rewrap(&row, &foreign.kms_key).await.expect("rewraps");
    setting.operate(&row.kms_key, Operation::Disable).await;
    setting.kms.unwrap(&rewrapped).await.expect("under the other key");
}

#[tokio::test]
async fn a_warm_cache_asks_kms_nothing() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&Purpose::ALL).await;
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::default());
    assert!(keys.warm(rows[0].tenant, 1).await.is_none());
    ask(&keys, &rows, 1).await.expect("cold");
    let before = keys.kms_calls();
    for _ in 0..1_000 {
        ask(&keys, &rows, 1).await.expect("warm");
        keys.warm(rows[0].tenant, 1).await.expect("warm");
    }
    assert_eq!(keys.kms_calls(), before);
    assert_eq!(setting.decrypts(), 6);
    assert!(format!("{keys:?}").starts_with("Keys(1 tenants, "), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_requests_cost_one_call() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii]).await;
    setting.double.set_faults(Faults { mode: FaultMode::Slow, latency_ms: 50, ..Faults::default() });
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::default());
    let requests = (0..100).map(|_| {
        let (keys, rows) = (keys.clone(), rows.clone());
        tokio::spawn(async move { ask(&keys, &rows, 1).await.map(drop) })
    });
    for done in join_all(requests).await {
        done.expect("runs").expect("unwraps");
    }
    assert_eq!(setting.decrypts(), 1);
}

#[tokio::test]
async fn purposes_add_up() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii, Purpose::Index, Purpose::Audit]).await;
    let foreign = setting.tenant(&[Purpose::Pii]).await;
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::default());
    ask(&keys, &rows[..1], 1).await.expect("first");
    ask(&keys, &rows[1..], 1).await.expect("others");
    let held = keys.warm(rows[0].tenant, 1).await.expect("warm");
    assert!(rows.iter().all(|row| held.has(row.purpose)) && !held.has(Purpose::Cursor));
    assert_eq!(setting.decrypts(), 3);
    let mixed = [rows[0].clone(), foreign[0].clone()];
    assert_eq!(ask(&keys, &mixed, 1).await.expect_err("mixed"), KeyError::MixedTenants);
    assert_eq!(ask(&keys, &[], 1).await.expect_err("none"), KeyError::Missing(Purpose::Pii));
}

#[tokio::test]
async fn a_new_epoch_ends_cached_keys_at_once() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii, Purpose::Index]).await;
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::default());
    ask(&keys, &rows, 1).await.expect("cold");
    setting.operate(&rows[0].kms_key, Operation::Disable).await;
    ask(&keys, &rows, 1).await.expect("still cached");
    assert!(keys.warm(rows[0].tenant, 2).await.is_none());
    assert_eq!(ask(&keys, &rows, 2).await.expect_err("disabled"), KeyError::Denied(Denial::Disabled));
    assert!(keys.warm(rows[0].tenant, 1).await.is_none(), "the old epoch's keys are gone too");
    setting.faults(FaultMode::Down);
    past(Limits::default().refused).await;
    assert_eq!(ask(&keys, &rows, 1).await.expect_err("nothing remembered"), KeyError::Unavailable);
}

#[tokio::test]
async fn refusals_end_cached_keys_and_outages_do_not_bring_them_back() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii]).await;
    let key = rows[0].kms_key.clone();
    let keys = Keys::with_limits(setting.kms.clone(), Arc::<MemoryShares>::default(), quick());
    let refused = async |expected| {
        past(quick().fresh).await;
        assert_eq!(ask(&keys, &rows, 1).await.expect_err("refused"), KeyError::Denied(expected));
        assert!(keys.warm(rows[0].tenant, 1).await.is_none());
        setting.faults(FaultMode::Down);
        past(quick().refused).await;
        assert_eq!(ask(&keys, &rows, 1).await.expect_err("purged"), KeyError::Unavailable);
        setting.faults(FaultMode::None);
        past(quick().refused).await;
    };
    ask(&keys, &rows, 1).await.expect("cold");
    setting.operate(&key, Operation::Disable).await;
    refused(Denial::Disabled).await;
    setting.operate(&key, Operation::Enable).await;
    ask(&keys, &rows, 1).await.expect("enabled again");
    setting.kms.schedule_deletion(&key, 7).await.expect("schedules");
    refused(Denial::KeyState).await;
    setting.operate(&key, Operation::Cancel).await;
    setting.operate(&key, Operation::Enable).await;
    ask(&keys, &rows, 1).await.expect("rescued");
    setting.faults(FaultMode::Deny);
    refused(Denial::AccessDenied).await;
    ask(&keys, &rows, 1).await.expect("allowed again");
    // After the waiting period, the key and everything under it are gone for good.
    setting.kms.schedule_deletion(&key, 7).await.expect("schedules");
    let later = Faults { clock_ahead_s: 8 * 86_400, ..Faults::default() };
    setting.double.set_faults(later);
    past(quick().fresh).await;
    assert_eq!(ask(&keys, &rows, 1).await.expect_err("gone"), KeyError::Denied(Denial::NotFound));
}

#[tokio::test]
async fn outages_are_bridged_with_cached_keys() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii]).await;
    let cold = setting.tenant(&[Purpose::Pii]).await;
    let keys = Keys::with_limits(setting.kms.clone(), Arc::<MemoryShares>::default(), quick());
    let (subject, wrapped) = bridged_subject(&ask(&keys, &rows, 1).await.expect("cold"));
    for mode in [FaultMode::Down, FaultMode::Throttle, FaultMode::Drop] {
        setting.faults(mode);
        past(quick().fresh).await;
        let stale = ask(&keys, &rows, 1).await.expect("stale");
        stale.open_subject(subject, &wrapped).expect("opens");
        stale.new_subject(Uuid::new_v4()).expect("seals");
        assert_eq!(ask(&keys, &cold, 1).await.expect_err("never seen"), KeyError::Unavailable, "{mode:?}");
        assert_eq!(keys.kms().health().await.expect_err("down"), KeyError::Unavailable);
    }
    setting.faults(FaultMode::None);
    past(quick().retry).await;
    ask(&keys, &cold, 1).await.expect("back");
    keys.kms().health().await.expect("healthy");
}

fn bridged_subject(keys: &TenantKeys) -> (Uuid, WrappedSubject) {
    let subject = Uuid::new_v4();
    (subject, keys.new_subject(subject).expect("new").1)
}

#[tokio::test]
async fn a_slow_kms_delays_one_request_and_no_more() {
    let setting = Setting::new().await;
    let (rows, other) = (setting.tenant(&[Purpose::Pii]).await, setting.tenant(&[Purpose::Pii]).await);
    let long = Duration::from_secs(30);
    let limits = Limits { refused: long, retry: long, ..quick() };
    let keys = Keys::with_limits(setting.kms.clone(), Arc::<MemoryShares>::default(), limits);
    ask(&keys, &rows, 1).await.expect("cold");
    ask(&keys, &other, 1).await.expect("cold");
    // Far longer than anybody is to wait.
    setting.double.set_faults(Faults { mode: FaultMode::Slow, latency_ms: 3_600_000, ..Faults::default() });
    past(limits.fresh).await;
    let first = tokio::time::timeout(Duration::from_secs(60), ask(&keys, &rows, 1)).await;
    first.expect("KMS is given up").expect("stale");
    let calls = keys.kms_calls();
    ask(&keys, &rows, 1).await.expect("stale");
    ask(&keys, &other, 1).await.expect("stale");
    assert_eq!(keys.kms_calls(), calls, "nobody asks a KMS that did not answer just now");
}

#[tokio::test]
async fn a_kms_that_is_back_is_asked_again() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii]).await;
    let keys = Keys::with_limits(setting.kms.clone(), Arc::<MemoryShares>::default(), quick());
    ask(&keys, &rows, 1).await.expect("cold");
    setting.faults(FaultMode::Down);
    past(quick().fresh).await;
    ask(&keys, &rows, 1).await.expect("stale");
    setting.faults(FaultMode::None);
    past(quick().retry).await;
    let answered = setting.decrypts();
    ask(&keys, &rows, 1).await.expect("fresh");
    assert_eq!(setting.decrypts(), answered + 1);
}

#[tokio::test]
async fn an_outage_is_bridged_for_a_limited_time() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii]).await;
    let limits = Limits { stale: Duration::from_millis(600), ..quick() };
    let keys = Keys::with_limits(setting.kms.clone(), Arc::<MemoryShares>::default(), limits);
    ask(&keys, &rows, 1).await.expect("cold");
    setting.faults(FaultMode::Down);
    past(limits.fresh).await;
    ask(&keys, &rows, 1).await.expect("stale");
    past(limits.stale).await;
    assert_eq!(ask(&keys, &rows, 1).await.expect_err("too stale"), KeyError::Unavailable);
}

#[tokio::test]
async fn failures_are_remembered_briefly() {
    let setting = Setting::new().await;
    let rows = setting.tenant(&[Purpose::Pii]).await;
    setting.operate(&rows[0].kms_key, Operation::Disable).await;
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::default());
    for _ in 0..50 {
        assert_eq!(ask(&keys, &rows, 1).await.expect_err("disabled"), KeyError::Denied(Denial::Disabled));
    }
    assert_eq!(setting.decrypts(), 1);
}

#[tokio::test]
async fn kms_calls_follow_tenants_not_requests() {
    let setting = Setting::new().await;
    let mut tenants = Vec::new();
    for _ in 0..20 {
        tenants.push(setting.tenant(&[Purpose::Pii, Purpose::Index]).await);
    }
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::default());
    let round = async || {
        for _ in 0..50 {
            for rows in &tenants {
                ask(&keys, rows, 1).await.expect("keys");
            }
        }
        setting.decrypts()
    };
    assert_eq!(round().await, 40, "one call per key");
    assert_eq!(round().await, 40, "none at steady state");
    let from = setting.double.ledger().values().sum::<u64>();
    assert_eq!(keys.kms_calls(), from, "the product counts what KMS bills");
}
