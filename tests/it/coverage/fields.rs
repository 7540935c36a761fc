//! No body takes a field that is not its own, and no role reads a field that is masked for it (security rule T4).

use std::collections::{BTreeMap, BTreeSet};

use keystead_ids::{
    Permission,
    PresetRole::{self, Viewer},
};
use keystead_proofs::{Proof, full};
use keystead_tests::{Answer, Person, World};
use serde_json::{Value, json};

use super::{
    actors::allow_viewers,
    document::{Document, Extent, Operation, Reference, at_random},
};
use crate::{sealed::Values, seed};

/// What an attacker adds first.
const TEMPTING: [&str; 16] = [
    "tenant_id",
    "id",
    "role",
    "role_id",
    "is_admin",
    "is_operator",
    "owner_id",
    "epoch",
    "permissions",
    "all_projects",
    "project_ids",
    "state",
    "created_by",
    "approved_by",
    "row_version",
    "__proto__",
];

/// Columns of every table, by the table's name without its schema.
async fn columns(world: &World) -> BTreeMap<String, BTreeSet<String>> {
    let sql = "SELECT c.relname::text, array_agg(a.attname::text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname IN ('app', 'audit', 'identity', 'platform', 'ctx') AND c.relkind IN ('r', 'p') GROUP BY 1";
    let rows = world.database.superuser().await.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get::<_, Vec<String>>(1).into_iter().collect())).collect()
}

/// Names to add to a body of this operation: the columns of its table, or, in the deep tier, of all.
fn extras(operation: &Operation<'_>, columns: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let table = operation.path.split('/').nth(2).unwrap().replace('-', "_");
    let own = columns.iter().filter(|(name, _)| {
        full() || **name == table || name.starts_with(&format!("{}_", table.trim_end_matches('s')))
    });
    let known = ["identities", "members", "tenants"].iter().filter(|_| !columns.contains_key(&table));
    let known = known.flat_map(|name| &columns[*name]);
    own.flat_map(|(_, names)| names).chain(known).cloned().chain(TEMPTING.map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_body_takes_a_field_that_is_not_its_own() {
    let (proof, world) = (Proof::of("T4"), World::new().await);
    let tenant = world.tenant("acme").await;
    allow_viewers(&tenant, Permission::ALL.iter().copied()).await;
    let (person, operator) = (tenant.hire(Viewer, &[]).await, world.operator().await);
    let columns = columns(&world).await;
    let document = Document::read();
    let (mut objects, mut choices, mut cases, mut accepted, mut forms) = (0, 0, 0, Vec::new(), Vec::new());
    for operation in &document.operations() {
        let person = if operation.permission == "operator" { &operator } else { &person };
        let mut alternatives = BTreeSet::new();
        for choice in 0..operation.choices() {
            let (path, body) = operation.request_of(choice, Extent::Whole, &at_random);
            let send = async |body: Option<(&str, Value)>| {
                operation.send_body(person.call(&operation.method, &path), body, "\"1\"").await
            };
            // serde_json reads the name of a choice from an object of that name and null, too.
            // What has no place within a body is a body that is no JSON.
            let within = body.iter().flat_map(|(_, body)| texts(body, String::new())).filter(|at| !at.is_empty());
            for pointer in within.collect::<Vec<_>>() {
                let mut named = body.clone();
                let text = object(&mut named, &pointer);
                *text = json!({ text.as_str().unwrap(): null });
                choices += 1;
                let answer = send(named).await;
                if answer.status != 422 {
                    forms.push(format!("{} {pointer}: {}", operation.name(), answer.text));
                }
            }
            // What is wrong with the body as it is is told apart from what is then wrong with the choice.
            let usual =
                if operation.choices() > 1 { send(body.clone()).await.json["errors"].clone() } else { Value::Null };
            for form in operation.objects(choice) {
                // The rest of the body is the same as with the first choice; and one choice may stand in many places.
                let is_known = if form.is_alternative { !alternatives.insert(form.fields.clone()) } else { choice > 0 };
                if is_known && !(full() && form.is_alternative) {
                    continue;
                }
                let pointer = &form.at;
                // Two forms at once are none of them: it is the choice that is wrong.
                let is_refused = |answer: &Answer, place: &str| {
                    let is_other = answer.json["errors"] != usual && names_around(answer, pointer);
                    answer.status == 422 && if form.is_alternative { is_other } else { answer.names(place) }
                };
                objects += 1;
                // serde's derived code reads a struct from a sequence of its fields' values, too.
                let mut empty = body.clone();
                *object(&mut empty, pointer) = json!([]);
                let answer = send(empty).await;
                if !is_refused(&answer, pointer) {
                    forms.push(format!("{} {pointer}: {}", operation.name(), answer.text));
                }
                for extra in extras(operation, &columns).iter().filter(|name| !form.fields.contains(name.as_str())) {
                    let mut body = body.clone();
                    object(&mut body, pointer)[extra] = json!(true);
                    let answer = send(body).await;
                    cases += 1;
                    if !is_refused(&answer, &format!("{pointer}/{extra}")) {
                        accepted.push(format!("{} {pointer}/{extra}: {}", operation.name(), answer.text));
                    }
                }
            }
        }
        for extra in TEMPTING.iter().filter(|name| operation.method == "GET" && !operation.takes("query", name)) {
            let ids = |reference: &Reference| {
                if reference.place == "query" && !reference.is_required { String::new() } else { at_random(reference) }
            };
            let path = operation.request(Extent::Least, &ids).0;
            // Only lists have parameters to add to.
            if !operation.takes("query", "limit") {
                continue;
            }
            let mark = if path.contains('?') { '&' } else { '?' };
            let answer = person.get(&format!("{path}{mark}{extra}=1")).send().await;
            cases += 1;
            if answer.status != 422 {
                accepted.push(format!("{} ?{extra}: {}", operation.name(), answer.text));
            }
        }
    }
    accepted.iter().take(30).for_each(|what| println!("{what}"));
    println!("{forms:#?}");
    proof.note("bodies-and-objects-in-them", objects);
    proof.at_least("texts-in-bodies", choices, 50);
    proof.zero("accepted-in-another-form", forms.len());
    proof.at_least("fields-tried", cases, 900);
    proof.zero("accepted-extra-fields", accepted.len());
}

/// Does the problem name this place, one within or what it is in?
fn names_around(answer: &Answer, pointer: &str) -> bool {
    let mut errors =
        answer.json["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str());
    errors.any(|at| !at.is_empty() && (at.starts_with(pointer) || pointer.starts_with(at)))
}

/// Where the texts are within a body.
fn texts(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::String(_) => vec![at],
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| texts(value, format!("{at}/{name}"))).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| texts(item, format!("{at}/{index}"))).collect()
        }
        _ => Vec::new(),
    }
}

/// A part of a body.
fn object<'a>(body: &'a mut Option<(&str, Value)>, pointer: &str) -> &'a mut Value {
    body.as_mut().and_then(|(_, body)| body.pointer_mut(pointer)).unwrap_or_else(|| panic!("no {pointer}"))
}

/// A buyer whose every datum is a word that nothing else says.
const BUYER: [(&str, &str); 3] =
    [("name", "Zephyrine Quixwell"), ("email", "zephyrine@quixwell.example"), ("phone", "+14155557391")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_role_reads_a_masked_field() {
    let (proof, world) = (Proof::of("T4"), World::new().await);
    let tenant = world.tenant("acme").await;
    let holdings = seed::fill(&tenant, "FUSION").await;
    let document = Document::read();
    let operations = document.operations();
    let mut buyer: Value =
        BUYER.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into();
    buyer["project_id"] = holdings.id("prj").into();
    buyer["date_of_birth"] = "1971-03-29".into();
    // City and region are what a masked address shows.
    buyer["address"] = json!({ "line1": "4711 Xylograph Row", "line2": "c/o Brynhildr", "city": "Austin", "region": "TX",
        "postal_code": "78701-6234" });
    let secrets: Vec<String> = leaves(&buyer).into_iter().filter(|leaf| !leaf.starts_with("prj_")).collect();
    assert_eq!(secrets.len(), BUYER.len() + 4);
    let create = operations.iter().find(|operation| operation.name() == "POST /v1/contacts").unwrap();
    let whole = create.request(Extent::Whole, &at_random).1.unwrap().1;
    assert_eq!(names(&whole), names(&buyer), "the buyer has every field that a buyer can have");
    let superuser = world.database.superuser().await;
    let before = Values::of(&superuser).await;
    let made = holdings.agent.post("/v1/contacts", &buyer).expect(201).await;
    let after = Values::of(&superuser).await;
    after.assert_all_written_since(&before);
    let of_contacts = after.columns().filter_map(|column| column.strip_prefix("app.contacts."));
    let untold: Vec<&str> = of_contacts.filter(|name| leaves(&buyer[*name]).is_empty()).collect();
    assert!(untold.is_empty(), "the buyer's {untold:?} are sealed, and no word of theirs is looked for");
    let contract = json!({ "unit_id": holdings.id("unt"), "buyers": [{ "contact_id": made.id() }] });
    let contract = holdings.agent.post("/v1/contracts", &contract).expect(201).await;
    let mut shown = vec![("created".to_owned(), made.text.clone()), ("contract".to_owned(), contract.text.clone())];

    let ids = |reference: &Reference| match (reference.place, reference.prefix.as_str()) {
        ("query", _) if !reference.is_required => String::new(),
        (_, "cnt") => made.id(),
        (_, "ctr") => contract.id(),
        (_, prefix) => holdings.find(prefix).map_or_else(|| at_random(reference), str::to_owned),
    };
    for role in PresetRole::ALL {
        let person: Person = tenant.hire(role, &[]).await;
        for operation in operations.iter().filter(|operation| operation.method == "GET") {
            let answer = operation.send(|method, path| person.call(method, path), &ids, "").await;
            shown.push((format!("{} as {}", operation.name(), role.key()), answer.text));
        }
        // Search finds who was sought, and shows them as masked as before.
        for (field, value) in BUYER {
            let path = format!("/v1/contacts?{field}={}", value.replace('+', "%2B").replace(' ', "%20"));
            let answer = person.get(&path).send().await;
            shown.push((format!("{path} as {}", role.key()), answer.text.replace(&path, "")));
        }
    }
    let mut unmasked = Vec::new();
    for (what, text) in &shown {
        unmasked
            .extend(secrets.iter().filter(|secret| text.contains(*secret)).map(|secret| format!("{what}: {secret}")));
    }
    println!("{unmasked:#?}");
    proof.at_least("reads-of-masked-fields", shown.len() * secrets.len(), 1_000);
    proof.zero("unmasked", unmasked.len());
}

fn names(object: &Value) -> BTreeSet<&String> {
    object.as_object().unwrap().keys().collect()
}

/// Texts that nothing else would say.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.len() > 8 => vec![text.clone()],
        Value::Object(fields) => fields.values().flat_map(leaves).collect(),
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        _ => Vec::new(),
    }
}
