//! Who may call from a browser: the host's own pages, and the origins of the configuration, compared whole.

use super::{Context, Decided, Decision};
use crate::{answer::Problem, public::Class};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, traceparent, tracestate";

impl Context<'_> {
    /// Answers preflights, notes who may read the answer, and refuses what another site's page sends with our cookie.
    pub(super) fn cross_origin(&mut self) -> Decided<()> {
        let origin = self.head.get("origin");
        let allowed = origin.is_some_and(|origin| self.edge.config.cors_origins.iter().any(|known| known == origin));
        if allowed {
            self.dress.cors = origin.map(ToOwned::to_owned);
        }
        if self.head.method == "OPTIONS" {
            let preflight = origin.is_some() && self.head.get("access-control-request-method").is_some();
            return Err(match (preflight, allowed) {
                (true, true) => self.preflight(),
                (true, false) => self.refuse(Problem::Forbidden, "cors"),
                (false, _) => self.refuse(Problem::NotFound, "options"),
            });
        }
        let safe = matches!(self.head.method, "GET" | "HEAD");
        let foreign = origin.is_some_and(|origin| !allowed && !self.is_own(origin));
        let site = self.head.get("sec-fetch-site").unwrap_or("none");
        let cross_site = foreign || !(allowed || matches!(site, "same-origin" | "none"));
        // A bearer token is put there by a script; a cookie comes by itself.
        let by_cookie = self.checked.authorization.is_none() || matches!(self.class, Class::Auth | Class::Renewal);
        if !safe && by_cookie && cross_site {
            return Err(self.refuse(Problem::Forbidden, "cross-site"));
        }
        Ok(())
    }

    fn is_own(&self, origin: &str) -> bool {
        let scheme = if self.edge.config.insecure { "http" } else { "https" };
        origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")) == Some(self.checked.host)
    }

    fn preflight(&self) -> Decision {
        let fields = [
            ("access-control-allow-methods", METHODS),
            ("access-control-allow-headers", HEADERS),
            ("access-control-max-age", "600"),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Decision::Answer(Box::new(self.dress.answer(204, fields, String::new(), "preflight")))
    }
}
