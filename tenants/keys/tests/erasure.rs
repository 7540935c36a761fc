//! Shares against a store that is away, is changed by others, or lost what it held.

mod shares;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aws_sdk_kms::config::{BehaviorVersion, Builder, Credentials, Region};
use futures::future::join_all;
use keystead_ids::TenantId;
use keystead_keys::{KeyError, Keys, Kms, Limits, Purpose, StoredTree, TenantKeys, TreeAt, WrappedKey, WrappedSubject};
use keystead_kms_double::{KmsDouble, Running};
use keystead_proofs::Proof;
use shares::{MemoryShares, ask, tree};
use tempfile::TempDir;
use uuid::Uuid;

struct Setting {
    _folder: TempDir,
    double: Running,
    kms: Kms,
    store: Arc<MemoryShares>,
}

impl Setting {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let double = KmsDouble::start(folder.path().to_owned(), ([127, 0, 0, 1], 0).into()).await.expect("starts");
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(double.endpoint())
            .credentials_provider(Credentials::new("local", "local", None, None, "test"));
        let kms = Kms::from_config(config, "c1").expect("cell");
        Self { _folder: folder, double, kms, store: Arc::default() }
    }

    async fn tenant(&self) -> Vec<WrappedKey> {
        let tenant = TenantId(Uuid::new_v4());
        let key = self.kms.create_tenant_key(tenant).await.expect("key");
        vec![self.kms.generate(tenant, &key, Purpose::Pii, 1).await.expect("generates")]
    }

    /// A process of its own: nothing is cached.
    fn process(&self) -> Keys {
        Keys::with_limits(self.kms.clone(), Arc::<MemoryShares>::clone(&self.store), quick())
    }
}

impl MemoryShares {
    /// Stops answering, or answers again.
    fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::Relaxed);
    }

    /// The object, whatever the store answers to others.
    fn held(&self, name: &str) -> Option<StoredTree> {
        self.objects().get(name).cloned()
    }

    /// As a fault or an attacker would.
    fn put(&self, name: &str, tree: Option<StoredTree>) {
        match tree {
            Some(tree) => self.objects().insert(name.to_owned(), tree),
            None => self.objects().remove(name),
        };
    }
}

/// Limits for tests that cannot wait minutes.
fn quick() -> Limits {
    let ms = Duration::from_millis;
    Limits { fresh: ms(150), stale: ms(60_000), refused: ms(20), retry: ms(50), ..Limits::default() }
}

async fn past(limit: Duration) {
    tokio::time::sleep(limit + Duration::from_millis(30)).await;
}

fn people(keys: &TenantKeys, count: usize) -> Vec<(Uuid, WrappedSubject)> {
    let new = |_| {
        let person = Uuid::new_v4();
        (person, keys.new_subject(person).expect("new").1)
    };
    (0..count).map(new).collect()
}

fn opens(keys: &TenantKeys, (person, wrapped): &(Uuid, WrappedSubject)) -> Result<(), KeyError> {
    keys.open_subject(*person, wrapped).map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_who_comes_first_gets_the_same_tree() {
    let setting = Setting::new().await;
    let rows = setting.tenant().await;
    let processes: Vec<Keys> = (0..8).map(|_| setting.process()).collect();
    let keys = join_all(processes.iter().map(|keys| ask(keys, &rows, 1))).await;
    let keys: Vec<TenantKeys> = keys.into_iter().collect::<Result<_, _>>().expect("keys");
    for (index, writer) in keys.iter().enumerate() {
        let person = people(writer, 1).remove(0);
        let (reader, calls) = (&keys[(index + 1) % keys.len()], setting.double.ledger());
        opens(reader, &person).expect("what one wraps, the others open");
        assert_eq!(setting.double.ledger(), calls, "shares cost no call to KMS");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn punctures_at_the_same_time_all_hold() {
    let proof = Proof::of("T10");
    let setting = Setting::new().await;
    let rows = setting.tenant().await;
    let before = ask(&setting.process(), &rows, 1).await.expect("keys");
    let all = people(&before, 24);
    let (gone, left) = all.split_at(16);
    let punctures = gone.iter().map(|(person, _)| {
        let (keys, rows, person) = (setting.process(), rows.clone(), *person);
        tokio::spawn(async move {
            let tenant = ask(&keys, &rows, 1).await?;
            keys.puncture(&tenant, &tree(&rows), &[person]).await?;
            // Again, and it is done already.
            keys.puncture(&tenant, &tree(&rows), &[person]).await
        })
    });
    for done in join_all(punctures).await {
        done.expect("runs").expect("holds");
    }
    let after = ask(&setting.process(), &rows, 1).await.expect("keys");
    proof.zero(
        "readable-after-puncture",
        gone.iter().filter(|person| opens(&after, person) != Err(KeyError::Erased)).count(),
    );
    proof.exactly(
        "others-open-after-puncture",
        left.iter().filter(|person| opens(&after, person).is_ok()).count(),
        left.len(),
    );
    // Whoever has the older tree still wraps what the newer one opens.
    opens(&after, &people(&before, 1)[0]).expect("one function, however much of it is gone");
}

#[tokio::test]
async fn a_process_that_punctures_forgets_at_once() {
    let setting = Setting::new().await;
    let rows = setting.tenant().await;
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::clone(&setting.store));
    let tenant = ask(&keys, &rows, 1).await.expect("keys");
    let person = people(&tenant, 1).remove(0);
    let calls = setting.double.ledger();
    keys.puncture(&tenant, &tree(&rows), &[person.0]).await.expect("holds");
    let now = ask(&keys, &rows, 1).await.expect("keys");
    assert_eq!(opens(&now, &person), Err(KeyError::Erased));
    assert_eq!(setting.double.ledger(), calls, "and asks KMS nothing for that");
}

#[tokio::test]
async fn a_store_that_is_away_is_bridged_with_the_tree_that_is_cached() {
    let setting = Setting::new().await;
    let (rows, cold) = (setting.tenant().await, setting.tenant().await);
    let keys = setting.process();
    let person = people(&ask(&keys, &rows, 1).await.expect("keys"), 1).remove(0);
    setting.store.set_down(true);
    past(quick().fresh).await;
    opens(&ask(&keys, &rows, 1).await.expect("stale"), &person).expect("opens");
    assert_eq!(ask(&keys, &cold, 1).await.expect_err("never seen"), KeyError::SharesUnavailable);
    assert_eq!(ask(&keys, &rows, 2).await.expect_err("a new epoch"), KeyError::SharesUnavailable);
    let tenant = ask(&setting.process(), &rows, 1).await.map(drop);
    assert_eq!(tenant, Err(KeyError::SharesUnavailable), "another process has nothing cached");
    setting.store.set_down(false);
    past(quick().refused).await;
    ask(&keys, &cold, 1).await.expect("back");
}

#[tokio::test]
async fn keys_are_not_used_for_longer_than_the_tree_beside_them() {
    let setting = Setting::new().await;
    let rows = setting.tenant().await;
    // KMS's answers last; a tree that bridges an outage is asked for again at once.
    let limits = Limits { retry: Duration::ZERO, ..quick() };
    let keys = Keys::with_limits(setting.kms.clone(), Arc::<MemoryShares>::clone(&setting.store), limits);
    ask(&keys, &rows, 1).await.expect("keys");
    keys.warm(rows[0].tenant, 1).await.expect("all fresh");
    past(limits.fresh).await;
    setting.store.set_down(true);
    ask(&keys, &rows, 1).await.expect("bridged");
    assert!(keys.warm(rows[0].tenant, 1).await.is_none(), "the store may be back");
    let elsewhere = TreeAt { name: "elsewhere", made: false };
    let another = keys.tenant(&rows, Some(elsewhere), 1).await.expect_err("the tree of another name is none");
    assert_eq!(another, KeyError::SharesUnavailable);
}

#[tokio::test]
async fn a_tree_that_is_lost_or_anothers_opens_nobody_and_is_not_replaced() {
    let setting = Setting::new().await;
    let (rows, foreign) = (setting.tenant().await, setting.tenant().await);
    let keys = setting.process();
    ask(&keys, &rows, 1).await.expect("keys");
    ask(&keys, &foreign, 1).await.expect("keys");
    let name = tree(&rows);
    let known = TreeAt { name: &name, made: true };
    setting.store.put(&name, None);
    assert_eq!(setting.process().tenant(&rows, Some(known), 1).await.expect_err("lost"), KeyError::SharesLost);
    assert_eq!(setting.store.held(&name), None);
    let anothers = setting.store.held(&tree(&foreign)).expect("theirs");
    setting.store.put(&name, Some(anothers));
    assert_eq!(setting.process().tenant(&rows, Some(known), 1).await.expect_err("moved"), KeyError::Corrupt);
    setting.store.put(&name, Some(StoredTree { sealed: vec![1; 200], tag: String::new() }));
    assert_eq!(setting.process().tenant(&rows, Some(known), 1).await.expect_err("noise"), KeyError::Corrupt);
}

#[tokio::test]
async fn a_tree_is_read_once_for_whatever_is_asked_for() {
    let setting = Setting::new().await;
    let mut rows = setting.tenant().await;
    let keys = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::clone(&setting.store));
    ask(&keys, &rows, 1).await.expect("keys");
    let reads = || setting.store.reads.load(Ordering::Relaxed);
    let before = reads();
    rows.push(setting.kms.generate(rows[0].tenant, &rows[0].kms_key, Purpose::Index, 1).await.expect("generates"));
    ask(&keys, &rows, 1).await.expect("another purpose");
    assert_eq!(reads(), before);
    let other = Keys::new(setting.kms.clone(), Arc::<MemoryShares>::clone(&setting.store));
    ask(&other, &rows, 1).await.expect("another process");
    assert_eq!(reads(), before + 1);
    other.warm(rows[0].tenant, 1).await.expect("it uses what it read for minutes");
}

#[tokio::test]
async fn purposes_that_are_asked_for_later_leave_the_shares_where_they_are() {
    let setting = Setting::new().await;
    let rows = setting.tenant().await;
    let index = setting.kms.generate(rows[0].tenant, &rows[0].kms_key, Purpose::Index, 1).await.expect("generates");
    let keys = setting.process();
    let person = people(&ask(&keys, &rows, 1).await.expect("keys"), 1).remove(0);
    keys.tenant(&[index], None, 1).await.expect("index");
    opens(&keys.warm(rows[0].tenant, 1).await.expect("warm"), &person).expect("opens");
    // Who names no tree gets keys that wrap nobody, and leaves no such set for others to find.
    keys.forget(rows[0].tenant).await;
    let bare = keys.tenant(&rows, None, 1).await.expect("keys");
    assert_eq!(bare.new_subject(Uuid::new_v4()).expect_err("no shares"), KeyError::SharesUnavailable);
    assert!(keys.warm(rows[0].tenant, 1).await.is_none());
}
