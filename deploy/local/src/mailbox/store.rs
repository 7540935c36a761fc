//! Mails as files.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use chrono::{DateTime, SecondsFormat};
use mail_parser::MessageParser;
use serde::Serialize;

/// The envelope's recipients, written above the mail's own headers: a blind copy is delivered as well.
const RECIPIENT: &str = "X-Delivered-To";

/// How many mails are read for one list.
const LIST_MAX: usize = 500;

/// A mail as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredMail {
    /// File name without extension; sorts by arrival.
    pub id: String,
    /// Recipients of the envelope, separated by commas.
    pub to: String,
    /// Decoded subject.
    pub subject: String,
    /// Decoded plain text.
    pub text: String,
    /// Arrival, RFC 3339 in UTC.
    pub received_at: String,
}

/// The folder of mails.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: Arc<Path>,
    arrivals: Arc<AtomicU32>,
    /// Addresses whose mail is refused, in lower case.
    refused: Arc<Mutex<HashSet<String>>>,
}

impl Store {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { folder: folder.into(), arrivals: Arc::default(), refused: Arc::default() })
    }

    /// Has mail to an address refused, or taken again.
    pub(super) fn refuse(&self, address: &str, refuse: bool) {
        let address = address.to_lowercase();
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refuse {
            refused.insert(address);
        } else {
            refused.remove(&address);
        }
    }

    pub(super) fn refuses(&self, address: &str) -> bool {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).contains(&address.to_lowercase())
    }

    /// Keeps one mail. Renamed into place, so that a reader never sees half of it.
    pub(super) fn keep(&self, recipients: &[String], mail: &[u8]) -> std::io::Result<()> {
        let arrival = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let id = format!("{arrival:013}-{:06}", self.arrivals.fetch_add(1, Ordering::Relaxed) % 1_000_000);
        let mut file: Vec<u8> =
            recipients.iter().flat_map(|to| format!("{RECIPIENT}: {to}\r\n").into_bytes()).collect();
        file.extend_from_slice(mail);
        let fresh = self.folder.join(format!("{id}.new"));
        fs::write(&fresh, file)?;
        fs::rename(fresh, self.path(&id))
    }

    /// The newest mails first.
    pub(super) fn list(&self, to: Option<&str>) -> Result<Vec<StoredMail>> {
        let mut ids = self.ids()?;
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let mails = ids.iter().take(LIST_MAX).filter_map(|id| self.read(id));
        Ok(match to {
            None => mails.collect(),
            Some(to) => {
                mails.filter(|mail| mail.to.split(", ").any(|one| one.eq_ignore_ascii_case(to.trim()))).collect()
            }
        })
    }

    /// One mail, or `None` when there is none of this id.
    pub(super) fn read(&self, id: &str) -> Option<StoredMail> {
        // Ids come from URLs, and become file names.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return None;
        }
        let file = fs::read(self.path(id)).ok()?;
        let mail = MessageParser::default().parse(&file)?;
        let recipients = mail.headers().iter().filter(|header| header.name() == RECIPIENT);
        let to: Vec<_> = recipients.filter_map(|header| header.value().as_text().map(str::trim)).collect();
        Some(StoredMail {
            id: id.to_owned(),
            to: to.join(", "),
            subject: mail.subject().unwrap_or_default().to_owned(),
            text: mail.body_text(0).unwrap_or_default().into_owned(),
            received_at: arrival(id).unwrap_or_default(),
        })
    }

    fn ids(&self) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            ids.extend(name.to_str().and_then(|name| name.strip_suffix(".eml")).map(str::to_owned));
        }
        Ok(ids)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.eml"))
    }
}

fn arrival(id: &str) -> Option<String> {
    let millis = id.split('-').next()?.parse().ok()?;
    Some(DateTime::from_timestamp_millis(millis)?.to_rfc3339_opts(SecondsFormat::Millis, true))
}
