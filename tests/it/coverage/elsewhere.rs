//! Where else a request can carry something of a stranger's: cursors, idempotency keys, presigned URLs, methods that are
//! not declared, and bodies that name no object (security rule T1).

use std::collections::{BTreeMap, BTreeSet};

use keystead_tests::Person;
use regex::Regex;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    actors::{Actor, Cast},
    document::{Extent, Operation, Reference, at_random},
    seen::{Seen, Tally},
    strangers::Strangers,
};
use crate::seed::Holdings;

type Rows = BTreeMap<String, (i64, String)>;

/// Tables whose rows differ.
pub(super) fn changes<'r>(before: &'r Rows, after: &Rows) -> Vec<&'r String> {
    before.keys().filter(|table| before.get(*table) != after.get(*table)).collect()
}

/// Tries all of it as somebody of the first builder who may do everything there. Their own builder may change; no other.
pub(super) async fn run(
    cast: &Cast<'_>,
    strangers: &Strangers<'_, '_>,
    actor: &Actor,
    operations: &[Operation<'_>],
    superuser: &Client,
    tally: &mut Tally,
) {
    let before = cast.rows(superuser, Some(0)).await;
    cursors(cast, actor, operations, tally).await;
    keys(cast, actor, tally).await;
    undeclared_methods(cast, actor, operations, tally).await;
    presigned(cast, tally).await;
    bodies_without_references(cast, strangers, actor, operations, tally).await;
    let after = cast.rows(superuser, Some(0)).await;
    let changed = changes(&before, &after);
    tally.check("foreign-writes", changed.is_empty(), || format!("another builder's rows changed: {changed:?}"));
}

/// A stranger's cursor is no better than one that was made up.
async fn cursors(cast: &Cast<'_>, actor: &Actor, operations: &[Operation<'_>], tally: &mut Tally) {
    let (world, victim) = (cast.world(), &cast.tenants[1].admin);
    for operation in operations.iter().filter(|operation| operation.takes("query", "cursor")) {
        let list = |holdings: &Holdings| {
            let ids = |reference: &Reference| match reference.place {
                "query" if !reference.is_required => String::new(),
                _ => holdings.id(&reference.prefix).to_owned(),
            };
            let path = operation.request(Extent::Least, &ids).0;
            format!("{path}{}", if path.contains('?') { '&' } else { '?' })
        };
        let theirs = if operation.permission == "operator" { &cast.operator } else { victim };
        let page = theirs.get(&format!("{}limit=1", list(&cast.holdings[1][0]))).expect(200).await;
        let cursor =
            page.json["next_cursor"].as_str().unwrap_or_else(|| panic!("one item at most: {}", operation.name()));
        for list in [list(cast.own(actor)), list(&cast.holdings[1][0])] {
            let send = async |cursor: &str| {
                let answer = actor.call(world, "GET", &format!("{list}cursor={cursor}")).send().await;
                Seen::of(&answer, cursor)
            };
            let (seen, made_up) = (send(cursor).await, send(&"A".repeat(cursor.len())).await);
            tally.case("foreign cursor");
            tally.check("distinguishable", seen == made_up && seen.status >= 400, || {
                format!("cursor of {}: {seen:?}, not {made_up:?}", operation.name())
            });
        }
    }
}

/// Another's idempotency key replays nothing of theirs: what they asked for is answered as under a fresh key.
async fn keys(cast: &Cast<'_>, actor: &Actor, tally: &mut Tally) {
    let kept = cast.holdings[1].iter().chain(&cast.holdings[0]).flat_map(|holdings| &holdings.made);
    for made in kept {
        let send = async |key: &str| {
            let call = actor.call(cast.world(), "POST", &made.path).header("idempotency-key", key);
            call.json(&made.body).send().await
        };
        let answer = send(&made.key).await;
        tally.case("another's idempotency key");
        tally.check("foreign-reads", !answer.text.contains(&made.id), || {
            format!("{} replays what another made: {}", made.path, answer.text)
        });
        if answer.status >= 400 {
            let (seen, fresh) = (Seen::of(&answer, ""), Seen::of(&send(&Uuid::new_v4().to_string()).await, ""));
            tally.check("distinguishable", seen == fresh, || format!("{}: {seen:?}, not {fresh:?}", made.path));
        }
    }
}

/// What the document does not declare is not there, whoever's id it names.
async fn undeclared_methods(cast: &Cast<'_>, actor: &Actor, operations: &[Operation<'_>], tally: &mut Tally) {
    let parameter = Regex::new(r"\{[a-z_]+\}").unwrap();
    for path in operations.iter().map(|operation| &operation.path).collect::<BTreeSet<_>>() {
        let of_path = || operations.iter().filter(|operation| operation.path == *path);
        let declared: BTreeSet<&str> = of_path().map(|operation| operation.method.as_str()).collect();
        let prefix = of_path().find_map(Operation::in_path).map_or_else(String::new, |reference| reference.prefix);
        let ids = cast.holdings.iter().flatten().filter_map(|holdings| holdings.find(&prefix)).map(str::to_owned);
        let ids: BTreeSet<String> = ids.chain([Uuid::nil().simple().to_string()]).collect();
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"] {
            if declared.contains(method) {
                continue;
            }
            let mut answers = BTreeSet::new();
            for id in &ids {
                let path = parameter.replace_all(path, id).into_owned();
                let answer = actor.call(cast.world(), method, &path).json(&json!({})).send().await;
                tally.case("undeclared method");
                // A path such as /v1/invitations/accept is also one of /v1/invitations/{id}: that is nobody's id.
                let refused = cast.world().is_behind_an_edge() && refused_at_edge(method, &path, answer.status);
                tally.check("distinguishable", matches!(answer.status, 404 | 405) || refused, || {
                    format!("{method} {path}: {} {}", answer.status, answer.text)
                });
                answers.insert(answer.status);
            }
            tally.check("distinguishable", answers.len() == 1, || format!("{method} {path}: {answers:?}"));
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

/// One's own signed URL opens neither another's object nor another method.
async fn presigned(cast: &Cast<'_>, tally: &mut Tally) {
    let url = |upload: &Value| upload["url"].as_str().unwrap_or_else(|| panic!("{upload}")).to_owned();
    let (own, theirs) = (&cast.holdings[0][0].upload, &cast.holdings[1][0].upload);
    let (own_url, their_url) = (url(own), url(theirs));
    let signature = own_url.split_once('?').unwrap().1;
    let carried = format!("{}?{signature}", their_url.split_once('?').unwrap().0);
    let made_up =
        carried.replace(their_url.split_once('?').unwrap().0.rsplit_once('/').unwrap().1, &Uuid::new_v4().to_string());
    for method in ["PUT", "GET", "HEAD", "DELETE"] {
        let mut statuses = Vec::new();
        for url in [&carried, &made_up] {
            let mut request = cast.world().http.request(method.parse().unwrap(), url);
            for (name, value) in own["headers"].as_object().unwrap() {
                request = request.header(name, value.as_str().unwrap());
            }
            let answer = request.body("%PDF-1.7\n").send().await.unwrap();
            tally.case("another's object under one's own signature");
            tally.check("foreign-writes", answer.status().is_client_error(), || {
                format!("{method} {url}: {}", answer.status())
            });
            statuses.push(answer.status());
        }
        tally.check("distinguishable", statuses[0] == statuses[1], || format!("{method}: {statuses:?}"));
    }
}

/// What names no object is sent as it is. Whatever it does to one's own builder, it shows and changes nothing of others'.
async fn bodies_without_references(
    cast: &Cast<'_>,
    strangers: &Strangers<'_, '_>,
    actor: &Actor,
    operations: &[Operation<'_>],
    tally: &mut Tally,
) {
    let mut person = actor.person.clone().unwrap();
    for operation in
        operations.iter().filter(|operation| operation.references().is_empty() && operation.method != "GET")
    {
        let answer = operation.send(|method, path| person.call(method, path), &at_random, "\"1\"").await;
        tally.case("names no object");
        tally.covers(operation);
        let leak = strangers.leak(actor, &operation.name(), &answer.text, "");
        tally.check("foreign-reads", leak.is_none(), || format!("{} tells {leak:?}", operation.name()));
        if operation.may_end_sessions() {
            person = Person::enter(cast.world(), &cast.tenants[0].slug, &person.email).await;
        }
    }
}
