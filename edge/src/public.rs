//! What may be asked without a token. A test compares the list with the OpenAPI document.

/// Operations of the API.
pub const OPERATIONS: [(&str, &str); 6] = [
    ("POST", "/v1/signups"),
    ("POST", "/v1/signups/verify"),
    ("POST", "/v1/auth/login"),
    RENEWAL,
    ("POST", "/v1/invitations/accept"),
    ("POST", "/v1/operator-invitations/accept"),
];

const RENEWAL: (&str, &str) = ("POST", "/v1/auth/refresh");

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// An operation that needs a token.
    Private,
    /// An operation of the operators.
    Operator,
    /// An operation that needs none, and is counted with those that guess.
    Auth,
    /// A browser renews its token by a cookie that nobody can guess: an office does so many times a minute.
    Renewal,
    /// The document and its reference.
    Reference,
    /// The keys of a cell's tokens.
    Keys,
    /// Is the edge alive?
    Alive,
    /// For machines of ours only: there is no such thing here.
    Hidden,
    /// A file of the admin UI.
    Ui,
}

/// What the path of a request is. `path` was checked by [`crate::headers::Head::check`].
#[must_use]
pub fn class(method: &str, path: &str) -> Class {
    let below = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if (method, path) == RENEWAL {
        return Class::Renewal;
    }
    if OPERATIONS.contains(&(method, path)) {
        return Class::Auth;
    }
    match path {
        "/v1/openapi.json" | "/v1/openapi-3.0.json" => Class::Reference,
        "/.well-known/jwks.json" => Class::Keys,
        "/health/live" => Class::Alive,
        _ if below("/docs") => Class::Reference,
        _ if below("/v1/platform") => Class::Operator,
        _ if below("/v1") => Class::Private,
        _ if below("/health") || below("/metrics") || below("/edge") || below("/.well-known") => Class::Hidden,
        _ => Class::Ui,
    }
}

/// May the body be passed on while it arrives? Spreadsheets may be larger than what fits into memory; everything else is read
/// whole, so that its digest can be signed.
#[must_use]
pub fn streams(method: &str, path: &str) -> bool {
    let below = path.strip_prefix("/v1/imports");
    method == "POST"
        && below.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && rest.ends_with("/resume")))
}
