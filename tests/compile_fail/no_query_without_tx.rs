//! A query runs in a tenant's transaction and nowhere else.
//! Refused with E0277.

use keystead_entities::unit;
use keystead_tenants::{Databases, orm::EntityTrait};

pub async fn slice(databases: &Databases) {
    let _ = unit::Entity::find().one(databases).await;
}
