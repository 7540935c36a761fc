//! The tenant's transaction: savepoints, laziness, and what is not committed.

use keystead_entities::phase;
use keystead_ids::{ProjectId, SessionId};
use keystead_tenants::{
    Refused, TenantTx,
    orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Set},
    platform::SessionScope,
};
use keystead_tests::{Person, World};

async fn begin(world: &World, person: &Person) -> TenantTx {
    let me = person.get("/v1/me").expect(200).await;
    let session: SessionId = me.json["session_id"].as_str().unwrap().parse().unwrap();
    let session = world.app.db.platform().session(session, world.app.clock.now()).await.unwrap().unwrap();
    let SessionScope::Tenant { grant, .. } = &session.scope else { panic!("a member's session") };
    world.app.db.begin(grant)
}

async fn add(world: &World, tx: &TenantTx, project: ProjectId, name: &str) -> Result<(), DbErr> {
    let row = phase::ActiveModel {
        tenant_id: Set(tx.grant().tenant()),
        id: Set(world.app.clock.id()),
        project_id: Set(project),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    row.insert(tx).await.map(drop)
}

async fn phases(tx: &TenantTx, project: ProjectId) -> u64 {
    phase::Entity::find().filter(phase::COLUMN.project_id.eq(project)).count(tx).await.unwrap()
}

#[tokio::test]
async fn a_failed_savepoint_undoes_only_itself() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();

    let tx = begin(&world, &acme.admin).await;
    add(&world, &tx, project, "one").await.unwrap();
    let twice = tx
        .savepoint(async |tx| {
            add(&world, tx, project, "two").await?;
            add(&world, tx, project, "one").await
        })
        .await;
    assert!(twice.unwrap_err().refusal().unwrap().is_duplicate());
    tx.savepoint(async |tx| add(&world, tx, project, "three").await).await.unwrap();
    tx.commit().await.unwrap();

    let tx = begin(&world, &acme.admin).await;
    assert_eq!(phases(&tx, project).await, 2, "one and three stand, two is undone");
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();

    let tx = begin(&world, &acme.admin).await;
    let outcome = tx.outcome();
    add(&world, &tx, project, "one").await.unwrap();
    assert!(outcome.lost_writes(), "until it is committed");
    drop(tx);
    let tx = begin(&world, &acme.admin).await;
    assert_eq!(phases(&tx, project).await, 0);
    drop(tx);

    let tx = begin(&world, &acme.admin).await;
    let outcome = tx.outcome();
    add(&world, &tx, project, "one").await.unwrap();
    tx.commit().await.unwrap();
    assert!(!outcome.lost_writes());
}

#[tokio::test]
async fn a_transaction_without_a_query_takes_no_connection() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    // Far more than the pool has connections.
    let mut idle = Vec::new();
    for _ in 0..64 {
        idle.push(begin(&world, &acme.admin).await);
    }
    let project: ProjectId = acme.project("FUSION").await.parse().unwrap();
    assert_eq!(phases(&idle[63], project).await, 0);
}
