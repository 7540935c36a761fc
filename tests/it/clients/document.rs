//! What generators want of a document, beyond that it is valid: each of these was once missing, and made a client worse.

use keystead_ids::Permission;
use keystead_proofs::Proof;
use regex::Regex;
use serde_json::{Value, json};

fn document() -> Value {
    keystead_api::routes::document()
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// Every object below `value`, with its place.
fn objects<'a>(place: &str, value: &'a Value, into: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            into.push((place.to_owned(), value));
            fields.iter().for_each(|(name, field)| objects(&format!("{place}/{name}"), field, into));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| objects(&format!("{place}/{index}"), item, into));
        }
        _ => {}
    }
}

fn everything(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    objects("", document, &mut found);
    found
}

#[test]
fn every_answer_is_described_and_typed() {
    let document = document();
    let proof = Proof::of("clients");
    let mut untyped = Vec::new();
    for (name, operation) in operations(&document) {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let described = answer["description"].as_str().is_some_and(|text| !text.is_empty());
            let bodies = answer["content"].as_object();
            let typed = bodies.is_some_and(|kinds| kinds.values().all(|kind| kind["schema"].is_object()));
            if !described || !(typed || (status == "204" && bodies.is_none())) {
                untyped.push(format!("{name} {status}"));
            }
        }
    }
    proof.zero("answers-without-type-or-description", untyped.len());
    assert!(untyped.is_empty(), "{untyped:#?}");
}

#[test]
fn every_type_has_a_name_that_every_language_can_use() {
    // What the generated modules import themselves.
    const TAKEN: [&str; 14] = [
        "Any",
        "BinaryIO",
        "Client",
        "Error",
        "File",
        "Generator",
        "Mapping",
        "Option",
        "Record",
        "Response",
        "Result",
        "T",
        "TextIO",
        "Unset",
    ];
    let document = document();
    let name = Regex::new("^[A-Z][A-Za-z0-9]*(_[A-Z][A-Za-z0-9]*)?$").unwrap();
    for (known, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(name.is_match(known) && !TAKEN.contains(&known.as_str()), "{known} is no name for a type");
        assert!(schema["description"].is_string() || schema["type"] == "string", "{known} is not described");
    }
    for (place, schema) in everything(&document) {
        let choices = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
        for choice in choices.iter().filter(|choice| choice["properties"].is_object()) {
            assert!(choice["title"].is_string(), "{place}: a choice without a title has no name: {choice}");
        }
        let is_map = schema["type"] == "object" || schema["type"] == json!(["object", "null"]);
        if is_map && !schema["properties"].is_object() {
            assert!(schema.get("additionalProperties").is_some(), "{place}: what may be in it?");
        }
    }
}

#[test]
fn a_list_and_its_item_have_one_type() {
    let document = document();
    for (name, operation) in operations(&document) {
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        let Some(page) = answer.as_str().and_then(|reference| document.pointer(&reference[1..])) else { continue };
        if page["properties"]["next_cursor"].is_object() {
            let item = &page["properties"]["items"]["items"];
            assert!(item["$ref"].is_string(), "{name} has a copy of its item: {item}");
            assert_eq!(page["required"], json!(["items", "next_cursor"]), "{name}");
        }
    }
}

#[test]
fn whoever_needs_no_session_is_told_so() {
    for (name, operation) in operations(&document()) {
        let security = &operation["security"];
        assert_ne!(*security, json!([{}]), "{name}: generators take this for a session that is needed");
    }
}

#[test]
fn what_creates_takes_a_key_and_what_changes_takes_a_version() {
    for (name, operation) in operations(&document()) {
        let takes = |header: &str| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            parameters.filter(|parameter| parameter["in"] == "header").any(|parameter| parameter["name"] == header)
        };
        let json_in = operation["requestBody"]["content"]["application/json"].is_object();
        let creates = name.starts_with("post") && operation["responses"]["201"].is_object();
        let once = creates || operation["operationId"] == "erase_contact";
        let signed_in = operation["security"] != json!([]);
        assert_eq!(takes("Idempotency-Key"), once && json_in && signed_in, "{name}");
        assert_eq!(takes("If-Match"), name.starts_with("patch"), "{name}");
        if name.starts_with("patch") {
            assert!(operation["responses"]["200"]["headers"]["ETag"].is_object(), "{name} gives no ETag");
        }
    }
}

#[test]
fn names_that_come_in_are_the_ones_that_are_read() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let permissions = schemas["Permission"]["enum"].as_array().unwrap();
    assert_eq!(permissions.len(), Permission::ALL.len());
    for name in permissions {
        assert!(serde_json::from_value::<Permission>(name.clone()).is_ok(), "{name} is documented and refused");
    }
    let fields = &schemas["ColumnMapping"]["properties"]["columns"]["propertyNames"]["enum"];
    for name in fields.as_array().unwrap() {
        let mapping = json!({ "columns": { name.as_str().unwrap(): { "column": "A" } } });
        let read = serde_json::from_value::<keystead_sheets::Mapping>(mapping);
        assert!(read.is_ok(), "{name} is documented and refused");
    }
}

#[test]
fn the_older_document_is_openapi_3_0() {
    let older = keystead_api::routes::document_3_0();
    let read: openapiv3::OpenAPI = serde_json::from_value(older.clone()).expect("it reads as OpenAPI 3.0");
    assert_eq!(read.operations().count(), operations(&document()).count());
    for (place, object) in everything(&older) {
        assert!(!object["type"].is_array() && object["type"] != "null", "{place} has a type that 3.0 does not know");
        let alone =
            object.get("$ref").is_none_or(|reference| !reference.is_string() || object.as_object().unwrap().len() == 1);
        assert!(alone, "{place}: what stands beside a reference is lost: {object}");
        for unknown in ["propertyNames", "const", "examples", "prefixItems", "identifier"] {
            assert!(object.get(unknown).is_none(), "{place} has {unknown}");
        }
    }
}

#[tokio::test]
async fn the_server_serves_both_documents() {
    let world = keystead_tests::World::new().await;
    let older = world.call("GET", "/v1/openapi-3.0.json").expect(200).await;
    assert_eq!(older.json, keystead_api::routes::document_3_0());
}
