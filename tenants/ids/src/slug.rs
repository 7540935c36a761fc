//! A tenant's name in host names: `acme` in `acme.keystead.example`.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// Host labels that no builder may take: ours, or misleading.
const RESERVED: &[&str] = &[
    "about",
    "account",
    "admin",
    "administrator",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "console",
    "demo-internal",
    "dev",
    "docs",
    "edge",
    "ftp",
    "help",
    "host",
    "internal",
    "jwks",
    "keystead",
    "localhost",
    "login",
    "mail",
    "metrics",
    "mx",
    "ns",
    "oauth",
    "operator",
    "platform",
    "postmaster",
    "public",
    "root",
    "security",
    "signup",
    "smtp",
    "sso",
    "staging",
    "static",
    "status",
    "support",
    "system",
    "test",
    "webmail",
    "www",
];

/// A lower-case DNS label of 3 to 40 characters that is not reserved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slug(String);

/// Why a slug is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SlugError {
    /// Not a DNS label of the right length.
    #[error("must be 3 to 40 lower-case letters, digits or single hyphens, starting with a letter")]
    Shape,
    /// One of the platform's own names.
    #[error("is reserved")]
    Reserved,
}

impl Slug {
    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let shaped = (3..=40).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && text.as_bytes()[0].is_ascii_lowercase()
            && !text.ends_with('-')
            && !text.contains("--");
        if !shaped {
            return Err(SlugError::Shape);
        }
        if RESERVED.contains(&text) {
            return Err(SlugError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_dns_labels_that_nobody_else_owns() {
        let slug: Slug = "acme-homes".parse().expect("a slug");
        assert_eq!((slug.as_str(), slug.to_string().as_str()), ("acme-homes", "acme-homes"));
        for bad in ["", "ab", "Acme", "a--b", "-acme", "acme-", "1acme", "acme.homes", "açme"] {
            assert_eq!(bad.parse::<Slug>(), Err(SlugError::Shape), "{bad}");
        }
        assert_eq!("admin".parse::<Slug>(), Err(SlugError::Reserved));
    }
}
