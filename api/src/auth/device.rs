//! What is kept of the device behind a session, so that its owner knows it again.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

/// Longer ones are cut: what tells a device stands at the front.
const USER_AGENT: usize = 300;

/// What the client says that it is.
pub(super) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(header::USER_AGENT)?.to_str().ok()?.trim();
    (!said.is_empty()).then(|| said.chars().take(USER_AGENT).collect())
}

/// The network of an address, which is all that is kept of it: 256 neighbours, or the site in IPv6.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_not_kept_whole() {
        for (address, kept) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            assert_eq!(network(address.parse().expect("address")), kept);
        }
    }

    #[test]
    fn a_long_name_is_cut_and_an_empty_one_is_none() {
        let of = |said: &str| user_agent(&HeaderMap::from_iter([(header::USER_AGENT, said.parse().expect("value"))]));
        assert_eq!(of(&"x".repeat(400)).map(|kept| kept.len()), Some(USER_AGENT));
        assert_eq!(of(" "), None);
    }
}
