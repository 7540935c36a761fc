//! The database's own catalogue proves that tenants are apart (security rule T5).
//!
//! Each check is a query for what breaks a rule. Where something may, it is listed with its reason; the query must find
//! exactly that list, so that an exception that is gone is noticed, too. Then each rule is broken on purpose, in a
//! transaction that is rolled back, and must be noticed.

mod grants;
mod plans;
mod rules;
mod sabotage;

use std::collections::BTreeSet;

use keystead_api::routes::document;
use keystead_ids::Permission;
use keystead_proofs::Proof;
use keystead_tests::fresh_database;
use regex::Regex;
use rules::{CHECKS, VIEWS};
use sabotage::SABOTAGE;
use tokio_postgres::Client;

async fn catalogue() -> Client {
    let client = fresh_database().await.superuser().await;
    client.batch_execute(VIEWS).await.unwrap();
    client
}

/// What breaks a rule and was not reviewed, and what was reviewed and is gone.
fn compared(rule: &str, found: &BTreeSet<String>, reviewed: &BTreeSet<String>) -> Vec<String> {
    let new = found.difference(reviewed).map(|what| format!("{rule}: {what}"));
    let gone = reviewed.difference(found).map(|what| format!("{rule}: {what} was reviewed and is gone"));
    new.chain(gone).collect()
}

/// Every difference between what the catalogue holds and what was reviewed.
async fn differences(client: &Client) -> Vec<String> {
    let mut differences = Vec::new();
    for check in CHECKS {
        let rows = client.query(check.breaches, &[]).await.unwrap_or_else(|error| panic!("{}: {error:?}", check.rule));
        let found: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
        let reviewed: BTreeSet<String> = check.reviewed.iter().map(|(what, _)| (*what).to_owned()).collect();
        differences.extend(compared(check.rule, &found, &reviewed));
    }
    differences.extend(compared(grants::RULE, &grants::held(client).await, &grants::reviewed()));
    differences
}

#[tokio::test]
async fn the_catalogue_keeps_every_rule() {
    let client = catalogue().await;
    let differences = differences(&client).await;
    let relations: i64 = client.query_one("SELECT count(*) FROM relations", &[]).await.unwrap().get(0);
    println!("{differences:#?}");
    let proof = Proof::of("T5");
    proof.at_least("relations", relations, 31);
    // And the one of grants.
    proof.note("rules", CHECKS.len() + 1);
    proof.zero("violations", differences.len());
}

#[tokio::test]
async fn every_grant_is_one_that_was_reviewed() {
    let client = catalogue().await;
    let held = grants::held(&client).await;
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        grants::keep(&held);
        return;
    }
    let differences = compared(grants::RULE, &held, &grants::reviewed());
    println!("{differences:#?}\n{}", grants::HOW);
    let proof = Proof::of("T5");
    proof.at_least("grants", held.len(), 100);
    proof.zero("grants-not-reviewed", differences.len());
}

#[tokio::test]
async fn every_broken_rule_is_noticed() {
    let client = catalogue().await;
    let (proof, mut unnoticed) = (Proof::of("T5"), 0);
    let planted =
        "CREATE TABLE app.planted (tenant_id uuid NOT NULL, secret text); CREATE TABLE ctx.planted (pads bytea);";
    for (sabotage, noticed_as) in SABOTAGE {
        let planted = if sabotage.contains("app.planted") || sabotage.contains("ctx.planted") { planted } else { "" };
        // Roles are the cluster's: other tests must never see this, so nothing is ever committed.
        client
            .batch_execute(&format!("BEGIN; {planted} {sabotage}"))
            .await
            .unwrap_or_else(|error| panic!("{sabotage}: {error:?}"));
        let found = differences(&client).await;
        client.batch_execute("ROLLBACK").await.unwrap();
        if !found.iter().any(|what| what.contains(noticed_as)) {
            println!("{sabotage} was not noticed as {noticed_as:?}: {found:#?}");
            unnoticed += 1;
        }
    }
    proof.note("rules-broken-on-purpose", SABOTAGE.len());
    proof.zero("broken-rules-unnoticed", unnoticed);
    assert!(differences(&client).await.is_empty());
}

/// The permissions that the database's policies and triggers ask for, by name.
async fn permissions_in_policies(client: &Client) -> BTreeSet<String> {
    let sql = "SELECT coalesce(condition, '') || ' ' || coalesce(check_condition, '') FROM policies
        UNION ALL SELECT prosrc FROM functions WHERE prosrc ~ 'ctx\\.can'";
    let name = Regex::new(r"[a-z]+\.[a-z]+").unwrap();
    let quoted = Regex::new(r"'(?:\{)?([a-z]+\.[a-z]+(?:,[a-z]+\.[a-z]+)*)\}?'").unwrap();
    let rows = client.query(sql, &[]).await.unwrap();
    let texts = rows.iter().map(|row| row.get::<_, String>(0));
    texts
        .flat_map(|text| quoted.captures_iter(&text).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .flat_map(|list| name.find_iter(&list).map(|found| found.as_str().to_owned()).collect::<Vec<_>>())
        .collect()
}

/// What operations ask for: permissions, or `public`, `session` and `operator`.
fn permissions_in_document() -> BTreeSet<String> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
    operations.filter_map(|operation| operation["x-permission"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn policies_operations_and_code_name_the_same_permissions() {
    let client = catalogue().await;
    let catalogue: BTreeSet<String> = Permission::ALL.iter().map(|permission| permission.name().to_owned()).collect();
    let policies = permissions_in_policies(&client).await;
    let operations = permissions_in_document();
    let others = ["public", "session", "operator"].map(str::to_owned).into();
    assert!(policies.is_subset(&catalogue), "unknown in policies: {:?}", policies.difference(&catalogue));
    assert!(
        operations.is_subset(&catalogue.union(&others).cloned().collect()),
        "unknown in operations: {operations:?}"
    );
    let used: BTreeSet<String> = policies.union(&operations).cloned().collect();
    assert!(catalogue.is_subset(&used), "never asked for: {:?}", catalogue.difference(&used));
    assert!(policies.len() > 10 && operations.len() > 10, "{policies:?} {operations:?}");
}
