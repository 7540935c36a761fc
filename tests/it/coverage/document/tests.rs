//! The generator itself: what it would pass over.

use serde_json::{Value, json};

use super::*;

/// A document of one operation with such a body and such parameters.
fn document_of(body: &Value, parameters: &Value) -> Document {
    let content = json!({ "application/json": { "schema": body } });
    let operation = json!({ "x-permission": "public", "responses": {}, "parameters": parameters,
        "requestBody": { "content": content } });
    Document(json!({ "paths": { "/v1/things": { "post": operation } } }))
}

#[test]
fn a_body_is_written_in_every_form_that_it_may_have() {
    let id = |prefix: &str| json!({ "type": "string", "x-object-ref": prefix });
    let named = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    let drawn = json!({ "type": "object", "properties": { "plan_id": id("pln") } });
    let map = json!({ "type": "object", "propertyNames": { "enum": ["a"] }, "additionalProperties": id("map") });
    let document = document_of(
        &json!({ "allOf": [
            { "type": "object", "required": ["unit_id"], "properties": { "unit_id": id("unt"), "by": map } },
            { "type": "object", "properties": { "of": { "oneOf": [{ "type": "null" }, named, drawn] } } },
        ] }),
        &json!([]),
    );
    let operations = document.operations();
    let operation = &operations[0];
    assert_eq!(operation.choices(), 2);
    let references = operation.references();
    let places: Vec<(&str, usize)> =
        references.iter().map(|reference| (reference.name.as_str(), operation.choice_with(reference))).collect();
    assert_eq!(places, [("/by/a", 0), ("/of/plan_id", 1), ("/unit_id", 0)]);
    let body = |choice: usize| operation.request_of(choice, Extent::Whole, &at_random).1.unwrap().1;
    assert!(body(0)["unit_id"].is_string() && body(0)["of"]["name"].is_string(), "{}", body(0));
    assert!(body(1)["unit_id"].is_string() && body(1)["of"]["plan_id"].is_string(), "{}", body(1));
    let form = |form: &Form<'_>| format!("{} {:?} {}", form.at, form.fields, form.is_alternative);
    let forms: Vec<String> = operation.objects(1).iter().map(form).collect();
    assert_eq!(forms, [r#" {"by", "of", "unit_id"} false"#, r#"/of {"plan_id"} true"#]);
}

#[test]
#[should_panic(expected = "a choice within a choice")]
fn a_choice_of_which_not_everything_is_tried_is_not_passed_over() {
    let text = json!({ "type": "string" });
    let inner = json!({ "type": "object", "properties": { "a": { "oneOf": [text, { "type": "integer" }] } } });
    document_of(&json!({ "oneOf": [text, inner] }), &json!([])).operations()[0].references();
}

#[test]
#[should_panic(expected = "the generator composes objects only")]
fn a_composition_that_is_not_understood_is_not_passed_over() {
    let parts = json!([{ "type": "string" }, { "type": "string", "maxLength": 5 }]);
    document_of(&json!({ "allOf": parts }), &json!([])).operations()[0].references();
}

#[test]
#[should_panic(expected = "the generator sends no id in X-Unit")]
fn an_id_in_a_header_is_not_passed_over() {
    let header = json!({ "name": "X-Unit", "in": "header", "schema": { "type": "string", "x-object-ref": "unt" } });
    document_of(&json!({}), &json!([header])).operations()[0].references();
}

#[test]
fn what_looks_like_an_id_has_to_say_of_which_kind() {
    let example = random_id("tnt");
    let shown = json!({ "name": "object", "in": "query", "example": example, "schema": { "type": "string" } });
    let header = json!({ "name": "X-Unit-Id", "in": "header", "schema": { "type": "string" } });
    let body = json!({ "type": "object", "properties": { "of": { "type": "string", "example": example } } });
    let document = document_of(&body, &json!([shown, header]));
    let names = ["object", "X-Unit-Id", "/of"].map(|at| format!("POST /v1/things {at}"));
    assert_eq!(document.operations()[0].unmarked(), names);
}
