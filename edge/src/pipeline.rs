//! One request, decided.

use std::sync::Arc;

use crate::{
    Answer, Asset, Edge, Head, Moment, Refresh,
    answer::{Dress, Problem},
    assets,
    directory::{Directory, Kind, Route, Tenant, host_name},
    headers::Checked,
    limits::{Quota, Told, seconds},
    public::{self, Class},
    sign, trace,
};

mod caller;
mod cors;
mod forward;

use caller::Caller;
pub use forward::{BodyRule, Forward, Payload};

/// How often a host has to decide about one request at most: once more than there are things to refresh, some of them twice.
pub const MAX_ROUNDS: usize = 8;

/// The page at a host that is nobody's, or closed. The policy of the edge's own answers allows it no style.
const NO_WORKSPACE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
<title>No workspace here</title><h1>There is no workspace at this address</h1>\
<p>Check the address, or ask whoever runs your workspace whether it is open.</p></html>";
/// Bodies that are read whole have at most this many bytes; the API's own bound.
pub const MAX_BODY_BYTES: u64 = 1024 * 1024;
/// Who finds their tenant being moved is asked to come back after so many seconds.
const MOVING: i64 = 5;

/// What to do with a request.
#[derive(Debug)]
pub enum Decision {
    /// Send it to its cell.
    Forward(Box<Forward>),
    /// Answer it so.
    Answer(Box<Answer>),
    /// Answer it with a file of the admin UI.
    Asset(Box<Asset>),
    /// Fetch this, [`Edge::learn`] it, decide again.
    Refresh(Refresh),
}

/// What to do with a cell's answer.
#[derive(Debug)]
pub enum Reaction {
    /// Pass it on.
    Pass,
    /// The directory was old: refresh it, and decide about the request anew, once.
    Again(Refresh),
    /// Answer so instead.
    Answer(Box<Answer>),
}

/// Where a cell tells the epoch of its directory when it refuses a request for being of an older one.
pub const EPOCH_HEADER: &str = "x-keystead-directory-epoch";

type Decided<T> = Result<T, Decision>;

/// What is known about the request while it is decided.
pub(crate) struct Context<'c> {
    pub(crate) edge: &'c Edge,
    pub(crate) head: &'c Head<'c>,
    pub(crate) moment: &'c Moment,
    pub(crate) checked: Checked<'c>,
    pub(crate) class: Class,
    pub(crate) dress: Dress,
    /// What was counted against the address so far.
    taken: Vec<(crate::edge::Shielded, std::net::IpAddr, Quota)>,
}

impl Edge {
    /// Decides about a request. Nothing waits in here.
    #[must_use]
    pub fn decide(&self, head: &Head<'_>, moment: &Moment) -> Decision {
        let dress = self.undecided(moment);
        let checked = match head.check() {
            Ok(checked) => checked,
            Err(_) => return Decision::Answer(Box::new(dress.problem(Problem::Malformed, "shape", None))),
        };
        let class = public::class(head.method, checked.path);
        let mut context = Context { edge: self, head, moment, checked, class, dress, taken: Vec::new() };
        let decision = context.decide().unwrap_or_else(|decision| decision);
        if matches!(decision, Decision::Refresh(_)) {
            // It will be decided again, and counts once.
            for (which, address, quota) in context.taken {
                self.addresses.give_back(&(which, address), quota, 1);
            }
        }
        decision
    }

    /// The answer when a host's own shield refuses a caller for so many seconds.
    #[must_use]
    pub fn shielded(&self, moment: &Moment, seconds: i64) -> Answer {
        self.undecided(moment).problem(Problem::TooMany, "shield", Some(seconds))
    }

    /// The answer when [`MAX_ROUNDS`] did not lead to a decision.
    #[must_use]
    pub fn overtaxed(&self, moment: &Moment) -> Answer {
        self.undecided(moment).problem(Problem::Unavailable, "rounds", Some(1))
    }

    fn undecided(&self, moment: &Moment) -> Dress {
        Dress { request: trace::request_id(moment), cors: None, told: None, secure: !self.config.insecure }
    }

    /// What to do with a cell's answer that came at `now`, before a byte of it is passed on. `again`: the request is here for the
    /// second time.
    #[must_use]
    pub fn judge(&self, forward: &Forward, status: u16, epoch: Option<&str>, again: bool, now: i64) -> Reaction {
        if status != 421 {
            return Reaction::Pass;
        }
        let newer = epoch.and_then(|epoch| epoch.parse::<u64>().ok()).is_some_and(|epoch| epoch > forward.epoch);
        let repeatable = matches!(forward.body, BodyRule::None | BodyRule::Whole(_));
        if newer && repeatable && !again {
            return Reaction::Again(self.directory_of(self.directory().as_deref(), Some(now)));
        }
        Reaction::Answer(Box::new(forward.dress.problem(Problem::Moving, "stale-epoch", Some(1))))
    }
}

impl Context<'_> {
    pub(crate) fn refuse(&self, problem: Problem, reason: &'static str) -> Decision {
        Decision::Answer(Box::new(self.dress.problem(problem, reason, None)))
    }

    fn no_workspace(&self) -> Decision {
        let fields = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
        Decision::Answer(Box::new(self.dress.answer(404, fields, NO_WORKSPACE.to_owned(), "unknown-host")))
    }

    pub(crate) fn refuse_for(&self, problem: Problem, reason: &'static str, seconds: i64) -> Decision {
        Decision::Answer(Box::new(self.dress.problem(problem, reason, Some(seconds))))
    }

    fn decide(&mut self) -> Decided<Decision> {
        match self.class {
            Class::Alive => return Ok(self.alive()),
            Class::Hidden => return Err(self.refuse(Problem::NotFound, "hidden")),
            Class::Ui => {}
            _ => self.shield(crate::edge::Shielded::All, self.edge.config.shield.per_address)?,
        }
        let (directory, route) = self.route()?;
        if let Some(decision) = self.page(&route)? {
            return Ok(decision);
        }
        self.cross_origin()?;
        if let Some(tenant) = &route.tenant {
            self.not_moving(tenant)?;
        }
        let caller = self.caller(&directory, &route)?;
        self.meter(&caller)?;
        let body = self.body()?;
        Ok(Decision::Forward(Box::new(self.forward(&directory, caller, body))))
    }

    fn alive(&self) -> Decision {
        let fields = vec![("content-type".to_owned(), "application/json".to_owned())];
        Decision::Answer(Box::new(self.dress.answer(200, fields, r#"{"status":"live"}"#.to_owned(), "alive")))
    }

    /// Counts against the address.
    pub(crate) fn shield(&mut self, which: crate::edge::Shielded, quota: Quota) -> Decided<()> {
        let address = match self.head.address {
            std::net::IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => v4.into(),
                None => std::net::IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
            },
            v4 @ std::net::IpAddr::V4(_) => v4,
        };
        let verdict = self.edge.addresses.take(&(which, address), quota, 1, self.moment.now);
        if verdict.allowed {
            self.taken.push((which, address, quota));
            return Ok(());
        }
        self.dress.told = Some(Told::of("address", quota, &verdict));
        Err(self.refuse_for(Problem::TooMany, "address-limit", seconds(verdict.retry_after)))
    }

    fn route(&self) -> Decided<(Arc<Directory>, Route)> {
        let ask = || self.edge.ask_directory(self.moment).map(Decision::Refresh);
        let nowhere = || {
            // Somebody who looks at a page is told in words, at a name of nobody and at one that is closed alike.
            let by_eye =
                self.class == Class::Ui && self.head.get("accept").is_some_and(|takes| takes.contains("text/html"));
            if by_eye { self.no_workspace() } else { self.refuse(Problem::NotFound, "unknown-host") }
        };
        let Some(directory) = self.edge.directory() else {
            return Err(ask().unwrap_or_else(|| self.refuse_for(Problem::Unavailable, "no-directory", 1)));
        };
        let Some(name) = host_name(self.checked.host) else {
            return Err(nowhere());
        };
        match directory.route(&name) {
            Some(route) => Ok((directory, route)),
            None => Err(ask().unwrap_or_else(nowhere)),
        }
    }

    pub(crate) fn not_moving(&self, tenant: &Tenant) -> Decided<()> {
        if !tenant.moving {
            return Ok(());
        }
        let ask = self.edge.ask_directory(self.moment).map(Decision::Refresh);
        Err(ask.unwrap_or_else(|| self.refuse_for(Problem::Moving, "moving", MOVING)))
    }

    /// Files of the admin UI, and what a kind of host does not have.
    fn page(&self, route: &Route) -> Decided<Option<Decision>> {
        let not_here = || self.refuse(Problem::NotFound, "not-here");
        let reads = matches!(self.head.method, "GET" | "HEAD");
        match (route.kind, self.class) {
            (Kind::Docs, Class::Reference) => Ok(None),
            (Kind::Docs, Class::Ui) if self.checked.path == "/" && reads => {
                let fields = vec![("location".to_owned(), "/docs/".to_owned())];
                Ok(Some(Decision::Answer(Box::new(self.dress.answer(302, fields, String::new(), "to-docs")))))
            }
            (Kind::Docs, _) | (Kind::Tenant | Kind::CustomDomain, Class::Operator) => Err(not_here()),
            (_, Class::Ui) if reads => Ok(Some(self.asset())),
            (_, Class::Ui) => Err(not_here()),
            _ => Ok(None),
        }
    }

    fn asset(&self) -> Decision {
        let path = self.checked.path.trim_start_matches('/');
        let page = path.is_empty() || path.ends_with('/');
        Decision::Asset(Box::new(Asset {
            path: if page { "index.html".to_owned() } else { path.to_owned() },
            fallback: page || assets::is_page(path),
            encodings: assets::encodings(self.head.get("accept-encoding")),
            if_none_match: self.head.get("if-none-match").map(ToOwned::to_owned),
            head_only: self.head.method == "HEAD",
            dress: self.dress.clone(),
            file_origins: self.edge.config.file_origins.join(" "),
        }))
    }

    fn body(&self) -> Decided<BodyRule> {
        if self.checked.websocket {
            return Ok(BodyRule::WebSocket);
        }
        match self.checked.length {
            None => Ok(BodyRule::None),
            Some(_) if public::streams(self.head.method, self.checked.path) => Ok(BodyRule::Stream),
            Some(Some(length)) if length > MAX_BODY_BYTES => Err(self.refuse(Problem::TooLarge, "body")),
            Some(_) => Ok(BodyRule::Whole(MAX_BODY_BYTES)),
        }
    }

    fn forward(&self, directory: &Directory, caller: Caller, body: BodyRule) -> Forward {
        let mut fields = self.head.stripped();
        let (parent, state) = trace::context(self.head, self.moment);
        fields.push(("traceparent".to_owned(), parent.into_bytes()));
        fields.extend(state.map(|state| ("tracestate".to_owned(), state.into_bytes())));
        Forward {
            cell: caller.cell,
            body,
            epoch: directory.epoch(),
            method: self.head.method.to_owned(),
            target: self.head.target.to_owned(),
            fields,
            host: self.checked.host.to_owned(),
            tenant: caller.tenant,
            subject: self.checked.authorization.map(|text| sign::digest(text.as_bytes())),
            address: self.head.address,
            class: self.class,
            dress: self.dress.clone(),
        }
    }
}
