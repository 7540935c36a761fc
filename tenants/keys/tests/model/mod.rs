//! The model: what a tenant's database, its KMS keys and the cache should hold.

mod cache;
mod history;
mod tenant;

use std::time::Duration;

use aws_sdk_kms::config::{BehaviorVersion, Builder, Credentials, Region};
use keystead_keys::Limits;
use proptest::prelude::*;

pub use history::{History, Tally};

/// What happens to one of the two tenants, or to KMS.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The second tenant?
    pub second: bool,
    /// What happens.
    pub act: Act,
}

/// Things that happen. The number picks a person or a backup.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// A new version of the tenant's PII key.
    Rotate,
    /// All tenant keys under another KMS key, and the deletion of the old one scheduled.
    MoveToNewKmsKey,
    /// A person's key under the newest version.
    Rewrap(u8),
    /// A person's values under a new key of theirs.
    ReEncrypt(u8),
    /// A value of a person, who may be new.
    Write(u8),
    /// The KMS key is switched off, on, marked for deletion, rescued; the waiting period of deletions passes.
    Disable,
    Enable,
    ScheduleDeletion,
    CancelDeletion,
    WaitingPeriodPasses,
    /// The tenant's rows are kept; rows that were kept earlier come back.
    BackUp,
    Restore(u8),
    /// A person's key is deleted; all of the tenant's are.
    ShredSubject(u8),
    ShredTenant,
    /// The cache's entries grow too old, a new epoch ends them, and the process starts again.
    KeysExpire,
    NewEpoch,
    Forget,
    /// KMS stops answering, and answers again.
    KmsDown,
    KmsUp,
}

/// Histories.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Act::{
        BackUp, CancelDeletion, Disable, Enable, Forget, KeysExpire, KmsDown, KmsUp, MoveToNewKmsKey, NewEpoch,
        ReEncrypt, Restore, Rewrap, Rotate, ScheduleDeletion, ShredSubject, ShredTenant, WaitingPeriodPasses, Write,
    };
    let act = prop_oneof![
        4 => any::<u8>().prop_map(Write),
        2 => any::<u8>().prop_map(Rewrap),
        2 => any::<u8>().prop_map(ReEncrypt),
        2 => any::<u8>().prop_map(ShredSubject),
        2 => any::<u8>().prop_map(Restore),
        2 => prop::sample::select(vec![Rotate, MoveToNewKmsKey]),
        6 => prop::sample::select(vec![Disable, Enable, ScheduleDeletion, CancelDeletion, Enable, CancelDeletion]),
        4 => prop::sample::select(vec![BackUp, NewEpoch, KeysExpire, Forget]),
        3 => prop::sample::select(vec![KmsDown, KmsUp, KmsUp]),
        1 => prop::sample::select(vec![WaitingPeriodPasses, ShredTenant]),
    ];
    prop::collection::vec((any::<bool>(), act).prop_map(|(second, act)| Step { second, act }), 10..60)
}

/// How long a key is used after KMS unwrapped it: short, since the model waits for it to pass.
pub const FRESH: Duration = Duration::from_millis(200);

/// How long a key is used in an outage before KMS is asked again.
pub const RETRY: Duration = Duration::from_millis(100);

/// Limits for a model that cannot wait minutes, and that no failure is remembered by.
pub fn limits(usual: Limits) -> Limits {
    Limits { fresh: FRESH, retry: RETRY, refused: Duration::ZERO, ..usual }
}

/// A client of the double.
pub fn config(endpoint: &str) -> Builder {
    aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
}
