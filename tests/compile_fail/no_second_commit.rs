//! A transaction that was committed is gone.
//! Refused with E0382.

use keystead_entities::unit;
use keystead_tenants::{TenantTx, orm::EntityTrait};

pub async fn slice(tx: TenantTx) {
    let _ = tx.commit().await;
    let _ = unit::Entity::find().one(&tx).await;
}
