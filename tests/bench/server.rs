//! The release server as a process of its own.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use keystead_tests::{Database, PASSWORD};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::load;

/// A running server.
pub struct Server {
    /// Where it answers.
    pub address: SocketAddr,
    /// HTTP client for what is not measured.
    pub http: reqwest::Client,
    /// From its start to its first 200.
    pub started_in: Duration,
    child: Child,
}

/// No limit that a measurement would reach.
const UNLIMITED: [(&str, &str); 2] =
    [("KEYSTEAD_PER_MEMBER_PER_MINUTE", "100000000"), ("KEYSTEAD_PER_ADDRESS_PER_MINUTE", "100000000")];

impl Server {
    /// Starts `keystead serve`, which stands beside this program, with everything on and limits out of reach; `variables` come
    /// on top.
    pub async fn start(program: Command, database: &Database, variables: &[(&str, &str)]) -> anyhow::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = program;
        command
            .arg("serve")
            .env("DATABASE_URL", &database.url)
            .env("KEYSTEAD_LISTEN", address.to_string())
            // Tokens name it as their issuer: those of one server are good for the next.
            .env("KEYSTEAD_PUBLIC_URL", "http://localhost")
            .env("KEYSTEAD_CELL", database.name().replace('_', "-"))
            .env("KEYSTEAD_BUCKET", database.name().replace('_', "-"))
            .env("KEYSTEAD_AUTO_APPROVE", "true")
            .env("KEYSTEAD_OPERATOR_EMAIL", "operator@keystead.test")
            .env("KEYSTEAD_OPERATOR_PASSWORD", PASSWORD)
            .envs(UNLIMITED)
            .envs(variables.iter().copied())
            .env_remove("DATABASE_ADMIN_URL")
            .env_remove("RUST_LOG")
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        let begun = Instant::now();
        let child = command.spawn().context("the server does not start")?;
        // Parts of a run take minutes: the server has closed by then what lay idle.
        let http = reqwest::Client::builder().no_proxy().pool_idle_timeout(Duration::from_secs(2)).build()?;
        let mut server = Self { address, http, child, started_in: Duration::ZERO };
        server.ready().await?;
        server.started_in = begun.elapsed();
        Ok(server)
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let request = b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\n\r\n";
        loop {
            ensure!(self.child.try_wait()?.is_none(), "the server ended");
            if load::ask(self.address, request).await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Holds the process still until what it returns is dropped: its jobs must not count against somebody else.
    pub fn pause(&self) -> Paused {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        send(process, Signal::STOP);
        Paused(process)
    }

    /// An address of the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// POST that must succeed.
    pub async fn post(&self, path: &str, token: &str, body: &Value) -> anyhow::Result<Value> {
        let mut request = self.http.post(self.url(path)).json(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "POST {path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Logs in and gives the access token.
    pub async fn log_in(&self, tenant: Option<&str>, email: &str) -> anyhow::Result<String> {
        let body = json!({ "tenant": tenant, "email": email, "password": PASSWORD, "client": "native" });
        let tokens = self.post("/v1/auth/login", "", &body).await?;
        Ok(tokens["access_token"].as_str().context("an access token")?.to_owned())
    }

    /// What KMS was asked so far.
    pub async fn kms_calls(&self) -> anyhow::Result<u64> {
        let ledger = format!("{}/__ledger", std::env::var("AWS_ENDPOINT_URL_KMS")?);
        let counts: Value = self.http.get(ledger).send().await?.json().await?;
        Ok(counts.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum())
    }

    /// The most memory that the process ever held, in MiB.
    pub fn peak_mib(&self) -> f64 {
        self.status_mib("VmHWM:")
    }

    /// The memory that the process holds, in MiB.
    pub fn resident_mib(&self) -> f64 {
        self.status_mib("VmRSS:")
    }

    fn status_mib(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
    }
}

/// A server that stands still.
pub struct Paused(Option<Pid>);

impl Drop for Paused {
    fn drop(&mut self) {
        send(self.0, Signal::CONT);
    }
}

/// A process that is gone needs no signal.
fn send(process: Option<Pid>, signal: Signal) {
    if let Some(process) = process {
        let _ = kill_process(process, signal);
    }
}

/// The program, beside this one.
pub fn program() -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("keystead"))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
