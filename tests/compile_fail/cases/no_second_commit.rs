//! A transaction that was committed is gone.

use keystead_entities::unit;
use keystead_tenants::{TenantTx, orm::EntityTrait};

async fn slice(tx: TenantTx) {
    let _ = tx.commit().await;
    let _ = unit::Entity::find().one(&tx).await;
}

fn main() {}
