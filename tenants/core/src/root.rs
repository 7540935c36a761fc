//! The deployment's root secret, from which every process derives what it shares with the others.

use aws_lc_rs::hkdf;

/// 32 bytes from the deployment's secret store.
#[derive(Clone)]
pub struct RootSecret([u8; 32]);

impl RootSecret {
    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// A sentence for the operator when the text is something else.
    pub fn from_hex(text: &str) -> Result<Self, &'static str> {
        let bytes = hex::decode(text.trim()).map_err(|_| "the root secret must be 64 hexadecimal digits")?;
        bytes.try_into().map(Self).map_err(|_| "the root secret must be 64 hexadecimal digits")
    }

    /// A key for one purpose (HKDF-SHA-256, RFC 5869); different labels give unrelated keys.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        let mut key = [0; 32];
        let label = [label.as_bytes()];
        let filled = hkdf::Salt::new(hkdf::HKDF_SHA256, b"keystead/root/v1")
            .extract(&self.0)
            .expand(&label, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key));
        debug_assert!(filled.is_ok(), "32 bytes is one HKDF block");
        key
    }

    /// The password of a database role.
    #[must_use]
    pub fn role_password(&self, role: &str) -> String {
        hex::encode(self.derive(&format!("database/{role}")))
    }
}

impl std::fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootSecret")
    }
}
