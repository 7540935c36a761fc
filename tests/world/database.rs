//! A database per test, cloned from a template that is prepared once per cluster.

use std::future::poll_fn;

use keystead_server::database::prepare;
use keystead_tenants::RootSecret;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};
use uuid::Uuid;

/// A test's own database; dropped with the test's cluster.
#[derive(Debug, Clone)]
pub struct Database {
    /// `postgres://host:port/name`, without user.
    pub url: String,
    admin: Config,
    name: String,
}

const TEMPLATE: &str = "keystead_template";

/// Reads a variable that `keystead-local with` sets.
pub(crate) fn service(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests through `make test`"))
}

/// The root secret of this run.
pub(crate) fn root() -> RootSecret {
    RootSecret::from_hex(&service("KEYSTEAD_SECRET")).unwrap()
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("the test cluster answers");
    tokio::spawn(async move { drop(connection.await) });
    client
}

/// Clones the migrated template.
pub async fn fresh_database() -> Database {
    let admin_url = service("DATABASE_ADMIN_URL");
    let admin: Config = admin_url.parse().unwrap();
    let server = connect(&admin).await;
    // One process prepares the template; the others wait for it. Cloning needs a template that nobody is connected to.
    server.batch_execute("SELECT pg_advisory_lock(90210)").await.unwrap();
    let known = server.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&TEMPLATE]).await.unwrap();
    if known.is_none() {
        prepare(&admin_url, TEMPLATE, &root()).await.expect("the template migrates");
        wait_until_alone(&server).await;
    }
    let name = format!("t_{}", Uuid::new_v4().simple());
    server.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await.unwrap();
    server.batch_execute("SELECT pg_advisory_unlock(90210)").await.unwrap();
    // Grants on the database itself are not part of a template.
    server.batch_execute(&format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC")).await.unwrap();
    let roles =
        "keystead_migrate, keystead_app, keystead_worker, keystead_platform, keystead_backup, keystead_audit_ro";
    server.batch_execute(&format!("GRANT CONNECT ON DATABASE {name} TO {roles}")).await.unwrap();
    let port = admin.get_ports()[0];
    Database { url: format!("postgres://127.0.0.1:{port}/{name}"), admin, name }
}

async fn wait_until_alone(server: &Client) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1";
    while server.query_one(sql, &[&TEMPLATE]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
}

impl Database {
    /// One that is there already, on the cluster of this run.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::on(&service("DATABASE_ADMIN_URL"), name)
    }

    /// A database of a cluster of the test's own.
    pub(crate) fn on(admin_url: &str, name: &str) -> Self {
        let admin: Config = admin_url.parse().unwrap();
        let port = admin.get_ports()[0];
        Self { url: format!("postgres://127.0.0.1:{port}/{name}"), admin, name: name.to_owned() }
    }

    /// Another database of the same server.
    #[must_use]
    pub fn sibling(&self, name: &str) -> Self {
        let port = self.admin.get_ports()[0];
        Self { url: format!("postgres://127.0.0.1:{port}/{name}"), admin: self.admin.clone(), name: name.to_owned() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection as the cluster's superuser, to look at everything.
    pub async fn superuser(&self) -> Client {
        connect(self.admin.clone().dbname(&self.name)).await
    }

    /// The same, where the cluster may be away.
    pub async fn try_superuser(&self) -> Option<Client> {
        let (client, connection) = self.admin.clone().dbname(&self.name).connect(NoTls).await.ok()?;
        tokio::spawn(async move { drop(connection.await) });
        Some(client)
    }

    /// The database itself ends no request's wait here, for a lock or for a statement.
    pub(crate) async fn waits(&self) {
        let server = self.superuser().await;
        for role in ["keystead_app", "keystead_platform"] {
            for time_out in ["lock_timeout", "statement_timeout"] {
                let sql = format!("ALTER ROLE {role} IN DATABASE {} SET {time_out} = '60s'", self.name);
                server.batch_execute(&sql).await.unwrap();
            }
        }
    }

    /// A connection as one of the product's roles.
    pub async fn role(&self, role: &str) -> Client {
        connect(self.admin.clone().dbname(&self.name).user(role).password(root().role_password(role))).await
    }

    /// The same, and everything that the server says without being asked: notices and notifications.
    pub async fn overheard(&self, role: &str) -> (Client, UnboundedReceiver<AsyncMessage>) {
        let mut config = self.admin.clone();
        config.dbname(&self.name).user(role).password(root().role_password(role));
        let (client, mut connection) = config.connect(NoTls).await.expect("the test cluster answers");
        let (said, heard) = unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                drop(said.send(message));
            }
        });
        (client, heard)
    }

    /// Why the server does not let a role connect with these options of the command line; `None` if it does.
    pub async fn refuses(&self, role: &str, options: &str) -> Option<tokio_postgres::Error> {
        let mut config = self.admin.clone();
        config.dbname(&self.name).user(role).password(root().role_password(role)).options(options);
        config.connect(NoTls).await.err()
    }
}
