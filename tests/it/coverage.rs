//! Every operation of the OpenAPI document × everybody who must not (security rules T1 and T2): nothing here knows an
//! operation by name, so that a new one is covered the day it is documented.

use std::collections::{BTreeMap, BTreeSet};

use keystead_api::routes::document;
use keystead_ids::{Permission, PresetRole::Viewer};
use keystead_tests::{Answer, Call, PASSWORD, Person, Tenant, World};
use regex::Regex;
use serde_json::{Map, Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::seed::{self, Holdings};

/// The document, with references resolved.
struct Document(Value);

/// One operation.
struct Operation<'d> {
    document: &'d Document,
    method: String,
    path: String,
    permission: String,
    parameters: Vec<&'d Value>,
    body: Option<(&'d str, &'d Value)>,
}

/// Where a request names an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    /// `path`, `query` or `body`.
    place: &'static str,
    /// The parameter's name, or a JSON pointer.
    name: String,
    /// The prefix of ids of its kind.
    prefix: String,
}

/// Chooses the id for a reference.
type Ids<'a> = dyn Fn(&Reference) -> String + 'a;

impl Document {
    fn read() -> Self {
        Self(document())
    }

    fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().unwrap();
        paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().iter().map(|(method, operation)| self.operation(path, method, operation))
            })
            .collect()
    }

    fn operation<'d>(&'d self, path: &str, method: &str, operation: &'d Value) -> Operation<'d> {
        let content = operation["requestBody"]["content"].as_object();
        let body =
            content.and_then(|content| content.iter().next()).map(|(kind, media)| (kind.as_str(), &media["schema"]));
        let permission =
            operation["x-permission"].as_str().unwrap_or_else(|| panic!("{method} {path} has no x-permission"));
        Operation {
            document: self,
            method: method.to_uppercase(),
            path: path.to_owned(),
            permission: permission.to_owned(),
            parameters: operation["parameters"].as_array().into_iter().flatten().collect(),
            body,
        }
    }

    fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolved(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// The first alternative that is not null.
    fn plain<'d>(&'d self, schema: &'d Value) -> &'d Value {
        let schema = self.resolved(schema);
        let alternatives = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        match alternatives.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            Some(alternative) => self.plain(alternative),
            None => schema,
        }
    }

    fn prefix(&self, schema: &Value) -> Option<String> {
        self.plain(schema)["x-object-ref"].as_str().map(str::to_owned)
    }

    fn names_objects(&self, schema: &Value) -> bool {
        let schema = self.plain(schema);
        let fields = schema["properties"].as_object().into_iter().flat_map(Map::values);
        schema["x-object-ref"].is_string() || fields.chain(schema.get("items")).any(|part| self.names_objects(part))
    }

    /// A value that the schema accepts, with what is required and everything that names objects.
    fn value(&self, schema: &Value, pointer: &str, ids: &Ids<'_>) -> Value {
        let schema = self.plain(schema);
        if let Some(prefix) = self.prefix(schema) {
            return ids(&Reference { place: "body", name: pointer.to_owned(), prefix }).into();
        }
        let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or("object");
        match kind {
            "object" => self.object(schema, pointer, ids),
            "array" if schema["minItems"].as_u64() > Some(0) || self.names_objects(schema) => {
                json!([self.value(&schema["items"], &format!("{pointer}/0"), ids)])
            }
            "array" => json!([]),
            "integer" | "number" => schema["minimum"].as_i64().unwrap_or(1).into(),
            "boolean" => false.into(),
            _ => text(schema).into(),
        }
    }

    fn object(&self, schema: &Value, pointer: &str, ids: &Ids<'_>) -> Value {
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let fields = schema["properties"].as_object().into_iter().flatten();
        let wanted = fields.filter(|(name, field)| required.contains(name.as_str()) || self.names_objects(field));
        wanted
            .map(|(name, field)| (name.clone(), self.value(field, &format!("{pointer}/{name}"), ids)))
            .collect::<Map<_, _>>()
            .into()
    }
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

impl Operation<'_> {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn needs_permission(&self) -> bool {
        !["public", "session", "operator"].contains(&self.permission.as_str())
    }

    /// Everything by which a request of this operation names objects.
    fn references(&self) -> Vec<Reference> {
        let seen = std::cell::RefCell::new(BTreeSet::new());
        self.request(&|reference: &Reference| {
            seen.borrow_mut().insert(reference.clone());
            String::new()
        });
        seen.into_inner().into_iter().collect()
    }

    /// The path with its query, and the body.
    fn request(&self, ids: &Ids<'_>) -> (String, Option<(&str, Value)>) {
        let (mut path, mut query) = (self.path.clone(), Vec::new());
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            let place = match parameter["in"].as_str() {
                Some("path") => "path",
                Some("query") => "query",
                _ => continue,
            };
            let prefix = self.document.prefix(&parameter["schema"]);
            let value = match prefix {
                Some(prefix) => ids(&Reference { place, name: name.to_owned(), prefix }),
                None if parameter["required"] == true => "a.csv".to_owned(),
                None => continue,
            };
            match place {
                "path" => path = path.replace(&format!("{{{name}}}"), &value),
                _ if value.is_empty() => {}
                _ => query.push(format!("{name}={value}")),
            }
        }
        assert!(!path.contains('{'), "{} has a path parameter that is no id", self.name());
        let body = self.body.map(|(kind, schema)| (kind, self.document.value(schema, "", ids)));
        (if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }, body)
    }

    /// Sends the operation with these ids; `etag` is the version that a change is of.
    async fn send(&self, call: impl Fn(&str, &str) -> Call, ids: &Ids<'_>, etag: &str) -> Answer {
        let (path, body) = self.request(ids);
        let mut call = call(&self.method, &path);
        if self.parameters.iter().any(|parameter| parameter["in"] == "header") {
            call = call.header("if-match", etag);
        }
        match body {
            Some(("application/json", body)) => call.json(&body).send().await,
            Some((kind, _)) => call.body(kind, "Number,Phase,Price\n").send().await,
            None => call.send().await,
        }
    }
}

/// An id that nobody has.
fn random_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::new_v4().simple())
}

fn at_random(reference: &Reference) -> String {
    random_id(&reference.prefix)
}

/// An answer without what differs between any two requests.
fn normalised(answer: &Answer, named: &str) -> (u16, String) {
    let mut body = answer.json.clone();
    if let Some(problem) = body.as_object_mut() {
        problem.remove("instance");
    }
    (answer.status, body.to_string().replace(named, "<id>"))
}

/// Counts cases and keeps what was wrong.
#[derive(Default)]
struct Report {
    cases: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Report {
    fn case(&mut self, kind: &'static str, good: bool, what: impl FnOnce() -> String) {
        *self.cases.entry(kind).or_default() += 1;
        if !good {
            self.wrong.push(format!("{kind}: {}", what()));
        }
    }

    fn close(self) -> BTreeMap<&'static str, usize> {
        println!("{} cases: {:?}", self.cases.values().sum::<usize>(), self.cases);
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
        self.cases
    }
}

fn is_problem(answer: &Answer, status: u16, kind: &str) -> bool {
    answer.status == status
        && answer.json["type"] == format!("urn:keystead:problem:{kind}")
        && answer.headers.get("content-type").is_some_and(|value| value == "application/problem+json")
}

/// Lets the role "viewer" do this, and nothing else; sessions opened from now on know it.
async fn allow_viewers(tenant: &Tenant<'_>, permissions: impl Iterator<Item = Permission>) {
    let names: Vec<&str> = permissions.map(Permission::name).collect();
    let role = format!("/v1/roles/{}", tenant.role(Viewer).await);
    tenant.admin.patch(&role, &json!({ "permissions": names })).await.expect(200).await;
}

#[tokio::test]
async fn nobody_does_what_they_may_not() {
    let world = World::new().await;
    let tenant = world.tenant("acme").await;
    let viewer = tenant.hire(Viewer, &[]).await;
    let operator = world.operator().await;
    let document = Document::read();
    let operations = document.operations();
    let mut report = Report::default();

    for operation in operations.iter().filter(|operation| operation.permission != "public") {
        let anonymous = operation.send(|method, path| world.call(method, path), &at_random, "\"1\"").await;
        report.case("anonymous", is_problem(&anonymous, 401, "unauthenticated"), || {
            format!("{}: {}", operation.name(), anonymous.text)
        });
        let forged = operation
            .send(|method, path| world.call(method, path).bearer("eyJhbGciOiJub25lIn0.e30."), &at_random, "\"1\"")
            .await;
        report.case("forged token", is_problem(&forged, 401, "unauthenticated"), || {
            format!("{}: {}", operation.name(), forged.text)
        });
        let stranger = match operation.permission.as_str() {
            "session" => continue,
            "operator" => &tenant.admin,
            _ => &operator,
        };
        let answer = operation.send(|method, path| stranger.call(method, path), &at_random, "\"1\"").await;
        report.case("of the other console", matches!(answer.status, 401 | 403), || {
            format!("{}: {}", operation.name(), answer.text)
        });
    }
    for permission in Permission::ALL {
        allow_viewers(&tenant, Permission::ALL.iter().copied().filter(|other| other != permission)).await;
        let viewer = Person::enter(&world, "acme", &viewer.email).await;
        for operation in operations.iter().filter(|operation| operation.permission == permission.name()) {
            let answer = operation.send(|method, path| viewer.call(method, path), &at_random, "\"1\"").await;
            report.case("every permission but the one", is_problem(&answer, 403, "forbidden"), || {
                format!("{}: {}", operation.name(), answer.text)
            });
        }
    }
    let parameter = Regex::new(r"\{[a-z_]+\}").unwrap();
    for path in operations.iter().map(|operation| &operation.path).collect::<BTreeSet<_>>() {
        let declared: BTreeSet<&str> =
            operations.iter().filter(|o| o.path == *path).map(|o| o.method.as_str()).collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|method| !declared.contains(method))
        {
            let path = parameter.replace_all(path, Uuid::nil().simple().to_string()).into_owned();
            let answer = tenant.admin.call(method, &path).json(&json!({})).send().await;
            // A path such as /v1/invitations/accept is also one of /v1/invitations/{id}: that is nobody's id.
            report.case("undeclared method", matches!(answer.status, 404 | 405), || {
                format!("{method} {path}: {} {}", answer.status, answer.text)
            });
        }
    }
    let cases = report.close();
    let of = |wanted: &dyn Fn(&Operation<'_>) -> bool| operations.iter().filter(|operation| wanted(operation)).count();
    assert!(operations.len() > 70, "{} operations", operations.len());
    assert_eq!(cases["anonymous"], of(&|operation| operation.permission != "public"));
    assert_eq!(cases["every permission but the one"], of(&|operation| operation.needs_permission()));
}

/// Two tenants, two projects of one of them, and people who may do everything that their tenant or project lets them.
struct Strangers<'w> {
    everything: Person,
    one_project: Person,
    own: Holdings,
    other_project: Holdings,
    foreign: Holdings,
    victim: Tenant<'w>,
}

impl<'w> Strangers<'w> {
    async fn meet(world: &'w World) -> Self {
        let (acme, victim) = (world.tenant("acme").await, world.tenant("bolt").await);
        let (own, other_project) = (seed::fill(&acme, "FUSION").await, seed::fill(&acme, "OTHER").await);
        let foreign = seed::fill(&victim, "VOLTA").await;
        allow_viewers(&acme, Permission::ALL.iter().copied()).await;
        let everything = acme.hire(Viewer, &[]).await;
        let one_project = acme.hire(Viewer, &[own.id("prj")]).await;
        Self { everything, one_project, own, other_project, foreign, victim }
    }

    /// Kinds of objects that belong to a project, as the objects themselves say.
    async fn kinds_of_a_project(&self, operations: &[Operation<'_>]) -> BTreeSet<String> {
        let mut kinds = BTreeSet::new();
        for operation in operations.iter().filter(|operation| {
            operation.method == "GET" && operation.path.ends_with("/{id}") && operation.needs_permission()
        }) {
            let prefix = operation.references()[0].prefix.clone();
            let object = operation
                .send(
                    |method, path| self.everything.call(method, path),
                    &|r: &Reference| self.other_project.id(&r.prefix).to_owned(),
                    "",
                )
                .await;
            assert_eq!(object.status, 200, "{}: {}", operation.name(), object.text);
            let project = self.other_project.id("prj");
            if object.json["project_id"] == project || object.json["id"] == project {
                kinds.insert(prefix);
            }
        }
        kinds
    }

    /// Who asks with whose id: a member with a foreign tenant's, and one of a single project with another project's.
    fn pairs<'s>(&'s self, prefix: &str, of_a_project: &BTreeSet<String>) -> Vec<(&'static str, &'s Person, &'s str)> {
        let mut pairs = vec![("foreign tenant", &self.everything, self.foreign.id(prefix))];
        if of_a_project.contains(prefix) {
            pairs.push(("foreign tenant, from one project", &self.one_project, self.foreign.id(prefix)));
            pairs.push(("foreign project", &self.one_project, self.other_project.id(prefix)));
        }
        pairs
    }
}

/// What the victim's rows look like, table by table.
async fn rows_of(superuser: &Client, tenant: &Tenant<'_>) -> BTreeMap<String, (i64, String)> {
    let condition = format!("tenant_id = '{}'", seed::uuid_of(&tenant.id));
    let mut rows = BTreeMap::new();
    for table in seed::tables(superuser).await {
        rows.insert(table.name.clone(), seed::fingerprint(superuser, &table, &condition).await);
    }
    rows
}

#[tokio::test]
async fn what_is_a_strangers_does_not_exist() {
    let world = World::new().await;
    let strangers = Strangers::meet(&world).await;
    let superuser = world.database.superuser().await;
    seed::settled(&superuser).await;
    let before = rows_of(&superuser, &strangers.victim).await;
    let operator = world.operator().await;
    let document = Document::read();
    let operations = document.operations();
    let of_a_project = strangers.kinds_of_a_project(&operations).await;
    let mut report = Report::default();

    for operation in &operations {
        let references = operation.references();
        if let Some(in_path) = references.iter().find(|reference| reference.place == "path") {
            if operation.permission == "operator" {
                paths_of_nothing(&mut report, operation, in_path, &operator).await;
            } else {
                paths_of_strangers(&mut report, operation, in_path, &strangers, &of_a_project).await;
            }
        }
        for reference in references.iter().filter(|reference| reference.place != "path") {
            references_to_strangers(&mut report, operation, reference, &strangers, &of_a_project).await;
        }
    }
    seed::settled(&superuser).await;
    assert_eq!(rows_of(&superuser, &strangers.victim).await, before, "the victim's rows changed");
    println!("kinds of a project: {of_a_project:?}");
    let cases = report.close();
    let in_paths =
        operations.iter().flat_map(Operation::references).filter(|reference| reference.place == "path").count();
    assert!(
        cases["malformed id"] == in_paths && of_a_project.len() > 8 && cases["reference"] > 30,
        "{in_paths} {cases:?}"
    );
}

/// Answers to ids that are nothing; the oracle that others must equal.
async fn paths_of_nothing(
    report: &mut Report,
    operation: &Operation<'_>,
    in_path: &Reference,
    person: &Person,
) -> (u16, String) {
    let send = async |id: &str| {
        let ids = |reference: &Reference| if reference == in_path { id.to_owned() } else { at_random(reference) };
        normalised(&operation.send(|method, path| person.call(method, path), &ids, "\"1\"").await, id)
    };
    let nothing = send(&random_id(&in_path.prefix)).await;
    report.case("random id", nothing.0 == 404, || format!("{}: {nothing:?}", operation.name()));
    for malformed in [format!("{}_zzz", in_path.prefix), random_id("xyz"), "%00".to_owned(), "1".to_owned()] {
        let answer = send(&malformed).await;
        let kind = if malformed == "1" { "malformed id" } else { "odd id" };
        report.case(kind, answer == nothing, || {
            format!("{} with {malformed}: {answer:?} instead of {nothing:?}", operation.name())
        });
    }
    nothing
}

async fn paths_of_strangers(
    report: &mut Report,
    operation: &Operation<'_>,
    in_path: &Reference,
    strangers: &Strangers<'_>,
    of_a_project: &BTreeSet<String>,
) {
    let nothing = paths_of_nothing(report, operation, in_path, &strangers.everything).await;
    for (whose, person, id) in strangers.pairs(&in_path.prefix, of_a_project) {
        let ids = |reference: &Reference| if reference == in_path { id.to_owned() } else { at_random(reference) };
        let answer = normalised(&operation.send(|method, path| person.call(method, path), &ids, "\"1\"").await, id);
        report.case(whose, answer == nothing, || format!("{}: {answer:?} instead of {nothing:?}", operation.name()));
    }
}

/// A stranger's id in a query or body is answered like an id that nobody has, and never accepted.
async fn references_to_strangers(
    report: &mut Report,
    operation: &Operation<'_>,
    wanted: &Reference,
    strangers: &Strangers<'_>,
    of_a_project: &BTreeSet<String>,
) {
    for (whose, person, id) in strangers.pairs(&wanted.prefix, of_a_project) {
        let send = async |id: &str| {
            let ids = |reference: &Reference| match reference {
                named if named == wanted => id.to_owned(),
                // Filters are tried alone.
                other if other.place == "query" && operation.method == "GET" && other.name != "project_id" => {
                    String::new()
                }
                other => strangers.own.id(&other.prefix).to_owned(),
            };
            let etag = match operation.method.as_str() {
                "PATCH" => person.get(&operation.request(&ids).0).expect(200).await.etag(),
                _ => String::new(),
            };
            let answer = operation.send(|method, path| person.call(method, path), &ids, &etag).await;
            normalised(&answer, id)
        };
        let (theirs, nothing) = (send(id).await, send(&random_id(&wanted.prefix)).await);
        let refused = if operation.method == "GET" {
            theirs.0 < 500 && !theirs.1.contains("\"id\":")
        } else {
            (400..500).contains(&theirs.0)
        };
        report.case("reference", theirs == nothing && refused && !matches!(theirs.0, 401 | 403), || {
            format!("{} {wanted:?} {whose}: {theirs:?} instead of {nothing:?}", operation.name())
        });
    }
}
