//! Personal data and passwords leave no trace: unusual words go through every way into the product, the good ones and the
//! failing ones, and are then looked for in everything that the platform writes (security.md, T21).

mod canary;
mod detector;
mod memory;
mod stored_files;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use keystead_ids::PresetRole::{EscrowCoord, SalesAgent, Viewer};
use keystead_kms_double::{FaultMode, Faults};
use keystead_local::postgres::Durability;
use keystead_proofs::Proof;
use keystead_tests::{
    Answer, Call, Options, OwnServices, PASSWORD, Person, ServerProcess, Site, Tenant, fresh_database,
};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use canary::{Canary, letters};
use detector::Detector;
use stored_files::StoredFiles;

use crate::sealed::Values;

/// Everything that people do in this test, and that no answer quotes a canary where it must not.
struct Stage<'a> {
    server: &'a ServerProcess,
    detector: &'a Detector,
    agent: Person,
    project: String,
}

impl Stage<'_> {
    /// A request that fails: the problem quotes nothing.
    async fn fails(&self, status: u16, call: Call) {
        let answer = call.expect(status).await;
        self.detector.assert_clean("a problem document", answer.text.as_bytes());
    }

    fn post(&self, path: &str, body: &str) -> Call {
        self.agent.call("POST", path).body("application/json", body.to_owned())
    }

    /// Good requests: create, repeat, read, search, change, reveal, sell.
    async fn sell_to(&self, canary: &Canary, unit: &str) -> String {
        let (contact, person) = (canary.contact(&self.project), canary.person());
        let create = || self.agent.post("/v1/contacts", &contact).header("idempotency-key", &canary.phone[6..]);
        let id = create().expect(201).await.id();
        assert_eq!(create().expect(201).await.id(), id);
        let path = format!("/v1/contacts/{id}");
        let fields: Vec<&String> = person.as_object().unwrap().keys().collect();
        let reveal = json!({ "fields": fields, "purpose": "a drill" });
        let plain = self.agent.post(&format!("{path}/reveal"), &reveal).expect(200).await;
        for word in canary.words() {
            assert!(plain.text.to_lowercase().contains(&word.to_lowercase()), "{word} was stored: {}", plain.text);
        }
        for (name, value) in
            [("name", canary.given.clone()), ("email", canary.email()), ("phone", format!("+1{}", canary.phone))]
        {
            let query = format!("/v1/contacts?{name}={}", value.replace('+', "%2B"));
            assert_eq!(self.agent.get(&query).expect(200).await.items().len(), 1, "{query}");
        }
        let contract = json!({ "unit_id": unit, "buyers": [{ "contact_id": id }, { "contact": person }] });
        self.agent.post("/v1/contracts", &contract).header("idempotency-key", "sale").expect(201).await;
        id
    }

    /// Requests that fail in every layer, with canaries in all that they carry.
    async fn err_with(&self, canary: &Canary, contact: &str, unit: &str, viewer: &Person) {
        let good = canary.contact(&self.project);
        let whole = good.to_string();
        self.fails(400, self.post("/v1/contacts", &whole[..whole.len() - 1])).await;
        self.fails(400, self.post("/v1/contacts", &format!("{whole}{}", canary.name()))).await;
        // Just too long: of a longer one the server would not read the rest, and the answer might be lost with it.
        let long = canary.name().repeat((1 << 20) / canary.name().len() + 1);
        self.fails(413, self.post("/v1/contacts", &long)).await;
        self.fails(415, self.agent.call("POST", "/v1/contacts").body("text/plain", whole.clone())).await;
        for (field, value) in [
            ("name", json!([canary.name()])),
            ("name", json!(format!("{}\u{0}", canary.name()))),
            ("email", json!(format!("{} at {}", canary.mailbox, canary.domain))),
            ("phone", json!(format!("{}{}", canary.phone, canary.phone))),
            ("phone", json!(canary.phone.parse::<u64>().unwrap())),
            ("address", json!(canary.street)),
            ("address", json!({ "country": canary.city })),
            ("address", json!({ "line1": { "street": canary.street } })),
            ("date_of_birth", json!(format!("{}T00:00:00Z", canary.born))),
            ("project_id", json!(canary.family)),
            ("project_id", json!("prj_0197f0a1b2c37d4e8f90a1b2c3d4e5f6")),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            self.fails(422, self.agent.post("/v1/contacts", &bad)).await;
        }
        self.fails(422, self.agent.post("/v1/contacts", &good).header("idempotency-key", &canary.name())).await;
        let taken = json!({ "unit_id": unit, "buyers": [{ "contact": canary.person() }] });
        self.fails(409, self.agent.post("/v1/contracts", &taken)).await;
        let reused = self.agent.post("/v1/contracts", &taken).header("idempotency-key", "sale");
        self.fails(422, reused).await;
        let buyers = json!({ "unit_id": unit, "buyers": canary.name() });
        self.fails(422, self.agent.post("/v1/contracts", &buyers)).await;
        let path = format!("/v1/contacts/{contact}");
        let stale =
            self.agent.call("PATCH", &path).header("if-match", "\"999\"").json(&json!({ "name": canary.name() }));
        self.fails(412, stale).await;
        self.fails(404, self.agent.get(&format!("/v1/contacts/{}", canary.family))).await;
        self.fails(404, self.agent.get(&format!("/v1/{}?email={}", canary.family, canary.email()))).await;
        self.fails(422, self.agent.get(&format!("/v1/contacts?phone={}", canary.family))).await;
        self.fails(422, self.agent.get(&format!("/v1/contacts?email={}", canary.family))).await;
        self.fails(403, viewer.post("/v1/contacts", &good)).await;
        self.fails(401, self.server.call("POST", "/v1/contacts").json(&good)).await;
        self.fails(401, self.server.call("POST", "/v1/contacts").bearer(&canary.given).json(&good)).await;
        self.log_in_in_vain(&self.agent.email, &canary.name()).await;
    }

    async fn log_in_in_vain(&self, email: &str, password: &str) {
        let login = json!({ "tenant": "acme", "email": email, "password": password, "client": "native" });
        self.fails(401, self.server.call("POST", "/v1/auth/login").json(&login)).await;
    }

    /// Requests that fail because something behind the server does.
    async fn fail_behind(&self, canary: &Canary, own: &OwnServices) {
        let contact = canary.contact(&self.project);
        let mut other = own.database().superuser().await;
        let lock = other.transaction().await.unwrap();
        lock.batch_execute("LOCK TABLE app.contacts IN ACCESS EXCLUSIVE MODE").await.unwrap();
        self.fails(503, self.agent.post("/v1/contacts", &contact)).await;
        lock.rollback().await.unwrap();
        // A value that the database itself complains about, row and all.
        other.batch_execute("ALTER TABLE app.contacts ADD CONSTRAINT nobody CHECK (false) NOT VALID").await.unwrap();
        self.fails(422, self.agent.post("/v1/contacts", &contact)).await;
        other.batch_execute("ALTER TABLE app.contacts DROP CONSTRAINT nobody").await.unwrap();
        // With a cold cache, so that KMS is asked.
        self.server.restart().await;
        for mode in [FaultMode::Down, FaultMode::Drop] {
            own.services.kms().set_faults(Faults { mode, ..Faults::default() });
            self.fails(503, self.agent.post("/v1/contacts", &contact)).await;
        }
        own.services.kms().set_faults(Faults::default());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_the_platform_writes_holds_a_buyers_data_or_a_password() {
    let mut own = OwnServices::start(Durability::Full).await;
    // The most that the server's own log can be made to say; libraries at this level print what they send.
    let server = own.serve(&Options::default(), &[("RUST_LOG", "debug")]).await;
    let (first, second) = (Canary::hatch(), Canary::hatch());
    let control = format!("Ctl{}", letters(9));
    let guess = format!("amber-{}-thicket-{}", letters(6), letters(6));

    let acme = Tenant::sign_up(&server, "acme").await;
    let project = acme.project(&control.to_uppercase()).await;
    let unit = acme.unit(&project, "1101").await;
    let agent = acme.hire(SalesAgent, &[&project]).await;
    let viewer = acme.hire(Viewer, &[]).await;
    let escrow = acme.hire(EscrowCoord, &[]).await;
    let mut secrets = vec![PASSWORD.to_owned(), guess.clone()];
    for person in [&acme.admin, &agent, &viewer, &escrow] {
        // The part of a token that cannot be guessed.
        secrets.extend([&person.token, &person.refresh].map(|token| token[token.len() - 40..].to_owned()));
    }
    let words = [first.words(), second.words(), secrets].concat();
    let detector = Detector::of(&words);
    let stage = Stage { server: &server, detector: &detector, agent: agent.clone(), project: project.clone() };

    let superuser = own.database().superuser().await;
    let before = Values::of(&superuser).await;
    let contact = stage.sell_to(&first, &unit).await;
    Values::of(&superuser).await.assert_all_written_since(&before);
    let path = format!("/v1/contacts/{contact}");
    agent.patch(&path, &second.person()).await.expect(200).await;
    stage.log_in_in_vain(&agent.email, &guess).await;
    stage.log_in_in_vain(&first.email(), &guess).await;
    stage.err_with(&first, &contact, &unit, &viewer).await;
    stage.err_with(&second, &contact, &unit, &viewer).await;
    let document = Canary::hatch();
    let stored = StoredFiles::upload(&acme.admin, &project, &document).await;
    let metrics = server.call("GET", "/metrics").expect(200).await;
    stage.fail_behind(&second, &own).await;

    let found = Found { detector: &detector, control: Detector::of(std::slice::from_ref(&control)) };
    found.absent("the server's log", server.log().as_bytes(), "/v1/contacts/{id}/reveal");
    found.absent("the figures", metrics.text.as_bytes(), "/v1/contacts/{id}/reveal");
    let metrics = server.call("GET", "/metrics").expect(200).await;
    found.absent("the figures after a restart", metrics.text.as_bytes(), "/v1/contacts");
    stored.absent("the server's log", server.log().as_bytes());
    stored.absent("the figures", metrics.text.as_bytes());
    trail(&found, &acme.admin).await;

    let database = own.database().superuser().await;
    database.batch_execute("CHECKPOINT").await.unwrap();
    let proof = Proof::of("T21");
    stored.check(&proof, &own.folder("s3"), &database, &detector).await;
    server.kill9().await;
    match dump(&mut own).await {
        Ok(dump) => found.absent("the dump", &dump, &control.to_uppercase()),
        Err(why) => proof.skipped("search-of-a-dump", &why),
    }
    let with_control = found.in_folder(own.services.postgres().data_dir());
    for part in ["/base/", "/pg_wal/"] {
        assert!(with_control.iter().any(|file| file.contains(part)), "the control word is in {part}: {with_control:?}");
    }
    let log = fs::read(own.services.postgres().log_file()).unwrap();
    found.absent("the database's log", &log, "");
    for service in ["kms", "mail"] {
        found.in_folder(&own.folder(service));
        files(&own.folder(service)).iter().for_each(|file| stored.absent(service, &fs::read(file).unwrap()));
    }
    assert!(!files(&own.folder("kms")).is_empty() && !files(&own.folder("mail")).is_empty());
    // Whatever was found has ended the test by now.
    proof.zero("places-outside-memory-with-personal-data-or-passwords", 0);
    own.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_of_the_server_holds_nobody_when_their_requests_are_over() {
    let mut server = ServerProcess::start(fresh_database().await, &Options::default()).await;
    let (canary, control) = (Canary::hatch(), format!("Ctl{}", letters(9)));
    let (pid, detector) = (server.pid().await, Detector::of(&canary.words()));
    let _open = half_a_request(&server, pid, &control).await;
    let (email, project) = handle(&server, &canary, &detector).await;
    let proof = Proof::of("T21");
    // What an open connection received last stays in its buffer until it receives more: that is how long data may live.
    proof.note("personal-data-in-buffers-of-open-connections", memory::search(pid, &detector).hits.len());
    server.hang_up();
    let agent = Person::enter(&server, "acme", &email).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    let searched = loop {
        // The server learns that its callers are gone, and its threads do the same for somebody else: stacks are not wiped as
        // freed memory is, but used again.
        handle_another(&agent, &project).await;
        let searched = memory::search(pid, &detector);
        if searched.hits.is_empty() || Instant::now() > deadline {
            break searched;
        }
    };
    searched.hits.iter().take(40).for_each(|hit| println!("{hit}"));
    assert!(!memory::search(pid, &Detector::of(&[control])).hits.is_empty(), "the search still sees what is there");
    proof.note("memory-searched-mib", searched.bytes >> 20);
    proof.zero("personal-data-in-memory-after-requests", searched.hits.len());
}

/// Good requests and bad ones about one person; nobody who made them stays connected. Gives the agent's login and the project.
async fn handle(server: &ServerProcess, canary: &Canary, detector: &Detector) -> (String, String) {
    let acme = Tenant::sign_up(server, "acme").await;
    let project = acme.project("FUSION").await;
    let unit = acme.unit(&project, "1101").await;
    let agent = acme.hire(SalesAgent, &[&project]).await;
    let viewer = acme.hire(Viewer, &[]).await;
    let stage = Stage { server, detector, agent: agent.clone(), project: project.clone() };
    let contact = stage.sell_to(canary, &unit).await;
    stage.err_with(canary, &contact, &unit, &viewer).await;
    let path = format!("/v1/contacts/{contact}");
    agent.patch(&path, &canary.person()).await.expect(200).await;
    let named = agent.get(&format!("/v1/contacts?limit=1&name={}", canary.given)).expect(200).await;
    assert!(named.json["next_cursor"].is_string(), "a cursor that is bound to the name: {}", named.text);
    agent.get("/v1/contacts?limit=200").expect(200).await;
    let reveal = json!({ "fields": ["name", "email"], "purpose": "a drill" });
    agent.post(&format!("{path}/reveal"), &reveal).expect(200).await;
    (agent.email, project)
}

/// The ordinary requests about somebody else, who is not looked for.
async fn handle_another(agent: &Person, project: &str) {
    let (other, reveal) = (Canary::hatch(), json!({ "fields": ["name"], "purpose": "a drill" }));
    let path = format!("/v1/contacts/{}", agent.post("/v1/contacts", &other.contact(project)).expect(201).await.id());
    agent.post("/v1/contacts", &json!({ "project_id": project, "name": [other.name()] })).expect(422).await;
    agent.get(&format!("/v1/contacts?name={}", other.given)).expect(200).await;
    agent.patch(&path, &other.person()).await.expect(200).await;
    agent.post(&format!("{path}/reveal"), &reveal).expect(200).await;
}

/// A request that is not over. What it carries must be seen in memory, or the search is blind.
async fn half_a_request(server: &ServerProcess, pid: u32, word: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap();
    let head =
        "POST /v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100";
    stream.write_all(format!("{head}\r\n\r\n{{\"email\": \"{word}").as_bytes()).await.unwrap();
    let (detector, deadline) = (Detector::of(&[word.to_owned()]), Instant::now() + Duration::from_secs(20));
    while memory::search(pid, &detector).hits.is_empty() {
        assert!(Instant::now() < deadline, "the search does not see what is being sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream
}

/// What is looked for, and the word that shows that looking works.
struct Found<'a> {
    detector: &'a Detector,
    control: Detector,
}

impl Found<'_> {
    /// No canary is in `text`; `landmark` is, which shows that it is the right text.
    fn absent(&self, place: &str, text: &[u8], landmark: &str) {
        assert!(String::from_utf8_lossy(text).contains(landmark), "{place} says nothing of {landmark}");
        self.detector.assert_clean(place, text);
    }

    /// No canary is in any file below `folder`; tells in which the control word is.
    fn in_folder(&self, folder: &Path) -> Vec<String> {
        let mut hits = Vec::new();
        for file in files(folder) {
            // The database removes files while it runs.
            let Ok(content) = fs::read(&file) else { continue };
            let file = file.display().to_string();
            self.detector.assert_clean(&file, &content);
            if self.control.find(&content).is_some() {
                hits.push(file);
            }
        }
        hits
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

/// The audit trail, as it is read and as it is exported.
async fn trail(found: &Found<'_>, admin: &Person) {
    let export: Answer = admin.get("/v1/audit/export").expect(200).await;
    let events = admin.get("/v1/audit/events?limit=200").expect(200).await;
    for (place, text) in [("the export of the trail", &export.text), ("the trail", &events.text)] {
        found.absent(place, text.as_bytes(), "reveal.created");
        assert!(found.control.find(text.as_bytes()).is_some(), "the control word is in {place}");
    }
}

/// The whole database as SQL; or why there is none, as where this machine has no `pg_dump` that is new enough.
async fn dump(own: &mut OwnServices) -> Result<Vec<u8>, String> {
    let postgres = own.services.postgres();
    let beside = format!("/usr/lib/postgresql/{}/bin/pg_dump", postgres.version().major);
    let program = if Path::new(&beside).exists() { beside } else { "pg_dump".to_owned() };
    let output = tokio::process::Command::new(program).arg("--dbname").arg(postgres.url_of("keystead")).output().await;
    let install = "a pg_dump of PostgreSQL's own version or a newer one is needed (Debian: postgresql-client)";
    match output {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => Err(format!("{install}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(format!("{install}: {error}")),
    }
}
