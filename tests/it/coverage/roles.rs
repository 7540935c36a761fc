//! Every operation × every role, in all projects and in one, as `roles.txt` expects it (security rule T3). An operation that
//! is not in the table fails.

use std::collections::BTreeMap;

use futures::future::join_all;
use keystead_ids::{
    Permission,
    PresetRole::{self, Viewer},
};
use keystead_proofs::Proof;
use keystead_tests::{Answer, Person, World};

use super::{
    actors::{Actor, allow_viewers},
    document::{Document, Operation, at_random},
};

const TABLE: &str = include_str!("roles.txt");

/// The columns, and what each operation answers to whom.
fn expected() -> (Vec<&'static str>, BTreeMap<String, Vec<&'static str>>) {
    let mut lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let columns: Vec<&str> = lines.next().expect("a line of columns").split_whitespace().skip(1).collect();
    let rows = lines.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words[..2].join(" "), words[2..].to_vec())
    });
    (columns, rows.collect())
}

/// An answer as the table says it: `yes` is whatever comes after the doors.
fn cell(answer: &Answer) -> String {
    let kind = answer.json["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default();
    match (answer.status, kind) {
        (401, "unauthenticated") => "401".to_owned(),
        (403, "forbidden") => "403".to_owned(),
        (500.., _) => answer.status.to_string(),
        _ => "yes".to_owned(),
    }
}

/// One column of the table, measured.
async fn replay(world: &World, actor: &Actor, operations: &[Operation<'_>]) -> Vec<String> {
    let mut cells = Vec::new();
    let mut person = actor.person.clone();
    for operation in operations {
        let call = |method: &str, path: &str| match &person {
            Some(person) => person.call(method, path),
            None => world.call(method, path),
        };
        let answer = operation.send(call, &at_random, "\"1\"").await;
        cells.push(cell(&answer));
        // It may have ended the session.
        if let Some(ended) = person.as_ref().filter(|_| operation.may_end_sessions()) {
            let place = if actor.tenant.is_some() { "acme" } else { "" };
            person = Some(Person::enter(world, place, &ended.email).await);
        }
    }
    cells
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_does_what_the_table_says() {
    let (proof, world) = (Proof::of("T3"), World::new().await);
    let tenant = world.tenant("acme").await;
    let fusion = tenant.project("FUSION").await;
    let document = Document::read();
    let operations = document.operations();
    let (columns, expected) = expected();

    let actor =
        |name: &str, tenant, project, person| Actor { name: name.to_owned(), tenant, project, may_all: false, person };
    let mut actors =
        vec![actor("nobody", None, None, None), actor("operator", None, None, Some(world.operator().await))];
    for project in [None, Some(0)] {
        let scope: Vec<&str> = project.map(|_: usize| fusion.as_str()).into_iter().collect();
        for role in PresetRole::ALL {
            actors.push(actor(role.key(), Some(0), project, Some(tenant.hire(role, &scope).await)));
        }
    }
    let (mut cells, mut wrong) = (0, Vec::new());
    let measured = join_all(actors.iter().map(|actor| replay(&world, actor, &operations))).await;
    for (actor, measured) in actors.iter().zip(measured) {
        let column = columns.iter().position(|name| *name == actor.name).expect("a column for everybody");
        for (operation, measured) in operations.iter().zip(measured) {
            cells += 1;
            let expected = expected.get(&operation.name()).and_then(|row| row.get(column)).copied();
            let expected = match expected {
                Some("all") => Some(if actor.project.is_some() { "403" } else { "yes" }),
                other => other,
            };
            if expected != Some(measured.as_str()) {
                wrong.push(format!("{} as {}: {measured}, expected {expected:?}", operation.name(), actor.name));
            }
        }
    }
    let stale: Vec<_> =
        expected.keys().filter(|name| operations.iter().all(|operation| operation.name() != **name)).collect();
    println!("mismatches {wrong:#?}; in the table and not in the document {stale:?}");
    proof.exactly("cells", cells, operations.len() * actors.len());
    proof.zero("mismatches", wrong.len());
    proof.zero("rows-of-no-operation", stale.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_permission_but_the_one_is_not_enough() {
    let (proof, world) = (Proof::of("T3"), World::new().await);
    let tenant = world.tenant("acme").await;
    let viewer = tenant.hire(Viewer, &[]).await;
    let document = Document::read();
    let operations = document.operations();
    let (mut cases, mut wrong) = (0, Vec::new());
    for permission in Permission::ALL {
        allow_viewers(&tenant, Permission::ALL.iter().copied().filter(|other| other != permission)).await;
        let viewer = Person::enter(&world, "acme", &viewer.email).await;
        for operation in operations.iter().filter(|operation| operation.permission == permission.name()) {
            let answer = operation.send(|method, path| viewer.call(method, path), &at_random, "\"1\"").await;
            cases += 1;
            if cell(&answer) != "403" {
                wrong.push(format!("{} without {permission}: {}", operation.name(), answer.text));
            }
        }
    }
    let besides = ["public", "session", "operator"];
    for operation in operations.iter().filter(|operation| operation.permission != "public") {
        let forged = |method: &str, path: &str| world.call(method, path).bearer("eyJhbGciOiJub25lIn0.e30.");
        let answer = operation.send(forged, &at_random, "\"1\"").await;
        cases += 1;
        if cell(&answer) != "401" {
            wrong.push(format!("{} with a forged token: {}", operation.name(), answer.text));
        }
    }
    let guarded = operations.iter().filter(|operation| !besides.contains(&operation.permission.as_str())).count();
    let closed = operations.iter().filter(|operation| operation.permission != "public").count();
    println!("{wrong:#?}");
    proof.exactly("without-the-one-permission-cases", cases, guarded + closed);
    proof.zero("served-without-the-one-permission", wrong.len());
}
