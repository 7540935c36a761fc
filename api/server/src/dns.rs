//! What DNS says, asked of the machine's resolvers or of one that is named.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::rr::RData,
};

/// A resolver that remembers nothing: whoever has just changed a record wants to know.
pub struct Dns(TokioResolver);

impl Dns {
    /// Asks `server`, or else whom the machine asks.
    ///
    /// # Errors
    /// When the machine's configuration does not read.
    pub fn new(server: Option<SocketAddr>) -> anyhow::Result<Self> {
        let mut builder = match server {
            Some(server) => Resolver::builder_with_config(only(server), TokioRuntimeProvider::default()),
            None => Resolver::builder_tokio().context("the machine's resolvers are not known")?,
        };
        let options = builder.options_mut();
        (options.cache_size, options.timeout, options.attempts) = (0, Duration::from_secs(3), 2);
        Ok(Self(builder.build()?))
    }

    /// The TXT records of a name, each as one text; none if there is no such name.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn txt(&self, name: &str) -> anyhow::Result<Vec<String>> {
        // With the final dot no search domain is tried.
        let answer = match self.0.txt_lookup(format!("{name}.")).await {
            Ok(answer) => answer,
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => return Ok(Vec::new()),
            Err(error) => return Err(error).context("DNS does not answer"),
        };
        let texts = answer.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        });
        Ok(texts.collect())
    }
}

fn only(server: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, connections.into())])
}
