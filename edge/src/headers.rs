//! Request heads: shapes that two parsers may read differently are refused, and nothing of ours is taken from a client.

use std::net::IpAddr;

use thiserror::Error;

/// A request without its body, as it came.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    /// The method.
    pub method: &'r str,
    /// Path and query as on the request line.
    pub target: &'r str,
    /// Every field in order, doubles included; HTTP/2's `:authority` as `host`.
    pub fields: &'r [(&'r str, &'r [u8])],
    /// Who is at the other end of the connection.
    pub address: IpAddr,
}

/// Why a head is refused. The answer is 400; the reason is for figures and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Refused {
    /// A method that nothing here takes.
    #[error("method")]
    Method,
    /// Not a path and query in one unambiguous spelling.
    #[error("target")]
    Target,
    /// Too many fields, or too long.
    #[error("size")]
    Size,
    /// A field name that is no token, or has an underscore.
    #[error("name")]
    Name,
    /// A control character, or bytes beyond ASCII where they decide something.
    #[error("value")]
    Value,
    /// A field that may stand once stands twice.
    #[error("double")]
    Double,
    /// No host, or none that could be a name.
    #[error("host")]
    Host,
    /// Length and chunks at once, either in another form than the one there is, or a body where none means anything.
    #[error("framing")]
    Framing,
    /// `Connection` names a field that a proxy must not drop.
    #[error("connection")]
    Connection,
    /// An expectation other than `100-continue`.
    #[error("expect")]
    Expect,
}

/// The longest request target, in bytes.
pub const MAX_TARGET_BYTES: usize = 8 * 1024;
const MAX_FIELDS: usize = 100;
const MAX_HEAD_BYTES: usize = 32 * 1024;
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Fields that decide something and may stand once.
const ONCE: [&str; 18] = [
    "host",
    "authorization",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "expect",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "origin",
    "range",
    "sec-fetch-site",
    "sec-websocket-key",
    "sec-websocket-version",
    "traceparent",
    "upgrade",
    "user-agent",
];

/// Fields between two neighbours (RFC 9110, 7.6.1), which end here.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Fields that proxies and we ourselves speak with: no client's word counts.
const INTERNAL: [&str; 14] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "x-request-id",
    "x-correlation-id",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-rewrite-url",
    "cdn-loop",
    "expect",
];
const INTERNAL_PREFIXES: [&str; 4] = ["x-keystead-", "x-forwarded-", "x-original-", "cf-"];

/// What a checked head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<'r> {
    /// The host, as it came.
    pub host: &'r str,
    /// The path.
    pub path: &'r str,
    /// The query, without the question mark.
    pub query: Option<&'r str>,
    /// `Authorization`.
    pub authorization: Option<&'r str>,
    /// How many bytes follow: `None` if none do, `Some(None)` if nobody knows.
    pub length: Option<Option<u64>>,
    /// A WebSocket is to be opened.
    pub websocket: bool,
}

impl<'r> Head<'r> {
    /// The only value of a field, as text; `None` if it is not there, twice there or not ASCII.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'r str> {
        let mut values = self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        if values.next().is_some() { None } else { str::from_utf8(value).ok().filter(|value| value.is_ascii()) }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field.eq_ignore_ascii_case(name))
    }

    /// Checks the whole head.
    ///
    /// # Errors
    /// The first [`Refused`] that applies.
    pub fn check(&self) -> Result<Checked<'r>, Refused> {
        if !METHODS.contains(&self.method) {
            return Err(Refused::Method);
        }
        let (path, query) = target(self.target)?;
        let bytes: usize = self.fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        if self.fields.len() > MAX_FIELDS || bytes > MAX_HEAD_BYTES {
            return Err(Refused::Size);
        }
        self.fields.iter().try_for_each(|(name, value)| field(name, value))?;
        for name in ONCE {
            if self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name)).count() > 1 {
                return Err(Refused::Double);
            }
        }
        let host = self.get("host").ok_or(Refused::Host)?;
        let websocket = self.connection()?;
        if self.has("expect") && !self.get("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            return Err(Refused::Expect);
        }
        let length = self.framing()?;
        // It would be ignored by one and read as the next request by another (RFC 9110, 9.3.1); fetch cannot send it on at all.
        if length.is_some() && matches!(self.method, "GET" | "HEAD") {
            return Err(Refused::Framing);
        }
        Ok(Checked { host, path, query, authorization: self.get("authorization"), length, websocket })
    }

    fn framing(&self) -> Result<Option<Option<u64>>, Refused> {
        match (self.has("content-length"), self.has("transfer-encoding")) {
            (true, true) => Err(Refused::Framing),
            (false, false) => Ok(None),
            (true, false) => {
                let text = self.get("content-length").unwrap_or_default();
                let digits = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
                let plain = digits && (text.len() == 1 || !text.starts_with('0'));
                let length = text.parse::<u64>().ok().filter(|_| plain).ok_or(Refused::Framing)?;
                Ok((length > 0).then_some(Some(length)))
            }
            (false, true) => {
                let chunked =
                    self.get("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
                if chunked { Ok(Some(None)) } else { Err(Refused::Framing) }
            }
        }
    }

    /// What `Connection` names is dropped; what decides something must not be dropped that way. Tells whether a WebSocket is
    /// to be opened.
    fn connection(&self) -> Result<bool, Refused> {
        let named: Vec<&str> = self.connection_options().collect();
        let decides = |name: &&str| {
            ONCE.iter().any(|once| once.eq_ignore_ascii_case(name) && *once != "upgrade")
                || ["cookie", "accept", "sec-websocket-protocol"].iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        if named.iter().any(decides) {
            return Err(Refused::Connection);
        }
        if !self.has("upgrade") {
            return Ok(false);
        }
        let websocket = self.get("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
        let asked = named.iter().any(|name| name.eq_ignore_ascii_case("upgrade"));
        // Another upgrade, h2c above all, would take the connection out of our sight.
        if websocket && asked && self.method == "GET" { Ok(true) } else { Err(Refused::Connection) }
    }

    fn connection_options(&self) -> impl Iterator<Item = &'r str> + '_ {
        let values = self.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("connection"));
        let texts = values.filter_map(|(_, value)| str::from_utf8(value).ok());
        texts.flat_map(|text| text.split(',')).map(str::trim).filter(|name| !name.is_empty())
    }

    /// The fields that go on to the cell, names in lower case: nothing between neighbours, nothing internal, no host and no
    /// length, which the host of this library knows itself.
    #[must_use]
    pub fn stripped(&self) -> Vec<(String, Vec<u8>)> {
        let named: Vec<String> = self.connection_options().map(str::to_ascii_lowercase).collect();
        let mut kept = Vec::with_capacity(self.fields.len() + 4);
        for (name, value) in self.fields {
            let name = name.to_ascii_lowercase();
            if !drops(&name) && !named.contains(&name) {
                kept.push((name, value.to_vec()));
            }
        }
        kept
    }
}

/// Is a field of this name not for the other side, whichever way it goes? `name` is in lower case.
#[must_use]
pub fn drops(name: &str) -> bool {
    HOP_BY_HOP.contains(&name)
        || INTERNAL.contains(&name)
        || matches!(name, "host" | "content-length" | "traceparent" | "tracestate")
        || INTERNAL_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Does a field of this name claim what only an edge says to a cell? Cells refuse it from an edge, which has dropped it. What
/// networks in between add about themselves (`x-forwarded-for`, `cf-ray`) is not among them: nobody reads that.
#[must_use]
pub fn speaks_for_us(name: &str) -> bool {
    const NAMES: [&str; 6] =
        ["forwarded", "x-request-id", "x-http-method", "x-http-method-override", "x-method-override", "x-rewrite-url"];
    NAMES.contains(&name) || ["x-keystead-", "x-original-"].iter().any(|prefix| name.starts_with(prefix))
}

fn field(name: &str, value: &[u8]) -> Result<(), Refused> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^`|~".contains(&b);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(token) {
        return Err(Refused::Name);
    }
    let plain = value.iter().all(|b| matches!(b, b'\t' | b' '..=b'~' | 0x80..));
    let decides = ONCE.iter().any(|once| once.eq_ignore_ascii_case(name));
    let edges = [value.first(), value.last()].into_iter().flatten().any(|b| matches!(b, b' ' | b'\t'));
    if !plain || edges || (decides && !value.iter().all(|b| matches!(b, b' '..=b'~'))) {
        return Err(Refused::Value);
    }
    Ok(())
}

/// Origin form (RFC 9112, 3.2.1), in a spelling that every reader takes for the same: no empty, dot or encoded-dot segments,
/// no encoded separators or controls, no parameters, no broken or overlong encodings.
fn target(text: &str) -> Result<(&str, Option<&str>), Refused> {
    let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@%/".contains(&b);
    if text.len() > MAX_TARGET_BYTES || !path.starts_with('/') || !path.bytes().all(plain) {
        return Err(Refused::Target);
    }
    let asks = |b: u8| b.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&b);
    if query.is_some_and(|query| !query.bytes().all(asks)) {
        return Err(Refused::Target);
    }
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        let decoded = decoded(segment).ok_or(Refused::Target)?;
        let last = segments.peek().is_none();
        if matches!(decoded.as_str(), "." | "..") || (decoded.is_empty() && !last) {
            return Err(Refused::Target);
        }
        if decoded.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '%' | ';' | '?' | '#')) {
            return Err(Refused::Target);
        }
    }
    Ok((path, query))
}

fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(b) = rest.next() {
        if b == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(b);
        }
    }
    String::from_utf8(bytes).ok()
}
