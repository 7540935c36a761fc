//! Generates the client from the document that `KEYSTEAD_OPENAPI` names: OpenAPI 3.0.

use std::{env, fs, path::Path};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::Value;

fn main() {
    println!("cargo::rerun-if-env-changed=KEYSTEAD_OPENAPI");
    let file = env::var("KEYSTEAD_OPENAPI").expect("KEYSTEAD_OPENAPI names the document");
    println!("cargo::rerun-if-changed={file}");
    let mut document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).expect("the document is JSON");
    suit_progenitor(&mut document);
    let document = serde_json::from_value(document).expect("the document is OpenAPI 3.0");

    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Builder);
    let code = Generator::new(&settings).generate_tokens(&document).expect("the document can be generated from");
    let code = prettyplease::unparse(&syn::parse2(code).expect("the code parses"));
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join("api.rs"), code).unwrap();
}

/// progenitor takes one content type for a body, knows `application/octet-stream` but not `text/csv`, and types answers
/// that are called `application/json` only.
fn suit_progenitor(document: &mut Value) {
    let operations = document["paths"].as_object_mut().unwrap().values_mut().filter_map(Value::as_object_mut).flatten();
    for (_, operation) in operations {
        if let Some(bodies) = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut)
            && bodies.len() > 1
        {
            bodies.retain(|kind, _| kind == "application/octet-stream");
        }
        for (_, answer) in operation["responses"].as_object_mut().unwrap() {
            if let Some(contents) = answer.get_mut("content").and_then(Value::as_object_mut)
                && let Some(problem) = contents.remove("application/problem+json")
            {
                contents.insert("application/json".to_owned(), problem);
            }
        }
    }
}
