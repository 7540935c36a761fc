//! What the document says about values: which alternatives a schema leaves, which ids it names, and a value that it accepts.

use std::collections::BTreeSet;

use keystead_tests::PASSWORD;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::{Document, Ids, Reference};

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
pub(super) struct Writing<'a> {
    pub(super) extent: Extent,
    /// Which alternative is taken wherever there are several.
    pub(super) choice: usize,
    pub(super) ids: &'a Ids<'a>,
}

impl Document {
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
    pub(super) fn choices(&self, schema: &Value) -> usize {
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
    pub(super) fn value(&self, schema: &Value, pointer: &str, how: &Writing<'_>) -> Value {
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
    pub(super) fn unmarked(&self, schema: &Value, pointer: &str) -> Vec<String> {
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
    pub(super) fn is_marked(&self, schema: &Value) -> bool {
        let schema = self.plain(schema);
        self.prefix(schema.get("items").unwrap_or(schema)).is_some()
    }

    /// Every object with declared fields that a value of the schema holds.
    pub(super) fn objects<'d>(&'d self, schema: &'d Value, pointer: &str, choice: usize) -> Vec<Form<'d>> {
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
pub(super) fn is_id(name: &str) -> bool {
    // As headers are written, too.
    let name = name.to_lowercase().replace('-', "_");
    name == "id" || name.ends_with("_id") || name.ends_with("_ids")
}

/// Is an id the example of a field or parameter, whatever it is called?
pub(super) fn shows_an_id(described: &Value) -> bool {
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
