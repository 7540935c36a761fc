//! The database asks for permissions by itself: a genuine context of one's own tenant that permits nothing reaches nothing,
//! and no context moves what is derived.

use keystead_proofs::Proof;
use keystead_tenants::RootSecret;
use keystead_tests::{
    World,
    context::{Context, enter},
};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::seed;

/// The API's role inside a transaction, with a context that permits just this, in these projects or everywhere.
async fn permitted(world: &World, tenant: Uuid, permissions: &[&str], projects: Option<Vec<Uuid>>) -> Client {
    let root = RootSecret::from_hex(&std::env::var("KEYSTEAD_SECRET").unwrap()).unwrap();
    let permissions = permissions.iter().map(|&name| name.to_owned()).collect();
    // A member's: the nil id is the platform's own, which policies let do its jobs.
    let context = Context { permissions, projects, actor: Uuid::new_v4(), ..Context::of(tenant) };
    let client = world.database.role("keystead_app").await;
    client.batch_execute("BEGIN").await.unwrap();
    enter(&client, &context.signed(&root)).await.unwrap();
    client
}

/// How many rows a statement reaches; none when it is refused for lack of rights.
async fn reached(client: &Client, sql: &str) -> u64 {
    client.batch_execute("SAVEPOINT attempt").await.unwrap();
    let reached = match client.execute(sql, &[]).await {
        Ok(rows) => rows,
        Err(error) if error.code().is_some_and(|code| code.code() == "42501") => 0,
        Err(error) => panic!("{sql}: {error}"),
    };
    client.batch_execute("ROLLBACK TO SAVEPOINT attempt").await.unwrap();
    reached
}

#[tokio::test]
async fn without_a_permission_nothing_is_read_or_written() {
    let proof = Proof::of("T6");
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let holdings = seed::fill(&acme, "FUSION").await;
    let superuser = world.database.superuser().await;
    let tenant = seed::uuid_of(&acme.id);
    let everywhere = permitted(&world, tenant, &[], None).await;
    let in_its_project = permitted(&world, tenant, &[], Some(vec![holdings.uuid("prj")])).await;
    let (mut cells, mut open) = (0, Vec::new());
    for table in seed::tables(&superuser).await {
        let name = &table.name;
        let mut attempts = vec![format!("SELECT 1 FROM {name}"), format!("DELETE FROM {name}")];
        attempts.extend(table.updatable.iter().map(|column| format!("UPDATE {name} SET {column} = {column}")));
        if !table.insertable.is_empty() {
            // One's own rows once more, under other ids: the policy answers before any constraint does.
            let columns = table.insertable.join(", ");
            let rows: Option<String> = superuser
                .query_opt(&format!("SELECT to_jsonb(t)::text FROM {name} t LIMIT 1"), &[])
                .await
                .unwrap()
                .map(|row| row.get(0));
            let row = rows.unwrap_or_else(|| panic!("{name} has no row")).replace('\'', "''");
            attempts.push(format!(
                "INSERT INTO {name} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{name}, '{row}'::jsonb || '{{\"id\": \"{}\"}}'::jsonb)",
                Uuid::new_v4()
            ));
        }
        for sql in attempts {
            for client in [&everywhere, &in_its_project] {
                cells += 1;
                if reached(client, &sql).await > 0 {
                    open.push(sql.clone());
                }
            }
        }
    }
    proof.at_least("statements-without-permission", cells, 160);
    proof.zero("reached-without-permission", open.len());
    assert!(open.is_empty(), "{open:#?}");
}

/// Connections go from tenant to tenant.
#[tokio::test]
async fn a_context_ends_with_its_transaction() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    for end in ["COMMIT", "ROLLBACK"] {
        let client = permitted(&world, seed::uuid_of(&acme.id), &["members.read"], None).await;
        let members = "SELECT 1 FROM app.members";
        assert_eq!(reached(&client, members).await, 1, "the administrator");
        client.batch_execute(&format!("{end}; BEGIN")).await.unwrap();
        assert_eq!(reached(&client, members).await, 0, "after {end}");
    }
}

/// The API checks first; should it ever forget, the database does not.
#[tokio::test]
async fn a_contract_moves_by_the_permission_of_its_move() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let contract = seed::fill(&acme, "FUSION").await.uuid("ctr");
    let tenant = seed::uuid_of(&acme.id);
    let to = |state: &str| format!("UPDATE app.contracts SET state = '{state}' WHERE id = '{contract}'");
    let writer = permitted(&world, tenant, &["contracts.read", "contracts.write"], None).await;
    assert_eq!(reached(&writer, &to("submitted")).await, 1);
    writer.batch_execute(&to("submitted")).await.unwrap();
    assert_eq!(reached(&writer, &to("approved")).await, 0, "approval needs its own permission");
    writer.batch_execute("ROLLBACK").await.unwrap();
    let approver = permitted(&world, tenant, &["contracts.read", "contracts.approve"], None).await;
    assert_eq!(reached(&approver, &to("submitted")).await, 0, "submission needs its own permission");
}

#[tokio::test]
async fn nobody_types_a_homes_sale_stage() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let holdings = seed::fill(&acme, "FUSION").await;
    let every: Vec<&str> = keystead_ids::Permission::ALL.iter().map(|permission| permission.name()).collect();
    let client = permitted(&world, seed::uuid_of(&acme.id), &every, None).await;
    let unit = holdings.uuid("unt");
    let columns = "tenant_id, project_id, phase_id, number, price_minor, currency";
    let copy = |more: &str, values: &str| {
        format!(
            "INSERT INTO app.units (id, {columns}{more}) SELECT gen_random_uuid(), tenant_id, project_id, phase_id, 'copy', price_minor, currency{values}
            FROM app.units WHERE id = '{unit}'"
        )
    };
    assert_eq!(reached(&client, &copy("", "")).await, 1, "a home can be added");
    assert_eq!(reached(&client, &copy(", sale_stage", ", 'offer'")).await, 0, "and not with a stage");
    let typed = format!("UPDATE app.units SET sale_stage = 'offer' WHERE id = '{unit}'");
    assert_eq!(reached(&client, &typed).await, 0);
}
