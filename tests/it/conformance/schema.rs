//! What the document's schemas say against a value: as much of JSON Schema as the document uses.

use chrono::{DateTime, NaiveDate};
use regex::Regex;
use serde_json::Value;

use crate::coverage::document::Document;

/// What is wrong with a value, each with where; nothing if the schema accepts it.
pub(super) fn faults(document: &Document, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = document.resolved(schema);
    let mut found = Vec::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(faults(document, part, value, at));
    }
    if let Some(alternatives) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let fits = alternatives.iter().any(|one| faults(document, one, value, at).is_empty());
        found.extend((!fits).then(|| format!("{at}: {value} is none of the alternatives")));
    }
    if !is_of_type(&schema["type"], value) {
        found.push(format!("{at}: {value} is not {}", schema["type"]));
        return found;
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        found.push(format!("{at}: {value} is none of {known:?}"));
    }
    match value {
        Value::Object(_) => found.extend(in_object(document, schema, value, at)),
        Value::Array(items) => found.extend(in_array(document, schema, items, at)),
        Value::String(text) => found.extend(in_text(schema, text).map(|what| format!("{at}: \"{text}\" {what}"))),
        Value::Number(number) if is_out_of_range(schema, number.as_f64().unwrap_or_default()) => {
            found.push(format!("{at}: {number} is out of range"));
        }
        _ => {}
    }
    found
}

/// Is it of the type, or of one of the types, if any is said?
fn is_of_type(types: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no JSON is of type {other}"),
    };
    match types {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn in_object(document: &Document, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing = required.filter(|name| value.get(name).is_none()).map(|name| format!("{at}/{name} is missing"));
    let mut found: Vec<String> = missing.collect();
    for (name, part) in value.as_object().into_iter().flatten() {
        let place = format!("{at}/{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(own), _) => found.extend(faults(document, own, part, &place)),
            (None, Value::Bool(false)) => found.push(format!("{place} is not in the document")),
            (None, others @ Value::Object(_)) => found.extend(faults(document, others, part, &place)),
            (None, _) => {}
        }
    }
    found
}

fn in_array(document: &Document, schema: &Value, items: &[Value], at: &str) -> Vec<String> {
    let few = schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least);
    let many = schema["maxItems"].as_u64().is_some_and(|most| items.len() as u64 > most);
    let mut found: Vec<String> = (few || many).then(|| format!("{at}: {} items", items.len())).into_iter().collect();
    for (index, item) in items.iter().enumerate() {
        found.extend(faults(document, &schema["items"], item, &format!("{at}/{index}")));
    }
    found
}

fn in_text(schema: &Value, text: &str) -> Option<&'static str> {
    let length = text.chars().count() as u64;
    if schema["minLength"].as_u64().is_some_and(|least| length < least) {
        return Some("is too short");
    }
    if schema["maxLength"].as_u64().is_some_and(|most| length > most) {
        return Some("is too long");
    }
    if schema["pattern"].as_str().is_some_and(|pattern| !Regex::new(pattern).unwrap().is_match(text)) {
        return Some("is not of the pattern");
    }
    let reads = match schema["format"].as_str() {
        Some("date-time") => DateTime::parse_from_rfc3339(text).is_ok(),
        Some("date") => text.parse::<NaiveDate>().is_ok(),
        Some("uuid") => text.parse::<uuid::Uuid>().is_ok(),
        _ => true,
    };
    (!reads).then_some("is not of the format")
}

fn is_out_of_range(schema: &Value, number: f64) -> bool {
    let beyond = |bound: &str| schema[bound].as_f64();
    beyond("minimum").is_some_and(|least| number < least) || beyond("maximum").is_some_and(|most| number > most)
}

#[test]
fn what_a_schema_forbids_is_found() {
    let document = Document::read();
    let wrong = |schema: Value, value: Value| faults(&document, &schema, &value, "");
    let page = serde_json::json!({ "type": "object", "required": ["n"], "additionalProperties": false,
        "properties": { "n": { "type": ["integer", "null"], "maximum": 3 }, "day": { "type": "string", "format": "date" } } });
    for good in [r#"{"n":3}"#, r#"{"n":null,"day":"2026-01-31"}"#] {
        assert_eq!(wrong(page.clone(), good.parse().unwrap()), Vec::<String>::new(), "{good}");
    }
    for bad in ["{}", "[]", r#"{"n":4}"#, r#"{"n":"3"}"#, r#"{"n":1,"m":1}"#, r#"{"n":1,"day":"2026-02-30"}"#] {
        assert_eq!(wrong(page.clone(), bad.parse().unwrap()).len(), 1, "{bad}");
    }
}
