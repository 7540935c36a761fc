//! `keystead-local` as a user runs it, with a stand-in for the API server.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

/// Answers the health check, and writes down what it was given.
const SERVER: &str = r#"#!/usr/bin/env python3
import http.server, json, os, sys
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, sys.argv[1] + ".json"), "w") as file:
    json.dump(dict(os.environ), file)
if sys.argv[1] == "edge-config":
    print('{"home": "main", "trusted": [], "keys": []}')
    sys.exit(0)
if sys.argv[1] == "migrate":
    sys.exit(3 if os.path.exists(os.path.join(here, "broken")) else 0)
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(1)
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())
host, port = os.environ["KEYSTEAD_LISTEN"].split(":")
http.server.HTTPServer((host, int(port)), Health).serve_forever()
"#;

/// Answers its own health check, and passes everything on.
const EDGE: &str = r#"#!/usr/bin/env python3
import http.server, json, os, threading, urllib.request
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "edge.json"), "w") as file:
    json.dump(dict(os.environ), file)
cell = os.environ["KEYSTEAD_EDGE_CELLS"].split("=")[1]
class Probe(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
class Pass(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with urllib.request.urlopen(cell + self.path) as answer:
            self.send_response(answer.status)
            self.end_headers()
            self.wfile.write(answer.read())
    def do_POST(self):
        self.send_response(501)
        self.end_headers()
def serve(name, handler):
    host, port = os.environ[name].split(":")
    http.server.ThreadingHTTPServer((host, int(port)), handler).serve_forever()
threading.Thread(target=serve, args=("KEYSTEAD_EDGE_PROBE_LISTEN", Probe), daemon=True).start()
serve("KEYSTEAD_EDGE_LISTEN", Pass)
"#;

const PORTS: [&str; 8] = [
    "KEYSTEAD_PORT",
    "KEYSTEAD_EDGE_PROBE_PORT",
    "KEYSTEAD_API_PORT",
    "KEYSTEAD_PG_PORT",
    "KEYSTEAD_S3_PORT",
    "KEYSTEAD_KMS_PORT",
    "KEYSTEAD_SMTP_PORT",
    "KEYSTEAD_MAILBOX_PORT",
];

/// A copy of the launcher beside the stand-in, with ports of its own.
struct Bench {
    folder: tempfile::TempDir,
    ports: Vec<u16>,
}

impl Bench {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
        fs::copy(env!("CARGO_BIN_EXE_keystead-local"), folder.path().join("keystead-local"))?;
        for (name, text) in [("keystead", SERVER), ("keystead-edge", EDGE)] {
            let program = folder.path().join(name);
            fs::write(&program, text)?;
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        }
        let held: Vec<_> = PORTS.iter().map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
        let ports = held.iter().map(|one| Ok(one.local_addr()?.port())).collect::<Result<_>>()?;
        Ok(Self { folder, ports })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("keystead-local"));
        command.args(arguments).env("KEYSTEAD_STATE", self.path("state")).env("KEYSTEAD_PG_FAST", "1");
        // The stand-in has no API to set a demo up with.
        command.env("KEYSTEAD_NO_DEMO", "1");
        for (name, port) in PORTS.iter().zip(&self.ports) {
            command.env(name, port.to_string());
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<Output> {
        Ok(self.command(arguments).output()?)
    }

    /// Runs `up` in the background and waits for its last line.
    fn up(&self) -> Result<Up> {
        self.start(&mut self.command(&["up"]))
    }

    fn start(&self, command: &mut Command) -> Result<Up> {
        let out = self.path("up.out");
        let child = command.stdout(fs::File::create(&out)?).stderr(Stdio::inherit()).spawn()?;
        let up = Up { child, out };
        up.wait_for("Stop with Ctrl-C")?;
        Ok(up)
    }

    fn get(&self, path: &str) -> Result<String> {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.ports[0]))?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

struct Up {
    child: Child,
    out: PathBuf,
}

impl Up {
    fn wait_for(&self, words: &str) -> Result<()> {
        eventually(|| fs::read_to_string(&self.out).is_ok_and(|text| text.contains(words)))
            .with_context(|| format!("no {words:?} in {}", fs::read_to_string(&self.out).unwrap_or_default()))
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            keystead_local::child::signal(self.child.id(), rustix::process::Signal::TERM);
            let _ = self.child.wait();
        }
    }
}

fn eventually(mut condition: impl FnMut() -> bool) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        ensure!(Instant::now() < deadline, "not within a minute");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn environment(file: &Path) -> Result<serde_json::Value> {
    Ok(serde_json::from_slice(&fs::read(file)?)?)
}

#[test]
fn up_runs_until_it_is_stopped_and_survives_the_death_of_its_server() -> Result<()> {
    let bench = Bench::new()?;
    let mut up = bench.up()?;
    let said = fs::read_to_string(&up.out)?;
    assert!(said.contains(&format!("http://localhost:{}", bench.ports[0])) && said.contains("operator@keystead.test"));

    let (migrate, serve) = (environment(&bench.path("migrate.json"))?, environment(&bench.path("serve.json"))?);
    // The administrator of the database is needed to migrate, and for nothing else.
    assert!(migrate["DATABASE_ADMIN_URL"].is_string() && serve["DATABASE_ADMIN_URL"].is_null());
    for name in [
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_KMS",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "KEYSTEAD_SMTP_URL",
        "KEYSTEAD_MAILBOX_URL",
        "KEYSTEAD_OPERATOR_PASSWORD",
        "KEYSTEAD_SECRET",
    ] {
        assert!(serve[name].as_str().is_some_and(|value| !value.is_empty()), "{name}");
        assert_eq!(serve[name], migrate[name], "{name}");
    }
    assert_eq!(serve["KEYSTEAD_SECRET"].as_str().map(str::len), Some(64));
    assert_eq!((&serve["AWS_REGION"], &serve["KEYSTEAD_BUCKET"]), (&"us-west-2".into(), &"keystead".into()));

    // The server answers the edge alone, and the edge knows where it is and no secret but its own.
    let edge = environment(&bench.path("edge.json"))?;
    assert_eq!(serve["KEYSTEAD_ONLY_EDGES"], "true");
    assert_eq!(edge["KEYSTEAD_EDGE_CELLS"], format!("main=http://127.0.0.1:{}", bench.ports[2]));
    assert!(edge["KEYSTEAD_SECRET"].is_null() && edge["DATABASE_URL"].is_null(), "{edge}");

    let second = bench.run(&["up"])?;
    assert!(!second.status.success() && complaint(&second).contains("already running"), "{}", complaint(&second));
    assert!(complaint(&bench.run(&["reset"])?).contains("stop it first"));

    let before = bench.get("/health/ready")?;
    let _ = bench.get("/die");
    eventually(|| bench.get("/health/ready").is_ok_and(|answer| !answer.is_empty() && answer != before))?;

    let down = bench.run(&["down"])?;
    assert!(down.status.success(), "{}", complaint(&down));
    assert!(up.child.wait()?.success());
    assert!(bench.get("/").is_err(), "the server is gone");
    assert!(!String::from_utf8_lossy(&bench.run(&["down"])?.stdout).contains("has stopped"));

    // The same secrets at the second start.
    let up = bench.up()?;
    assert_eq!(environment(&bench.path("serve.json"))?["KEYSTEAD_SECRET"], serve["KEYSTEAD_SECRET"]);
    drop(up);
    assert!(bench.run(&["reset"])?.status.success());
    assert!(!bench.path("state").exists());
    Ok(())
}

#[test]
fn a_killed_launcher_is_followed_by_a_clean_start() -> Result<()> {
    let bench = Bench::new()?;
    let mut up = bench.up()?;
    up.child.kill()?;
    up.child.wait()?;
    assert!(bench.get("/health/ready").is_ok(), "the orphaned server still answers");
    drop(bench.up()?);
    Ok(())
}

#[test]
fn a_demo_that_cannot_be_set_up_is_said_and_does_not_keep_the_platform_from_running() -> Result<()> {
    let bench = Bench::new()?;
    let up = bench.start(bench.command(&["up"]).env("KEYSTEAD_NO_DEMO", "0"))?;
    let said = fs::read_to_string(&up.out)?;
    assert!(
        said.contains("The demo builder could not be set up") && said.contains("/v1/auth/login answers 501"),
        "{said}"
    );
    assert!(!said.contains("@demo.test") && !bench.path("state/demo-seeded").exists(), "{said}");
    assert!(bench.get("/health/ready").is_ok());
    Ok(())
}

#[test]
fn a_taken_port_is_named_and_nothing_is_left_running() -> Result<()> {
    let bench = Bench::new()?;
    let _other = TcpListener::bind(("127.0.0.1", bench.ports[5]))?;
    let refused = bench.run(&["up"])?;
    assert_eq!(refused.status.code(), Some(1));
    let expected = format!(
        "keystead: port {} for KMS is already in use; stop what uses it, or choose another with KEYSTEAD_KMS_PORT=…\n",
        bench.ports[5]
    );
    assert_eq!(complaint(&refused), expected);
    Ok(())
}

#[test]
fn a_failed_migration_and_a_missing_server_are_explained() -> Result<()> {
    let bench = Bench::new()?;
    fs::write(bench.path("broken"), "")?;
    assert!(complaint(&bench.run(&["up"])?).contains("could not be migrated"));
    fs::remove_file(bench.path("keystead"))?;
    let refused = complaint(&bench.run(&["up"])?);
    assert!(refused.contains("`cargo build -p keystead-server`") && refused.lines().count() == 1, "{refused}");
    Ok(())
}

#[test]
fn with_wraps_a_command_and_returns_its_code() -> Result<()> {
    let bench = Bench::new()?;
    let script =
        "test -n \"$DATABASE_ADMIN_URL\" && test ${#KEYSTEAD_SECRET} = 64 && echo \"$AWS_ENDPOINT_URL_S3\"; exit 7";
    let ran = bench.run(&["with", "--fast", "--", "sh", "-c", script])?;
    assert_eq!(ran.status.code(), Some(7), "{}", complaint(&ran));
    assert!(String::from_utf8_lossy(&ran.stdout).starts_with("http://127.0.0.1:"));
    let missing = bench.run(&["with", "--", "/no/such/program"])?;
    assert!(complaint(&missing).contains("cannot run /no/such/program"), "{}", complaint(&missing));
    assert!(!bench.path("state").exists(), "a run of its own does not touch the state folder");
    Ok(())
}
