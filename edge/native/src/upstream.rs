//! Requests to cells.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::{Method, Request, Response, Uri, body::Incoming, header, http::uri::Authority};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use keystead_edge::directory::Cell;
use tokio::time::timeout;

/// A body on its way, whoever made it.
pub(crate) type Body = BoxBody<Bytes, Failure>;
/// Why a body broke off.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A cell that does not take a connection by then is away.
const CONNECT: Duration = Duration::from_secs(3);
/// A cell that does not begin to answer by then is away. Longer than any statement may take in a cell.
const ANSWER: Duration = Duration::from_secs(60);

/// Connections to the cells.
pub(crate) struct Upstream {
    client: Client<HttpConnector, Body>,
    origins: HashMap<Cell, Authority>,
}

impl Upstream {
    pub(crate) fn new(origins: HashMap<Cell, Authority>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(10)).set_host(false);
        Self { client: client.build(connector), origins }
    }

    /// Sends a request to a cell; `None` if it does not answer.
    pub(crate) async fn send(
        &self,
        cell: &Cell,
        method: &str,
        target: &str,
        host: &str,
        fields: impl IntoIterator<Item = (String, Vec<u8>)>,
        body: Body,
    ) -> Option<Response<Incoming>> {
        let authority = self.origins.get(cell)?.clone();
        let uri = Uri::builder().scheme("http").authority(authority).path_and_query(target).build().ok()?;
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?).uri(uri);
        request = request.header(header::HOST, host);
        for (name, value) in fields {
            request = request.header(name, value);
        }
        let request = request.body(body).ok()?;
        match timeout(ANSWER, self.client.request(request)).await {
            Ok(Ok(response)) => Some(response),
            Ok(Err(error)) => {
                tracing::warn!(%cell, error = %error, "a cell does not answer");
                None
            }
            Err(_) => {
                tracing::warn!(%cell, "a cell takes too long");
                None
            }
        }
    }
}
