//! What comes in and goes out: JSON bodies, paths, query strings. Every mistake is answered with the field's name.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use keystead_keys::without_traces;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{FieldCode, Once, Problem, objects::Objects, request::whole_path};
use crate::app::App;

/// A JSON body. Unknown fields, wrong types and text with NUL are refused by name.
#[derive(Debug)]
pub struct Body<T> {
    /// The body.
    pub input: T,
    /// The caller's `Idempotency-Key`, if any.
    pub once: Once,
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let key = Once::key(request.headers())?;
        let target = format!("{} {}", request.method(), whole_path(request.extensions(), request.uri()));
        // The server's own time-out bounds pauses; this bounds the whole, for who sends a byte at a time.
        let arrival = tokio::time::timeout(app.config.client_patience, Bytes::from_request(request, app)).await;
        let bytes = arrival.map_err(|_| malformed("the body did not arrive in time"))?.map_err(|rejection| {
            let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
            if too_large { too_large_problem() } else { malformed("the body did not arrive whole") }
        })?;
        let once = Once::new(app, key, &target, &bytes);
        let input = without_traces(|| read_json(&bytes))?;
        Ok(Self { input, once })
    }
}

/// Reads a JSON body; the problem names the field.
///
/// # Errors
/// 400 for what is not JSON, 422 for a field that cannot be accepted.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    refuse_nul(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let input = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|error| {
        let path = pointer(error.path());
        match error.inner().classify() {
            serde_json::error::Category::Data => data_problem(path, &data_message(error.inner())),
            // Two forms at once of what has several: the reader breaks off where the first ends, as if this were no JSON.
            _ if serde_json::from_slice::<Value>(bytes).is_ok() => {
                Problem::field(path, FieldCode::Malformed, "has a form that is not accepted")
            }
            _ => malformed("the body is not JSON"),
        }
    })?;
    json.end().map_err(|_| malformed("something follows the JSON value"))?;
    Ok(input)
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") || essence.eq_ignore_ascii_case("application/merge-patch+json")
    {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body must be application/json"))
}

pub(super) fn too_large_problem() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large")
}

fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The request does not read").detail(detail)
}

/// PostgreSQL's text cannot hold U+0000; naming the field beats failing later.
fn refuse_nul(bytes: &[u8]) -> Result<(), Problem> {
    let suspicious = bytes.contains(&0) || bytes.windows(6).any(|window| window == br"\u0000");
    if !suspicious {
        return Ok(());
    }
    let found = serde_json::from_slice::<Value>(bytes).ok().and_then(|value| nul_pointer(&value, String::new()));
    match found {
        Some(pointer) => Err(Problem::field(pointer, FieldCode::Malformed, "must not contain the character U+0000")),
        None if bytes.contains(&0) => Err(malformed("the body is not JSON")),
        None => Ok(()),
    }
}

fn nul_pointer(value: &Value, at: String) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then_some(at),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| nul_pointer(item, format!("{at}/{index}")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, item)| {
            if name.contains('\0') { Some(at.clone()) } else { nul_pointer(item, format!("{at}/{}", escaped(name))) }
        }),
        _ => None,
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escaped(key)),
            Segment::Enum { variant } => format!("/{}", escaped(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A field that is missing is named itself, not the object that lacks it.
fn data_problem(path: String, message: &str) -> Problem {
    match missing_field(message) {
        Some(name) => Problem::field(format!("{path}/{}", escaped(name)), FieldCode::Missing, "must be given"),
        None => Problem::field(path, FieldCode::Malformed, message),
    }
}

/// serde's words for it; there is no other sign.
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// serde's message without its position, which means nothing to a caller.
fn data_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    expectation(text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message))
}

/// serde quotes the value that it refuses. It may be anybody's, so only what was expected is told.
fn expectation(message: &str) -> String {
    let quotes = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `"];
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
    match expected.filter(|_| quotes.iter().any(|quote| message.starts_with(quote))) {
        Some(expected) => format!("must be {expected}"),
        None => message.to_owned(),
    }
}

/// The query string.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(without_traces(|| read_query(parts.uri.query().unwrap_or_default()))?))
    }
}

/// Reads a query string; the problem names the parameter.
///
/// # Errors
/// 422 for a parameter that cannot be accepted.
pub fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    // serde_html_form would take `project_id=` for no filter at all, and everything would be listed.
    if let Some((name, _)) = form_urlencoded::parse(query.as_bytes()).find(|(_, value)| value.is_empty()) {
        return Err(Problem::field(name, FieldCode::Empty, "must not be empty"));
    }
    let pairs = serde_html_form::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    let read: Result<T, _> = serde_path_to_error::deserialize(pairs);
    read.map_err(|error| {
        let (name, message) = (error.path().to_string(), expectation(&error.inner().to_string()));
        match missing_field(&message) {
            Some(missing) => Problem::field(missing, FieldCode::Missing, "must be given"),
            None if name == "." => Problem::field("query", FieldCode::Malformed, message),
            None => Problem::field(name, FieldCode::Malformed, message),
        }
    })
}

/// Parameters of the path. One that does not parse names nothing that exists.
#[derive(Debug)]
pub struct PathOf<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for PathOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // Who is not logged in learns so first; whether a path parses is nobody else's business.
        let Path(value) = Path::<T>::from_request_parts(parts, app).await.map_err(|_| Problem::not_found())?;
        Ok(Self(value))
    }
}

/// A 201 with the created resource, or the same answer again when the request was a repeat.
#[derive(Debug)]
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{read_json, read_query};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Reason {
        Financing,
        CoolingOff,
    }

    #[derive(Debug, Deserialize)]
    struct Wanted {
        #[expect(dead_code, reason = "read only to be refused")]
        reason: Reason,
        #[expect(dead_code, reason = "read only to be refused")]
        count: u8,
    }

    #[derive(Debug, Deserialize)]
    struct Patch {
        home: Option<Home>,
        #[serde(default)]
        homes: Vec<Home>,
    }

    #[derive(Debug, Deserialize)]
    struct Home {
        lot: String,
    }

    #[test]
    fn a_sequence_is_not_an_object_at_any_depth() {
        for (body, pointer) in [
            ("[]", ""),
            ("[null, []]", ""),
            (r#"{"home":["12"]}"#, "/home"),
            (r#"{"homes":[{"lot":"12"},["12"]]}"#, "/homes/1"),
        ] {
            let problem = read_json::<Patch>(body.as_bytes()).expect_err(body);
            let [error] = problem.field_errors() else { panic!("{problem:?}") };
            assert_eq!(error.pointer, pointer, "{error:?}");
        }
        let patch: Patch = read_json(br#"{"home":{"lot":"12"},"homes":[{"lot":"14"}]}"#).expect("what was meant");
        assert_eq!((patch.home.expect("a home").lot.as_str(), patch.homes[0].lot.as_str()), ("12", "14"));
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Source {
        #[expect(dead_code, reason = "read only to be refused")]
        Column(String),
        Constant(String),
    }

    #[test]
    fn a_choice_without_data_is_its_name() {
        for body in [r#"{"reason":{"cooling_off":null},"count":1}"#, r#"{"reason":{},"count":1}"#, r#"{"reason":7}"#] {
            let problem = read_json::<Wanted>(body.as_bytes()).expect_err(body);
            let [error] = problem.field_errors() else { panic!("{problem:?}") };
            assert!(error.pointer.starts_with("/reason"), "{error:?}");
        }
        read_json::<Wanted>(br#"{"reason":"cooling_off","count":1}"#).expect("what was meant");
        let mapping = read_json::<Mapping>(br#"{"source":{"constant":"TX"}}"#).expect("data");
        assert!(matches!(mapping.source, Source::Constant(text) if text == "TX"));
    }

    #[derive(Debug, Deserialize)]
    struct Mapping {
        source: Source,
    }

    #[test]
    fn what_has_two_forms_at_once_is_json_and_names_its_field() {
        let refused = |body: &str| read_json::<Mapping>(body.as_bytes()).expect_err(body);
        let problem = refused(r#"{"source":{"column":"a","constant":"b"}}"#);
        let [error] = problem.field_errors() else { panic!("{problem:?}") };
        assert!(error.pointer.starts_with("/source"), "{error:?}");
        assert!(refused(r#"{"source":{"column":"a","constant":}}"#).field_errors().is_empty());
    }

    #[test]
    fn a_refusal_tells_what_was_expected_and_quotes_nothing() {
        let json = |body: &str| read_json::<Wanted>(body.as_bytes()).expect_err(body);
        let query = |query: &str| read_query::<Wanted>(query).expect_err(query);
        for (problem, pointer, message) in [
            (json(r#"{"reason":"Canary, expected 1 at line 2"}"#), "/reason", "must be `financing` or `cooling_off`"),
            (json(r#"{"reason":"financing","count":"Canary"}"#), "/count", "must be u8"),
            (json(r#"{"reason":"financing","count":4711}"#), "/count", "must be u8"),
            (query("reason=Canary&count=1"), "reason", "must be `financing` or `cooling_off`"),
            (query("reason=financing&count=Canary"), "count", "invalid digit found in string"),
        ] {
            let [error] = problem.field_errors() else { panic!("{problem:?}") };
            assert_eq!((error.pointer.as_str(), error.message.as_str()), (pointer, message));
        }
    }
}
