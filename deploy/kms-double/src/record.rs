//! One key: its record on disk, its states, its cryptography.

use std::collections::BTreeMap;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    encoding::AsDer,
    rand,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::Refusal;

/// The account and region of every key; nothing checks them.
pub(crate) const ARN_PREFIX: &str = "arn:aws:kms:us-east-1:111122223333:";

/// First byte of a ciphertext blob.
const BLOB_VERSION: u8 = 1;
const HEADER_LEN: usize = 1 + 16;

/// The pairs that a ciphertext is bound to.
pub(crate) type EncryptionContext = BTreeMap<String, String>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeySpec {
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    Symmetric,
    #[serde(rename = "ECC_NIST_P256")]
    EccP256,
}

impl KeySpec {
    pub(crate) const fn usage(self) -> &'static str {
        match self {
            Self::Symmetric => "ENCRYPT_DECRYPT",
            Self::EccP256 => "SIGN_VERIFY",
        }
    }
}

/// The key states of AWS KMS that a key with AWS_KMS origin can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub(crate) enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion {
        /// Unix seconds at which the material goes.
        at: u64,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) tag_key: String,
    pub(crate) tag_value: String,
}

/// A key as its file holds it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    pub(crate) id: Uuid,
    pub(crate) spec: KeySpec,
    #[serde(flatten)]
    pub(crate) state: KeyState,
    /// Unix seconds.
    pub(crate) created: u64,
    pub(crate) description: String,
    pub(crate) tags: Vec<Tag>,
    /// Base64: 32 bytes for a symmetric key, PKCS#8 for an asymmetric one.
    material: String,
}

impl KeyRecord {
    pub(crate) fn generate(spec: KeySpec, created: u64, description: String, tags: Vec<Tag>) -> Result<Self, Refusal> {
        let material = match spec {
            KeySpec::Symmetric => {
                let mut bytes = [0; 32];
                rand::fill(&mut bytes)?;
                BASE64_STANDARD.encode(bytes)
            }
            KeySpec::EccP256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
                BASE64_STANDARD.encode(pair.to_pkcs8v1()?)
            }
        };
        Ok(Self { id: Uuid::new_v4(), spec, state: KeyState::Enabled, created, description, tags, material })
    }

    /// The same key in another state.
    pub(crate) fn moved_to(&self, state: KeyState) -> Self {
        Self { state, ..self.clone() }
    }

    pub(crate) fn arn(&self) -> String {
        format!("{ARN_PREFIX}key/{}", self.id)
    }

    /// Has the waiting period of its deletion passed?
    pub(crate) fn gone(&self, now: u64) -> bool {
        matches!(self.state, KeyState::PendingDeletion { at } if at <= now)
    }

    /// Refuses what AWS refuses: cryptography with a key that is not enabled or made for something else.
    pub(crate) fn usable(&self, spec: KeySpec) -> Result<(), Refusal> {
        match self.state {
            KeyState::Disabled => {
                return Err(Refusal::new("DisabledException", format!("{} is disabled.", self.arn())));
            }
            KeyState::PendingDeletion { .. } => return Err(self.pending_deletion()),
            KeyState::Enabled => {}
        }
        if self.spec == spec {
            return Ok(());
        }
        let message = format!("{} key usage is {}", self.arn(), self.spec.usage());
        Err(Refusal::new("InvalidKeyUsageException", message))
    }

    pub(crate) fn pending_deletion(&self) -> Refusal {
        Refusal::new("KMSInvalidStateException", format!("{} is pending deletion.", self.arn()))
    }

    pub(crate) fn metadata(&self) -> Value {
        let (state, deletion) = match self.state {
            KeyState::Enabled => ("Enabled", None),
            KeyState::Disabled => ("Disabled", None),
            KeyState::PendingDeletion { at } => ("PendingDeletion", Some(at)),
        };
        let mut metadata = json!({
            "AWSAccountId": "111122223333", "KeyId": self.id, "Arn": self.arn(), "CreationDate": self.created,
            "Enabled": state == "Enabled", "Description": self.description, "KeyUsage": self.spec.usage(),
            "KeyState": state, "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "KeySpec": self.spec,
            "CustomerMasterKeySpec": self.spec, "MultiRegion": false,
        });
        match self.spec {
            KeySpec::Symmetric => metadata["EncryptionAlgorithms"] = json!(["SYMMETRIC_DEFAULT"]),
            KeySpec::EccP256 => metadata["SigningAlgorithms"] = json!(["ECDSA_SHA_256"]),
        }
        if let Some(at) = deletion {
            metadata["DeletionDate"] = json!(at);
        }
        metadata
    }

    /// A blob that names this key and opens only under the same context.
    pub(crate) fn encrypt(&self, context: &EncryptionContext, plain: &[u8]) -> Result<Vec<u8>, Refusal> {
        let header = self.header();
        let mut sealed = plain.to_vec();
        let nonce = self.cipher()?.seal_in_place_append_tag(Aad::from(bound(&header, context)), &mut sealed)?;
        Ok([header.as_slice(), nonce.as_ref(), &sealed].concat())
    }

    /// Opens a blob of [`Self::encrypt`].
    pub(crate) fn decrypt(&self, context: &EncryptionContext, blob: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (header, rest) = blob.split_at_checked(HEADER_LEN).ok_or_else(Refusal::ciphertext)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or_else(Refusal::ciphertext)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Refusal::ciphertext())?;
        let mut plain = sealed.to_vec();
        let length = self
            .cipher()?
            .open_in_place(nonce, Aad::from(bound(header, context)), &mut plain)
            .map_err(|_| Refusal::ciphertext())?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// An ECDSA P-256 signature (ASN.1 DER) of the SHA-256 of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Refusal> {
        Ok(self.pair()?.sign(&rand::SystemRandom::new(), message)?.as_ref().to_vec())
    }

    /// The public key as SubjectPublicKeyInfo DER (RFC 5280).
    pub(crate) fn public_key(&self) -> Result<Vec<u8>, Refusal> {
        Ok(self.pair()?.public_key().as_der()?.as_ref().to_vec())
    }

    fn header(&self) -> [u8; HEADER_LEN] {
        let mut header = [BLOB_VERSION; HEADER_LEN];
        header[1..].copy_from_slice(self.id.as_bytes());
        header
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, Refusal> {
        Ok(RandomizedNonceKey::new(&AES_256_GCM, &self.material()?)?)
    }

    fn pair(&self) -> Result<EcdsaKeyPair, Refusal> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.material()?)
            .map_err(|cause| Refusal::internal(&cause))
    }

    fn material(&self) -> Result<Vec<u8>, Refusal> {
        BASE64_STANDARD.decode(&self.material).map_err(|cause| Refusal::internal(&cause))
    }
}

/// The key that a blob names.
pub(crate) fn key_of(blob: &[u8]) -> Result<Uuid, Refusal> {
    match blob.split_first() {
        Some((&BLOB_VERSION, rest)) => {
            rest.get(..16).and_then(|id| Uuid::from_slice(id).ok()).ok_or_else(Refusal::ciphertext)
        }
        _ => Err(Refusal::ciphertext()),
    }
}

/// Additional authenticated data: every part preceded by its length, so that no two contexts read alike.
fn bound(header: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let parts = context.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    let mut bound = Vec::new();
    for part in std::iter::once(header).chain(parts) {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}
