//! A query runs in a tenant's transaction and nowhere else.

use keystead_entities::unit;
use keystead_tenants::{Databases, orm::EntityTrait};

async fn slice(databases: &Databases) {
    let _ = unit::Entity::find().one(databases).await;
}

fn main() {}
