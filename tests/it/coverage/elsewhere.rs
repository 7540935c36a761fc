//! Where else a request can carry something of a stranger's: cursors, idempotency keys, presigned URLs, methods that are
//! not declared, and bodies that name no object (security rule T1). Tried by people of several builders, and by one who works
//! in one project only.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use keystead_tests::Person;
use regex::Regex;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    actors::{Actor, Cast, Place},
    document::{Extent, Operation, Reference, at_random},
    seen::{Seen, Tally},
    strangers::Strangers,
};

type Rows = BTreeMap<String, (i64, String)>;

/// Tables whose rows differ.
pub(super) fn changes<'r>(before: &'r Rows, after: &Rows) -> Vec<&'r String> {
    before.keys().filter(|table| before.get(*table) != after.get(*table)).collect()
}

/// Where else things are tried.
pub(super) struct Elsewhere<'a, 'w> {
    pub(super) cast: &'a Cast<'w>,
    pub(super) strangers: &'a Strangers<'a, 'w>,
    pub(super) operations: &'a [Operation<'a>],
    pub(super) superuser: &'a Client,
    /// A file of each builder's two projects that can be downloaded.
    pub(super) files: Vec<[String; 2]>,
}

/// Puts a file into each project.
pub(super) async fn files(cast: &Cast<'_>) -> Vec<[String; 2]> {
    let mut files = Vec::new();
    for tenant in 0..cast.tenants.len() {
        files.push([file(cast, Place { tenant, project: 0 }).await, file(cast, Place { tenant, project: 1 }).await]);
    }
    files
}

/// A file that can be downloaded.
async fn file(cast: &Cast<'_>, place: Place) -> String {
    let bytes = format!("%PDF-1.7\n{place:?}\n");
    let declared = json!({ "project_id": cast.at(place).id("prj"), "kind": "floorplan", "name": "a.pdf",
        "content_type": "application/pdf", "length": bytes.len(), "sha256": hex::encode(Sha256::digest(&bytes)) });
    let admin = cast.admin(place);
    let file = admin.post("/v1/files", &declared).expect(201).await;
    let upload = &file.json["upload"];
    let mut request = cast.world().http.put(upload["url"].as_str().unwrap());
    for (name, value) in upload["headers"].as_object().unwrap() {
        // The length is the body's own.
        if !name.eq_ignore_ascii_case("content-length") {
            request = request.header(name, value.as_str().unwrap());
        }
    }
    assert_eq!(request.body(bytes).send().await.unwrap().status(), StatusCode::OK);
    admin.post(&format!("/v1/files/{}/confirm", file.id()), &json!({})).expect(200).await;
    file.id()
}

/// A list's address, to which parameters can be added.
fn list(operation: &Operation<'_>, id: impl Fn(&Reference) -> String) -> String {
    let ids = |reference: &Reference| match reference.place {
        "query" if !reference.is_required => String::new(),
        _ => id(reference),
    };
    let path = operation.request(Extent::Least, &ids).0;
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}")
}

impl Elsewhere<'_, '_> {
    /// Tries all of it as somebody who may do everything where they work. Things may change there, and nowhere else.
    pub(super) async fn run(&self, actor: &Actor, tally: &mut Tally) {
        let before = self.cast.strangers_rows(self.superuser, actor).await;
        self.cursors(actor, tally).await;
        self.keys(actor, tally).await;
        self.undeclared_methods(actor, tally).await;
        self.signatures(actor, tally).await;
        self.bodies_without_references(actor, tally).await;
        let after = self.cast.strangers_rows(self.superuser, actor).await;
        let changed = changes(&before, &after);
        tally.check("foreign-writes", changed.is_empty(), || {
            format!("{} changed rows of strangers: {changed:?}", actor.name)
        });
    }

    async fn cursors(&self, actor: &Actor, tally: &mut Tally) {
        for operation in self.operations.iter().filter(|operation| operation.takes("query", "cursor")) {
            for victim in self.cast.victims(actor) {
                // What operators list is no builder's, and so no colleague's.
                let is_colleagues = actor.tenant == Some(victim.tenant);
                if !(is_colleagues && operation.permission == "operator") {
                    self.cursor(actor, operation, victim, tally).await;
                }
            }
        }
    }

    /// A stranger's cursor is no better than one that was made up. A colleague's holds for the same list with the same filters,
    /// and shows what one would see without it.
    async fn cursor(&self, actor: &Actor, operation: &Operation<'_>, victim: Place, tally: &mut Tally) {
        let list_at = |place: Place| list(operation, |named| self.cast.at(place).id(&named.prefix).to_owned());
        let (own, theirs) = (list_at(self.cast.place(actor)), list_at(victim));
        let owner = if operation.permission == "operator" { &self.cast.operator } else { self.cast.admin(victim) };
        let page = owner.get(&format!("{theirs}limit=1")).expect(200).await;
        let cursor =
            page.json["next_cursor"].as_str().unwrap_or_else(|| panic!("one item at most: {}", operation.name()));
        let send = async |path: String| actor.call(self.cast.world(), "GET", &path).send().await;
        for list_of in [&own, &theirs] {
            let answer = send(format!("{list_of}cursor={cursor}")).await;
            let (seen, leak) =
                (Seen::of(&answer, cursor), self.strangers.leak(actor, &operation.name(), &answer.text, ""));
            tally.case("another's cursor");
            tally.check("foreign-reads", leak.is_none(), || {
                format!("{} with another's cursor at {} tells {leak:?}", actor.name, operation.name())
            });
            let expected = if actor.tenant != Some(victim.tenant) || list_of != &theirs {
                let made_up = "A".repeat(cursor.len());
                let refused = Seen::of(&send(format!("{list_of}cursor={made_up}")).await, &made_up);
                tally.check("distinguishable", refused.status >= 400, || {
                    format!("{} {}: a cursor that was made up is taken", actor.name, operation.name())
                });
                refused
            } else if own == theirs {
                // One list for the whole builder.
                continue;
            } else {
                Seen::of(&send(format!("{}limit=50", list(operation, at_random))).await, "")
            };
            tally.check("distinguishable", seen == expected, || {
                format!("{}, cursor of {}: {seen:?}, not {expected:?}", actor.name, operation.name())
            });
        }
    }

    /// Another's idempotency key replays nothing of theirs: what they asked for is answered as under a fresh key.
    async fn keys(&self, actor: &Actor, tally: &mut Tally) {
        for made in self.cast.holdings.iter().flatten().flat_map(|holdings| &holdings.made) {
            let send = async |key: &str| {
                let call = actor.call(self.cast.world(), "POST", &made.path).header("idempotency-key", key);
                call.json(&made.body).send().await
            };
            let answer = send(&made.key).await;
            tally.case("another's idempotency key");
            tally.check("foreign-reads", !answer.text.contains(&made.id), || {
                format!("to {} {} replays what another made: {}", actor.name, made.path, answer.text)
            });
            if answer.status >= 400 {
                let (seen, fresh) = (Seen::of(&answer, ""), Seen::of(&send(&Uuid::new_v4().to_string()).await, ""));
                tally.check("distinguishable", seen == fresh, || {
                    format!("{}, {}: {seen:?}, not {fresh:?}", actor.name, made.path)
                });
            }
        }
    }

    /// What the document does not declare is not there, whoever's id it names.
    async fn undeclared_methods(&self, actor: &Actor, tally: &mut Tally) {
        let parameter = Regex::new(r"\{[a-z_]+\}").unwrap();
        let world = self.cast.world();
        for path in self.operations.iter().map(|operation| &operation.path).collect::<BTreeSet<_>>() {
            let of_path = || self.operations.iter().filter(|operation| operation.path == *path);
            let declared: BTreeSet<&str> = of_path().map(|operation| operation.method.as_str()).collect();
            let prefix = of_path().find_map(Operation::in_path).map_or_else(String::new, |reference| reference.prefix);
            let holdings = self.cast.holdings.iter().flatten();
            let ids = holdings.filter_map(|holdings| holdings.find(&prefix)).map(str::to_owned);
            let ids: BTreeSet<String> = ids.chain([Uuid::nil().simple().to_string()]).collect();
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"] {
                if declared.contains(method) {
                    continue;
                }
                let sent = ids.iter().map(|id| {
                    let path = parameter.replace_all(path, id.as_str()).into_owned();
                    let call = actor.call(world, method, &path).json(&json!({}));
                    async move { (path, call.send().await) }
                });
                let mut answers = BTreeSet::new();
                for (path, answer) in join_all(sent).await {
                    tally.case("undeclared method");
                    // A path such as /v1/invitations/accept is also one of /v1/invitations/{id}: that is nobody's id.
                    let refused = world.is_behind_an_edge() && refused_at_edge(method, &path, answer.status);
                    tally.check("distinguishable", matches!(answer.status, 404 | 405) || refused, || {
                        format!("{} {method} {path}: {} {}", actor.name, answer.status, answer.text)
                    });
                    answers.insert(answer.status);
                }
                tally.check("distinguishable", answers.len() == 1, || {
                    format!("{} {method} {path}: {answers:?}", actor.name)
                });
            }
        }
    }

    /// What was signed for one's own object, to read it or to write it, opens neither another's object nor another method.
    async fn signatures(&self, actor: &Actor, tally: &mut Tally) {
        let place = self.cast.place(actor);
        let download = self.link(actor.person.as_ref().unwrap(), place).await;
        let got = self.cast.world().http.get(url(&download)).send().await.unwrap();
        assert_eq!(got.status(), StatusCode::OK, "one's own link opens one's own file");
        let declared = format!("/v1/files/{}/upload", self.cast.at(place).id("fil"));
        let upload = self.cast.admin(place).post(&declared, &json!({})).expect(200).await.json;
        for victim in self.cast.victims(actor) {
            let theirs = self.link(self.cast.admin(victim), victim).await;
            self.carry(actor, &download, url(&theirs), tally).await;
            self.carry(actor, &upload, url(&theirs), tally).await;
            self.carry(actor, &upload, url(&self.cast.at(victim).upload), tally).await;
        }
    }

    /// A link to the file of a project, for somebody who may have it.
    async fn link(&self, person: &Person, place: Place) -> Value {
        let id = &self.files[place.tenant][place.project];
        person.post(&format!("/v1/files/{id}/link"), &json!({})).expect(200).await.json
    }

    /// Carries the signature of one's own request to another's object, and to one that nobody has.
    async fn carry(&self, actor: &Actor, own: &Value, theirs: &str, tally: &mut Tally) {
        let signature = url(own).split_once('?').unwrap().1;
        let object = theirs.split_once('?').unwrap().0;
        let nothing = format!("{}/{}", object.rsplit_once('/').unwrap().0, Uuid::new_v4());
        for method in ["PUT", "GET", "HEAD", "DELETE"] {
            let mut statuses = Vec::new();
            for address in [object, nothing.as_str()] {
                let carried = format!("{address}?{signature}");
                let mut request = self.cast.world().http.request(method.parse().unwrap(), &carried);
                for (name, value) in own["headers"].as_object().into_iter().flatten() {
                    request = request.header(name, value.as_str().unwrap());
                }
                let answer = request.body("%PDF-1.7\n").send().await.unwrap();
                tally.case("another's object under one's own signature");
                let figure = if matches!(method, "GET" | "HEAD") { "foreign-reads" } else { "foreign-writes" };
                tally.check(figure, answer.status().is_client_error(), || {
                    format!("{} {method} {carried}: {}", actor.name, answer.status())
                });
                statuses.push(answer.status());
            }
            tally.check("distinguishable", statuses[0] == statuses[1], || {
                format!("{} {method} {object}: {statuses:?}", actor.name)
            });
        }
    }

    /// What names no object is sent as it is. Whatever it does where one works, it shows and changes nothing of others'.
    async fn bodies_without_references(&self, actor: &Actor, tally: &mut Tally) {
        let mut person = actor.person.clone().unwrap();
        for operation in
            self.operations.iter().filter(|operation| operation.references().is_empty() && operation.method != "GET")
        {
            let answer = operation.send(|method, path| person.call(method, path), &at_random, "\"1\"").await;
            tally.case("names no object");
            tally.covers(operation);
            let leak = self.strangers.leak(actor, &operation.name(), &answer.text, "");
            tally.check("foreign-reads", leak.is_none(), || {
                format!("to {} {} tells {leak:?}", actor.name, operation.name())
            });
            if operation.may_end_sessions() {
                let slug = &self.cast.tenants[self.cast.place(actor).tenant].slug;
                person = Person::enter(self.cast.world(), slug, &person.email).await;
            }
        }
    }
}

/// An edge looks at no id: it refuses what is no method of any API, a GET with a body, and who is no operator at their routes.
fn refused_at_edge(method: &str, path: &str, status: u16) -> bool {
    match status {
        400 => matches!(method, "GET" | "TRACE" | "PROPFIND"),
        401 => path.starts_with("/v1/platform/"),
        _ => false,
    }
}

/// The address of a request that was signed.
fn url(signed: &Value) -> &str {
    signed["url"].as_str().unwrap_or_else(|| panic!("{signed}"))
}
