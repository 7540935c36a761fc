//! Pages of a list. A cursor is opaque and signed: it belongs to one tenant, one list and one set of filters.

use std::borrow::Cow;

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use keystead_ids::TenantId;
use keystead_tenants::platform::SessionScope;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{
    __dev::ComposeSchema,
    IntoParams, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};
use uuid::Uuid;

use super::{FieldCode, Problem, body::read_query, request::whole_path};
use crate::app::App;

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Give this as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

// Derived, the schema would hold a copy of the item's, and generated clients two types for one thing.
impl<T: ToSchema> ComposeSchema for Page<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let items = ArrayBuilder::new().description(Some("The items.")).items(Ref::from_schema_name(T::name()));
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("Give this as `cursor` for the next page; null on the last."));
        ObjectBuilder::new()
            .description(Some("A page of a list."))
            .property("items", items)
            .required("items")
            .property("next_cursor", cursor)
            .required("next_cursor")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        "Page".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

/// Where in a list to go on, how far, and what is wanted. Extract it after the caller's [`Tx`](super::Tx).
#[derive(Debug, Clone)]
pub struct Paging<F = NoFilters> {
    /// Below (newest first) or above (in order) this id.
    pub after: Option<Uuid>,
    /// The list's own query parameters.
    pub filters: F,
    limit: u64,
    cursors: CursorKey,
    now: DateTime<Utc>,
}

/// The query parameters of every list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many items; 50 unless told.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// For lists without parameters of their own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilters {}

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 200;
/// A cursor is a bookmark for a session's work, not an address.
const CURSOR_LIFE: Duration = Duration::hours(24);

impl<F: DeserializeOwned + Send> FromRequestParts<App> for Paging<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = super::Caller::from_request_parts(parts, app).await?;
        let tenant = match &caller.session.scope {
            SessionScope::Tenant { grant, .. } => grant.tenant(),
            SessionScope::Operator => TenantId(Uuid::nil()),
        };
        let query = parts.uri.query().unwrap_or_default();
        let is_paging = |pair: &&str| pair.starts_with("cursor=") || pair.starts_with("limit=");
        let (paging, filters): (Vec<&str>, Vec<&str>) =
            query.split('&').filter(|pair| !pair.is_empty()).partition(is_paging);
        let PageParams { limit, cursor } = read_query(&paging.join("&"))?;
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Problem::field("limit", FieldCode::OutOfRange, format!("must be 1 to {MAX_LIMIT}")));
        }
        let mut page = Self {
            after: None,
            filters: read_query(&filters.join("&"))?,
            limit,
            cursors: CursorKey { key: app.cursor_key, scope: scope(parts, tenant, filters) },
            now: app.clock.now(),
        };
        if let Some(cursor) = &cursor {
            let bad = || Problem::field("cursor", FieldCode::Unknown, "is not a cursor of this list, or has expired");
            page.after = Some(page.cursors.open(cursor, page.now).ok_or_else(bad)?);
        }
        Ok(page)
    }
}

/// What a cursor is bound to: tenant, list, filters.
fn scope(parts: &Parts, tenant: TenantId, mut filters: Vec<&str>) -> Vec<u8> {
    filters.sort_unstable();
    [
        tenant.uuid().as_bytes(),
        whole_path(&parts.extensions, &parts.uri).as_bytes(),
        b"\0",
        filters.join("&").as_bytes(),
    ]
    .concat()
}

impl<F> Paging<F> {
    /// How many rows to ask for: one more than a page holds, to know whether another follows.
    #[must_use]
    pub fn fetch(&self) -> u64 {
        self.limit + 1
    }

    /// [`fetch`](Self::fetch), as the database counts.
    #[must_use]
    pub fn fetch_i64(&self) -> i64 {
        i64::try_from(self.fetch()).unwrap_or(i64::MAX)
    }

    /// Makes the page from rows fetched with [`fetch`](Self::fetch).
    pub fn page<R, T>(&self, mut rows: Vec<R>, id: impl Fn(&R) -> Uuid, item: impl FnMut(R) -> T) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| self.cursors.seal(id(last), self.now));
        Page { items: rows.into_iter().map(item).collect(), next_cursor }
    }
}

/// What makes and opens cursors of one list.
#[derive(Debug, Clone)]
pub struct CursorKey {
    /// The deployment's key for cursors.
    pub key: [u8; 32],
    /// What a cursor is bound to: tenant, list, filters.
    pub scope: Vec<u8>,
}

impl CursorKey {
    /// A cursor that goes on after `last`, for a day.
    #[must_use]
    pub fn seal(&self, last: Uuid, now: DateTime<Utc>) -> String {
        let mut bytes = Vec::with_capacity(40);
        bytes.extend_from_slice(last.as_bytes());
        bytes.extend_from_slice(&(now + CURSOR_LIFE).timestamp().to_be_bytes());
        let mac = self.mac(&bytes);
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Where to go on, if the cursor is genuine, of this list, and has not expired.
    #[must_use]
    pub fn open(&self, cursor: &str, now: DateTime<Utc>) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (content, mac) = bytes.split_at_checked(24)?;
        let genuine = mac.len() == 16 && bool::from(subtle::ConstantTimeEq::ct_eq(mac, self.mac(content).as_slice()));
        let expires = i64::from_be_bytes(content[16..].try_into().ok()?);
        (genuine && expires > now.timestamp()).then(|| Uuid::from_slice(&content[..16]).ok())?
    }

    fn mac(&self, content: &[u8]) -> [u8; 16] {
        // The scope has the filters, and they may be somebody's name.
        let whole = keystead_keys::hmac_sha256(&self.key, &[content, &self.scope].concat());
        let mut mac = [0; 16];
        mac.copy_from_slice(&whole[..16]);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_where_and_while_it_holds() {
        let of = |scope: &str| CursorKey { key: [7; 32], scope: scope.into() };
        let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).expect("time");
        let id = Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f6);
        let cursor = of("acme/units").seal(id, at(1_000));
        assert_eq!(of("acme/units").open(&cursor, at(1_000)), Some(id));
        assert_eq!(of("other/units").open(&cursor, at(1_000)), None, "another tenant");
        assert_eq!(of("acme/units").open(&cursor, at(1_000 + 86_401)), None, "expired");
        let forged = format!("{}A", &cursor[..cursor.len() - 1]);
        assert!(forged == cursor || of("acme/units").open(&forged, at(1_000)).is_none());
        assert_eq!(of("acme/units").open("", at(1_000)), None);
    }
}
