//! Steps, done to the product and to the model.

use std::time::Duration;

use keystead_ids::TenantId;
use keystead_keys::{Denial, KeyError, Keys, Purpose, TenantKeys, WrappedKey};
use keystead_kms_double::{FaultMode, Faults, Running};
use uuid::Uuid;

use super::{
    Act, FRESH, RETRY, Step, config,
    tenant::{KmsKey, Rows, Tenant, subject},
};
use crate::shares::{ask, tree};

/// The waiting period of deletions, in days, and a little more than that in seconds.
const DAYS: i32 = 7;
const PERIOD_S: u64 = 8 * 86_400;

/// What was done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub steps: u64,
    pub reads: u64,
    pub refusals: u64,
    /// Attempts to read what was shredded, and those that succeeded.
    pub attempts: u64,
    pub resurrected: u64,
}

impl Tally {
    /// Adds another history's.
    pub fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.reads += other.reads;
        self.refusals += other.refusals;
        self.attempts += other.attempts;
        self.resurrected += other.resurrected;
    }
}

/// One history.
pub struct History<'a> {
    double: &'a Running,
    client: aws_sdk_kms::Client,
    keys: Keys,
    tenants: [Tenant; 2],
    down: bool,
    ahead_s: u64,
    tally: Tally,
}

type Outcome = Result<(), String>;

impl<'a> History<'a> {
    /// Two tenants with a key each, nothing cached.
    pub async fn begin(double: &'a Running, keys: Keys) -> Self {
        double.set_faults(Faults::default());
        let client = aws_sdk_kms::Client::from_conf(config(&double.endpoint()).build());
        let tenants = [Self::tenant(&keys).await, Self::tenant(&keys).await];
        Self { double, client, keys, tenants, down: false, ahead_s: 0, tally: Tally::default() }
    }

    async fn tenant(keys: &Keys) -> Tenant {
        let id = TenantId(Uuid::new_v4());
        let kms_key = keys.kms().create_tenant_key(id).await.expect("a key");
        Tenant::new(id, keys.kms().generate(id, &kms_key, Purpose::Pii, 1).await.expect("generates"))
    }

    /// What was done so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Does the steps and reads everything after each.
    pub async fn follow(&mut self, steps: &[Step]) -> Outcome {
        for (place, step) in steps.iter().enumerate() {
            self.tally.steps += 1;
            let told = |reason: String| format!("step {place}, {step:?}: {reason}");
            self.act(usize::from(step.second), step.act).await.map_err(told)?;
            for which in 0..2 {
                self.read(which).await.map_err(told)?;
                self.try_shredded(which).await;
            }
        }
        if self.tally.resurrected > 0 { Err("shredded values were read".to_owned()) } else { Ok(()) }
    }

    fn set_faults(&self) {
        let mode = if self.down { FaultMode::Down } else { FaultMode::None };
        self.double.set_faults(Faults { mode, clock_ahead_s: self.ahead_s, ..Faults::default() });
    }

    /// What asking KMS about the tenant's key comes to.
    fn kms(&self, which: usize) -> Option<Result<(), Denial>> {
        let key = self.tenants[which].kms_key()?;
        (!self.down).then(|| self.tenants[which].verdict(&key))
    }

    /// The keys of the rows as they are; and that the product answers what the model foretells.
    async fn open(&mut self, which: usize) -> Result<Option<TenantKeys>, String> {
        let kms = self.kms(which);
        let tenant = &mut self.tenants[which];
        tenant.cached.settle().await;
        let expected = tenant.cached.ask(&tenant.rows.keys, tenant.epoch, kms);
        let got = ask(&self.keys, &tenant.rows.keys, tenant.epoch).await;
        let same = match (&expected, &got) {
            (Ok(()), Ok(_)) => true,
            (Err(expected), Err(got)) => expected == got,
            _ => false,
        };
        tenant.cached.answered();
        self.tally.reads += 1;
        self.tally.refusals += u64::from(got.is_err());
        if matches!(expected, Err(KeyError::Denied(Denial::KeyState | Denial::NotFound))) {
            // A tenant whose KMS key is on its way out: rows from a backup, and what the cache may hold.
            self.tally.attempts += 1;
            self.tally.resurrected += u64::from(got.is_ok());
        }
        if expected == Err(KeyError::Unavailable) || (!same && tenant.cached.unsettled()) {
            // Others asked for at the same time may be known or not, or the call took longer than a key's time.
            self.keys.forget(tenant.id).await;
            tenant.cached.purge();
        }
        if same || tenant.cached.unsettled() {
            Ok(got.ok())
        } else {
            Err(format!("{expected:?} was foretold; {:?}", got.map(drop)))
        }
    }

    /// Reads every value of the tenant.
    async fn read(&mut self, which: usize) -> Outcome {
        let Some(keys) = self.open(which).await? else { return Ok(()) };
        let tenant = &self.tenants[which];
        for (person, sealed, plain) in &tenant.rows.values {
            let Some(wrapped) = tenant.rows.subjects.get(person) else { continue };
            if tenant.shredded.contains(person) {
                // Their row came back from a backup.
                self.tally.attempts += 1;
                let opened = keys.open_subject(subject(*person), wrapped);
                self.tally.resurrected += u64::from(opened.is_ok());
                if !matches!(opened, Err(KeyError::Erased)) {
                    return Err(format!("{person} was shredded and is {:?}", opened.map(drop)));
                }
                continue;
            }
            let key = keys.open_subject(subject(*person), wrapped).map_err(|error| format!("{person}: {error}"))?;
            let opened = key.open(&tenant.place(*person), sealed).map_err(|error| format!("{person}: {error}"))?;
            if *opened != **plain {
                return Err(format!("{person} reads otherwise"));
            }
        }
        Ok(())
    }

    /// Goes for what was shredded with everything that is left.
    async fn try_shredded(&mut self, which: usize) {
        let tenant = &self.tenants[which];
        let orphans: Vec<_> =
            tenant.rows.values.iter().filter(|(person, ..)| tenant.shredded.contains(person)).cloned().collect();
        if orphans.is_empty() || tenant.rows.keys.is_empty() {
            return;
        }
        let Ok(Some(keys)) = self.open(which).await else { return };
        let tenant = &self.tenants[which];
        for (person, sealed, _) in &orphans {
            for wrapped in tenant.rows.subjects.values() {
                self.tally.attempts += 1;
                // Somebody else's wrapped key, taken for theirs, and somebody else's key.
                let opened = keys
                    .open_subject(subject(*person), wrapped)
                    .and_then(|key| key.open(&tenant.place(*person), sealed));
                self.tally.resurrected += u64::from(opened.is_ok());
            }
        }
    }

    async fn act(&mut self, which: usize, act: Act) -> Outcome {
        match act {
            Act::KmsDown | Act::KmsUp => {
                self.down = matches!(act, Act::KmsDown);
                self.set_faults();
            }
            Act::KeysExpire => tokio::time::sleep(FRESH + RETRY + Duration::from_millis(30)).await,
            Act::NewEpoch => self.tenants[which].epoch += 1,
            Act::Forget => {
                self.keys.forget(self.tenants[which].id).await;
                self.tenants[which].cached.purge();
            }
            Act::BackUp => {
                let rows = self.tenants[which].rows.clone();
                self.tenants[which].backups.push(rows);
            }
            Act::Restore(pick) => self.restore(which, pick).await,
            Act::ShredSubject(pick) => self.shred_subject(which, pick).await?,
            Act::Write(pick) => self.write(which, pick).await?,
            Act::Rewrap(pick) => self.rewrap(which, pick).await?,
            Act::ReEncrypt(pick) => self.re_encrypt(which, pick).await?,
            // The rest needs KMS.
            _ if self.down => {}
            Act::Rotate => self.rotate(which).await?,
            Act::MoveToNewKmsKey => self.move_to_new_kms_key(which).await?,
            Act::WaitingPeriodPasses => self.waiting_period_passes(),
            Act::ShredTenant => self.shred_tenant(which).await,
            Act::Disable | Act::Enable | Act::ScheduleDeletion | Act::CancelDeletion => self.operate(which, act).await,
        }
        Ok(())
    }

    /// What an operator does to the KMS key, where its state allows it.
    async fn operate(&mut self, which: usize, act: Act) {
        let Some(key) = self.tenants[which].kms_key() else { return };
        let state = self.tenants[which].kms[&key];
        let client = &self.client;
        let next = match (act, state) {
            (Act::Disable, KmsKey::Enabled | KmsKey::Disabled) => {
                client.disable_key().key_id(&key).send().await.expect("disables");
                KmsKey::Disabled
            }
            (Act::Enable, KmsKey::Enabled | KmsKey::Disabled) => {
                client.enable_key().key_id(&key).send().await.expect("enables");
                KmsKey::Enabled
            }
            (Act::ScheduleDeletion, KmsKey::Enabled | KmsKey::Disabled) => {
                self.keys.kms().schedule_deletion(&key, DAYS).await.expect("schedules");
                KmsKey::Pending
            }
            (Act::CancelDeletion, KmsKey::Pending) => {
                client.cancel_key_deletion().key_id(&key).send().await.expect("cancels");
                KmsKey::Disabled
            }
            (_, unchanged) => unchanged,
        };
        self.tenants[which].kms.insert(key, next);
    }

    fn waiting_period_passes(&mut self) {
        self.ahead_s += PERIOD_S;
        self.set_faults();
        for state in self.tenants.iter_mut().flat_map(|tenant| tenant.kms.values_mut()) {
            if *state == KmsKey::Pending {
                *state = KmsKey::Gone;
            }
        }
    }

    async fn rotate(&mut self, which: usize) -> Outcome {
        let Some(key) = self.tenants[which].kms_key() else { return Ok(()) };
        let (tenant, version) = (self.tenants[which].id, self.tenants[which].next_version());
        let made = self.keys.kms().generate(tenant, &key, Purpose::Pii, version).await;
        match (made, self.tenants[which].verdict(&key)) {
            (Ok(row), Ok(())) => self.tenants[which].rows.keys.push(row),
            (Err(KeyError::Denied(got)), Err(expected)) if got == expected => {}
            (made, expected) => return Err(format!("a rotation: {expected:?} was foretold; {:?}", made.map(drop))),
        }
        Ok(())
    }

    /// Afterwards no earlier backup opens: its keys are wrapped by the KMS key that goes.
    async fn move_to_new_kms_key(&mut self, which: usize) -> Outcome {
        let Some(old) = self.tenants[which].kms_key() else { return Ok(()) };
        if self.tenants[which].kms[&old] != KmsKey::Enabled {
            return Ok(());
        }
        let made = self.client.create_key().send().await.expect("a key");
        let new = made.key_metadata.and_then(|key| key.arn).expect("a name");
        let mut moved: Vec<WrappedKey> = Vec::new();
        for row in &self.tenants[which].rows.keys {
            moved.push(self.keys.kms().rewrap(row, &new).await.map_err(|error| error.to_string())?);
        }
        self.keys.kms().schedule_deletion(&old, DAYS).await.expect("schedules");
        let tenant = &mut self.tenants[which];
        tenant.rows.keys = moved;
        tenant.kms.insert(old, KmsKey::Pending);
        tenant.kms.insert(new, KmsKey::Enabled);
        tenant.epoch += 1;
        Ok(())
    }

    async fn write(&mut self, which: usize, pick: u8) -> Outcome {
        let Some(keys) = self.open(which).await? else { return Ok(()) };
        let tenant = &mut self.tenants[which];
        let person = pick % 6;
        if tenant.shredded.contains(&person) {
            return Ok(());
        }
        let key = match tenant.rows.subjects.get(&person) {
            Some(wrapped) => keys.open_subject(subject(person), wrapped),
            None => keys.new_subject(subject(person)).map(|(key, wrapped)| {
                tenant.rows.subjects.insert(person, wrapped);
                key
            }),
        };
        let key = key.map_err(|error| error.to_string())?;
        let plain = format!("value {} of {person}", tenant.rows.values.len()).into_bytes();
        let sealed = key.seal(&tenant.place(person), &plain).map_err(|error| error.to_string())?;
        tenant.rows.values.push((person, sealed, plain));
        Ok(())
    }

    async fn rewrap(&mut self, which: usize, pick: u8) -> Outcome {
        let Some(keys) = self.open(which).await? else { return Ok(()) };
        let tenant = &mut self.tenants[which];
        let Some(person) = tenant.somebody(pick) else { return Ok(()) };
        let rewrapped = keys.rewrap_subject(subject(person), &tenant.rows.subjects[&person]);
        tenant.rows.subjects.insert(person, rewrapped.map_err(|error| error.to_string())?);
        Ok(())
    }

    async fn re_encrypt(&mut self, which: usize, pick: u8) -> Outcome {
        let Some(keys) = self.open(which).await? else { return Ok(()) };
        let tenant = &mut self.tenants[which];
        let Some(person) = tenant.somebody(pick) else { return Ok(()) };
        let text = |error: KeyError| error.to_string();
        let old = keys.open_subject(subject(person), &tenant.rows.subjects[&person]).map_err(text)?;
        let (new, wrapped) = keys.next_subject(&old).map_err(text)?;
        let place = tenant.place(person);
        for (_, sealed, _) in tenant.rows.values.iter_mut().filter(|(of, ..)| *of == person) {
            let plain = old.open(&place, sealed).map_err(text)?;
            *sealed = new.seal(&place, &plain).map_err(text)?;
        }
        tenant.rows.subjects.insert(person, wrapped);
        Ok(())
    }

    /// The row goes, and the share.
    async fn shred_subject(&mut self, which: usize, pick: u8) -> Outcome {
        let Some(keys) = self.open(which).await? else { return Ok(()) };
        let tenant = &mut self.tenants[which];
        let Some(person) = tenant.somebody(pick) else { return Ok(()) };
        let punctured = self.keys.puncture(&keys, &tree(&tenant.rows.keys), &[subject(person)]).await;
        punctured.map_err(|error| error.to_string())?;
        tenant.rows.subjects.remove(&person);
        tenant.shredded.insert(person);
        Ok(())
    }

    /// As the rules have it: the wrapped keys go, the epoch rises, and the KMS key is on its way out.
    async fn shred_tenant(&mut self, which: usize) {
        self.operate(which, Act::ScheduleDeletion).await;
        let tenant = &mut self.tenants[which];
        tenant.rows = Rows { values: std::mem::take(&mut tenant.rows.values), ..Rows::default() };
        tenant.epoch += 1;
    }

    /// A backup's rows as they were: whoever was shredded since is in them again.
    async fn restore(&mut self, which: usize, pick: u8) {
        let tenant = &mut self.tenants[which];
        let Some(backup) = tenant.backups.get(usize::from(pick) % tenant.backups.len().max(1)) else { return };
        tenant.rows = backup.clone();
        tenant.epoch += 1;
    }
}
