//! Every reference to an object × ids that are not the actor's to know (security rule T1). The oracle: whatever is a
//! stranger's is answered like an id that nobody has, and nothing of anybody's changes.

use std::collections::BTreeSet;

use futures::future::join_all;
use keystead_proofs::{Proof, full, scale};
use keystead_tests::{Answer, World};

use super::{
    actors::{Actor, Cast},
    document::{Document, Extent, Operation, Reference, at_random, random_id},
    elsewhere::{self, Elsewhere},
    seen::{Seen, Tally},
    strangers::{FOREIGN, Strangers},
};

/// Kinds that no builder holds, so that none of them is a stranger's, and why. Only operators may name them; they are
/// tried with ids that nobody has.
const NO_BUILDERS: &[(&str, &str)] = &[
    ("eml", "a mail that could not be sent is the platform's; operators send it again"),
    ("idn", "a login is a person's, whoever they work for; operators name each other's"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_a_strangers_does_not_exist() {
    let (proof, world) = (Proof::of("T1"), World::new().await);
    let cast = Cast::meet(&world).await;
    let superuser = world.database.superuser().await;
    let document = Document::read();
    let operations = document.operations();
    let strangers = Strangers::of(&cast, &operations).await;
    assert!(strangers.of_a_project.len() > 8, "{:?}", strangers.of_a_project);
    let mut tally = Tally::default();

    let mut actors = cast.of_the_platform();
    if full() {
        actors.extend(cast.of_presets().await);
    }
    let builders = cast.tenants.len();
    actors.extend(cast.of_everything(0..scale(1, builders), scale(&[None, Some(0)], &[None, Some(0), Some(1)])).await);
    // Of the other builders somebody tries at least what no reference carries.
    let neighbours = cast.of_everything(scale(1, builders)..builders, &[None]).await;
    let files = elsewhere::files(&cast).await;
    let before = cast.rows(&superuser, None).await;
    let sweeps = actors.iter().map(|actor| Sweep { cast: &cast, strangers: &strangers, actor }.run(&operations));
    join_all(sweeps).await.into_iter().for_each(|of_one| tally.merge(of_one));
    let changed = elsewhere::changes(&before, &cast.rows(&superuser, None).await);
    tally.check("foreign-writes", changed.is_empty(), || format!("the sweep changed {changed:?}"));

    let (cast, strangers, operations, superuser) = (&cast, &strangers, operations.as_slice(), &superuser);
    let elsewhere = Elsewhere { cast, strangers, operations, superuser, files };
    let everybody: Vec<&Actor> = actors.iter().chain(&neighbours).filter(|actor| actor.may_all).collect();
    for actor in &everybody {
        elsewhere.run(actor, &mut tally).await;
    }

    tally.print();
    proof.note("actors", actors.len());
    proof.at_least("actors-elsewhere", everybody.len(), scale(3, 9));
    proof.at_least("cases", tally.cases(), scale(2_000, 30_000));
    proof.exactly("operations-covered", tally.operations(), operations.len());
    references_are_covered(&proof, operations, &tally);
    let unmarked: Vec<String> = operations.iter().flat_map(Operation::unmarked).collect();
    println!("name no kind of object: {unmarked:?}");
    proof.zero("ids-without-x-object-ref", unmarked.len());
    for figure in ["foreign-reads", "foreign-writes", "distinguishable"] {
        tally.none(&proof, figure);
    }
}

/// Another builder's id was sent for every reference, by somebody who may do everything in theirs; but for kinds that no
/// builder holds.
fn references_are_covered(proof: &Proof, operations: &[Operation<'_>], tally: &Tally) {
    let (mut tried, mut untried, mut beside) = (0, Vec::new(), BTreeSet::new());
    for operation in operations {
        for reference in operation.references() {
            let listed = NO_BUILDERS.iter().find(|(prefix, _)| *prefix == reference.prefix);
            if let Some((prefix, _)) = listed {
                assert_eq!(operation.permission, "operator", "{} names {prefix}", operation.name());
                beside.insert(*prefix);
            } else if tally.has_sent(operation, &reference) {
                tried += 1;
            } else {
                untried.push(format!("{} {} {}", operation.name(), reference.place, reference.name));
            }
        }
    }
    assert_eq!(beside.len(), NO_BUILDERS.len(), "listed, and named nowhere: {NO_BUILDERS:?}");
    println!("no stranger's id was sent for {untried:?}");
    proof.at_least("references-tried-with-a-strangers-id", tried, 90);
    proof.zero("references-without-a-strangers-id", untried.len());
}

/// One actor's way through all operations.
struct Sweep<'a, 'w> {
    cast: &'a Cast<'w>,
    strangers: &'a Strangers<'a, 'w>,
    actor: &'a Actor,
}

impl Sweep<'_, '_> {
    async fn run(self, operations: &[Operation<'_>]) -> Tally {
        let mut tally = Tally::default();
        for operation in operations {
            for reference in operation.references() {
                tally.covers(operation);
                match reference.place {
                    "path" => self.in_path(operation, &reference, &mut tally).await,
                    _ => self.elsewhere(operation, &reference, &mut tally).await,
                }
            }
            if operation.method == "GET" {
                self.reads(operation, &mut tally).await;
            }
        }
        tally
    }

    fn own(&self, reference: &Reference) -> String {
        let own = self.cast.own(self.actor).find(&reference.prefix);
        own.map_or_else(|| at_random(reference), str::to_owned)
    }

    /// What somebody without the permission sends is refused before anybody looks whose it is: that covers nothing.
    fn sent(&self, kind: &str, operation: &Operation<'_>, reference: &Reference, tally: &mut Tally) {
        if self.actor.may_all && kind == FOREIGN {
            tally.sent(operation, reference);
        }
    }

    fn sees(&self, operation: &Operation<'_>, text: &str, named: &str, tally: &mut Tally) {
        let leak = self.strangers.leak(self.actor, &operation.name(), text, named);
        tally.check("foreign-reads", leak.is_none(), || {
            format!("{} {} with {named} tells {leak:?}", self.actor.name, operation.name())
        });
    }

    /// What is read without a trick shows nothing of a stranger's.
    async fn reads(&self, operation: &Operation<'_>, tally: &mut Tally) {
        let ids = |reference: &Reference| match reference.place {
            "query" if !reference.is_required => String::new(),
            _ => self.own(reference),
        };
        let answer = operation.send(|method, path| self.actor.call(self.cast.world(), method, path), &ids, "").await;
        tally.case("plain read");
        tally.covers(operation);
        self.sees(operation, &answer.text, "", tally);
    }

    async fn in_path(&self, operation: &Operation<'_>, in_path: &Reference, tally: &mut Tally) {
        let send = async |id: &str| self.send_of(operation, in_path, id, "\"1\"").await;
        let id = random_id(&in_path.prefix);
        let nothing = Seen::of(&send(&id).await, &id);
        let hidden = nothing.status == 404 || !self.actor.may_all && matches!(nothing.status, 401 | 403);
        let outside = self.actor.may_all && operation.permission == "operator" && nothing.status == 401;
        tally.case("random id");
        tally.check("distinguishable", hidden || outside, || {
            format!("{} {}: {nothing:?} for an id that nobody has", self.actor.name, operation.name())
        });
        let mut others = vec![
            ("malformed id", format!("{}_zzz", in_path.prefix)),
            ("id of another kind", random_id("xyz")),
            ("NUL", "%00".to_owned()),
            ("number", "1".to_owned()),
        ];
        // Builders and applications are the operator's own.
        let is_strangers = operation.permission != "operator" || self.actor.name != "operator";
        if is_strangers {
            others.extend(self.strangers.ids(self.actor, &in_path.prefix));
        }
        for (kind, id) in others {
            let answer = send(&id).await;
            let seen = Seen::of(&answer, &id);
            tally.case(kind);
            self.sent(kind, operation, in_path, tally);
            // An edge refuses the shape before anybody looks whose it is.
            let refused = kind == "NUL" && seen.status == 400 && self.cast.world().is_behind_an_edge();
            tally.check("distinguishable", seen == nothing || refused, || {
                format!("{} {} with {kind} {id}: {seen:?}, not {nothing:?}", self.actor.name, operation.name())
            });
            tally.check("foreign-writes", answer.status >= 400, || {
                format!("{} {} {kind}", self.actor.name, operation.name())
            });
            self.sees(operation, &answer.text, &id, tally);
        }
        if is_strangers && operation.takes("header", "If-Match") {
            self.versions(operation, in_path, tally).await;
        }
    }

    /// Sends an operation with this id in its path, of this version of the object.
    async fn send_of(&self, operation: &Operation<'_>, in_path: &Reference, id: &str, etag: &str) -> Answer {
        let ids = |other: &Reference| if other == in_path { id.to_owned() } else { self.own(other) };
        operation.send(|method, path| self.actor.call(self.cast.world(), method, path), &ids, etag).await
    }

    /// A change of a stranger's object is of the version that it has, or of another: both are answered as for an id that nobody
    /// has, so that no version tells that there is something.
    async fn versions(&self, operation: &Operation<'_>, in_path: &Reference, tally: &mut Tally) {
        for (kind, id) in self.strangers.ids(self.actor, &in_path.prefix) {
            let standing = self.standing(operation, in_path, &id).await;
            assert!(standing.is_some() || kind != FOREIGN, "nobody reads {id} at {}", operation.name());
            for etag in standing.into_iter().chain(["\"999\"".to_owned()]) {
                let nobodys = random_id(&in_path.prefix);
                let nothing = Seen::of(&self.send_of(operation, in_path, &nobodys, &etag).await, &nobodys);
                let answer = self.send_of(operation, in_path, &id, &etag).await;
                let seen = Seen::of(&answer, &id);
                tally.case("version of a stranger's");
                tally.check("distinguishable", seen == nothing, || {
                    format!(
                        "{} {} of {kind} {id} at {etag}: {seen:?}, not {nothing:?}",
                        self.actor.name,
                        operation.name()
                    )
                });
                tally.check("foreign-writes", answer.status >= 400, || {
                    format!("{} {} of {kind} {id} at {etag}", self.actor.name, operation.name())
                });
            }
        }
    }

    /// The version that an object has, as whoever owns it reads.
    async fn standing(&self, operation: &Operation<'_>, in_path: &Reference, id: &str) -> Option<String> {
        let ids = |other: &Reference| if other == in_path { id.to_owned() } else { self.own(other) };
        let path = operation.request(Extent::Least, &ids).0;
        for owner in self.cast.tenants.iter().map(|tenant| &tenant.admin).chain([&self.cast.operator]) {
            let read = owner.get(&path).send().await;
            if read.status == 200 {
                return Some(read.etag());
            }
        }
        None
    }

    /// A stranger's id in a query or body is answered like an id that nobody has, and never accepted.
    async fn elsewhere(&self, operation: &Operation<'_>, wanted: &Reference, tally: &mut Tally) {
        let is_read = operation.method == "GET";
        let (etag, choice) = (self.etag(operation).await, operation.choice_with(wanted));
        let send = async |id: &str, beside_own: bool| {
            let ids = |reference: &Reference| match reference {
                named if named == wanted => id.to_owned(),
                // Filters are tried alone.
                other if other.place == "query" && is_read && !other.is_required => String::new(),
                other => self.own(other),
            };
            let (path, mut body) = operation.request_of(choice, Extent::Least, &ids);
            if beside_own && let Some((_, body)) = &mut body {
                let list = wanted.name.rsplit_once("/0").unwrap().0;
                let own = operation.request_of(choice, Extent::Least, &|other| self.own(other)).1.unwrap().1;
                let own = own.pointer(list).unwrap()[0].clone();
                body.pointer_mut(list).unwrap().as_array_mut().unwrap().insert(0, own);
            }
            let call = self.actor.call(self.cast.world(), &operation.method, &path);
            operation.send_body(call, body, &etag).await
        };
        let in_list = wanted.place == "body" && wanted.name.contains("/0");
        for beside_own in [false, true].into_iter().take(if in_list { 2 } else { 1 }) {
            let id = random_id(&wanted.prefix);
            let nothing = Seen::of(&send(&id, beside_own).await, &id);
            for (kind, id) in self.strangers.ids(self.actor, &wanted.prefix) {
                let answer = send(&id, beside_own).await;
                let seen = Seen::of(&answer, &id);
                tally.case(if beside_own { "beside one's own in a list" } else { kind });
                self.sent(kind, operation, wanted, tally);
                tally.check("distinguishable", seen == nothing, || {
                    format!(
                        "{} {} {wanted:?} with {kind}: {seen:?}, not {nothing:?}",
                        self.actor.name,
                        operation.name()
                    )
                });
                let shows = is_read && answer.text.contains("\"id\":");
                tally.check("foreign-reads", !shows, || {
                    format!("{} {} {wanted:?}: {seen:?}", self.actor.name, operation.name())
                });
                let refused = (400..500).contains(&answer.status) || is_read && answer.status == 200;
                tally.check("foreign-writes", refused, || {
                    format!("{} {} {wanted:?} with {kind}: {seen:?}", self.actor.name, operation.name())
                });
                self.sees(operation, &answer.text, &id, tally);
            }
        }
        for malformed in [format!("{}_zzz", wanted.prefix), "xyz_1".to_owned(), "1".to_owned()] {
            let answer = send(&malformed, false).await;
            tally.case("malformed reference");
            tally.check("distinguishable", (400..500).contains(&answer.status), || {
                format!("{} {} {wanted:?}: {} for {malformed}", self.actor.name, operation.name(), answer.status)
            });
            self.sees(operation, &answer.text, &malformed, tally);
        }
    }

    /// The version of one's own object that a change is of.
    async fn etag(&self, operation: &Operation<'_>) -> String {
        if !operation.takes("header", "If-Match") {
            return String::new();
        }
        let path = operation.request(Extent::Least, &|reference| self.own(reference)).0;
        let read = self.actor.call(self.cast.world(), "GET", &path).send().await;
        if read.status == 200 { read.etag() } else { "\"1\"".to_owned() }
    }
}
