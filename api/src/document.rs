//! The last touches to the OpenAPI document: what holds for every operation is said here once, not by each.

mod older;

use serde_json::{Map, Value, json};
use utoipa::openapi::{OpenApi as Document, extensions::Extensions};

/// Marks a component that is no type of its own but a bound on one field: it is put in place wherever it is referred to.
/// Generators name a type after every component, and nobody wants to write a `Text1To60`.
const INLINE: &str = "x-inline";

const SCHEMAS: &str = "#/components/schemas/";

/// The mark, for a schema that is a bound and not a type.
pub(crate) fn inline() -> Option<Extensions> {
    Some(Extensions::builder().add(INLINE, true).build())
}

/// The document as it is published.
pub(crate) fn finished(document: &Document) -> Value {
    let mut json = serde_json::to_value(document).unwrap_or_default();
    let bounds = take_bounds(&mut json);
    put_in_place(&mut json, &bounds);
    let schemas = json["components"]["schemas"].clone();
    let paths = json["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for (method, operation) in paths.filter_map(Value::as_object_mut).flatten() {
        if operation["security"] == json!([{}]) {
            // "One of: nothing" is read as "something" by generators; an empty list is not.
            operation["security"] = json!([]);
        }
        say_what_comes_back(operation, &schemas);
        say_what_holds_for_writes(method, operation);
    }
    json
}

/// The same as OpenAPI 3.0.
pub(crate) fn older(document: Value) -> Value {
    older::as_3_0(document)
}

fn take_bounds(json: &mut Value) -> Map<String, Value> {
    let Some(schemas) = json["components"]["schemas"].as_object_mut() else { return Map::new() };
    let (mut bounds, types): (Map<_, _>, Map<_, _>) =
        std::mem::take(schemas).into_iter().partition(|(_, schema)| schema[INLINE] == true);
    *schemas = types;
    bounds.values_mut().filter_map(Value::as_object_mut).for_each(|bound| drop(bound.remove(INLINE)));
    bounds
}

/// Replaces references to `bounds`, and `oneOf` a plain type or null by the type that may be null.
fn put_in_place(node: &mut Value, bounds: &Map<String, Value>) {
    let referred = node["$ref"].as_str().and_then(|name| bounds.get(name.strip_prefix(SCHEMAS)?));
    if let (Some(bound), Some(at)) = (referred.cloned(), node.as_object_mut()) {
        at.remove("$ref");
        at.extend(bound.as_object().cloned().unwrap_or_default());
    }
    match node {
        Value::Object(fields) => fields.values_mut().for_each(|field| put_in_place(field, bounds)),
        Value::Array(items) => items.iter_mut().for_each(|item| put_in_place(item, bounds)),
        _ => {}
    }
    if let Some(merged) = plain_or_null(node) {
        *node = merged;
    }
}

fn plain_or_null(node: &Value) -> Option<Value> {
    let [choice, null] = node["oneOf"].as_array()?.as_slice() else { return None };
    let plain = choice["type"].as_str().filter(|kind| *kind != "object" && choice.get("enum").is_none())?;
    let mut merged = choice.as_object().filter(|_| null["type"] == "null")?.clone();
    merged.insert("type".into(), json!([plain, "null"]));
    merged.extend(node.as_object()?.iter().filter(|(key, _)| *key != "oneOf").map(|(k, v)| (k.clone(), v.clone())));
    Some(merged.into())
}

/// A response must have a description: it is that of what comes back.
fn say_what_comes_back(operation: &mut Value, schemas: &Value) {
    let answers = operation["responses"].as_object_mut().into_iter().flatten();
    for (status, answer) in answers {
        if !status.starts_with('2') {
            continue;
        }
        let content = answer["content"].as_object().and_then(|content| content.values().next());
        let name = content.and_then(|content| content["schema"]["$ref"].as_str()?.strip_prefix(SCHEMAS));
        let told = name.and_then(|name| schemas[name]["description"].as_str());
        let text = told.unwrap_or(if content.is_some() { "The content." } else { "Done; there is nothing to add." });
        answer["description"] = text.into();
        if answer["headers"]["ETag"].is_object() {
            answer["headers"]["ETag"]["description"] = "The version that this is; give it as `If-Match`.".into();
        }
    }
}

/// Versions and repetitions: the same for every resource.
fn say_what_holds_for_writes(method: &str, operation: &mut Value) {
    let takes_json = operation["requestBody"]["content"]["application/json"].is_object();
    let is_public = operation["security"] == json!([]);
    let creates = method == "post" && takes_json && !is_public && operation["responses"]["201"].is_object();
    // What cannot be taken back is done once as well.
    if creates || operation["x-once"] == true {
        let header = json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Any text of the caller's own: the same key with the same request gets the first answer again.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
        });
        match operation.get_mut("parameters").and_then(Value::as_array_mut) {
            Some(parameters) => parameters.push(header),
            None => operation["parameters"] = json!([header]),
        }
    }
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
    for parameter in parameters.filter(|parameter| parameter["name"] == "If-Match") {
        parameter["description"] = "The `ETag` of the version that was seen.".into();
        parameter["schema"]["pattern"] = r#"^"[0-9]{1,18}"$"#.into();
        parameter["schema"]["example"] = r#""1""#.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_go_where_they_bind_and_a_plain_type_may_be_null() {
        let mut json = json!({
            "components": { "schemas": { "Short": { "type": "string", "maxLength": 5, "x-inline": true },
                "Thing": { "type": "object" } } },
            "name": { "$ref": "#/components/schemas/Short", "description": "Its name." },
            "nick": { "oneOf": [{ "$ref": "#/components/schemas/Short" }, { "type": "null" }] },
            "thing": { "oneOf": [{ "$ref": "#/components/schemas/Thing" }, { "type": "null" }] },
        });
        let bounds = take_bounds(&mut json);
        put_in_place(&mut json, &bounds);
        assert_eq!(json["components"]["schemas"], json!({ "Thing": { "type": "object" } }));
        assert_eq!(json["name"], json!({ "type": "string", "maxLength": 5, "description": "Its name." }));
        assert_eq!(json["nick"], json!({ "type": ["string", "null"], "maxLength": 5 }));
        assert_eq!(json["thing"]["oneOf"][0]["$ref"], "#/components/schemas/Thing");
    }
}
