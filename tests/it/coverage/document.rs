//! The OpenAPI document, read as a list of requests that can be sent.

use std::{cell::RefCell, collections::BTreeSet};

use keystead_api::routes::document;
use keystead_tests::{Answer, Call, PASSWORD};
use regex::Regex;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The document, with references resolved.
pub(crate) struct Document(Value);

/// One operation.
pub(crate) struct Operation<'d> {
    document: &'d Document,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) permission: String,
    pub(crate) parameters: Vec<&'d Value>,
    pub(crate) body: Option<(&'d str, &'d Value)>,
    /// What it may answer, by status.
    pub(crate) responses: &'d Value,
    /// The schema of what it answers when it succeeds.
    pub(crate) success: Option<&'d Value>,
}

/// Where a request names an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// `path`, `query` or `body`.
    pub(crate) place: &'static str,
    /// The parameter's name, or a JSON pointer.
    pub(crate) name: String,
    /// The prefix of ids of its kind, or `any`.
    pub(crate) prefix: String,
    /// A parameter that must be given.
    pub(crate) is_required: bool,
}

/// Chooses the id for a reference.
pub(crate) type Ids<'a> = dyn Fn(&Reference) -> String + 'a;

/// How much of a body is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What is required, and whatever names objects.
    Least,
    /// Every field.
    Whole,
}

/// An object with declared fields in a body.
pub(crate) struct Form<'d> {
    /// Where, as a JSON pointer.
    pub(crate) at: String,
    /// The names of its fields.
    pub(crate) fields: BTreeSet<&'d str>,
    /// There are other forms that may stand here instead.
    pub(crate) is_alternative: bool,
}

/// How a body is written.
struct Writing<'a> {
    extent: Extent,
    /// Which alternative is taken wherever there are several.
    choice: usize,
    ids: &'a Ids<'a>,
}

impl Document {
    pub(crate) fn read() -> Self {
        Self(document())
    }

    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().unwrap();
        paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().iter().map(|(method, operation)| self.operation(path, method, operation))
            })
            .collect()
    }

    fn operation<'d>(&'d self, path: &str, method: &str, operation: &'d Value) -> Operation<'d> {
        let media = |content: &'d Value| content.as_object().and_then(|content| content.iter().next());
        let body = media(&operation["requestBody"]["content"]).map(|(kind, media)| (kind.as_str(), &media["schema"]));
        let permission =
            operation["x-permission"].as_str().unwrap_or_else(|| panic!("{method} {path} has no x-permission"));
        let mut responses = operation["responses"].as_object().unwrap().iter();
        let success = responses.find(|(status, _)| status.starts_with('2')).map(|(_, response)| &response["content"]);
        Operation {
            document: self,
            method: method.to_uppercase(),
            path: path.to_owned(),
            permission: permission.to_owned(),
            parameters: operation["parameters"].as_array().into_iter().flatten().collect(),
            body,
            responses: &operation["responses"],
            success: success.and_then(media).map(|(_, media)| &media["schema"]),
        }
    }

    pub(crate) fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolved(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// The first alternative that is not null.
    pub(crate) fn plain<'d>(&'d self, schema: &'d Value) -> &'d Value {
        self.chosen(schema, 0)
    }

    /// The alternative of this number that is not null; the last where there are fewer.
    fn chosen<'d>(&'d self, schema: &'d Value, choice: usize) -> &'d Value {
        let schema = self.resolved(schema);
        if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.chosen(only, choice);
        }
        let alternatives = alternatives(schema);
        match alternatives.get(choice).or(alternatives.last()).copied() {
            Some(alternative) => self.chosen(alternative, choice),
            None => schema,
        }
    }

    /// How many alternatives there are where the schema has most; one where it leaves no choice.
    fn choices(&self, schema: &Value) -> usize {
        let schema = self.resolved(schema);
        let alternatives = alternatives(schema);
        let inner = alternatives.iter().map(|one| self.choices(one)).max().unwrap_or(1);
        assert!(
            inner == 1 || alternatives.len() < 2,
            "a choice within a choice, of which the generator would not try every one: {schema}"
        );
        let fields = schema["properties"].as_object().into_iter().flat_map(Map::values);
        let parts = fields.chain(schema.get("items")).chain(schema.get("additionalProperties"));
        let parts = parts.chain(schema["allOf"].as_array().into_iter().flatten());
        parts.map(|part| self.choices(part)).chain([inner, alternatives.len()]).max().unwrap_or(1)
    }

    pub(crate) fn prefix(&self, schema: &Value) -> Option<String> {
        self.plain(schema)["x-object-ref"].as_str().map(str::to_owned)
    }

    fn names_objects(&self, schema: &Value) -> bool {
        let schema = self.resolved(schema);
        let fields = schema["properties"].as_object().into_iter().flat_map(Map::values);
        let parts = fields.chain(schema.get("items")).chain(schema.get("additionalProperties"));
        schema["x-object-ref"].is_string() || parts.chain(composed(schema)).any(|part| self.names_objects(part))
    }

    /// The fields of an object and of what it is composed of; a map has each of the names that it may have.
    fn fields<'d>(&'d self, schema: &'d Value, choice: usize) -> Vec<(&'d str, &'d Value)> {
        let own = schema["properties"].as_object().into_iter().flatten();
        let mut fields: Vec<_> = own.map(|(name, field)| (name.as_str(), field)).collect();
        if schema["additionalProperties"].is_object() {
            let known = self.resolved(&schema["propertyNames"])["enum"].as_array();
            let names: Vec<&str> = known.into_iter().flatten().filter_map(Value::as_str).collect();
            let names = if names.is_empty() { vec!["anything"] } else { names };
            fields.extend(names.into_iter().map(|name| (name, &schema["additionalProperties"])));
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            fields.extend(self.fields(self.chosen(part, choice), choice));
        }
        fields
    }

    /// The names of those that it must have.
    fn required<'d>(&'d self, schema: &'d Value, choice: usize) -> BTreeSet<&'d str> {
        let own = schema["required"].as_array().into_iter().flatten();
        let mut required: BTreeSet<_> = own.filter_map(Value::as_str).collect();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            required.extend(self.required(self.chosen(part, choice), choice));
        }
        required
    }

    /// A value that the schema accepts.
    fn value(&self, schema: &Value, pointer: &str, how: &Writing<'_>) -> Value {
        let schema = self.chosen(schema, how.choice);
        if let Some(prefix) = self.prefix(schema) {
            return (how.ids)(&Reference { place: "body", name: pointer.to_owned(), prefix, is_required: false })
                .into();
        }
        let wanted = |items: &Value| how.extent == Extent::Whole || self.names_objects(items);
        match kind(schema) {
            "object" => self.object(schema, pointer, how),
            "array" if schema["minItems"].as_u64() > Some(0) || wanted(&schema["items"]) => {
                json!([self.value(&schema["items"], &format!("{pointer}/0"), how)])
            }
            "array" => json!([]),
            "integer" | "number" => schema["minimum"].as_i64().unwrap_or(1).into(),
            "boolean" => false.into(),
            _ => text(schema).into(),
        }
    }

    fn object(&self, schema: &Value, pointer: &str, how: &Writing<'_>) -> Value {
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let strange = parts.map(|part| self.chosen(part, how.choice)).find(|part| kind(part) != "object");
        assert!(strange.is_none(), "the generator composes objects only: {pointer} is of {strange:?}");
        let required = self.required(schema, how.choice);
        let wanted = self.fields(schema, how.choice).into_iter().filter(|(name, field)| {
            how.extent == Extent::Whole || required.contains(name) || self.names_objects(field)
        });
        wanted
            .map(|(name, field)| (name.to_owned(), self.value(field, &format!("{pointer}/{name}"), how)))
            .collect::<Map<_, _>>()
            .into()
    }

    /// Fields that are named as ids are and do not say of which kind, as JSON pointers.
    fn unmarked(&self, schema: &Value, pointer: &str) -> Vec<String> {
        let schema = self.resolved(schema);
        let items = schema.get("items").map(|items| (items, format!("{pointer}/0")));
        let parts = composed(schema).map(|part| (part, pointer.to_owned())).chain(items);
        let mut unmarked: Vec<String> = parts.flat_map(|(part, at)| self.unmarked(part, &at)).collect();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{pointer}/{name}");
            unmarked.extend(self.unmarked(field, &at));
            unmarked.extend(((is_id(name) || shows_an_id(field)) && !self.is_marked(field)).then_some(at));
        }
        unmarked
    }

    /// Does it, or what it lists, say of which kind it is?
    fn is_marked(&self, schema: &Value) -> bool {
        let schema = self.plain(schema);
        self.prefix(schema.get("items").unwrap_or(schema)).is_some()
    }

    /// Every object with declared fields that a value of the schema holds.
    fn objects<'d>(&'d self, schema: &'d Value, pointer: &str, choice: usize) -> Vec<Form<'d>> {
        let is_alternative = alternatives(self.resolved(schema)).len() > 1;
        let schema = self.chosen(schema, choice);
        let fields = self.fields(schema, choice);
        let mut forms = Vec::new();
        if schema["properties"].is_object() || schema["allOf"].is_array() {
            let names = fields.iter().map(|(name, _)| *name).collect();
            forms.push(Form { at: pointer.to_owned(), fields: names, is_alternative });
        }
        for (name, field) in fields {
            forms.extend(self.objects(field, &format!("{pointer}/{name}"), choice));
        }
        if let Some(items) = schema.get("items") {
            forms.extend(self.objects(items, &format!("{pointer}/0"), choice));
        }
        forms
    }
}

/// What a value may be, where there is a choice; null is none.
fn alternatives(schema: &Value) -> Vec<&Value> {
    let all = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    all.into_iter().flatten().filter(|one| one["type"] != "null").collect()
}

/// What a schema is composed of or leaves to choose.
fn composed(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"].into_iter().filter_map(move |how| schema[how].as_array()).flatten()
}

/// Is something of this name one id, or several?
fn is_id(name: &str) -> bool {
    // As headers are written, too.
    let name = name.to_lowercase().replace('-', "_");
    name == "id" || name.ends_with("_id") || name.ends_with("_ids")
}

/// Is an id the example of a field or parameter, whatever it is called?
fn shows_an_id(described: &Value) -> bool {
    let id = Regex::new("^[a-z]{3}_[0-9a-f]{32}$").unwrap();
    let examples = [&described["example"], &described["schema"]["example"]];
    examples.into_iter().filter_map(Value::as_str).any(|example| id.is_match(example))
}

fn kind(schema: &Value) -> &str {
    schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or("object")
}

/// A text that the schema accepts.
fn text(schema: &Value) -> String {
    if let Some(known) = schema["example"].as_str().or(schema["enum"][0].as_str()) {
        return known.to_owned();
    }
    let by_format = match schema["format"].as_str() {
        Some("email") => Some("nobody@example.com"),
        Some("password") => Some(PASSWORD),
        Some("date") => Some("1984-02-29"),
        Some("date-time") => Some("2026-01-01T00:00:00Z"),
        _ => None,
    };
    if let Some(text) = by_format {
        return text.to_owned();
    }
    let digest = "0f".repeat(32);
    let mut candidates = ["Something new", "USD", "A1", "a1b2", digest.as_str()].into_iter();
    match schema["pattern"].as_str().map(|pattern| Regex::new(pattern).unwrap()) {
        None => "Something new".to_owned(),
        Some(pattern) => {
            candidates.find(|text| pattern.is_match(text)).unwrap_or_else(|| panic!("no text for {pattern}")).to_owned()
        }
    }
}

impl<'d> Operation<'d> {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// May it end sessions of whoever asks?
    pub(crate) fn may_end_sessions(&self) -> bool {
        self.method != "GET" && (self.permission == "session" || self.path.ends_with("/logout"))
    }

    pub(crate) fn takes(&self, place: &str, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter["in"] == place && parameter["name"] == name)
    }

    /// How many bodies it takes to send each of the alternatives that there are within: see [`Self::request_of`].
    pub(crate) fn choices(&self) -> usize {
        self.body.map_or(1, |(_, schema)| self.document.choices(schema))
    }

    /// The objects of its JSON body of this number.
    pub(crate) fn objects(&self, choice: usize) -> Vec<Form<'d>> {
        match self.body {
            Some(("application/json", schema)) => self.document.objects(schema, "", choice),
            _ => Vec::new(),
        }
    }

    /// Prefixes of the ids of what it answers with: itself, or what stands beside how to go on with it.
    pub(crate) fn made(&self) -> Vec<String> {
        let answer = self.document.plain(self.success.unwrap_or(&Value::Null));
        let parts = answer["allOf"].as_array().into_iter().flatten().map(|part| self.document.plain(part));
        let whole: Vec<&Value> = parts.chain([answer]).collect();
        let fields = whole.iter().filter_map(|part| part["properties"].as_object()).flat_map(Map::values);
        let nested = fields.map(|field| self.document.plain(field));
        let objects = whole.iter().copied().chain(nested);
        objects.filter_map(|object| self.document.prefix(object["properties"].get("id")?)).collect()
    }

    /// Everything by which a request of this operation names objects.
    pub(crate) fn references(&self) -> Vec<Reference> {
        let all: BTreeSet<Reference> = (0..self.choices()).flat_map(|choice| self.references_of(choice)).collect();
        all.into_iter().collect()
    }

    /// The first of its bodies that names an object there.
    pub(crate) fn choice_with(&self, reference: &Reference) -> usize {
        (0..self.choices()).find(|choice| self.references_of(*choice).contains(reference)).unwrap_or_default()
    }

    fn references_of(&self, choice: usize) -> BTreeSet<Reference> {
        let seen = RefCell::new(BTreeSet::new());
        self.request_of(choice, Extent::Least, &|reference: &Reference| {
            seen.borrow_mut().insert(reference.clone());
            String::new()
        });
        seen.into_inner()
    }

    /// Where a request of this operation takes an id without saying of which kind: nothing would be tried there.
    pub(super) fn unmarked(&self) -> Vec<String> {
        let named = |parameter: &&&Value| {
            let name = parameter["name"].as_str().unwrap();
            parameter["in"] == "path" || is_id(name) || shows_an_id(parameter)
        };
        let parameters = self.parameters.iter().filter(named);
        let parameters = parameters.filter(|parameter| !self.document.is_marked(&parameter["schema"]));
        let parameters = parameters.filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned()));
        let fields = self.body.map_or_else(Vec::new, |(_, schema)| self.document.unmarked(schema, ""));
        parameters.chain(fields).map(|at| format!("{} {at}", self.name())).collect()
    }

    /// The reference in its path.
    pub(crate) fn in_path(&self) -> Option<Reference> {
        self.references().into_iter().find(|reference| reference.place == "path")
    }

    /// The path with its query, and the body. A filter whose id is empty is left out.
    pub(crate) fn request(&self, extent: Extent, ids: &Ids<'_>) -> (String, Option<(&'d str, Value)>) {
        self.request_of(0, extent, ids)
    }

    /// The same with the body of this number: wherever it has a choice, it takes the alternative of this number.
    pub(crate) fn request_of(
        &self,
        choice: usize,
        extent: Extent,
        ids: &Ids<'_>,
    ) -> (String, Option<(&'d str, Value)>) {
        let (mut path, mut query) = (self.path.clone(), Vec::new());
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            let prefix = self.document.prefix(&parameter["schema"]);
            let place = match parameter["in"].as_str() {
                Some("path") => "path",
                Some("query") => "query",
                _ => {
                    assert!(prefix.is_none(), "the generator sends no id in {name} of {}", self.name());
                    continue;
                }
            };
            let is_required = parameter["required"] == true;
            let value = match prefix {
                Some(prefix) => ids(&Reference { place, name: name.to_owned(), prefix, is_required }),
                None if is_required && place == "query" => "a.csv".to_owned(),
                None => continue,
            };
            match place {
                "path" => path = path.replace(&format!("{{{name}}}"), &value),
                _ if value.is_empty() => {}
                _ => query.push(format!("{name}={value}")),
            }
        }
        assert!(!path.contains('{'), "{} has a path parameter that is no id", self.name());
        let how = Writing { extent, choice, ids };
        let body = self.body.map(|(kind, schema)| (kind, self.document.value(schema, "", &how)));
        (if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }, body)
    }

    /// Sends the operation with these ids; `etag` is the version that a change is of.
    pub(crate) async fn send(&self, call: impl Fn(&str, &str) -> Call, ids: &Ids<'_>, etag: &str) -> Answer {
        let (path, body) = self.request(Extent::Least, ids);
        self.send_body(call(&self.method, &path), body, etag).await
    }

    /// Sends a request of this operation.
    pub(crate) async fn send_body(&self, call: Call, body: Option<(&str, Value)>, etag: &str) -> Answer {
        let call = if self.takes("header", "If-Match") { call.header("if-match", etag) } else { call };
        match body {
            Some(("application/json", body)) => call.json(&body).send().await,
            Some((kind, _)) => call.body(kind, "Number,Phase,Price\n").send().await,
            None => call.send().await,
        }
    }
}

/// An id that nobody has.
pub(crate) fn random_id(prefix: &str) -> String {
    format!("{}_{}", if prefix == "any" { "ctr" } else { prefix }, Uuid::new_v4().simple())
}

pub(crate) fn at_random(reference: &Reference) -> String {
    random_id(&reference.prefix)
}

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
