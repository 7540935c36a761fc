//! From a `Host` header to the tenant it names.

use crate::Slug;

/// The platform's own domain; tenants are one label below it.
#[derive(Debug, Clone)]
pub struct HostRule {
    base: String,
}

/// What a host names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantHost {
    /// `acme.<base>`.
    Tenant(Slug),
    /// The base domain, `api.<base>`, `console.<base>`, or a bare address: the token decides.
    Platform,
    /// Not ours.
    Unknown,
}

impl HostRule {
    /// `base` is a domain without port, such as `keystead.example` or `localhost`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self { base: base.trim_matches('.').to_ascii_lowercase() }
    }

    /// Reads a `Host` header value, with or without a port.
    #[must_use]
    pub fn read(&self, host: &str) -> TenantHost {
        let name = without_port(host).trim_end_matches('.').to_ascii_lowercase();
        let is_address = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
        if is_address || name == self.base {
            return TenantHost::Platform;
        }
        match name.strip_suffix(&self.base).and_then(|label| label.strip_suffix('.')) {
            Some("api" | "console") => TenantHost::Platform,
            Some(label) => label.parse().map_or(TenantHost::Unknown, TenantHost::Tenant),
            None => TenantHost::Unknown,
        }
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_a_tenant_the_platform_or_nothing() {
        let rule = HostRule::new("localhost");
        let tenant = |host: &str| rule.read(host);
        assert_eq!(tenant("acme.localhost:8080"), TenantHost::Tenant("acme".parse().expect("slug")));
        assert_eq!(tenant("ACME.localhost."), TenantHost::Tenant("acme".parse().expect("slug")));
        for platform in
            ["localhost", "localhost:80", "127.0.0.1:8080", "[::1]:8080", "api.localhost", "console.localhost:1"]
        {
            assert_eq!(tenant(platform), TenantHost::Platform, "{platform}");
        }
        let no_host = ["localhost:", "localhost:http", "localhost:8o", ":80", "acme.localhost:"];
        let strangers = ["evil.example", "a.b.localhost", "admin.localhost", "localhost.evil.example", ""];
        for unknown in no_host.into_iter().chain(strangers) {
            assert_eq!(tenant(unknown), TenantHost::Unknown, "{unknown}");
        }
    }
}
