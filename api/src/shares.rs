//! Trees of shares in the bucket, beside tenants' files and under a prefix of their own: what the bucket keeps there of older
//! versions opens whom newer ones do not (docs/adr/0006).

use futures::{FutureExt, future::BoxFuture};
use keystead_blobs::{BlobError, Blobs, Tagged};
use keystead_entities::tenant_key;
use keystead_ids::TenantId;
use keystead_keys::{KeyError, Purpose, ShareStore, StoredTree};
use keystead_tenants::{
    RootSecret, SystemJob,
    orm::{ColumnTrait, EntityTrait, Expr, QueryFilter},
};

use crate::{app::App, http::Problem};

/// The prefix of every tree, for the bucket's rules on older versions and replication.
pub const PREFIX: &str = "shares/";

/// The longest tree, sealed: some thousand erasures.
const LONGEST: u64 = 17 << 20;

/// The bucket as a store of trees.
pub struct BucketShares(Blobs);

impl BucketShares {
    /// In this bucket.
    #[must_use]
    pub const fn new(blobs: Blobs) -> Self {
        Self(blobs)
    }
}

impl ShareStore for BucketShares {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<StoredTree>, KeyError>> {
        let found = async move { self.0.read_tagged(name, LONGEST).await.map_err(unavailable) };
        found.map(|found| Ok(found?.map(|Tagged { content, tag }| StoredTree { sealed: content.into(), tag }))).boxed()
    }

    fn create<'a>(&'a self, name: &'a str, sealed: Vec<u8>) -> BoxFuture<'a, Result<bool, KeyError>> {
        async move { self.0.write_new(name, sealed).await.map_err(unavailable) }.boxed()
    }

    fn replace<'a>(&'a self, name: &'a str, sealed: Vec<u8>, seen: &'a str) -> BoxFuture<'a, Result<bool, KeyError>> {
        async move { self.0.write_over(name, sealed, seen).await.map_err(unavailable) }.boxed()
    }
}

/// Whatever the reason, nothing is known about the tree, so nothing may be concluded from it.
fn unavailable(error: BlobError) -> KeyError {
    tracing::warn!(reason = %error, "the bucket does not serve a share tree");
    KeyError::SharesUnavailable
}

/// The name of a new tenant's tree: opaque, and the same however often it is asked for.
pub(crate) fn name(root: &RootSecret, tenant: TenantId) -> String {
    let opaque = root.derive(&format!("shares/{tenant}"));
    format!("{PREFIX}{}", hex::encode(&opaque[..16]))
}

/// Notes that the tenant's tree is there: from now on, one that is missing is lost and not made anew.
pub(crate) async fn note_made(app: &App, tenant: TenantId, name: &str) -> Result<(), Problem> {
    let tx = app.db.begin_job(tenant, SystemJob::Shares, app.clock.id());
    tenant_key::Entity::update_many()
        .col_expr(tenant_key::Column::Shares, Expr::value(name))
        .filter(tenant_key::Column::Purpose.eq(Purpose::Pii.name()))
        .filter(tenant_key::Column::Shares.is_null())
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
