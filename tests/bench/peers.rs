//! What a user would pick instead, on the same cluster in the same run: servers of the schema that the workload fixes.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{
    bench::Bench,
    fixed::{DATABASE, ROLE, login, trim},
    goals::ALONE,
    load,
    ours::measure,
    workload::{Workload, bytes},
};

/// Names of the peers, as in the table.
const PEERS: [Peer; 3] = [
    Peer { name: "postgraphile", dialect: "gql" },
    Peer { name: "fastapi-sqlalchemy", dialect: "rest" },
    Peer { name: "fastapi-asyncpg", dialect: "rest" },
];

struct Peer {
    name: &'static str,
    dialect: &'static str,
}

/// Where things are.
pub struct Rig {
    /// The peers' sources.
    sources: PathBuf,
    /// What is installed and written, in the target folder.
    home: PathBuf,
}

impl Rig {
    /// Installs the peers if need be.
    pub fn installed(sources: &Path) -> anyhow::Result<Self> {
        let home = std::env::current_exe()?.with_file_name("../peers");
        fs::create_dir_all(home.join("run"))?;
        let rig = Self { sources: sources.to_owned(), home: home.canonicalize()? };
        rig.install()?;
        Ok(rig)
    }

    /// One round of each.
    pub async fn measure_all(&self, bench: &mut Bench) -> anyhow::Result<()> {
        for peer in &PEERS {
            self.measure(bench, peer).await?;
        }
        Ok(())
    }

    /// Into the target folder, the first time only.
    fn install(&self) -> anyhow::Result<()> {
        let python = self.home.join("venv/bin/python");
        if !self.home.join("venv/bin/uvicorn").exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(self.home.join("venv")))?;
            let list = self.sources.join("fastapi-reference/requirements.txt");
            run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(list))?;
        }
        let node = self.home.join("node");
        fs::create_dir_all(&node)?;
        for file in ["package.json", "server.js"] {
            fs::copy(self.sources.join("postgraphile-reference").join(file), node.join(file))?;
        }
        if !node.join("node_modules/postgraphile").exists() {
            run(Command::new("npm").args(["install", "--silent", "--no-fund", "--no-audit"]).current_dir(&node))?;
        }
        let queries = self.sources.join("postgraphile-reference/queries.json");
        run(Command::new(&python).arg(self.sources.join("lib/gen.py")).arg(self.home.join("run")).arg(queries))
    }

    async fn measure(&self, bench: &mut Bench, peer: &Peer) -> anyhow::Result<()> {
        let running = self.start(bench, peer)?;
        let target = (running.address, running.child.id());
        for workload in Workload::SINGLE {
            self.verify(peer, running.address, workload).await?;
        }
        self.refuses(peer, running.address).await?;
        trim(bench).await?;
        for workload in bench.knobs.workloads.clone() {
            let requests = Rc::new(self.requests(peer.dialect, workload)?);
            let (row, _) = measure(bench, target, &requests, load::CONNECTIONS, bench.knobs.seconds).await?;
            bench.table.add(workload.name(), peer.name, row);
            if workload == Workload::W1 {
                let (row, _) = measure(bench, target, &requests, 1, bench.knobs.seconds.min(3)).await?;
                bench.table.add(ALONE, peer.name, row);
            }
            if workload.writes() {
                trim(bench).await?;
            }
        }
        Ok(())
    }

    fn start(&self, bench: &Bench, peer: &Peer) -> anyhow::Result<Running> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let port = address.port().to_string();
        let (node, python) = (self.home.join("node/node_modules/node/bin/node"), self.home.join("venv/bin/python"));
        let mut command = bench.cores.for_server(if peer.dialect == "gql" { &node } else { &python });
        if peer.dialect == "gql" {
            command.arg("server.js").current_dir(self.home.join("node"));
        } else {
            command.args(["-m", "uvicorn", "--app-dir"]).arg(self.sources.join("fastapi-reference"));
            command.args(["app:app", "--port", &port, "--no-access-log", "--loop", "uvloop"]);
            command.args(["--http", "httptools", "--log-level", "warning"]).current_dir(&self.home);
            command.env("BENCH_STACK", peer.name.trim_start_matches("fastapi-"));
        }
        let database = crate::bench::port(&bench.database)?;
        let dsn = format!("postgresql://{ROLE}:{}@127.0.0.1:{database}/{DATABASE}", login(bench).password);
        let log = fs::File::create(self.home.join(format!("{}.log", peer.name)))?;
        command.env("BENCH_DSN", dsn).env("BENCH_PUBLIC_KEY", self.home.join("run/public.pem")).env("PORT", &port);
        command.env("DB_POOL", "8").env("NODE_ENV", "production").env("PYTHONDONTWRITEBYTECODE", "1");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let running = Running { child: command.spawn().with_context(|| peer.name.to_owned())?, address };
        let deadline = Instant::now() + Duration::from_secs(40);
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < deadline, "{} does not listen; see {}", peer.name, self.home.display());
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(running)
    }

    /// The rig's request list: method, path, token and body in columns.
    fn requests(&self, dialect: &str, workload: Workload) -> anyhow::Result<Vec<Vec<u8>>> {
        let file = self.home.join(format!("run/{}.{dialect}", workload.name().to_lowercase()));
        let text = fs::read_to_string(file)?;
        let one = |line: &str| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [_, path, token, body] = columns[..] else { return None };
            Some(bytes(path, token, if body == "-" { "" } else { body }))
        };
        Ok(text.lines().filter_map(one).collect())
    }

    /// Status, number of rows and whose they are, so that a fast error never scores.
    async fn verify(&self, peer: &Peer, address: SocketAddr, workload: Workload) -> anyhow::Result<()> {
        let (asked, plain) = (self.requests(peer.dialect, workload)?, self.requests("rest", workload)?);
        for (asked, plain) in asked.iter().zip(&plain).take(100) {
            let answer = load::ask(address, asked).await?;
            let body: Value = serde_json::from_str(&answer.body).with_context(|| answer.body.clone())?;
            let good = (200..300).contains(&answer.status) && body.get("errors").is_none();
            let plain = String::from_utf8_lossy(plain);
            let path = plain.split(' ').nth(1).unwrap_or_default();
            ensure!(good && is_right(workload, path, unwrapped(&body)), "{}: {path}: {}", peer.name, answer.body);
        }
        Ok(())
    }

    /// A peer that does not verify tokens must not score either.
    async fn refuses(&self, peer: &Peer, address: SocketAddr) -> anyhow::Result<()> {
        let asked = self.requests(peer.dialect, Workload::W1)?;
        let good = String::from_utf8_lossy(asked.first().context("a request")?).into_owned();
        let token = good.split("Bearer ").nth(1).and_then(|rest| rest.split("\r\n").next()).context("a token")?;
        let broken = format!("{}AAAAAAAA", &token[..token.len() - 8]);
        for bad in ["", "x.y.z", &broken] {
            let answer = load::ask(address, good.replace(token, bad).as_bytes()).await?;
            let refused = answer.status >= 300 || answer.body.contains("\"errors\"");
            ensure!(refused, "{} takes a bad token", peer.name);
        }
        Ok(())
    }
}

/// What stands inside of a GraphQL answer, and a REST answer as it is.
fn unwrapped(body: &Value) -> &Value {
    let Some(inner) = body.get("data").and_then(Value::as_object).and_then(|data| data.values().next()) else {
        return body;
    };
    inner.get("nodes").or_else(|| inner.get("result")).unwrap_or(inner)
}

/// Ids of the rig hold their tenant's number in the digits 18 to 22.
fn tenant_of(id: &str) -> Option<String> {
    id.replace('-', "").get(17..22).map(str::to_owned)
}

fn is_right(workload: Workload, path: &str, body: &Value) -> bool {
    let rows = body.as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    let fields = |row: &Value| row.as_object().map_or(0, serde_json::Map::len);
    let of = |id: &str| ids.iter().all(|row| tenant_of(row) == tenant_of(id));
    match workload {
        Workload::W1 => body["id"].as_str().is_some_and(|id| path.ends_with(id)) && fields(body) == 10,
        Workload::W2 => {
            let before = path.rsplit('=').next().unwrap_or_default();
            ids.len() == 50 && ids.is_sorted_by(|a, b| a > b) && ids[0] < before && of(before) && fields(&rows[0]) == 7
        }
        Workload::W3 => {
            let project = path.split("project_id=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
            of(project) && rows.iter().all(|row| fields(row) == 9)
        }
        Workload::W4 => fields(body) == 2 && body["id"].as_str().is_some_and(|id| id.len() == 36),
        Workload::W5 => false,
    }
}

struct Running {
    child: Child,
    address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.stdout(Stdio::null()).status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
