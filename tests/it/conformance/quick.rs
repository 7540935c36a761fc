//! Every operation of the document as somebody who may: with a body that it allows, and with each that it forbids in one place.
//! Whatever comes back is in the document, status, content type and body. Nothing here knows an operation by name.

use futures::future::join;
use keystead_ids::{
    Permission,
    PresetRole::{SalesAgent, Viewer},
};
use keystead_proofs::Proof;
use keystead_tests::{Answer, Call, Operator, Person, World};
use serde_json::{Value, json};

use super::schema::faults;
use crate::{
    coverage::{
        actors::allow_viewers,
        document::{Document, Extent, Operation, Reference, at_random},
    },
    seed::{self, Holdings},
};

/// Who asks, what they have, and what was wrong with the answers.
struct Sitting<'w> {
    world: &'w World,
    document: &'w Document,
    holdings: Holdings,
    /// The builder whom the operator decides about: another, so that theirs is not what ends the sitting.
    other: String,
    person: Person,
    operator: Operator,
    served: usize,
    refused: usize,
    undocumented: Vec<String>,
    accepted: Vec<String>,
    failed: Vec<String>,
}

impl Sitting<'_> {
    /// What is there to be named by a reference; a filter that may be left out is.
    fn id(&self, operation: &Operation<'_>, reference: &Reference) -> String {
        let is_filter = reference.place == "query" && !reference.is_required && operation.method == "GET";
        match reference.prefix.as_str() {
            _ if is_filter => String::new(),
            "tnt" => self.other.clone(),
            prefix => self.holdings.find(prefix).map_or_else(|| at_random(reference), str::to_owned),
        }
    }

    fn call(&self, operation: &Operation<'_>, path: &str) -> Call {
        match operation.permission.as_str() {
            "public" => self.world.call(&operation.method, path),
            "operator" => self.operator.call(&operation.method, path),
            _ => self.person.call(&operation.method, path),
        }
    }

    /// The version that a change is of.
    async fn etag(&self, operation: &Operation<'_>, path: &str) -> String {
        if !operation.takes("header", "If-Match") {
            return String::new();
        }
        let person = if operation.permission == "operator" { &self.operator } else { &self.person };
        let read = person.get(path).send().await;
        if read.status == 200 { read.etag() } else { "\"1\"".to_owned() }
    }

    /// One operation, with all its bodies.
    async fn ask(&mut self, operation: &Operation<'_>) {
        for extent in [Extent::Least, Extent::Whole] {
            let (path, body) = operation.request(extent, &|reference| self.id(operation, reference));
            // Without a body the two are the same request.
            if extent == Extent::Whole && body.is_none() {
                continue;
            }
            let etag = self.etag(operation, &path).await;
            let answer = operation.send_body(self.call(operation, &path), body, &etag).await;
            self.served += usize::from(answer.status < 300);
            self.judge(operation, "as it is allowed", &answer);
            self.enter_again(operation).await;
        }
        let (path, body) = operation.request(Extent::Whole, &|reference| self.id(operation, reference));
        let Some(("application/json", whole)) = body else { return };
        let schema = operation.body.map_or(&Value::Null, |(_, schema)| schema);
        for (what, body) in forbidden(self.document, schema, &whole) {
            let etag = self.etag(operation, &path).await;
            let body = Some(("application/json", body));
            let answer = operation.send_body(self.call(operation, &path), body, &etag).await;
            self.refused += 1;
            self.judge(operation, &what, &answer);
            if answer.status < 400 {
                self.accepted.push(format!("{} with {what}: {}", operation.name(), answer.status));
            }
        }
    }

    /// It may have ended the session.
    async fn enter_again(&mut self, operation: &Operation<'_>) {
        if operation.may_end_sessions() {
            let (person, operator) =
                join(Person::enter(self.world, "acme", &self.person.email), self.world.operator()).await;
            (self.person, self.operator) = (person, operator);
        }
    }

    /// Is this answer one that the document allows?
    fn judge(&mut self, operation: &Operation<'_>, what: &str, answer: &Answer) {
        let name = format!("{} {what}: {}", operation.name(), answer.status);
        if answer.status >= 500 {
            self.failed.push(format!("{name}: {}", answer.text));
        }
        let found = undocumented(self.document, operation, answer);
        self.undocumented.extend(found.map(|fault| format!("{name}: {fault}")));
    }
}

/// What of an answer the document does not say.
fn undocumented(document: &Document, operation: &Operation<'_>, answer: &Answer) -> Option<String> {
    let response = match operation.responses.get(answer.status.to_string()) {
        Some(response) => document.resolved(response),
        None => return Some("the status is not in the document".to_owned()),
    };
    let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if answer.status >= 400 && kind != "application/problem+json" {
        return Some(format!("a problem comes as \"{kind}\""));
    }
    let Some(content) = response["content"].as_object() else {
        return (!answer.text.is_empty()).then(|| format!("there is a body: {}", answer.text));
    };
    let Some(media) = content.get(kind) else { return Some(format!("the content type is \"{kind}\"")) };
    if !matches!(kind, "application/json" | "application/problem+json") {
        return None;
    }
    let found = faults(document, &media["schema"], &answer.json, "");
    (!found.is_empty()).then(|| format!("{found:?}"))
}

/// The body with one thing in it that the schema forbids, with what it is.
fn forbidden(document: &Document, schema: &Value, whole: &Value) -> Vec<(String, Value)> {
    let schema = document.plain(schema);
    let mut bodies = Vec::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let field = document.plain(field);
        let mut with = |what: &str, value: Value| {
            let mut body = whole.clone();
            body[name] = value;
            bodies.push((format!("{what} {name}"), body));
        };
        // There is no field that takes both.
        with("the wrong type of", if may_be(field, "object") { json!(7) } else { json!({ "no": "such" }) });
        if let Some(most) = field["maxLength"].as_u64().filter(|_| may_be(field, "string")) {
            with("too long a", "x".repeat(usize::try_from(most).unwrap() + 1).into());
        }
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(name);
        bodies.push((format!("no {name}"), body));
    }
    bodies
}

fn may_be(schema: &Value, name: &str) -> bool {
    let types = &schema["type"];
    types == name || types.as_array().is_some_and(|all| all.iter().any(|one| one == name))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_as_its_document_says() {
    let (proof, world) = (Proof::of("T12"), World::new().await);
    let (tenant, other) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut holdings = seed::fill(&tenant, "FUSION").await;
    allow_viewers(&tenant, Permission::ALL.iter().copied()).await;
    let person = tenant.hire(Viewer, &[]).await;
    // The role that is named is not the one that they ask with.
    holdings.ids.insert("rol".to_owned(), tenant.role(SalesAgent).await);
    let document = Document::read();
    let mut sitting = Sitting {
        world: &world,
        document: &document,
        holdings,
        other: other.id.clone(),
        person,
        operator: world.operator().await,
        served: 0,
        refused: 0,
        undocumented: Vec::new(),
        accepted: Vec::new(),
        failed: Vec::new(),
    };
    // What deletes comes last: others read what it takes away.
    let (deleting, others): (Vec<_>, Vec<_>) =
        document.operations().into_iter().partition(|operation| operation.method == "DELETE");
    for operation in others.iter().chain(&deleting) {
        sitting.ask(operation).await;
    }
    let Sitting { served, refused, undocumented, accepted, failed, .. } = sitting;
    println!("not in the document {undocumented:#?}; accepted {accepted:#?}; failed {failed:#?}");
    proof.exactly("quick-operations", others.len() + deleting.len(), document.operations().len());
    proof.at_least("quick-served", served, 40);
    proof.at_least("quick-forbidden-bodies", refused, 200);
    proof.zero("quick-answers-not-in-the-document", undocumented.len());
    proof.zero("quick-forbidden-and-accepted", accepted.len());
    proof.zero("quick-5xx", failed.len());
}
