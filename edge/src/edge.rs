//! The edge's memory: what it was told, and what it counted.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use thiserror::Error;

use crate::{
    Config, Moment,
    authority::{Ask, Granted, Leases},
    directory::{Cell, Directory},
    jwks::{KeySet, Keys},
    limits::Counters,
    revocation::Revocations,
    sign::{BodyMark, HEADER, SignatureError, Vouch, sign},
    signed::DocumentError,
    trace::request_id,
    verified::Verified,
};

/// The directory is asked for this often, in milliseconds.
const DIRECTORY_EVERY: i64 = 2_000;
/// And at most this often because of hosts that it does not know: a builder opens a workspace as soon as it is there.
const UNKNOWN_HOST_EVERY: i64 = 250;
/// `iat` has whole seconds, and the clocks of edge and cell differ a little.
const ISSUED_WITHIN: i64 = 2_000;
const MAX_ADDRESSES: usize = 100_000;

/// What a host has to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// The signed directory of this cell, unless it is still of this epoch: then the answer is empty.
    Directory {
        /// Who has it.
        cell: Cell,
        /// What is known already.
        epoch: Option<u64>,
        /// An answer of before that time, in milliseconds since 1970, is of no use.
        as_of: Option<i64>,
    },
    /// The keys of a cell's tokens.
    Keys(Cell),
    /// What a cell has revoked since a time of its own.
    Revocations(Cell, Option<i64>),
    /// A lease of the tenant's authority, as JSON of [`Granted`].
    Lease(Box<Ask>),
}

impl Refresh {
    /// Which cell to ask, and for what path, by GET with the fields of [`Edge::fetch_headers`]; `None` for a lease. Only 200 and
    /// 204 are answers.
    #[must_use]
    pub fn request(&self) -> Option<(&Cell, String)> {
        match self {
            Self::Directory { cell, epoch: Some(epoch), .. } => Some((cell, format!("/edge/directory?epoch={epoch}"))),
            Self::Directory { cell, epoch: None, .. } => Some((cell, "/edge/directory".to_owned())),
            Self::Keys(cell) => Some((cell, "/.well-known/jwks.json".to_owned())),
            Self::Revocations(cell, Some(since)) => Some((cell, format!("/edge/revocations?since={since}"))),
            Self::Revocations(cell, None) => Some((cell, "/edge/revocations".to_owned())),
            Self::Lease(_) => None,
        }
    }
}

/// What a host has fetched.
#[derive(Debug, Clone, Copy)]
pub struct Fetched<'f> {
    /// The body of the answer.
    pub document: &'f [u8],
    /// It was true then at the earliest, in milliseconds since 1970: when the cell was asked. `None` for a copy of unknown age.
    pub as_of: Option<i64>,
}

/// Why what was fetched is of no use. It counts as not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LearnError {
    /// A document is refused.
    #[error("refused: {0}")]
    Document(#[from] DocumentError),
    /// An answer does not read.
    #[error("the answer does not read")]
    Answer,
}

/// One edge. Shared by all requests.
#[derive(Debug)]
pub struct Edge {
    pub(crate) config: Config,
    directory: RwLock<DirectoryState>,
    cells: RwLock<HashMap<Cell, Arc<CellState>>>,
    pub(crate) verified: Verified,
    pub(crate) leases: Leases,
    pub(crate) addresses: Counters<(Shielded, IpAddr)>,
    pub(crate) alone: Counters<String>,
}

/// Which of an address's counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shielded {
    All,
    Anonymous,
    Auth,
    Renewals,
}

#[derive(Debug, Default)]
struct DirectoryState {
    known: Option<Arc<Directory>>,
    as_of: Option<i64>,
    tried_at: Option<i64>,
    failed_at: Option<i64>,
}

/// What is known about a cell.
#[derive(Debug, Default)]
pub(crate) struct CellState {
    pub(crate) keys: Mutex<Keys>,
    pub(crate) revocations: Mutex<Revocations>,
}

impl Edge {
    /// An edge that knows nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            directory: RwLock::default(),
            cells: RwLock::default(),
            verified: Verified::default(),
            leases: Leases::default(),
            addresses: Counters::new(MAX_ADDRESSES),
            alone: Counters::new(MAX_ADDRESSES),
        }
    }

    /// The directory, once there is one.
    #[must_use]
    pub fn directory(&self) -> Option<Arc<Directory>> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner).known.clone()
    }

    /// How to ask for the directory because it lacks something, if that was not done just now.
    pub(crate) fn ask_directory(&self, moment: &Moment) -> Option<Refresh> {
        let state = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        let rested = rested(state.tried_at, UNKNOWN_HOST_EVERY, moment.now);
        rested.then(|| self.directory_of(state.known.as_deref(), Some(moment.began)))
    }

    /// How to ask for the directory because it lacks the tenant of a verified token that was issued at `issued` (seconds) and came
    /// with a request that arrived at `began`: a tenant is there before its tokens are, so one that a later directory lacks is gone.
    pub(crate) fn ask_directory_since(&self, issued: i64, began: i64) -> Option<Refresh> {
        let state = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        let conclusive = began.min(issued.saturating_mul(1_000).saturating_add(ISSUED_WITHIN));
        let ask = state.as_of.is_none_or(|at| at < conclusive) && state.failed_at.is_none_or(|at| at < began);
        ask.then(|| self.directory_of(state.known.as_deref(), Some(conclusive)))
    }

    pub(crate) fn directory_of(&self, known: Option<&Directory>, as_of: Option<i64>) -> Refresh {
        Refresh::Directory { cell: self.config.home.clone(), epoch: known.map(Directory::epoch), as_of }
    }

    /// The fields of a request of the edge itself to a cell: what [`Refresh::request`] names.
    ///
    /// # Errors
    /// When there is no usable key to sign with.
    pub fn fetch_headers(
        &self,
        cell: &Cell,
        target: &str,
        moment: &Moment,
    ) -> Result<Vec<(String, String)>, SignatureError> {
        let mut nonce = [0; 16];
        nonce.copy_from_slice(&moment.entropy[16..]);
        let statement = Vouch {
            ts: moment.now.div_euclid(1_000),
            nonce,
            request: request_id(moment),
            host: "edge".to_owned(),
            cell: cell.to_string(),
            epoch: self.directory().map_or(0, |directory| directory.epoch()),
            tenant: None,
            subject: None,
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            body: BodyMark::None,
        };
        let key = self.config.keys.first().ok_or(SignatureError::Key)?;
        Ok(vec![(HEADER.to_owned(), sign(key, "GET", target, &statement)?)])
    }

    pub(crate) fn cell(&self, cell: &Cell) -> Arc<CellState> {
        if let Some(state) = self.cells.read().unwrap_or_else(PoisonError::into_inner).get(cell) {
            return Arc::clone(state);
        }
        let mut cells = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(cell.clone()).or_default())
    }

    /// Takes in what a host has fetched; `None` if it could not. Either way the same is not asked for again at once. `now` is when it
    /// was asked for, or when the attempt had failed.
    ///
    /// # Errors
    /// When it is of no use; what was known before stands.
    pub fn learn(&self, refresh: &Refresh, fetched: Option<Fetched<'_>>, now: i64) -> Result<(), LearnError> {
        let document = fetched.map(|fetched| fetched.document);
        match refresh {
            Refresh::Directory { .. } => self.learn_directory(fetched, now),
            Refresh::Keys(cell) => {
                let read = document.map(KeySet::read).transpose();
                let state = self.cell(cell);
                let mut keys = state.keys.lock().unwrap_or_else(PoisonError::into_inner);
                match &read {
                    Ok(Some(set)) => keys.learned(set.clone(), now),
                    Ok(None) | Err(_) => keys.failed(now),
                }
                Ok(read.map(drop)?)
            }
            Refresh::Revocations(cell, _) => {
                let read = document.map(|document| Revocations::open(document, cell, &self.config.trusted)).transpose();
                let state = self.cell(cell);
                let mut revocations = state.revocations.lock().unwrap_or_else(PoisonError::into_inner);
                revocations.failed(now);
                if let Some(feed) = read? {
                    revocations.learned(feed, now)?;
                }
                Ok(())
            }
            Refresh::Lease(ask) => {
                let granted = document.map(serde_json::from_slice::<Granted>).transpose();
                self.learn_lease(ask, granted.as_ref().ok().and_then(Option::as_ref), now);
                granted.map(drop).map_err(|_| LearnError::Answer)
            }
        }
    }

    /// Takes in an authority's answer that did not travel as JSON; `None` if there was none.
    pub fn learn_lease(&self, ask: &Ask, granted: Option<&Granted>, now: i64) {
        match granted {
            Some(granted) => self.leases.learned(ask, granted, now),
            None => self.leases.failed(ask, now),
        }
    }

    fn learn_directory(&self, fetched: Option<Fetched<'_>>, now: i64) -> Result<(), LearnError> {
        let changed = fetched.map(|fetched| fetched.document).filter(|document| !document.is_empty());
        let read = changed.map(|document| Directory::open(document, &self.config.trusted)).transpose();
        let as_of = fetched.and_then(|fetched| fetched.as_of);
        let mut state = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let start = state.known.is_none() && as_of.is_none() && matches!(read, Ok(Some(_)));
        // A copy is where to start from, not an answer: the cell is asked at once.
        if !start {
            (state.tried_at, state.failed_at) = (Some(now), Some(now));
        }
        if let Some(directory) = read? {
            if state.known.as_ref().is_some_and(|known| known.epoch() > directory.epoch()) {
                return Err(DocumentError::Older.into());
            }
            state.known = Some(Arc::new(directory));
        }
        if as_of.is_some() {
            (state.as_of, state.failed_at) = (state.as_of.max(as_of), None);
        }
        Ok(())
    }

    /// What to refresh ahead of need.
    #[must_use]
    pub fn due(&self, now: i64) -> Vec<Refresh> {
        let mut due = Vec::new();
        let state = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        if rested(state.tried_at, DIRECTORY_EVERY, now) {
            due.push(self.directory_of(state.known.as_deref(), None));
        }
        let Some(directory) = state.known.clone() else { return due };
        drop(state);
        for name in directory.cells() {
            let cell = self.cell(name);
            if cell.keys.lock().unwrap_or_else(PoisonError::into_inner).due(now) {
                due.push(Refresh::Keys(name.clone()));
            }
            let revocations = cell.revocations.lock().unwrap_or_else(PoisonError::into_inner);
            if revocations.due(now) {
                due.push(Refresh::Revocations(name.clone(), revocations.since()));
            }
        }
        due
    }
}

fn rested(tried_at: Option<i64>, pause: i64, now: i64) -> bool {
    tried_at.is_none_or(|at| now.saturating_sub(at) >= pause || now < at)
}
