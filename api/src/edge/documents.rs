//! The signature on documents for edges, and what an edge has to know to check it and to be believed.

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keystead_edge::sign::EdgeKey;
use keystead_identity::PublicKey;
use keystead_tenants::RootSecret;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::Problem;

const DOCUMENTS: &str = "edge/documents";

/// Signs documents for edges.
pub struct Documents {
    pair: Ed25519KeyPair,
    kid: String,
}

impl Documents {
    /// With the deployment's key.
    ///
    /// # Panics
    /// Never: any 32 bytes are an Ed25519 seed.
    #[must_use]
    pub fn new(root: &RootSecret) -> Self {
        #[expect(clippy::expect_used, reason = "any 32 bytes are an Ed25519 seed")]
        let pair = Ed25519KeyPair::from_seed_unchecked(&root.derive(DOCUMENTS)).expect("a seed");
        let kid = PublicKey::new(public(&pair)).kid().to_owned();
        Self { pair, kid }
    }

    /// A compact JWS of this type.
    ///
    /// # Errors
    /// When the content does not serialise.
    pub fn sign(&self, typ: &str, content: &impl Serialize) -> Result<String, Problem> {
        let header = json!({ "alg": "EdDSA", "kid": self.kid, "typ": typ }).to_string();
        let content = serde_json::to_vec(content).map_err(|_| Problem::internal("a document does not serialise"))?;
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(content));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(message.as_bytes()));
        Ok(format!("{message}.{signature}"))
    }
}

fn public(pair: &Ed25519KeyPair) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(aws_lc_rs::signature::KeyPair::public_key(pair).as_ref());
    bytes
}

/// The keys that edges sign requests with: of this generation, and of the one before it while edges change over.
#[must_use]
pub fn edge_keys(root: &RootSecret, generation: u32) -> Vec<EdgeKey> {
    let key = |generation: u32| EdgeKey {
        kid: generation.to_string(),
        secret: URL_SAFE_NO_PAD.encode(root.derive(&format!("edge/requests/{generation}"))),
    };
    std::iter::once(generation).chain(generation.checked_sub(1).filter(|one| *one > 0)).map(key).collect()
}

/// What an edge of this deployment is configured with: the cell to ask, whom to believe, and how to be believed. Secret.
#[must_use]
pub fn edge_config(root: &RootSecret, cell: &str, generation: u32) -> Value {
    let documents = Documents::new(root);
    let keys = edge_keys(root, generation);
    json!({
        "home": cell,
        "trusted": [{ "kid": documents.kid, "x": URL_SAFE_NO_PAD.encode(public(&documents.pair)) }],
        "keys": keys.iter().take(1).map(|key| json!({ "kid": key.kid, "secret": key.secret })).collect::<Vec<_>>(),
    })
}
