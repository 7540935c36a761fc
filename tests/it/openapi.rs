//! The OpenAPI document: what it promises is looked at, and a change of it is a change that somebody means.

use std::{collections::BTreeMap, fs, path::PathBuf};

use keystead_ids::Permission;
use keystead_tests::World;
use serde_json::Value;

/// Permissions of operations that no role gives.
const BESIDES: [&str; 3] = ["public", "session", "operator"];

fn document() -> Value {
    keystead_api::routes::document()
}

/// Method, path and operation of everything that the API does.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter().filter(|(method, _)| *method != "parameters");
        methods.map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation.clone()))
    });
    operations.collect()
}

#[test]
fn the_document_is_the_one_that_was_agreed() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("it/snapshots/openapi.json");
    let now = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, now).unwrap();
        return;
    }
    let agreed = fs::read_to_string(&file).unwrap_or_default();
    let Some((line, (before, after))) =
        agreed.lines().zip(now.lines()).enumerate().find(|(_, (before, after))| before != after)
    else {
        assert_eq!(
            agreed.len(),
            now.len(),
            "the API grew or shrank at the end: run this test with UPDATE_SNAPSHOTS=1 and review the diff"
        );
        return;
    };
    panic!(
        "the API differs from {} at line {}:\n  before: {before}\n  after:  {after}\nIf clients can live with that, run this test \
        with UPDATE_SNAPSHOTS=1, and review and commit the diff.",
        file.display(),
        line + 1
    );
}

#[test]
fn every_operation_says_what_it_does_who_may_and_how_it_fails() {
    let document = document();
    let operations = operations(&document);
    assert!(operations.len() > 60, "{} operations", operations.len());
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for (name, operation) in &operations {
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(summary.ends_with('.') && summary.len() > 6, "{name}: \"{summary}\" is no sentence");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name} has one tag");
        let permission = operation["x-permission"].as_str().unwrap_or_default();
        let known = BESIDES.contains(&permission) || permission.parse::<Permission>().is_ok();
        assert!(known, "{name} needs \"{permission}\", which nobody can have");
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty(), "{name} has no operationId");
        if let Some(other) = ids.insert(id.to_owned(), name.clone()) {
            panic!("{other} and {name} are both called {id}");
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for status in ["400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "500", "503"] {
            let problem = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{name} {status}");
        }
        let open = operation["security"] == serde_json::json!([]);
        assert_eq!(
            open,
            permission == "public",
            "{name}: security and x-permission disagree: {}",
            operation["security"]
        );
        if name.starts_with("PATCH") {
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(
                parameters.iter().any(|parameter| parameter["name"] == "If-Match"),
                "{name} does not mention If-Match"
            );
        }
    }
}

#[test]
fn every_parameter_of_a_path_is_described_and_every_reference_leads_somewhere() {
    let document = document();
    for (name, operation) in operations(&document) {
        for wanted in name.split(['{', '}']).skip(1).step_by(2) {
            let described = operation["parameters"].as_array().is_some_and(|parameters| {
                parameters.iter().any(|parameter| parameter["name"] == wanted && parameter["in"] == "path")
            });
            assert!(described, "{name}: {wanted}");
        }
    }
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
}

fn collect_references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| collect_references(field, into));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, into)),
        _ => {}
    }
}

#[test]
fn every_object_that_comes_in_refuses_unknown_fields() {
    let document = document();
    for (name, operation) in operations(&document) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let Some(reference) = schema.as_str() else { continue };
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
        assert_eq!(schema["additionalProperties"], false, "{name} takes {reference}");
    }
}

#[tokio::test]
async fn the_server_serves_its_own_document() {
    let world = World::new().await;
    let served = world.call("GET", "/v1/openapi.json").expect(200).await;
    assert_eq!(served.json, document());
}
