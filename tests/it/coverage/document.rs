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
        let schema = self.resolved(schema);
        let alternatives = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        match alternatives.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            Some(alternative) => self.plain(alternative),
            None => schema,
        }
    }

    pub(crate) fn prefix(&self, schema: &Value) -> Option<String> {
        self.plain(schema)["x-object-ref"].as_str().map(str::to_owned)
    }

    fn names_objects(&self, schema: &Value) -> bool {
        let schema = self.plain(schema);
        let fields = schema["properties"].as_object().into_iter().flat_map(Map::values);
        schema["x-object-ref"].is_string() || fields.chain(schema.get("items")).any(|part| self.names_objects(part))
    }

    /// A value that the schema accepts.
    fn value(&self, schema: &Value, pointer: &str, extent: Extent, ids: &Ids<'_>) -> Value {
        let schema = self.plain(schema);
        if let Some(prefix) = self.prefix(schema) {
            return ids(&Reference { place: "body", name: pointer.to_owned(), prefix, is_required: false }).into();
        }
        let wanted = |items: &Value| extent == Extent::Whole || self.names_objects(items);
        match kind(schema) {
            "object" => self.object(schema, pointer, extent, ids),
            "array" if schema["minItems"].as_u64() > Some(0) || wanted(&schema["items"]) => {
                json!([self.value(&schema["items"], &format!("{pointer}/0"), extent, ids)])
            }
            "array" => json!([]),
            "integer" | "number" => schema["minimum"].as_i64().unwrap_or(1).into(),
            "boolean" => false.into(),
            _ => text(schema).into(),
        }
    }

    fn object(&self, schema: &Value, pointer: &str, extent: Extent, ids: &Ids<'_>) -> Value {
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let fields = schema["properties"].as_object().into_iter().flatten();
        let wanted = fields.filter(|(name, field)| {
            extent == Extent::Whole || required.contains(name.as_str()) || self.names_objects(field)
        });
        wanted
            .map(|(name, field)| (name.clone(), self.value(field, &format!("{pointer}/{name}"), extent, ids)))
            .collect::<Map<_, _>>()
            .into()
    }

    /// Fields that are named as ids are and do not say of which kind, as JSON pointers.
    fn unmarked(&self, schema: &Value, pointer: &str) -> Vec<String> {
        let schema = self.resolved(schema);
        let composed = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|how| schema[how].as_array()).flatten();
        let items = schema.get("items").map(|items| (items, format!("{pointer}/0")));
        let parts = composed.map(|part| (part, pointer.to_owned())).chain(items);
        let mut unmarked: Vec<String> = parts.flat_map(|(part, at)| self.unmarked(part, &at)).collect();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{pointer}/{name}");
            unmarked.extend(self.unmarked(field, &at));
            unmarked.extend((is_id(name) && !self.is_marked(field)).then_some(at));
        }
        unmarked
    }

    /// Does it, or what it lists, say of which kind it is?
    fn is_marked(&self, schema: &Value) -> bool {
        let schema = self.plain(schema);
        self.prefix(schema.get("items").unwrap_or(schema)).is_some()
    }

    /// Every object with declared fields that the schema holds, as JSON pointers with the fields' names.
    pub(crate) fn objects<'d>(&'d self, schema: &'d Value, pointer: &str) -> Vec<(String, BTreeSet<&'d str>)> {
        let schema = self.plain(schema);
        if let Some(fields) = schema["properties"].as_object() {
            let own = (pointer.to_owned(), fields.keys().map(String::as_str).collect());
            let inner = fields.iter().flat_map(|(name, field)| self.objects(field, &format!("{pointer}/{name}")));
            return std::iter::once(own).chain(inner).collect();
        }
        schema.get("items").map_or_else(Vec::new, |items| self.objects(items, &format!("{pointer}/0")))
    }
}

/// Is something of this name one id, or several?
fn is_id(name: &str) -> bool {
    name == "id" || name.ends_with("_id") || name.ends_with("_ids")
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

    /// The objects of its JSON body.
    pub(crate) fn objects(&self) -> Vec<(String, BTreeSet<&'d str>)> {
        match self.body {
            Some(("application/json", schema)) => self.document.objects(schema, ""),
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
        let seen = RefCell::new(BTreeSet::new());
        self.request(Extent::Least, &|reference: &Reference| {
            seen.borrow_mut().insert(reference.clone());
            String::new()
        });
        seen.into_inner().into_iter().collect()
    }

    /// Where a request of this operation takes an id without saying of which kind: nothing would be tried there.
    pub(super) fn unmarked(&self) -> Vec<String> {
        let named = |parameter: &&&Value| {
            let name = parameter["name"].as_str().unwrap();
            parameter["in"] == "path" || parameter["in"] == "query" && is_id(name)
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
        let (mut path, mut query) = (self.path.clone(), Vec::new());
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            let place = match parameter["in"].as_str() {
                Some("path") => "path",
                Some("query") => "query",
                _ => continue,
            };
            let prefix = self.document.prefix(&parameter["schema"]);
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
        let body = self.body.map(|(kind, schema)| (kind, self.document.value(schema, "", extent, ids)));
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
