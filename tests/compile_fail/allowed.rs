//! What a slice does write. It must compile, or the refusals beside it would prove nothing.

use keystead_entities::unit;
use keystead_ids::TenantId;
use keystead_keys::{Name, Pii, RevealGrant};
use keystead_tenants::{
    Databases, TenantGrant, TenantTx,
    orm::{DbErr, EntityTrait},
};

pub async fn slice(databases: &Databases, grant: &TenantGrant) -> Result<(TenantId, usize), DbErr> {
    let tx: TenantTx = databases.begin(grant);
    let rows = unit::Entity::find().all(&tx).await?;
    let tenant = tx.grant().tenant();
    tx.commit().await?;
    Ok((tenant, rows.len()))
}

pub fn shown(name: Pii<Name>, record: &RevealGrant) -> (String, Name) {
    (name.masked(), name.reveal(record))
}
