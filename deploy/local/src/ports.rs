//! Which port each part listens on, always on 127.0.0.1.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Result, bail};

/// The ports of one local platform; 0 stands for any free one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// The edge: where people come in.
    pub edge: u16,
    /// Health and figures of the edge.
    pub edge_probe: u16,
    /// The API, for the edge.
    pub api: u16,
    /// PostgreSQL.
    pub postgres: u16,
    /// S3.
    pub s3: u16,
    /// KMS.
    pub kms: u16,
    /// SMTP of the mailbox.
    pub smtp: u16,
    /// Web page of the mailbox.
    pub mailbox: u16,
}

/// A port that somebody else listens on.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    port: u16,
    service: &'static str,
    variable: &'static str,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, service, variable } = self;
        write!(f, "port {port} for {service} is already in use; stop what uses it, or choose another with {variable}=…")
    }
}

impl Ports {
    /// The usual ports, each overridden by its variable (`KEYSTEAD_PORT`, `KEYSTEAD_PG_PORT`, …).
    ///
    /// # Errors
    /// When a variable is no port number.
    pub fn from_env() -> Result<Self> {
        Self::read(|variable| std::env::var(variable).ok())
    }

    fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let port = |variable: &str, usual: u16| match lookup(variable) {
            None => Ok(usual),
            Some(text) => match text.trim().parse() {
                Ok(port) if port > 0 => Ok(port),
                _ => bail!("{variable} must be a port from 1 to 65535, not {text:?}"),
            },
        };
        Ok(Self {
            edge: port("KEYSTEAD_PORT", 8080)?,
            edge_probe: port("KEYSTEAD_EDGE_PROBE_PORT", 9442)?,
            api: port("KEYSTEAD_API_PORT", 8081)?,
            postgres: port("KEYSTEAD_PG_PORT", 5440)?,
            s3: port("KEYSTEAD_S3_PORT", 9440)?,
            kms: port("KEYSTEAD_KMS_PORT", 9441)?,
            smtp: port("KEYSTEAD_SMTP_PORT", 1025)?,
            mailbox: port("KEYSTEAD_MAILBOX_PORT", 8025)?,
        })
    }

    /// Any free port for each part: several platforms at once do not meet.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Checks that every port is free, before anything is started.
    ///
    /// # Errors
    /// One line that names the first taken port, what wanted it, and the variable that changes it.
    pub fn check(&self) -> Result<()> {
        match self.taken() {
            None => Ok(()),
            Some(taken) => bail!("{taken}"),
        }
    }

    fn taken(&self) -> Option<Taken> {
        let wanted = [
            (self.edge, "the edge", "KEYSTEAD_PORT"),
            (self.edge_probe, "the edge (health and figures)", "KEYSTEAD_EDGE_PROBE_PORT"),
            (self.api, "the API", "KEYSTEAD_API_PORT"),
            (self.postgres, "PostgreSQL", "KEYSTEAD_PG_PORT"),
            (self.s3, "S3", "KEYSTEAD_S3_PORT"),
            (self.kms, "KMS", "KEYSTEAD_KMS_PORT"),
            (self.smtp, "the mailbox (SMTP)", "KEYSTEAD_SMTP_PORT"),
            (self.mailbox, "the mailbox (web page)", "KEYSTEAD_MAILBOX_PORT"),
        ];
        // Held together, so that two parts given the same port are noticed as well.
        let mut held = Vec::new();
        for (port, service, variable) in wanted {
            match TcpListener::bind(loopback(port)) {
                Ok(listener) => held.push(listener),
                Err(_) => return Some(Taken { port, service, variable }),
            }
        }
        None
    }
}

/// The loopback address with a port.
#[must_use]
pub fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A port that is free now. Somebody may take it before it is used.
pub(crate) fn free() -> std::io::Result<u16> {
    Ok(TcpListener::bind(loopback(0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::{Ports, TcpListener, loopback};

    #[test]
    fn a_taken_port_is_named_with_its_owner_and_variable() {
        let other = TcpListener::bind(loopback(0)).expect("a port");
        let port = other.local_addr().expect("an address").port();
        let message = Ports { s3: port, ..Ports::any() }.check().expect_err("taken").to_string();
        assert_eq!(
            message,
            format!(
                "port {port} for S3 is already in use; stop what uses it, or choose another with KEYSTEAD_S3_PORT=…"
            )
        );
        drop(other);
        assert!(Ports { s3: port, ..Ports::any() }.check().is_ok());
        assert!(Ports { s3: port, kms: port, ..Ports::any() }.check().is_err());
    }

    #[test]
    fn variables_override_and_are_checked() {
        let ports = Ports::read(|name| (name == "KEYSTEAD_PORT").then(|| "9090".to_owned())).expect("ports");
        assert_eq!((ports.edge, ports.api, ports.postgres, ports.mailbox), (9090, 8081, 5440, 8025));
        for wrong in ["0", "65536", "http", ""] {
            let refused = Ports::read(|name| (name == "KEYSTEAD_KMS_PORT").then(|| wrong.to_owned()));
            assert!(refused.expect_err("refused").to_string().contains("KEYSTEAD_KMS_PORT"));
        }
    }
}
