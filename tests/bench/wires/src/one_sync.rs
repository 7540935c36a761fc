//! All messages of a transaction with one Sync behind them: what a driver could do that does not exist for Rust.

use std::iter;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Buf as _, BytesMut};
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::{
    IsNull,
    authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256},
    message::{backend::Message, frontend},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Task;

pub struct OneSync {
    stream: TcpStream,
    received: BytesMut,
    /// The messages of each script, ready to be sent.
    scripts: Vec<BytesMut>,
}

impl OneSync {
    pub async fn open(task: &Task) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", task.port)).await?;
        stream.set_nodelay(true)?;
        let mut wire = Self { stream, received: BytesMut::new(), scripts: Vec::new() };
        wire.log_in(task).await?;
        for (index, script) in task.scripts.iter().enumerate() {
            let all = iter::once("BEGIN").chain(script.iter().map(String::as_str)).chain(iter::once("COMMIT"));
            let (mut parses, mut runs) = (BytesMut::new(), BytesMut::new());
            for (number, sql) in all.enumerate() {
                let name = format!("s{index}_{number}");
                frontend::parse(&name, sql, [], &mut parses)?;
                let bound = frontend::bind("", &name, [], iter::empty::<()>(), |(), _| Ok(IsNull::Yes), [1], &mut runs);
                ensure!(bound.is_ok(), "a message is too long");
                frontend::execute("", 0, &mut runs)?;
            }
            frontend::sync(&mut parses);
            frontend::sync(&mut runs);
            wire.stream.write_all(&parses).await?;
            wire.rows().await?;
            wire.scripts.push(runs);
        }
        Ok(wire)
    }

    pub async fn transact(&mut self, script: usize) -> Result<usize> {
        self.stream.write_all(&self.scripts[script]).await?;
        self.rows().await
    }

    /// Reads until the server is ready again.
    async fn rows(&mut self) -> Result<usize> {
        let mut rows = 0;
        loop {
            match self.message().await? {
                Message::DataRow(row) => {
                    // Any driver looks where the values are.
                    rows += usize::from(row.ranges().count()? > 0);
                }
                Message::ReadyForQuery(_) => return Ok(rows),
                Message::ErrorResponse(_) => bail!("PostgreSQL refuses"),
                _ => {}
            }
        }
    }

    async fn message(&mut self) -> Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.received)? {
                return Ok(message);
            }
            ensure!(self.stream.read_buf(&mut self.received).await? > 0, "PostgreSQL hangs up");
        }
    }

    async fn log_in(&mut self, task: &Task) -> Result<()> {
        let mut message = BytesMut::new();
        let parameters = [("user", task.user.as_str()), ("database", &task.database), ("client_encoding", "UTF8")];
        frontend::startup_message(parameters, &mut message)?;
        self.stream.write_all(&message).await?;
        let mut scram = ScramSha256::new(task.password.as_bytes(), ChannelBinding::unsupported());
        loop {
            message.clear();
            match self.message().await? {
                Message::AuthenticationSasl(body) => {
                    let known = body.mechanisms().any(|mechanism| Ok(mechanism == SCRAM_SHA_256))?;
                    ensure!(known, "PostgreSQL asks for another kind of password");
                    frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), &mut message)?;
                }
                Message::AuthenticationSaslContinue(body) => {
                    scram.update(body.data())?;
                    frontend::sasl_response(scram.message(), &mut message)?;
                }
                Message::AuthenticationSaslFinal(body) => scram.finish(body.data())?,
                Message::ReadyForQuery(_) => return Ok(()),
                Message::ErrorResponse(_) => bail!("PostgreSQL refuses the login"),
                _ => {}
            }
            if message.has_remaining() {
                self.stream.write_all(&message).await.context("logging in")?;
            }
        }
    }
}
