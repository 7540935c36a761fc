//! The connection to the server: statements that leave together share a Sync ([`talk`]), and a server that owes an answer and stays
//! silent is given up ([`watched`]).

mod talk;
mod watched;

use std::{io, time::Duration};

use deadpool_postgres::Connect;
use futures::future::BoxFuture;
use socket2::{SockRef, TcpKeepalive};
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_postgres::{Client, Config, Error, NoTls, config::Host};

use watched::Watched;

/// An idle connection is probed after this time, so that whoever is between does not forget it.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How long a server may be silent where it owes an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For one statement.
    pub(crate) each: Duration,
    /// For all that are answered together, however many they are.
    pub(crate) all: Duration,
}

/// Opens connections that break after more silence than this.
pub(crate) struct Wire {
    pub(crate) patience: Patience,
}

impl Connect for Wire {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let config = config.clone();
        Box::pin(async move {
            let stream = Watched::new(open(&config).await, self.patience);
            let (client, connection) = config.connect_raw(stream, NoTls).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    // The driver's messages are fixed; causes, which may quote the server, are not in them.
                    tracing::warn!(%error, "a database connection broke");
                }
            });
            Ok((client, task))
        })
    }
}

/// The first of the configured servers that takes a connection.
async fn open(config: &Config) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::InvalidInput, "the database's address names no host");
    for (index, host) in config.get_hosts().iter().enumerate() {
        let Host::Tcp(name) = host else { continue };
        let ports = config.get_ports();
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        match TcpStream::connect((name.as_str(), port)).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
