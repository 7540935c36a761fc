//! The same document as OpenAPI 3.0, for generators that read nothing newer.

use serde_json::{Map, Value, json};

/// OpenAPI 3.1 as 3.0.3. What 3.0 cannot say is left out: the names that a map's keys may have, the licence's SPDX name.
pub(super) fn as_3_0(mut document: Value) -> Value {
    document["openapi"] = "3.0.3".into();
    if let Some(license) = document["info"]["license"].as_object_mut() {
        license.remove("identifier");
    }
    convert(&mut document);
    document
}

fn convert(node: &mut Value) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(convert),
        Value::Object(fields) => {
            fields.values_mut().for_each(convert);
            null_is_no_type(fields);
            null_is_no_choice(fields);
            a_reference_stands_alone(fields);
            fields.remove("propertyNames");
        }
        _ => {}
    }
}

/// `type: [T, "null"]` is `nullable` there.
fn null_is_no_type(fields: &mut Map<String, Value>) {
    let Some(kinds) = fields.get("type").and_then(Value::as_array) else { return };
    if let [kind, null] = kinds.as_slice()
        && null == "null"
    {
        let kind = kind.clone();
        fields.insert("type".into(), kind);
        fields.insert("nullable".into(), true.into());
    }
}

/// So is `oneOf: [X, {type: "null"}]`.
fn null_is_no_choice(fields: &mut Map<String, Value>) {
    let Some([choice, null]) = fields.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) else { return };
    if *null == json!({ "type": "null" }) {
        let choice = choice.clone();
        fields.remove("oneOf");
        fields.insert("allOf".into(), json!([choice]));
        fields.insert("nullable".into(), true.into());
    }
}

/// What stands beside a `$ref` is ignored there.
fn a_reference_stands_alone(fields: &mut Map<String, Value>) {
    let is_reference = fields.get("$ref").is_some_and(Value::is_string);
    if is_reference && fields.len() > 1 {
        let reference = fields.remove("$ref");
        fields.insert("allOf".into(), json!([{ "$ref": reference }]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_0_does_not_know_is_said_in_its_words() {
        let new = json!({
            "openapi": "3.1.0", "info": { "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" } },
            "a": { "type": ["string", "null"], "maxLength": 3 },
            "b": { "oneOf": [{ "$ref": "#/x", "description": "One." }, { "type": "null" }] },
            "c": { "$ref": "#/x", "description": "Two." },
            "d": { "$ref": "#/x" },
            "e": { "type": "object", "propertyNames": { "type": "string" } },
        });
        let old = json!({
            "openapi": "3.0.3", "info": { "license": { "name": "Apache-2.0" } },
            "a": { "type": "string", "nullable": true, "maxLength": 3 },
            "b": { "allOf": [{ "allOf": [{ "$ref": "#/x" }], "description": "One." }], "nullable": true },
            "c": { "allOf": [{ "$ref": "#/x" }], "description": "Two." },
            "d": { "$ref": "#/x" },
            "e": { "type": "object" },
        });
        assert_eq!(as_3_0(new), old);
    }
}
