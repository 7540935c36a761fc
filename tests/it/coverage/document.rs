//! The OpenAPI document, read as a list of requests that can be sent.

mod schema;
mod tests;

use std::{cell::RefCell, collections::BTreeSet};

use keystead_api::routes::document;
use keystead_tests::{Answer, Call};
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) use schema::{Extent, Form};
use schema::{Writing, is_id, shows_an_id};

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
