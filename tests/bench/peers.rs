//! What a user would pick instead, on the same cluster in the same run. The peers are not part of this project: they are used from
//! the folder that `BENCH_RIG` names, and left out where it is absent.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{
    bench::{Bench, superuser_login},
    goals::{ALONE, RLS_PEERS},
    load,
    ours::measure,
    pgbench::Login,
    table::PEER_ONE,
    workload::{Workload, bytes},
};

const DATABASE: &str = "crmbench";
const ROLE: &str = "crm_app";

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
struct Rig {
    /// The peers' sources.
    sources: PathBuf,
    /// What is installed and written, in the target folder.
    home: PathBuf,
}

/// Installs the peers if need be, seeds their database and measures each.
pub async fn measure_all(bench: &mut Bench) -> anyhow::Result<()> {
    let Some(sources) = bench.knobs.rig.clone() else {
        eprintln!("no peers: BENCH_RIG names no folder with them");
        return Ok(());
    };
    let home = std::env::current_exe()?.with_file_name("../peers");
    let rig = Rig { sources: sources.canonicalize()?, home };
    bench.let_go();
    fs::create_dir_all(rig.home.join("run"))?;
    let rig = Rig { home: rig.home.canonicalize()?, ..rig };
    rig.install()?;
    rig.seed(bench).await?;
    bench.hold_again()?;
    limits(bench, &rig).await?;
    for peer in &PEERS {
        for _ in 0..bench.knobs.rounds {
            rig.measure(bench, peer).await?;
        }
    }
    Ok(())
}

impl Rig {
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

    /// The peers' schema and data, in a database of its own.
    async fn seed(&self, bench: &Bench) -> anyhow::Result<()> {
        let admin = bench.database.superuser().await;
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {DATABASE}")).await?;
        admin.batch_execute(&format!("DROP ROLE IF EXISTS {ROLE}")).await?;
        admin.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
        for file in ["schema.sql", "seed.sql", "prewarm.sql"] {
            let sql = fs::read_to_string(self.sources.join("sql").join(file))?;
            execute(bench, &sql).await.with_context(|| file.to_owned())?;
        }
        execute(bench, &format!("ALTER ROLE {ROLE} PASSWORD '{}'", app_login(bench).password)).await?;
        execute(bench, "VACUUM ANALYZE").await
    }

    async fn measure(&self, bench: &mut Bench, peer: &Peer) -> anyhow::Result<()> {
        let running = self.start(bench, peer)?;
        let target = (running.address, running.child.id());
        for workload in Workload::SINGLE {
            self.verify(peer, running.address, workload).await?;
        }
        self.refuses(peer, running.address).await?;
        trim(bench).await?;
        for workload in Workload::ALL {
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
        let dsn = format!("postgresql://{ROLE}:{}@127.0.0.1:{database}/{DATABASE}", app_login(bench).password);
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

fn app_login(bench: &Bench) -> Login {
    let password = bench.root.role_password(ROLE);
    Login { user: ROLE.to_owned(), password, database: DATABASE.to_owned(), options: "" }
}

/// pgbench on the peers' schema: the limit of the peers, and what policies cost there.
async fn limits(bench: &mut Bench, rig: &Rig) -> anyhow::Result<()> {
    let file = |name: &str| fs::read_to_string(rig.sources.join("pgbench").join(name));
    for _ in 0..bench.knobs.rounds {
        let Some(pgbench) = &bench.pgbench else { return Ok(()) };
        for workload in Workload::ALL {
            let one = |(operation, percent): &(Workload, u32)| {
                Ok((file(&format!("{}_pipe_implicit.sql", operation.name().to_lowercase()))?, *percent))
            };
            let scripts: Vec<_> = workload.mix().iter().map(one).collect::<anyhow::Result<_>>()?;
            let row = pgbench.run(&app_login(bench), &scripts)?;
            if workload == Workload::W1 {
                let bare = pgbench.run(&superuser_login(DATABASE), &[(file("w1_norls.sql")?, 1)])?;
                bench.figures.add(RLS_PEERS, row.per_second / bare.per_second, "");
            }
            bench.table.add(workload.name(), PEER_ONE, row);
            if workload.writes() {
                trim(bench).await?;
            }
        }
    }
    Ok(())
}

/// Takes out what creating left behind.
async fn trim(bench: &Bench) -> anyhow::Result<()> {
    execute(bench, "DELETE FROM crm.contacts WHERE last_name = 'Person'; TRUNCATE crm.audit_log").await?;
    execute(bench, "VACUUM (ANALYZE) crm.contacts").await?;
    execute(bench, "CHECKPOINT").await
}

async fn execute(bench: &Bench, sql: &str) -> anyhow::Result<()> {
    let Login { user, password, .. } = superuser_login(DATABASE);
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(crate::bench::port(&bench.database)?).user(user).password(password).dbname(DATABASE);
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    let running = tokio::spawn(connection);
    client.batch_execute(sql).await?;
    drop(client);
    running.await??;
    Ok(())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.stdout(Stdio::null()).status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
